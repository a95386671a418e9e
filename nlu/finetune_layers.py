"""Transformer layers on packed sentences: the tokens of a batch one after another, so that no padding is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention


@dataclass(frozen=True)
class Packed:
    """Sentences of up to `width` tokens: `tokens` (t, hidden), where each stands in the padded view (t,), their numbers
    (sentences,)."""

    tokens: Tensor
    places: Tensor
    lengths: Tensor
    width: int

    @classmethod
    def of(cls, states: Sequence[Tensor], device: str = "cpu") -> Packed:
        """Sentences whose token states are (tokens, hidden) each."""
        lengths = torch.tensor([len(rows) for rows in states])
        width = int(lengths.max())
        places = (torch.arange(width) < lengths[:, None]).flatten().nonzero()[:, 0]
        return cls(
            torch.cat([rows.float() for rows in states]).to(device), places.to(device), lengths.to(device), width
        )

    def means(self) -> Tensor:
        """The mean (sentences, hidden) over the tokens of each."""
        x = self.tokens.float()
        return (
            x.new_zeros(len(self.lengths), x.shape[1]).index_add(0, self.places // self.width, x)
            / self.lengths[:, None]
        )


class Layer(nn.Module):
    """A BERT layer (Devlin et al. 2019: normalisation after each part, GELU); dropout on what each part adds."""

    def __init__(self, hidden: int, heads: int, ffn: int, *, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv, self.out = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.up, self.down = nn.Linear(hidden, ffn), nn.Linear(ffn, hidden)
        self.norm1, self.norm2 = nn.LayerNorm(hidden, eps=1e-12), nn.LayerNorm(hidden, eps=1e-12)

    def forward(self, x: Packed) -> Packed:
        """The same sentences one layer up."""
        states = self.norm1(x.tokens + self._dropped(self.out(self._attended(x))))
        return replace(x, tokens=self.norm2(states + self._dropped(self.down(gelu(self.up(states))))))

    def _attended(self, x: Packed) -> Tensor:
        flat = self.qkv(x.tokens)
        view = flat.new_zeros(len(x.lengths) * x.width, flat.shape[1]).index_copy(0, x.places, flat)
        query, key, value = view.view(len(x.lengths), x.width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mask = torch.arange(x.width, device=flat.device) < x.lengths[:, None, None, None]
        with torch.autocast("cpu", enabled=False):  # there, attention in bfloat16 takes ten times as long as in float32
            if not flat.is_cuda:
                query, key, value = query.float(), key.float(), value.float()
            context = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return context.transpose(1, 2).reshape(len(view), -1).index_select(0, x.places)

    def _dropped(self, x: Tensor) -> Tensor:
        return dropped(x, self.dropout) if self.training and self.dropout else x


def dropped(x: Tensor, share: float) -> Tensor:
    """Dropout of `share`, to the nearest 1/256: eight elements from each random number, seven times faster than torch's on
    a CPU, where that takes a third of a training step."""
    bound = round(share * 256)
    numbers = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
    kept = numbers.view(torch.uint8)[: x.numel()].view(x.shape) >= bound
    return x * kept * (256 / (256 - bound))

"""The upper layers of the bundled encoder and a linear head as a torch module, and what they are trained to minimise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from nlu.finetune_layers import Layer, Packed
from nlu.weights import BLOCK, Weights, dequantise

# Our layer's names of what the weight file names; its query, key and value are one matrix here.
_PARTS = {
    "ao": "out",
    "aln": "norm1",
    "fi": "up",
    "fo": "down",
    "oln": "norm2",
}


class UpperLayers(nn.Module):
    """The last `count` layers, the mean over tokens, standardised, and a linear layer to `classes` logits."""

    mean: Tensor
    scale: Tensor

    def __init__(self, weights: Weights, count: int, classes: int, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.first = weights.layers - count
        self.layers = nn.ModuleList(_layer(weights, i, dropout) for i in range(self.first, weights.layers))
        self.head = nn.Linear(weights.hidden, classes)
        self.register_buffer("mean", torch.zeros(weights.hidden))
        self.register_buffer("scale", torch.ones(weights.hidden))

    def forward(self, sentences: Packed) -> tuple[Tensor, Tensor]:
        """(logits (b, classes), standardised means (b, hidden)) of sentences as the layers below leave them."""
        x = (self.pool(sentences) - self.mean) / self.scale
        return self.head(x), x

    def pool(self, sentences: Packed) -> Tensor:
        """The mean (b, hidden) over the tokens after the last layer."""
        for layer in self.layers:
            sentences = layer(sentences)
        return sentences.means()

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """The layers by the names that `nlu.weights.build_graph` takes."""
        found: dict[str, Tensor] = {}
        for i, layer in enumerate(self.layers, self.first):
            state = layer.state_dict()
            for kind in ("weight", "bias"):
                parts = state[f"qkv.{kind}"].chunk(3)
                found |= {f"t{i}.{name}.{kind[0]}": part for name, part in zip("qkv", parts, strict=True)}
                found |= {f"t{i}.{name}.{kind[0]}": state[f"{place}.{kind}"] for name, place in _PARTS.items()}
        return {name: tensor.float().cpu().numpy() for name, tensor in found.items()}

    def linear(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The head on means that are not standardised: weights (hidden, classes) and bias (classes,)."""
        weight = (self.head.weight / self.scale).detach().float()
        bias = (self.head.bias - weight @ self.mean).detach().float()
        return weight.T.contiguous().cpu().numpy(), bias.cpu().numpy()


class LowerLayers:
    """The layers below, never trained: texts' token ids to the states that the upper layers start from."""

    def __init__(self, weights: Weights, count: int, *, device: str = "cpu") -> None:
        tensors, hidden = weights.tensors, weights.hidden
        self._words = tensors["emb.word"].reshape(-1, hidden // BLOCK)
        positions = torch.from_numpy(_array(tensors["emb.pos"]).reshape(-1, hidden))
        self._positions = positions + torch.from_numpy(_array(tensors["emb.type"]).reshape(-1, hidden)[0])
        self._norm = nn.LayerNorm(hidden, eps=1e-12)
        self._norm.load_state_dict(
            {
                "weight": torch.from_numpy(_array(tensors["emb.ln.w"])),
                "bias": torch.from_numpy(_array(tensors["emb.ln.b"])),
            }
        )
        self._layers = nn.ModuleList(_layer(weights, i, 0.0) for i in range(count)).to(device).eval()
        self._device = device

    @torch.no_grad()
    def states(self, batch: Sequence[Sequence[int]]) -> list[Tensor]:
        """For each sentence its tokens' states (tokens, hidden), float16 on the CPU."""
        x = Packed.of([self._embedded(tokens) for tokens in batch], self._device)
        for layer in self._layers:
            x = layer(x)
        return list(torch.split(x.tokens.half().cpu(), x.lengths.tolist()))

    def _embedded(self, tokens: Sequence[int]) -> Tensor:
        words = torch.from_numpy(dequantise(self._words[list(tokens)]))
        return cast(Tensor, self._norm(words + self._positions[: len(tokens)]))


def loss(
    logits: Tensor, features: Tensor, y: Tensor, *, smoothing: float, contrast: float, temperature: float
) -> Tensor:
    """Cross-entropy with label smoothing plus `contrast` times the supervised contrastive loss of the features."""
    total = cross_entropy(logits, y, label_smoothing=smoothing)
    return total + contrast * contrastive(features, y, temperature=temperature) if contrast else total


def contrastive(features: Tensor, y: Tensor, *, temperature: float) -> Tensor:
    """Supervised contrastive loss of features (b, d) and classes (b,): Khosla et al. 2020, equation 2, averaged over the
    sentences whose class is in the batch more than once; 0 when there is none."""
    z = normalize(features.float(), dim=1)
    own = torch.eye(len(y), dtype=torch.bool, device=y.device)
    similar = (z @ z.T / temperature).masked_fill(own, float("-inf"))
    chances = (similar - similar.logsumexp(dim=1, keepdim=True)).masked_fill(own, 0.0)
    positive = (y[:, None] == y[None, :]) & ~own
    counts = positive.sum(dim=1)
    anchors = counts > 0
    if not anchors.any():
        return features.sum() * 0.0
    return -((chances * positive).sum(dim=1)[anchors] / counts[anchors]).mean()


def _layer(weights: Weights, i: int, dropout: float) -> Layer:
    """A layer with the weights of the i-th."""
    layer = Layer(weights.hidden, weights.heads, weights.ffn, dropout=dropout)

    def get(name: str) -> NDArray[np.float32]:
        return _array(weights.tensors[f"l{i}.{name}"])

    state: dict[str, Any] = {
        "qkv.weight": np.concatenate([get(f"{part}.w") for part in "qkv"]).reshape(-1, weights.hidden),
        "qkv.bias": np.concatenate([get(f"{part}.b") for part in "qkv"]),
    }
    for name, place in _PARTS.items():
        bias = get(f"{name}.b")
        flat = get(f"{name}.w")
        state[f"{place}.weight"] = flat if place.startswith("norm") else flat.reshape(len(bias), -1)
        state[f"{place}.bias"] = bias
    layer.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    return layer


def _array(tensor: NDArray[Any]) -> NDArray[np.float32]:
    return np.array(tensor) if tensor.dtype == np.float32 else dequantise(tensor)

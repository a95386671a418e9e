"""What comes next in a history: self-attention over the order of events, beside counted transitions.

The network is SASRec (Kang and McAuley, ICDM 2018) trained with the softmax over all items, which decides its quality
(Klenitskiy and Vasilev, RecSys 2023); in large catalogues over items drawn for each batch. The transitions are sequential
rules (Ludewig and Jannach, UMUAI 2018), counted in both directions. Both scores are brought to spread 1 and added.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places

FULL_SOFTMAX, DRAWN = 30_000, 4096
"""Up to so many items the loss is over all of them; above, over so many drawn for each batch."""
_BETAS, _CLIP, _CHUNK = (0.9, 0.98), 1.0, 20


@dataclass(eq=False)
class Sequence:
    """`share` is the network's part of the score: 0, the default, for transitions alone (then nothing is trained: seconds,
    where the network takes many minutes without a GPU), 1 for the network alone. Transitions reach over `window` places,
    each place counting `decay` of the one before, backwards `backward` as much; older events of a history count `recency`
    to the power of their age. Histories are read to `longest` events."""

    dim: int = 64
    layers: int = 2
    heads: int = 2
    epochs: int = 30
    batch: int = 128
    rate: float = 1e-3
    dropout: float = 0.4
    longest: int = 50
    share: float = 0.0
    window: int = 20
    decay: float = 0.8
    backward: float = 0.5
    recency: float = 0.7
    seed: int = 0
    device: str = "cpu"
    interactions: Interactions = field(init=False, repr=False)
    transitions: sparse.csr_matrix = field(init=False, repr=False)
    _network: _Network | None = field(init=False, repr=False, default=None)

    def fit(self, interactions: Interactions) -> Self:
        self.interactions = interactions
        order, ends = _ordered(interactions)
        self._histories = [order[a:b] for a, b in itertools.pairwise(ends.tolist())]
        self.transitions = self._counted(order, interactions)
        self._network = self._trained() if self.share and self.epochs and len(order) else None
        return self

    def score(self, queries: Many[Query], items: Places | None = None) -> NDArray[np.float32]:
        histories = [self._history(query) for query in queries]
        mixed = np.zeros((len(queries), len(self.interactions.items)), np.float32)
        if self.share < 1:
            mixed += (1 - self.share) * _spread(self._transitioned(histories))
        if self._network is not None:
            mixed += self.share * _spread(self._attended(histories))
        return mixed if items is None else mixed[:, items]

    def arrays(self) -> Arrays:
        found: dict[str, NDArray[Any]] = {
            name: getattr(self.transitions, name) for name in ("data", "indices", "indptr")
        }
        if self._network is not None:
            found |= {f"network.{name}": value.cpu().numpy() for name, value in self._network.state_dict().items()}
        return found

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self.interactions = interactions
        order, ends = _ordered(interactions)
        self._histories = [order[a:b] for a, b in itertools.pairwise(ends.tolist())]
        size = len(interactions.items)
        parts = (arrays["data"], arrays["indices"], arrays["indptr"])
        self.transitions = sparse.csr_matrix(parts, shape=(size, size), dtype=np.float32)
        learned = {
            k.removeprefix("network."): torch.from_numpy(v) for k, v in arrays.items() if k.startswith("network.")
        }
        self._network = None
        if learned:
            self._network = self._new_network()
            self._network.load_state_dict(learned)
            self._network.eval()
        return self

    def _history(self, query: Query) -> NDArray[np.int64]:
        """Positions of a query's items, oldest first: what training knows of the user, then what the query brings."""
        known = self.interactions.user_index.get(query.user) if query.user is not None else None
        index = self.interactions.item_index
        brought = [index[item] for item in query.history if item in index]
        past = self._histories[known] if known is not None else np.empty(0, np.int64)
        return np.concatenate([past, np.array(brought, np.int64)])[-self.longest :]

    def _counted(self, order: NDArray[np.int64], interactions: Interactions) -> sparse.csr_matrix:
        """(n, n) what follows what: users' events in order, lag by lag; busy items count less on either side."""
        size = len(interactions.items)
        users = np.sort(interactions.user[interactions.weight > 0], kind="stable")
        total = sparse.csr_matrix((size, size), dtype=np.float32)
        for lag in range(1, self.window + 1):
            same = users[lag:] == users[:-lag]
            if not same.any():
                break
            before, after = order[:-lag][same], order[lag:][same]
            ones = np.full(len(before), self.decay ** (lag - 1), np.float32)
            ahead = sparse.coo_matrix((ones, (before, after)), shape=(size, size)).tocsr()
            total = total + ahead + self.backward * ahead.T.tocsr()
        total.setdiag(0)
        total.eliminate_zeros()
        counts = np.maximum(np.bincount(order, minlength=size), 1).astype(np.float32)
        return sparse.csr_matrix(sparse.diags_array(counts**-0.5) @ total @ sparse.diags_array(counts**-0.2))

    def _transitioned(self, histories: Many[NDArray[np.int64]]) -> NDArray[np.float32]:
        ends = np.cumsum([0, *map(len, histories)])
        places = np.concatenate([np.empty(0, np.int64), *histories])
        weights = [self.recency ** np.arange(len(h) - 1, -1, -1) for h in histories]
        values = np.concatenate([np.empty(0), *weights]).astype(np.float32)
        rows = sparse.csr_matrix((values, places, ends), shape=(len(histories), len(self.interactions.items)))
        rows.sum_duplicates()
        return np.asarray((rows @ self.transitions).toarray(), dtype=np.float32)

    def _attended(self, histories: Many[NDArray[np.int64]]) -> NDArray[np.float32]:
        network = self._network
        assert network is not None
        found = np.zeros((len(histories), len(self.interactions.items)), np.float32)
        filled = [n for n, history in enumerate(histories) if len(history)]
        with torch.inference_mode():
            for start in range(0, len(filled), 256):
                rows = filled[start : start + 256]
                states = network(_padded([histories[n] for n in rows]).to(self.device))[:, -1]
                found[rows] = (states @ network.items.weight[1:].T).cpu().numpy()
        return found

    def _new_network(self) -> _Network:
        size = len(self.interactions.items)
        return _Network(size, self.dim, self.layers, self.heads, self.longest, self.dropout).to(self.device)

    def _trained(self) -> _Network:
        random = np.random.default_rng(self.seed)
        learned = [history[-self.longest - 1 :] for history in self._histories if len(history) > 1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            network = self._new_network()
            optimiser = torch.optim.AdamW(network.parameters(), lr=self.rate, betas=_BETAS, weight_decay=1e-4)
            for _ in range(self.epochs):
                network.train()
                for batch in _batches(learned, self.batch, random):
                    loss = self._loss(network, batch, random)
                    optimiser.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    nn.utils.clip_grad_norm_(network.parameters(), _CLIP)
                    optimiser.step()
        return network.eval()

    def _loss(self, network: _Network, batch: list[NDArray[np.int64]], random: np.random.Generator) -> Tensor:
        inputs = _padded([history[:-1] for history in batch]).to(self.device)
        targets = _padded([history[1:] for history in batch]).to(self.device)
        real = targets > 0
        states, wanted = network(inputs)[real], targets[real] - 1
        size = len(self.interactions.items)
        if size <= FULL_SOFTMAX:
            return functional.cross_entropy(states @ network.items.weight[1:].T, wanted)
        drawn = torch.from_numpy(random.integers(size, size=DRAWN)).to(self.device)
        others = states @ network.items.weight[1:][drawn].T
        others = others.masked_fill(drawn[None, :] == wanted[:, None], float("-inf"))
        own = (states * network.items.weight[1:][wanted]).sum(dim=1, keepdim=True)
        logits = torch.cat([own, others + np.log(size / DRAWN)], dim=1)  # each one drawn stands for so many
        return functional.cross_entropy(logits, torch.zeros(len(wanted), dtype=torch.long, device=self.device))


class _Network(nn.Module):
    """Item 0 is padding. Places count from the end, so that the latest event always stands at the same one."""

    def __init__(self, size: int, dim: int, layers: int, heads: int, longest: int, dropout: float) -> None:
        super().__init__()
        self.items = nn.Embedding(size + 1, dim, padding_idx=0)
        self.places = nn.Embedding(longest, dim)
        for table in (self.items, self.places):
            nn.init.normal_(table.weight, std=0.02)
        self.blocks = nn.ModuleList(_Block(dim, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.dropout = dropout

    def forward(self, items: Tensor) -> Tensor:
        """States (b, t, dim) of items (b, t), padded on the left."""
        length = items.shape[1]
        places = torch.arange(length - 1, -1, -1, device=items.device)
        x = functional.dropout(self.items(items) + self.places(places), self.dropout, self.training)
        causal = torch.ones(length, length, dtype=torch.bool, device=items.device).tril()
        itself = torch.eye(length, dtype=torch.bool, device=items.device)  # padding sees itself, or nothing at all
        mask = ((causal & (items > 0)[:, None, :]) | itself)[:, None]
        for block in self.blocks:
            x = block(x, mask)
        states: Tensor = self.norm(x)
        return states


class _Block(nn.Module):
    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before, self.between = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.parts, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.wide, self.narrow = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, t, dim = x.shape
        query, key, value = (
            self.parts(self.before(x)).view(b, t, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        )
        drop = self.dropout if self.training else 0.0
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=drop)
        x = x + functional.dropout(self.out(seen.transpose(1, 2).reshape(b, t, dim)), self.dropout, self.training)
        wide = functional.gelu(self.wide(self.between(x)))
        return x + functional.dropout(self.narrow(wide), self.dropout, self.training)


def _ordered(interactions: Interactions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The items of all liked events, user by user in order of time, and where each user's begin (users + 1,)."""
    liked = np.flatnonzero(interactions.weight > 0)
    order = liked[np.lexsort((liked, interactions.time[liked], interactions.user[liked]))]
    counts = np.bincount(interactions.user[order], minlength=len(interactions.users))
    return interactions.item[order].astype(np.int64), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _batches(
    histories: list[NDArray[np.int64]], size: int, random: np.random.Generator
) -> Iterator[list[NDArray[np.int64]]]:
    """All histories once, in random order, those of a batch about equally long so that little is padding."""
    order = random.permutation(len(histories))
    batches = []
    for start in range(0, len(order), size * _CHUNK):
        chunk = sorted(order[start : start + size * _CHUNK], key=lambda n: len(histories[n]))
        batches += [chunk[n : n + size] for n in range(0, len(chunk), size)]
    for n in random.permutation(len(batches)):
        yield [histories[place] for place in batches[n]]


def _padded(histories: Many[NDArray[np.int64]]) -> Tensor:
    """(b, longest of them): positions + 1, zeros on the left."""
    out = np.zeros((len(histories), max(map(len, histories))), np.int64)
    for row, history in zip(out, histories, strict=True):
        row[len(row) - len(history) :] = history + 1
    return torch.from_numpy(out)


def _spread(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row to mean 0 and spread 1; a row of equal scores becomes 0."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    width = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(width > 1e-9, width, 1), dtype=np.float32)

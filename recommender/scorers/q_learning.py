"""What an item is worth now and in what follows: values over the session re-rank what a supervised head finds likely.

Two heads on one encoding of the session, as in SQN (Xin, Karatzoglou, Arapakis, Jose, "Self-Supervised Reinforcement
Learning for Recommender Systems", SIGIR 2020): the softmax over all next items, and action values of rewards in which a
purchase outweighs a look. Values are learned by double Q-learning (van Hasselt, NIPS 2010: two tables, each judging the
other's choice) on logs alone, so that what was never done is held down by the conservative penalty of Kumar et al.,
"Conservative Q-Learning for Offline Reinforcement Learning" (NeurIPS 2020), equation 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from recommender.data import Interactions, Query
from recommender.interactions import KINDS
from recommender.scorer import Arrays, Places

REWARDS = {"purchase": 1.0, "cart": 0.5, "view": 0.2, "rating": 0.2, "reject": 0.0}
"""Of the event that comes next; Xin et al. give a purchase 1 and a click .2."""
DRAWN = 2048
"""In a larger catalogue, losses are over so many items drawn for each batch."""


@dataclass(eq=False)
class QLearning:
    """`share` is the part of the values in the score of the `slate` items that the supervised head likes best; the others
    keep their order below. `conservative` weighs the penalty, `valued` the loss of the values beside the cross-entropy.
    A session is its last `longest` items, each counting `recency` of the one after it."""

    dim: int = 64
    epochs: int = 20
    batch: int = 256
    rate: float = 5e-3
    share: float = 0.3
    slate: int = 100
    discount: float = 0.5
    conservative: float = 0.2
    valued: float = 0.5
    longest: int = 20
    recency: float = 0.8
    seed: int = 0
    device: str = "cpu"
    interactions: Interactions = field(init=False, repr=False)
    _network: _Heads = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        self._remember(interactions)
        random = np.random.default_rng(self.seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._network = self._new()
            optimiser = torch.optim.Adam(self._network.parameters(), lr=self.rate)
            for _ in range(self.epochs):
                for step in self._batches(random):
                    loss = self._loss(random, *step)
                    optimiser.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    optimiser.step()
        return self

    def score(self, queries: Many[Query], items: Places | None = None) -> NDArray[np.float32]:
        sessions = [self._session(query) for query in queries]
        with torch.inference_mode():
            state = self._network.state(*self._bags(sessions))
            likely = _spread(self._network.likely(state).cpu().numpy())
            worth = self._network.first(state).minimum(self._network.second(state)).cpu().numpy()
        known = np.array([len(session) > 0 for session in sessions])
        found = np.where(known[:, None], self._reranked(likely, worth), np.float32(0))
        return found if items is None else found[:, items]

    def arrays(self) -> Arrays:
        return {name: value.cpu().numpy() for name, value in self._network.state_dict().items()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self._remember(interactions)
        self._network = self._new()
        self._network.load_state_dict({name: torch.tensor(value) for name, value in arrays.items()})
        return self

    def _reranked(self, likely: NDArray[np.float32], worth: NDArray[np.float32]) -> NDArray[np.float32]:
        """(b, n): the slate by both, the rest below it by likelihood."""
        size = min(self.slate, likely.shape[1])
        slate = np.argpartition(-likely, size - 1, axis=1)[:, :size]
        found = likely.copy()
        near = np.take_along_axis(likely, slate, axis=1)
        mixed = (1 - self.share) * _spread(near) + self.share * _spread(np.take_along_axis(worth, slate, axis=1))
        above = near.min(axis=1, keepdims=True) - mixed.min(axis=1, keepdims=True) + np.float32(1e-3)
        np.put_along_axis(found, slate, mixed + above, axis=1)
        return found

    def _remember(self, interactions: Interactions) -> None:
        """Liked events, user by user in order of time."""
        self.interactions = interactions
        liked = np.flatnonzero(interactions.weight > 0)
        order = liked[np.lexsort((liked, interactions.time[liked], interactions.user[liked]))]
        self._user, self._item = interactions.user[order], interactions.item[order].astype(np.int64)
        paid = np.array([REWARDS[kind] for kind in KINDS], np.float32)
        self._reward = paid[interactions.kind[order]]
        counts = np.bincount(self._user, minlength=len(interactions.users))
        self._first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def _session(self, query: Query) -> NDArray[np.int64]:
        """Positions of what training knows of the user, then what the query brings."""
        user = self.interactions.user_index.get(query.user) if query.user is not None else None
        past = self._item[self._first[user] : self._first[user + 1]] if user is not None else np.empty(0, np.int64)
        index = self.interactions.item_index
        brought = np.array([index[item] for item in query.history if item in index], np.int64)
        return np.concatenate([past, brought])[-self.longest :]

    def _batches(self, random: np.random.Generator) -> Iterator[tuple[Any, ...]]:
        """Steps of the logs: the session before an event, the event, its reward, the session after it, and whether it
        was the user's last."""
        places = np.flatnonzero(np.arange(len(self._item)) > self._first[self._user])
        random.shuffle(places)
        for start in range(0, len(places), self.batch):
            own = places[start : start + self.batch]
            begin = self._first[self._user[own]]
            before = [self._item[max(b, at - self.longest) : at] for b, at in zip(begin, own, strict=True)]
            after = [self._item[max(b, at + 1 - self.longest) : at + 1] for b, at in zip(begin, own, strict=True)]
            last = own + 1 == self._first[self._user[own] + 1]
            yield before, self._item[own], self._reward[own], after, last

    def _loss(
        self,
        random: np.random.Generator,
        before: Many[NDArray[np.int64]],
        item: NDArray[np.int64],
        reward: NDArray[np.float32],
        after: Many[NDArray[np.int64]],
        last: NDArray[np.bool_],
    ) -> Tensor:
        network, rows = self._network, torch.arange(len(item), device=self.device)
        some, place = self._some(item, random)
        state = network.state(*self._bags(before))
        online, other = (network.first, network.second) if random.random() < 0.5 else (network.second, network.first)
        with torch.no_grad():
            ahead = network.state(*self._bags(after))
            chosen = online(ahead, some).argmax(dim=1)
            worth = other(ahead, some)[rows, chosen] * torch.from_numpy(~last).to(self.device)
            target = torch.from_numpy(reward).to(self.device) + self.discount * worth
        values = online(state, some)
        taken = values[rows, place]
        penalty = (values.logsumexp(dim=1) - taken).mean()
        difference = functional.smooth_l1_loss(taken, target)
        supervised = functional.cross_entropy(network.likely(state, some), place)
        loss: Tensor = supervised + self.valued * (difference + self.conservative * penalty)
        return loss

    def _some(self, item: NDArray[np.int64], random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """The items that a batch looks at, and the place of each taken one among them."""
        size = len(self.interactions.items)
        if size <= DRAWN:
            return torch.arange(size, device=self.device), torch.from_numpy(item).to(self.device)
        some = np.unique(np.concatenate([item, random.integers(size, size=DRAWN)]))
        return torch.from_numpy(some).to(self.device), torch.from_numpy(np.searchsorted(some, item)).to(self.device)

    def _bags(self, sessions: Many[NDArray[np.int64]]) -> tuple[Tensor, Tensor, Tensor]:
        """Items, where each session begins, and how much each item counts."""
        ends = np.cumsum([0, *map(len, sessions)])[:-1]
        items = np.concatenate([np.empty(0, np.int64), *sessions])
        weights = [self.recency ** np.arange(len(s) - 1, -1, -1) for s in sessions]
        weight = np.concatenate([np.empty(0), *weights]).astype(np.float32)
        return tuple(torch.from_numpy(part).to(self.device) for part in (items, ends, weight))  # type: ignore[return-value]

    def _new(self) -> _Heads:
        return _Heads(len(self.interactions.items), self.dim).to(self.device)


class _Head(nn.Module):
    """(b, items): one number for each item."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.items = nn.Parameter(torch.randn(size, dim) * 0.01)
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, state: Tensor, some: Tensor | None = None) -> Tensor:
        items, bias = (self.items, self.bias) if some is None else (self.items[some], self.bias[some])
        return state @ items.T + bias


class _Heads(nn.Module):
    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.seen = nn.EmbeddingBag(size, dim, mode="sum")
        nn.init.normal_(self.seen.weight, std=0.1)
        self.norm, self.mix = nn.LayerNorm(dim), nn.Linear(dim, dim)
        self.likely, self.first, self.second = (_Head(size, dim) for _ in range(3))

    def state(self, items: Tensor, begins: Tensor, weights: Tensor) -> Tensor:
        """(b, dim) of sessions."""
        x = self.norm(self.seen(items, begins, per_sample_weights=weights))
        found: Tensor = x + functional.relu(self.mix(x))
        return found


def _spread(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row to mean 0 and spread 1; a row of equal scores becomes 0."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    width = centred.std(axis=1, keepdims=True)
    return np.asarray(centred / np.where(width > 1e-9, width, 1), dtype=np.float32)

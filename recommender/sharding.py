"""Work cut into shards: rows of a matrix with about as many events in each, and one shard's part of an ALS half step.

Rows of one side do not depend on each other once the other side is held (Rendle et al. 2022, equation 1), so shards of
users, then shards of items, can be solved anywhere: what comes out is what one process computes. See
`recommender.distributed` for the machines.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.scorers.ials import Bucket, Ials, Turned, buckets, confidences

Floats = NDArray[np.float32]
Side = Literal["users", "items"]
Part = tuple[Ials, sparse.csr_matrix, sparse.csr_matrix, dict[Side, Floats]]
Solve = Callable[[Side, Floats], Floats]
"""A half step of all shards: which side, the factors of the other (others, dim) -> (rows of that side, dim)."""


def bounds(counts: NDArray[np.integer], shards: int) -> list[tuple[int, int]]:
    """(start, stop) of at most `shards` runs of rows with about the same sum of `counts`, all rows once; none is empty."""
    if shards < 1:
        raise RecommenderError(f"shards {shards!r} is not a number from 1")
    ends = np.cumsum(np.asarray(counts, np.int64) + 1)  # a row without events is some work too
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.searchsorted(ends, [total * n / shards for n in range(1, shards)], side="left") + 1
    edges = sorted({0, len(ends), *(int(cut) for cut in cuts if cut < len(ends))})
    return list(itertools.pairwise(edges))


@dataclass(eq=False)
class Shard:
    """The rows of some users and of some items (events only of these), and their factors, which stay here."""

    scorer: Ials
    users: sparse.csr_matrix
    items: sparse.csr_matrix
    factors: dict[Side, Floats]
    _filled: dict[Side, list[Bucket]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sides: dict[Side, sparse.csr_matrix] = {"users": self.users, "items": self.items}
        self._filled = {
            side: list(buckets(matrix, self.scorer.dim, self.scorer.device)) for side, matrix in sides.items()
        }

    def solve(self, side: Side, given: Floats) -> Floats:
        """A half step: the own rows of this side, (rows, dim), the whole other side `given` (others, dim) held."""
        device, rows = self.scorer.device, len(self.factors[side])
        # a copy: what came over the wire is read-only
        held = Turned.of(torch.tensor(given, device=device), self.scorer._alpha)
        solved = self.scorer._solved(held, self._filled[side], rows) @ held.axes.T  # other machines may turn otherwise
        self.factors[side] = solved.cpu().numpy()
        return self.factors[side]


def parts(scorer: Ials, interactions: Interactions, shards: int) -> list[Part]:
    """What each Shard of a fit is made of, factors drawn as `Ials.fit` draws them."""
    scorer = replace(scorer)  # without what it may have learned before: it travels
    matrix = confidences(interactions.matrix)
    by_item = matrix.T.tocsr()
    scorer._alpha = scorer.unobserved / max(matrix.shape[1], 1)
    generator = torch.Generator().manual_seed(scorer.seed)
    items = (torch.randn(matrix.shape[1], scorer.dim, generator=generator) * 0.1 / scorer.dim**0.5).numpy()
    users = np.zeros((matrix.shape[0], scorer.dim), np.float32)
    of_users, of_items = (bounds(np.diff(m.indptr), shards) for m in (matrix, by_item))
    count = max(len(of_users), len(of_items))
    of_users, of_items = ([*edges, *[(0, 0)] * (count - len(edges))] for edges in (of_users, of_items))
    return [
        (scorer, matrix[a:b], by_item[c:d], {"users": users[a:b], "items": items[c:d]})
        for (a, b), (c, d) in zip(of_users, of_items, strict=True)
    ]


def alternate(scorer: Ials, interactions: Interactions, drawn: Sequence[Part], solve: Solve) -> Ials:
    """Runs the epochs, beginning with the users; returns the scorer, fitted."""
    items = np.concatenate([part[3]["items"] for part in drawn])
    for _ in range(scorer.epochs):
        users = solve("users", items)
        items = solve("items", users)
    return scorer._learned(torch.tensor(items, device=scorer.device), interactions)

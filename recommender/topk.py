"""The best k items of many users without a table of users x items: in chunks of users and, for factors, of items.

What is held at a time is bounded by NUMBERS scores, whatever the size of the catalogue. Factor scorers (a score is the
product of a query's and an item's factors) are ranked by torch on the device where the factors are; all others by their
own `score`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from recommender.data import Query
from recommender.errors import RecommenderError
from recommender.scorer import Scorer

NUMBERS = 1 << 25
"""Scores held at a time: 128 MB in float32."""
QUERIES = 1024
Ranked = tuple[NDArray[np.int64], NDArray[np.float32]]
"""(queries, k) positions, best first, and their scores; -1 and -inf where fewer than k items are left."""


@runtime_checkable
class FactorScorer(Protocol):
    """`factors` (n_items, dim); `fold_in` gives (queries, dim)."""

    factors: Tensor

    def fold_in(self, queries: Sequence[Query]) -> Tensor: ...


def best_items(scorer: Scorer, queries: Sequence[Query], seen: sparse.csr_matrix, k: int) -> Ranked:
    """The best k items of each query, those of `seen` (queries, n_items) left out. Which of equal ones is first, torch
    decides. Raises RecommenderError when k is not between 1 and the number of items."""
    if not 1 <= k <= seen.shape[1]:
        raise RecommenderError(f"k {k!r} is not between 1 and the {seen.shape[1]} items")
    batch = QUERIES if isinstance(scorer, FactorScorer) else max(1, min(QUERIES, NUMBERS // seen.shape[1]))
    parts = []
    for start in range(0, len(queries), batch):
        some, own = queries[start : start + batch], seen[start : start + batch]
        if isinstance(scorer, FactorScorer):
            parts.append(by_factors(scorer.fold_in(some), scorer.factors, own, k))
        else:
            scores = torch.tensor(np.asarray(scorer.score(some)))
            parts.append(_merged([_chunk(scores, own, 0, k)], k))
    if not parts:
        return np.empty((0, k), np.int64), np.empty((0, k), np.float32)
    places, scores_found = zip(*parts, strict=True)
    return np.concatenate(places), np.concatenate(scores_found)


def by_factors(queries: Tensor, factors: Tensor, seen: sparse.csr_matrix, k: int) -> Ranked:
    """Exact: products (queries, chunk of items), the best k of each chunk, then the best k of these."""
    width = max(k, NUMBERS // max(len(queries), 1))
    by_column = seen.tocsc()
    found = []
    for start in range(0, len(factors), width):
        stop = min(start + width, len(factors))
        found.append(_chunk(queries @ factors[start:stop].T, by_column[:, start:stop], start, k))
    return _merged(found, k)


def ranked(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The best k of each row (queries, n_items), best first; of equal ones the earlier item, so that every machine says the
    same."""
    values, places = (part.numpy() for part in torch.topk(torch.from_numpy(scores), k))
    last = values[:, -1:]
    for row in np.flatnonzero((scores >= last).sum(axis=1) > k):
        above = np.flatnonzero(scores[row] > last[row])
        places[row] = np.concatenate([above, np.flatnonzero(scores[row] == last[row])[: k - len(above)]])
        values[row] = scores[row, places[row]]
    order = np.lexsort((places, -values), axis=1)
    ranked: NDArray[np.int64] = np.take_along_axis(places, order, axis=1)
    return ranked


def _chunk(scores: Tensor, seen: sparse.spmatrix, start: int, k: int) -> tuple[Tensor, Tensor]:
    rows, columns = (torch.from_numpy(np.asarray(part, np.int64)).to(scores.device) for part in seen.nonzero())
    scores[rows, columns] = float("-inf")
    values, places = scores.topk(min(k, scores.shape[1]), dim=1)
    return values, places + start


def _merged(found: Sequence[tuple[Tensor, Tensor]], k: int) -> Ranked:
    values, places = (torch.cat(list(parts), dim=1) for parts in zip(*found, strict=True))
    if values.shape[1] > k:
        values, order = values.topk(k, dim=1)
        places = places.gather(1, order)
    places = places.masked_fill(values == float("-inf"), -1)
    return places.cpu().numpy(), values.to(torch.float32).cpu().numpy()

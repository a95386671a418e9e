"""Training-free filtering of the user-item graph: blur a profile over common users, then sharpen what came out.

Blurring is the linear filter of GF-CF (Shen et al., CIKM 2021), sharpening an Euler step of BSPM (Choi, Hong, Park, Cho,
SIGIR 2023, section 3.3). Other than there, degrees may be divided out of the blur by less than their square root, and
part of an item's given back on the way out: in all but dense data that gains more than their ideal low-pass, and costs
nothing. How much less is chosen on a hold-out. The low-pass can be had besides: it takes seconds to fit.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, field, fields, replace
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Arrays, Places, profiles
from recommender.validation import Validation

_COLUMNS = 64
"""Profiles filtered at a time: the rows that a sparse product gathers then stay in the cache."""
_SPARE = 16
"""Vectors sought beyond those that are kept, which makes these exact."""


_EVENTS = 150_000_000
"""Users asked for to choose a filter x events: about a second of one core for each filter."""


@dataclass(frozen=True)
class Filter:
    """The blur's graph is user_degree ** -user_power * R * item_degree ** -item_power; a profile enters divided by
    item_degree ** shift and leaves multiplied by it. `sharpen` is the length of the Euler step, 0 for none."""

    user_power: float
    item_power: float
    shift: float
    sharpen: float


USUAL = Filter(0.4, 0.4, 0.15, 0.8)
FILTERS = (USUAL, Filter(0.5, 0.5, 0.0, 0.8), Filter(0.3, 0.3, 0.3, 0.4), Filter(0.2, 0.1, 0.3, 0.4))
"""USUAL, one for dense data, where popular items drown all others, and two for ever sparser."""


@dataclass(eq=False)
class Graph:
    """What of the filter is not given is that of FILTERS with the best NDCG@20 on a random `validation` part of the
    events, USUAL unless another is better by more than the difference's standard error over the users; with 0 it is
    USUAL's. `low_pass` is the number of the graph's singular vectors that a profile is projected on besides, 0 for none;
    the projection counts `low_weight`, each at spread 1 over the items."""

    user_power: float | None = None
    item_power: float | None = None
    shift: float | None = None
    sharpen: float | None = None
    validation: float = 0.1
    low_pass: int = 0
    low_weight: float = 0.15
    seed: int = 0
    device: str = "cpu"
    interactions: Interactions = field(init=False, repr=False)
    filter: Filter = field(init=False)
    """The one in use."""
    _into: sparse.csr_matrix = field(init=False, repr=False)
    _back: Tensor = field(init=False, repr=False)
    _root: Tensor = field(init=False, repr=False)
    _root_back: Tensor = field(init=False, repr=False)
    _degrees: Tensor = field(init=False, repr=False)
    _low: Tensor | None = field(init=False, repr=False, default=None)

    def fit(self, interactions: Interactions) -> Self:
        if self.low_pass < 0:
            raise RecommenderError(
                f"low_pass {self.low_pass!r} is below 0; give a number of singular vectors, or 0 for none"
            )
        self.filter = self._chosen(interactions)
        graph = self._prepared(interactions)
        self._low = self._low_frequencies(graph) if self.low_pass else None
        return self

    def _chosen(self, interactions: Interactions) -> Filter:
        given = {f.name: getattr(self, f.name) for f in fields(Filter) if getattr(self, f.name) is not None}
        usual, *others = dict.fromkeys(replace(each, **given) for each in FILTERS)
        if not self.validation or not others:
            return usual
        users = max(_EVENTS // max(len(interactions), 1), 200)
        validation = Validation.of(interactions, share=self.validation, users=users, seed=self.seed)
        if len(validation.asked) < 2:
            return usual
        gains = self._gains(usual, validation)
        best, most = usual, 0.0
        for other in others:
            more = self._gains(other, validation) - gains
            if more.mean() > max(most, more.std(ddof=1) / len(more) ** 0.5):
                best, most = other, float(more.mean())
        return best

    def _gains(self, tried: Filter, validation: Validation) -> NDArray[np.float64]:
        """NDCG@20 of each user asked for."""
        made = Graph(**asdict(tried), validation=0, device=self.device).fit(validation.train)
        return np.concatenate([batch.ndcg(made.score(batch.queries)) for batch in validation.batches()])

    def _prepared(self, interactions: Interactions) -> sparse.csr_matrix:
        """Sets everything but the low-pass up; the graph (users, items) of the blur."""
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        users, items = (np.maximum(np.asarray(taken.sum(axis=axis)).ravel(), 1) for axis in (1, 0))

        def weighted(user_power: float, item_power: float) -> sparse.csr_matrix:
            return sparse.diags_array(users**-user_power) @ taken @ sparse.diags_array(items**-item_power)

        powers = self.filter
        self._into = weighted(0, powers.item_power + powers.shift).T.tocsr()
        self._back = self._on_device(weighted(2 * powers.user_power, powers.item_power - powers.shift).T)
        root = weighted(0.5, 0.5)
        self._root, self._root_back = self._on_device(root), self._on_device(root.T)
        self._degrees = torch.from_numpy(items.astype(np.float32)).to(self.device)
        self.interactions = interactions
        return sparse.csr_matrix(weighted(powers.user_power, powers.item_power))

    def _low_frequencies(self, graph: sparse.csr_matrix) -> Tensor:
        """The graph's right singular vectors (items, low_pass) of the largest values (Halko et al. 2011)."""
        most = min(*graph.shape)
        with torch.random.fork_rng(devices=[self.device] if self.device != "cpu" else []):
            torch.manual_seed(self.seed)
            vectors = torch.svd_lowrank(self._on_device(graph), q=min(self.low_pass + _SPARE, most), niter=2)[2]
        return vectors[:, : self.low_pass].contiguous()

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data[:] = 1
        heard = sparse.csr_matrix(rows @ self._into)
        parts = [slice(start, start + _COLUMNS) for start in range(0, len(queries), _COLUMNS)]
        found = [self._with_low(self._sharpened(heard[part]), rows[part]) for part in parts]
        scores = torch.cat(found).cpu().numpy() if found else np.empty(rows.shape, np.float32)
        return scores if items is None else scores[:, items]

    def arrays(self) -> Arrays:
        chosen = {"filter": np.array(astuple(self.filter))}
        return chosen if self._low is None else chosen | {"low": self._low.cpu().numpy()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self.filter = Filter(*(float(number) for number in arrays["filter"]))
        self._prepared(interactions)
        self._low = torch.from_numpy(np.array(arrays["low"])).to(self.device) if "low" in arrays else None
        return self

    def _sharpened(self, heard: sparse.csr_matrix) -> Tensor:
        """(q, items) out of what the users hear of each profile (q, users)."""
        blurred: Tensor = self._back @ torch.from_numpy(np.ascontiguousarray(heard.toarray().T)).to(self.device)
        if self.filter.sharpen:
            blurred -= self.filter.sharpen * (self._root_back @ (self._root @ blurred))
        return blurred.T.contiguous()

    def _with_low(self, scores: Tensor, rows: sparse.csr_matrix) -> Tensor:
        """The scores (q, items) and the low-pass of the profiles (q, items)."""
        if self._low is None:
            return scores
        divided = torch.from_numpy(rows.toarray()).to(self.device) * self._degrees**-self.filter.item_power
        low = (divided @ self._low) @ self._low.T * self._degrees**self.filter.item_power
        return _spread(scores) + self.low_weight * _spread(low)

    def _on_device(self, matrix: sparse.sparray) -> Tensor:
        matrix = sparse.csr_matrix(matrix)
        matrix.sort_indices()
        parts = (matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))
        with warnings.catch_warnings():  # torch calls its CSR tensors beta; products with dense ones are tested here
            warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
            indptr, indices, data = (torch.from_numpy(part) for part in parts)
            return torch.sparse_csr_tensor(indptr, indices, data, size=matrix.shape, check_invariants=True).to(
                self.device
            )


def _spread(scores: Tensor) -> Tensor:
    """Each row (q, items) at standard deviation 1; one without any stays as it is."""
    spread = scores.std(dim=1, keepdim=True, correction=0)
    return scores / torch.where(spread > 1e-9, spread, 1.0)

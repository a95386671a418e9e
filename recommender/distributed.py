"""Training and batch scoring on several processes or machines with Ray: the same results, by shards.

    with cluster(workers=2):                      # or cluster("host:6379") for a cluster that runs already
        scorer = fit_ials(Ials(dim=128), interactions, shards=2)
        for lists in recommend_all(scorer, interactions, k=20, workers=2): ...

Needs the extra `distributed`. A worker has one thread. A Ray that is started here is told the loopback address and stops
at the end of the block; token authentication is Ray's default and stays on.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from recommender.batches import Ranker, UserLists, batches
from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.scorer import Scorer
from recommender.scorers.ials import Ials
from recommender.sharding import Floats, Shard, Side, alternate, parts

_STORE = 1 << 28
"""Bytes of the object store of a Ray that is started here, at least; Ray spills to disk what does not fit."""


@contextmanager
def cluster(address: str | None = None, *, workers: int = 2, store_bytes: int = _STORE) -> Iterator[None]:
    """Joins the cluster at an address, or starts a Ray of so many processes on this machine. Raises RecommenderError
    when Ray is not installed or nobody answers there."""
    ray = _ray()
    if workers < 1:
        raise RecommenderError(f"workers {workers!r} is not a number from 1")
    quiet = {"log_to_driver": False, "configure_logging": False}
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        if address is not None:
            ray.init(address=address, **quiet)
        else:
            ray.init(
                address="local",
                num_cpus=workers,
                include_dashboard=False,
                object_store_memory=store_bytes,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise RecommenderError(f"no Ray cluster at {address or 'this machine'}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def fit_ials(scorer: Ials, interactions: Interactions, *, shards: int = 2) -> Ials:
    """Fits as `scorer.fit` does, up to rounding, each shard of users and items in a process of its own. The driver holds
    both factor matrices, a shard its events and its rows."""
    drawn = parts(scorer, interactions, shards)
    actors = [_remote(Shard, scorer.device).remote(*part) for part in drawn]

    def solve(side: Side, given: Floats) -> Floats:
        shared = _ray().put(given)
        return np.concatenate(_get([actor.solve.remote(side, shared) for actor in actors]))

    try:
        return alternate(scorer, interactions, drawn, solve)
    finally:
        _end(actors)


def recommend_all(
    scorer: Scorer,
    interactions: Interactions,
    *,
    k: int,
    workers: int = 2,
    users: Sequence[int] | None = None,
    approximate: bool | None = None,
) -> Iterator[UserLists]:
    """The best k items of every user (or of these positions) that they have not had, batch by batch in the order of
    users; at most two batches a worker are under way. `approximate`: see `recommender.batches.Ranker`."""
    device = getattr(scorer, "device", "cpu")
    made = _ray().put((scorer, interactions.users))
    remote = _remote(_Remote, device)
    actors = [remote.remote(made, k, approximate) for _ in range(workers)]
    waiting: deque[Any] = deque()
    try:
        for n, (some, seen) in enumerate(batches(interactions, users)):
            if len(waiting) >= 2 * workers:
                yield _get([waiting.popleft()])[0]
            waiting.append(actors[n % workers].rank.remote(some, seen))
        while waiting:
            yield _get([waiting.popleft()])[0]
    finally:
        _end(actors)


class _Remote(Ranker):
    """What a worker is given comes as one shared object."""

    def __init__(self, made: tuple[Scorer, Sequence[str]], k: int, approximate: bool | None) -> None:
        super().__init__(*made, k=k, approximate=approximate)


def _remote(kind: type, device: str) -> Any:
    return _ray().remote(kind).options(num_cpus=1, num_gpus=1 if device.startswith("cuda") else 0)


def _get(references: Sequence[Any]) -> list[Any]:
    ray = _ray()
    try:
        found: list[Any] = ray.get(list(references))
    except ray.exceptions.RayTaskError as error:
        raise RecommenderError(f"a worker failed: {error.cause!r}") from error
    except ray.exceptions.RayError as error:
        raise RecommenderError(f"a worker was lost: {error}") from error
    return found


def _end(actors: Sequence[Any]) -> None:
    for actor in actors:
        _ray().kill(actor)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise RecommenderError(
            "several processes or machines need Ray, which is not installed: pip install 'daogou[distributed]'"
        ) from error
    return ray

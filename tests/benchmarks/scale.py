"""What large sets cost: a synthetic slice from the file to the lists, and exact against approximate search.

    python tests/benchmarks/scale.py slice --users 100000 --items 100000 --events 5000000
    python tests/benchmarks/scale.py search --sizes 25000,50000,100000,200000,500000,1000000
    python tests/benchmarks/scale.py recall --train train.txt.gz        (item factors of real data, LightGCN format)

The slice: items in groups of about 50, popularity in a group as 1 / rank; a user draws nine in ten events from three
groups and the rest from everywhere, numbers of events log-normal. `search` takes the item factors of a fit to 20,000
users x 25,000 items x 1,000,000 events of this kind; a larger catalogue repeats them with noise of a tenth of a spread.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

from recommender import batches, neighbours, topk
from recommender.data import Interactions, Query
from recommender.scorers.ials import Ials

GROUP = 50
K = 20


@contextmanager
def told(what: str) -> Iterator[None]:
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {what} | {time.process_time() - cpu:.1f} | {time.perf_counter() - wall:.1f} | {peak:,.0f} |",
        flush=True,
    )


def made(users: int, items: int, events: int, seed: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """A user and the items of that user, each once."""
    random = np.random.default_rng(seed)
    groups = max(1, items // GROUP)
    counts = random.lognormal(0, 0.8, users)
    counts = np.maximum(1, counts * events / counts.sum() * 1.25).astype(int)  # repetitions fall out
    for user in range(users):
        own = random.integers(groups, size=3)
        drawn = np.where(random.random(counts[user]) < 0.9, random.choice(own, counts[user]), -1)
        drawn = np.where(drawn < 0, random.integers(groups, size=counts[user]), drawn)
        rank = np.minimum(GROUP - 1, (GROUP ** random.random(counts[user])).astype(int) - 1)
        yield user, np.unique(np.minimum(drawn * GROUP + rank, items - 1))


def written(path: Path, users: int, items: int, events: int) -> None:
    with path.open("w") as file:
        for user, own in made(users, items, events):
            file.write(f"{user} {' '.join(map(str, own))}\n")


def slice_(users: int, items: int, events: int, dim: int, epochs: int, listed: int) -> None:
    print("| step | CPU s | wall s | peak MB so far |\n|---|---|---|---|")
    with told("libraries loaded"):
        pass
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        with told("file written"):
            written(path, users, items, events)
        with told("file read"):
            interactions = Interactions.from_lightgcn(path)
    with told("matrix"):
        matrix = interactions.matrix
    print(f"{len(interactions.users):,} users, {len(interactions.items):,} items, {matrix.nnz:,} events")
    scorer = Ials(dim=dim, epochs=epochs)
    with told(f"ials, dim {dim}, {epochs} epochs"):
        scorer.fit(interactions)
    some = list(range(0, len(interactions.users), max(1, len(interactions.users) // listed)))
    exact = near = []
    with told(f"lists of {len(some):,} users, exact"):
        exact = list(batches.recommend_all(scorer, interactions, k=K, users=some, approximate=False))
    if neighbours.available():
        with told("inverted file"):
            ranker = batches.Ranker(scorer, interactions.users, k=K, approximate=True)
        with told(f"lists of {len(some):,} users, approximate"):
            near = [ranker.rank(*batch) for batch in batches.batches(interactions, some)]
        print(f"recall@{K} of approximate against exact: {recall(exact, near):.4f}")


def recall(exact: list[batches.UserLists], near: list[batches.UserLists]) -> float:
    pairs = [rows for a, b in zip(exact, near, strict=True) for rows in zip(a.items, b.items, strict=True)]
    return float(np.mean([len(set(one.tolist()) & set(other.tolist())) / K for one, other in pairs]))


def search(sizes: list[int], dim: int, queries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        written(path, 20_000, 25_000, 1_000_000)
        interactions = Interactions.from_lightgcn(path)
    scorer = Ials(dim=dim, epochs=6).fit(interactions)
    asked = scorer.fold_in([Query(user) for user in interactions.users[: 10 * queries : 10]])
    random = np.random.default_rng(0)
    known = scorer.factors.numpy()
    print(
        "| items | exact ms/query, one by one | exact, 256 at once | build s | approximate, one by one | 256 at once | recall@20 |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in sizes:
        rows = known[np.arange(size) % len(known)]
        if size > len(known):
            rows = rows + random.normal(0, 0.1 * known.std(), rows.shape)
        factors = torch.from_numpy(rows.astype(np.float32))
        nothing = sparse.csr_matrix((len(asked), size), dtype=np.float32)
        one, many, exact = _timed(lambda q, f=factors, n=nothing: topk.by_factors(q, f, n[: len(q)], K), asked)
        started = time.process_time()
        index = neighbours.Neighbours(factors.numpy())
        build = time.process_time() - started
        near_one, near_many, near = _timed(lambda q, i=index: i.search(q.numpy(), K), asked)
        same = np.mean([len(set(a) & set(b)) / K for a, b in zip(exact.tolist(), near.tolist(), strict=True)])
        print(
            f"| {size:,} | {one:.2f} | {many:.2f} | {build:.1f} | {near_one:.2f} | {near_many:.2f} | {same:.4f} |",
            flush=True,
        )


def _timed(find, asked: torch.Tensor) -> tuple[float, float, np.ndarray]:
    """CPU milliseconds a query, one by one and 256 at once, and what was found."""
    find(asked[:2])
    started = time.process_time()
    for row in range(20):
        find(asked[row : row + 1])
    one = (time.process_time() - started) / 20
    started = time.process_time()
    found = [find(asked[n : n + 256])[0] for n in range(0, len(asked), 256)]
    return one * 1000, (time.process_time() - started) / len(asked) * 1000, np.concatenate(found)


def real(train: Path, dim: int) -> None:
    interactions = Interactions.from_lightgcn(train)
    scorer = Ials(dim=dim).fit(interactions)
    some = list(range(0, len(interactions.users), max(1, len(interactions.users) // 2000)))
    exact = list(batches.recommend_all(scorer, interactions, k=K, users=some, approximate=False))
    for probed in (0.01, 0.02, 0.03, 0.05, 0.1):
        ranker = batches.Ranker(scorer, interactions.users, k=K, approximate=True)
        ranker._near = neighbours.Neighbours(scorer.factors.numpy(), probed=probed)
        started = time.process_time()
        near = [ranker.rank(*batch) for batch in batches.batches(interactions, some)]
        spent = (time.process_time() - started) / len(some) * 1000
        print(f"probed {probed}: recall@{K} {recall(exact, near):.4f}, {spent:.2f} ms a user, fold-in included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("slice", "search", "recall"))
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--listed", type=int, default=8192, help="users who get lists")
    parser.add_argument("--sizes", default="25000,50000,100000,200000,500000,1000000")
    parser.add_argument("--queries", type=int, default=512)
    parser.add_argument("--train", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.what == "slice":
        slice_(given.users, given.items, given.events, given.dim, given.epochs, given.listed)
    elif given.what == "search":
        search([int(size) for size in given.sizes.split(",")], given.dim, given.queries)
    else:
        real(given.train, given.dim)


if __name__ == "__main__":
    main()

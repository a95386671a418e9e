"""Which sentences go into a batch together: pairs of a class, of similar lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def paired_batches(y: NDArray[np.int64], lengths: Sequence[int], size: int, *, seed: Sequence[int]) -> list[list[int]]:
    """Every position once, in batches of at most `size`, in random order.

    A sentence and its partner of the same class stay together, for a contrast needs two of a kind; pairs of similar
    lengths share a batch, so that little is padding. Both at random within a third of the length.
    """
    rng = np.random.default_rng(list(seed))
    groups: list[list[int]] = []
    for label in np.unique(y):
        rows = rng.permutation(np.where(y == label)[0]).tolist()
        groups += [rows[start : start + 2] for start in range(0, len(rows), 2)]
    noise = rng.uniform(1.0, 1.33, len(groups))
    longest = [max(lengths[i] for i in group) * factor for group, factor in zip(groups, noise, strict=True)]
    batches: list[list[int]] = [[]]
    for place in np.argsort(longest, kind="stable"):
        if len(batches[-1]) + len(groups[place]) > size:
            batches.append([])
        batches[-1] += groups[place]
    return [batches[i] for i in rng.permutation(len(batches))]


def by_length(lengths: Sequence[int], size: int) -> list[list[int]]:
    """Every position once, in batches of similar lengths, for reading without training."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    return [order[start : start + size] for start in range(0, len(order), size)]


def hold_out(y: NDArray[np.int64], share: int, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(train, dev) positions: one of `share` sentences of every class, none of a class that has fewer than four."""
    rng = np.random.default_rng(seed)
    held: list[int] = []
    for label in np.unique(y):
        rows = rng.permutation(np.where(y == label)[0])
        if len(rows) >= 4:
            held += rows[: max(1, len(rows) // share)].tolist()
    dev = np.sort(np.array(held, np.int64))
    return np.setdiff1d(np.arange(len(y)), dev), dev

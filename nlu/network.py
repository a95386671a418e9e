"""The small network of a `Head`: two layers, trained with torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.heads import Floats, Layer

if TYPE_CHECKING:
    from torch import Generator, Tensor

# Chosen on the dev splits of BANKING77 and MASSIVE (zh, en).
_HIDDEN, _EPOCHS, _BATCH, _RATE, _DECAY, _SMOOTHING = 512, 20, 256, 2e-3, 1e-2, 0.1
_DROP_INPUT, _DROP_HIDDEN = 0.1, 0.3
_MAX_STEPS = 1500  # what 20,000 examples get; more are seen fewer times


def fit_network(x: Floats, y: NDArray[np.int64], *, seed: int = 0) -> tuple[Layer, ...]:
    """Layers for standardised features x (n, d) and classes y (n,). The same seed gives the same layers."""
    import torch
    from torch.nn.functional import cross_entropy, gelu

    random = torch.Generator().manual_seed(seed)
    sizes = ((x.shape[1], _HIDDEN), (_HIDDEN, int(y.max()) + 1))
    weights = [(torch.rand(shape, generator=random) * 2 - 1) / shape[0] ** 0.5 for shape in sizes]
    biases = [torch.zeros(outputs) for _, outputs in sizes]
    parameters = [p.requires_grad_() for p in (*weights, *biases)]
    batch = max(16, min(_BATCH, len(x) // 16))  # small sets need steps, too
    per_epoch = -(-len(x) // batch)
    epochs = max(2, min(_EPOCHS, _MAX_STEPS // per_epoch))
    optimiser = torch.optim.AdamW(parameters, lr=_RATE, weight_decay=_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=epochs * per_epoch, pct_start=0.1)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=random)
        for start in range(0, len(x), batch):
            rows = order[start : start + batch]
            hidden = gelu(_dropped(inputs[rows], _DROP_INPUT, random) @ weights[0] + biases[0], approximate="tanh")
            logits = _dropped(hidden, _DROP_HIDDEN, random) @ weights[1] + biases[1]
            optimiser.zero_grad()
            cross_entropy(logits, targets[rows], label_smoothing=_SMOOTHING).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
    return tuple((w.detach().numpy(), b.detach().numpy()) for w, b in zip(weights, biases, strict=True))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keeps torch to one thread a call: the products are small, and more threads only wait for each other."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _dropped(x: Tensor, share: float, random: Generator) -> Tensor:
    """Dropout of `share`, to the nearest 1/256. Eight elements from each random number: with one each, dropout took two
    fifths of a training step."""
    import torch

    bound = round(share * 256)
    numbers = torch.empty(-(-x.numel() // 8), dtype=torch.int64).random_(-(2**63), None, generator=random)
    kept = numbers.view(torch.uint8)[: x.numel()].view(x.shape) >= bound
    return x * kept * (256 / (256 - bound))

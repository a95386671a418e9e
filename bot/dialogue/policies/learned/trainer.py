"""Training in torch: all networks side by side, those that answer and those that each do without a part of the stories."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.policies.learned.network import HEADS, WIDTH, Array, shapes

if TYPE_CHECKING:
    from torch import Tensor

BATCH = 16  # lessons
STEPS_BEFORE_LOOKS = 100  # few stories test little: not even these stop the training early
STEPS_BETWEEN_LOOKS = 20
PATIENCE = 4  # looks without a better result
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.1
DROP_FEATURE = 0.1
DROP_STATE = 0.15


class Material(NamedTuple):
    """Lessons as arrays. `states` are the distinct ones, as rows of features; `droppable` the features that training
    may hide; `rows[l, t]` the state at time t of lesson l; `labels` the action that follows it. `weights[n, l, t]` is
    what that counts for network n, and `tests[n, l, t]` is 1 where it tests network n instead. `chances` are the
    lessons' probabilities of being drawn."""

    states: Array
    droppable: NDArray[np.bool_]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    weights: Array
    tests: Array
    chances: NDArray[np.float64]


class Trained(NamedTuple):
    """`arrays` as in `network.shapes`, for all networks; `tested` the similarities of every test, `truth` its action."""

    arrays: dict[str, Array]
    tested: Array
    truth: NDArray[np.int64]
    steps: int


def train(material: Material, *, actions: int, history: int, steps: int, seed: int) -> Trained:
    """At most `steps` steps of AdamW, fewer where the tests get no better. The same arrays for the same seed."""
    import torch

    with _one_thread():
        draw = torch.Generator().manual_seed(seed)
        networks = material.weights.shape[0]
        weights = _initial(networks, shapes(features=material.states.shape[1], actions=actions, history=history), draw)
        learner = _Learner(material, weights, history, draw)
        best, best_loss, taken, waited = learner.copy(), math.inf, 0, 0
        has_tests = bool(material.tests.any())
        optimizer = torch.optim.AdamW(list(weights.values()), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        chances = torch.from_numpy(material.chances)
        for step in range(1, steps + 1):
            lessons = torch.multinomial(chances, min(BATCH, len(chances)), replacement=True, generator=draw)
            optimizer.zero_grad(set_to_none=True)
            learner.loss(lessons).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if has_tests and (step == steps or (step >= STEPS_BEFORE_LOOKS and step % STEPS_BETWEEN_LOOKS == 0)):
                loss = learner.test_loss()
                waited += 1
                if loss < best_loss:
                    best, best_loss, taken, waited = learner.copy(), loss, step, 0
                if waited >= PATIENCE:
                    break
        if not has_tests:
            best, taken = learner.copy(), steps
        learner.weights.update(best)
        tested, truth = learner.tests()
        return Trained({name: value.numpy() for name, value in best.items()}, tested.numpy(), truth.numpy(), taken)


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _initial(networks: int, wanted: dict[str, tuple[int, ...]], draw: object) -> dict[str, Tensor]:
    import torch

    found: dict[str, Tensor] = {}
    for name, shape in wanted.items():
        if name.endswith("scale"):
            weight = torch.ones(networks, *shape)
        elif len(shape) == 1 or name == "distance":
            weight = torch.zeros(networks, *shape)
        else:
            # Few features are on at a time: they get the variance that a dense layer of that many inputs would.
            inputs = 4 if name == "features" else shape[0]
            weight = torch.randn(networks, *shape, generator=draw) / math.sqrt(inputs)  # type: ignore[call-overload]
        found[name] = weight.requires_grad_()
    return found


class _Learner:
    def __init__(self, material: Material, weights: dict[str, Tensor], history: int, draw: object) -> None:
        import torch

        self.weights = weights
        self._draw = draw
        self._states = torch.from_numpy(material.states)
        self._droppable = torch.from_numpy(material.droppable)
        self._rows = torch.from_numpy(material.rows)
        self._labels = torch.from_numpy(material.labels)
        self._weights = torch.from_numpy(material.weights)
        self._tests = torch.from_numpy(material.tests)
        times = torch.arange(material.rows.shape[1])
        self._back = times[:, None] - times[None, :]
        self._seen = (self._back >= 0) & (self._back < history)
        self._back = self._back.clamp(0, history - 1)
        self._testing = self._tests.sum(dim=(0, 2)).nonzero()[:, 0]

    def copy(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.weights.items()}

    def loss(self, lessons: Tensor) -> Tensor:
        """Cross-entropy over all actions; the networks' means added up, so that each learns for itself."""
        import torch.nn.functional as f

        found = self._similarities(lessons, training=True)
        weight = self._weights[:, lessons, : found.shape[2]]
        label = self._labels[lessons, : found.shape[2]].expand(weight.shape)
        each = f.cross_entropy(found.permute(0, 3, 1, 2), label, reduction="none")
        total = (each * weight).sum(dim=(1, 2)) / weight.sum(dim=(1, 2)).clamp(min=1)
        return total.sum()

    def test_loss(self) -> float:
        import torch.nn.functional as f

        tested, truth = self.tests()
        return float(f.cross_entropy(tested, truth))

    def tests(self) -> tuple[Tensor, Tensor]:
        import torch

        with torch.no_grad():
            found = self._similarities(self._testing, training=False)
            chosen = self._tests[:, self._testing, : found.shape[2]] > 0
            return found[chosen], self._labels[self._testing, : found.shape[2]].expand(chosen.shape)[chosen]

    def _similarities(self, lessons: Tensor, *, training: bool) -> Tensor:
        """(networks, lessons, time, actions); see `network.Network`, which computes the same for the latest time."""
        import torch

        w = self.weights
        rows = self._rows[lessons]
        length = int((rows >= 0).sum(dim=1).max()) if len(rows) else 0
        distinct, where = rows[:, :length].clamp(min=0).unique(return_inverse=True)  # type: ignore[no-untyped-call]
        x = self._states[distinct]
        seen = self._seen[:length, :length].expand(len(rows), length, length)
        if training:
            x = x * ~(self._chance(x.shape, DROP_FEATURE) & self._droppable)
            itself = torch.eye(length, dtype=torch.bool)
            seen = seen & (itself | ~self._chance(seen.shape, DROP_STATE))
        encoded = _normal(x @ w["features"] + w["features_bias"][:, None], w["state_scale"], w["state_shift"]).relu()
        size = len(encoded)

        def heads(name: str) -> Tensor:
            found = (encoded @ w[name]).view(size, len(distinct), HEADS, WIDTH // HEADS)
            return found[:, where].transpose(2, 3)  # (networks, lessons, heads, time, width)

        scores = heads("query") @ heads("key").transpose(3, 4) / math.sqrt(WIDTH // HEADS)
        scores = scores + w["distance"][:, :, self._back[:length, :length]][:, None]
        scores = scores.masked_fill(~seen[None, :, None], -1e9)
        attended = (scores.softmax(dim=-1) @ heads("value")).transpose(2, 3).flatten(1, 2).flatten(2)
        z = encoded[:, where].flatten(1, 2) + attended @ w["mix"]
        inner = _normal(z, w["inner_scale"], w["inner_shift"]) @ w["inner"] + w["inner_bias"][:, None]
        z = z + inner.relu() @ w["outer"] + w["outer_bias"][:, None]
        dialogue = _normal(z, w["final_scale"], w["final_shift"]) @ w["dialogue"] + w["dialogue_bias"][:, None]
        found = dialogue @ w["actions"] + w["actions_bias"][:, None]
        return found.view(size, len(rows), length, w["actions"].shape[2])

    def _chance(self, shape: tuple[int, ...], probability: float) -> Tensor:
        import torch

        return torch.rand(shape, generator=self._draw) < probability  # type: ignore[call-overload,no-any-return]


def _normal(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    import torch.nn.functional as f

    return f.layer_norm(x, x.shape[-1:]) * scale[:, None] + shift[:, None]

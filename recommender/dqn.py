"""A network of action values for situations too many for a table: double DQN over allowed actions only.

Mnih et al., "Human-level control through deep reinforcement learning" (Nature 2015); the target of van Hasselt, Guez,
Silver, "Deep Reinforcement Learning with Double Q-learning" (AAAI 2016), equation 4; actions that are not allowed have
no value, neither when acting nor in the target.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import storage
from recommender.errors import RecommenderError
from recommender.values import Environment, Mask

Floats = NDArray[np.float32]
Layers = tuple[tuple[Floats, Floats], ...]
"""Weights (inputs, outputs) and bias (outputs,) of each layer; ReLU between them."""


@dataclass(frozen=True, eq=False)
class ValueNetwork:
    """What was learned, run with numpy: `values(states)` are (n, actions) of states (n, d)."""

    layers: Layers

    def values(self, states: NDArray[np.floating[Any]]) -> Floats:
        x = np.atleast_2d(np.asarray(states, np.float32))
        if x.shape[1] != len(self.layers[0][0]):
            raise RecommenderError(f"a state of {x.shape[1]} numbers does not fit {len(self.layers[0][0])} inputs")
        for depth, (weights, bias) in enumerate(self.layers):
            x = x @ weights + bias
            if depth + 1 < len(self.layers):
                x = np.maximum(x, 0)
        return x

    def best(self, state: NDArray[np.floating[Any]], mask: Mask | None = None) -> int:
        values = self.values(state)[0]
        return int((np.where(mask, values, -np.inf) if mask is not None else values).argmax())

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        arrays = {f"{n}.{part}": a for n, layer in enumerate(self.layers) for part, a in zip("wb", layer, strict=True)}
        storage.write(path, arrays, {**about, "layers": len(self.layers)})

    @classmethod
    def load(cls, path: Path) -> tuple[ValueNetwork, dict[str, Any]]:
        """The network and what was stored about it. Raises RecommenderError when the file is missing or is none of ours."""
        arrays, about = storage.read(path)
        try:
            layers = tuple(
                (arrays[f"{n}.w"].astype(np.float32), arrays[f"{n}.b"].astype(np.float32))
                for n in range(int(about["layers"]))
            )
        except (KeyError, TypeError, ValueError) as error:
            raise RecommenderError(f"{str(path)!r} holds no value network ({error}); train again") from error
        return cls(layers), about


@dataclass(eq=False)
class DoubleDqn:
    """Learns by playing. `warmup` steps are played at random first; then one batch is learned from after each `every`
    steps, and the target network follows by a share `follow` (Lillicrap et al. 2016); `explore` falls over the first
    half of the steps, the rate to a tenth over all. A value is the sum of `n_step` rewards and what lies behind them
    (Sutton and Barto, equation 7.1; with exploring in between it is biased, which pays in short episodes)."""

    hidden: tuple[int, ...] = (64, 64)
    rate: float = 1e-3
    discount: float = 0.95
    batch: int = 64
    memory: int = 50_000
    warmup: int = 500
    follow: float = 0.01
    explore: tuple[float, float] = (1.0, 0.05)
    every: int = 1
    n_step: int = 1
    seed: int = 0
    device: str = "cpu"
    losses: list[float] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("batch", "memory", "every", "n_step"):
            if getattr(self, name) < 1:
                raise RecommenderError(f"{name} {getattr(self, name)!r} is not a number from 1")

    def fit(self, environment: Environment, *, steps: int) -> ValueNetwork:
        import torch

        threads = torch.get_num_threads()
        torch.set_num_threads(1)  # the products are small; more threads only wait for each other
        try:
            return self._fit(environment, steps)
        finally:
            torch.set_num_threads(threads)

    def _fit(self, environment: Environment, steps: int) -> ValueNetwork:
        import torch
        from torch.nn.functional import smooth_l1_loss

        random = np.random.default_rng(self.seed)
        state, info = environment.reset(seed=self.seed)
        actions = int(environment.action_space.n)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            online, target = (_network(len(state), self.hidden, actions).to(self.device) for _ in range(2))
        target.load_state_dict(online.state_dict())
        optimiser = torch.optim.Adam(online.parameters(), lr=self.rate)
        falling = torch.optim.lr_scheduler.LinearLR(
            optimiser, 1.0, 0.1, total_iters=max(1, (steps - self.warmup) // self.every)
        )
        memory = _Memory(self.memory, len(state), actions)
        latest = _Latest(self.n_step, self.discount)
        mask = _mask(info, actions)
        for step in range(steps):
            chance = self.explore[0] + (self.explore[1] - self.explore[0]) * min(1.0, 2 * step / steps)
            if step < self.warmup or random.random() < chance:
                action = int(random.choice(np.flatnonzero(mask)))
            else:
                with torch.no_grad():
                    found = online(torch.as_tensor(state, dtype=torch.float32, device=self.device)).cpu().numpy()
                action = int(np.where(mask, found, -np.inf).argmax())
            following, reward, terminated, truncated, info = environment.step(action)
            next_mask = _mask(info, actions)
            for step_back in latest.with_(state, action, float(reward), following, next_mask, terminated, truncated):
                memory.add(*step_back)
            state, mask = following, next_mask
            if terminated or truncated:
                state, info = environment.reset()
                mask = _mask(info, actions)
            if step < self.warmup or step % self.every:
                continue
            seen, taken, earned, ahead_by, then, allowed, end = (
                torch.from_numpy(part).to(self.device) for part in memory.sample(random, self.batch)
            )
            with torch.no_grad():
                chosen = online(then).masked_fill(~allowed, float("-inf")).argmax(dim=1, keepdim=True)
                ahead = target(then).gather(1, chosen)[:, 0]
                wanted = earned + ahead_by * torch.where(end, torch.zeros_like(ahead), ahead)
            loss = smooth_l1_loss(online(seen).gather(1, taken[:, None])[:, 0], wanted)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            falling.step()
            self.losses.append(float(loss.detach()))
            with torch.no_grad():
                for slow, fast in zip(target.parameters(), online.parameters(), strict=True):
                    slow.lerp_(fast, self.follow)
        linear = [module for module in online if isinstance(module, torch.nn.Linear)]
        return ValueNetwork(
            tuple((m.weight.detach().cpu().numpy().T.copy(), m.bias.detach().cpu().numpy().copy()) for m in linear)
        )


class _Memory:
    """The latest steps, overwritten in a ring."""

    def __init__(self, size: int, inputs: int, actions: int) -> None:
        self._arrays: tuple[NDArray[Any], ...] = (
            np.zeros((size, inputs), np.float32),
            np.zeros(size, np.int64),
            np.zeros(size, np.float32),
            np.zeros(size, np.float32),
            np.zeros((size, inputs), np.float32),
            np.zeros((size, actions), np.bool_),
            np.zeros(size, np.bool_),
        )
        self._size, self._count = size, 0

    def add(self, *step: Any) -> None:
        at = self._count % self._size
        for array, value in zip(self._arrays, step, strict=True):
            array[at] = value
        self._count += 1

    def sample(self, random: np.random.Generator, n: int) -> tuple[NDArray[Any], ...]:
        rows = random.integers(min(self._count, self._size), size=n)
        return tuple(array[rows] for array in self._arrays)


class _Latest:
    """The steps that have not seen `n` rewards yet."""

    def __init__(self, n: int, discount: float) -> None:
        self._n, self._discount = n, discount
        self._open: list[list[Any]] = []

    def with_(
        self, state: Any, action: int, reward: float, following: Any, mask: Mask, ended: bool, cut: bool
    ) -> list[tuple[Any, ...]]:
        """The steps that are complete with this one: (state, action, discounted rewards, what the value ahead counts,
        the state and mask there, whether there is nothing ahead)."""
        for step in self._open:
            step[2] += step[3] * reward
            step[3] *= self._discount
        self._open.append([state, action, reward, self._discount])
        complete = len(self._open) if ended or cut else max(0, len(self._open) - self._n + 1)
        done, self._open = self._open[:complete], self._open[complete:]
        return [(*step, following, mask, ended) for step in done]


def _network(inputs: int, hidden: tuple[int, ...], outputs: int) -> Any:
    from torch import nn

    sizes = (inputs, *hidden, outputs)
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _mask(info: Mapping[str, Any], actions: int) -> Mask:
    mask: Mask = info.get("mask", np.ones(actions, np.bool_))
    return mask

"""Learning what actions are worth by trying them: tabular Q-learning and SARSA.

Watkins and Dayan, "Q-learning" (1992), and Rummery and Niranjan (1994); Sutton and Barto, "Reinforcement Learning"
(2nd edition), equations 6.8 and 6.7.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender import storage
from recommender.errors import RecommenderError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rule = Literal["q_learning", "sarsa"]


class Environment(Protocol):
    """A Gymnasium environment of discrete actions; `info["mask"]` (actions,) tells which are allowed, if not all."""

    @property
    def action_space(self) -> Any: ...

    def reset(self, *, seed: int | None = None) -> tuple[Any, dict[str, Any]]: ...

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One logged step: `following` is None at the end of a talk; `mask` tells what was allowed there."""

    state: Hashable
    action: int
    reward: float
    following: Hashable | None
    mask: Mask | None


def q_learning_update(
    q: Floats, state: int, action: int, reward: float, following: int | None, *, rate: float, discount: float
) -> float:
    """Moves q[state, action] towards reward + discount * max over actions of q[following]; in place. `following` is None
    at the end of an episode. Returns the new value."""
    ahead = float(q[following].max()) if following is not None else 0.0
    q[state, action] += rate * (reward + discount * ahead - q[state, action])
    return float(q[state, action])


def sarsa_update(
    q: Floats,
    state: int,
    action: int,
    reward: float,
    following: int | None,
    next_action: int | None,
    *,
    rate: float,
    discount: float,
) -> float:
    """Moves q[state, action] towards reward + discount * q[following, next_action], the action that is really taken
    next; in place. Returns the new value."""
    ahead = float(q[following, next_action]) if following is not None and next_action is not None else 0.0
    q[state, action] += rate * (reward + discount * ahead - q[state, action])
    return float(q[state, action])


@dataclass(eq=False)
class ValueTable:
    """Action values of states, which may be anything hashable; states appear as they are met. `rate` falls with the
    visits n of a pair as rate / (1 + decay * n), so that noise averages out."""

    actions: int
    rule: Rule = "q_learning"
    rate: float = 0.2
    discount: float = 0.95
    decay: float = 0.02
    seed: int = 0
    places: dict[Hashable, int] = field(default_factory=dict)
    values: Floats = field(init=False, repr=False)
    visits: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.rule not in ("q_learning", "sarsa"):
            raise RecommenderError(f"rule {self.rule!r} is not one of q_learning, sarsa")
        for name, low, high in (("rate", 0, 1), ("discount", 0, 1), ("decay", 0, float("inf"))):
            if not low <= getattr(self, name) <= high:
                raise RecommenderError(f"{name} {getattr(self, name)!r} is not between {low} and {high}")
        self.values = np.zeros((64, self.actions))
        self.visits = np.zeros((64, self.actions), np.int64)
        self._random = np.random.default_rng(self.seed)

    def place(self, state: Hashable) -> int:
        """The row of a state, a new one for a new state."""
        found = self.places.setdefault(state, len(self.places))
        if found >= len(self.values):
            self.values = np.vstack([self.values, np.zeros_like(self.values)])
            self.visits = np.vstack([self.visits, np.zeros_like(self.visits)])
        return found

    def best(self, state: Hashable, mask: Mask | None = None) -> int:
        """The most valuable allowed action; the first among equals, also for a state never met."""
        row = self.values[self.places[state]] if state in self.places else np.zeros(self.actions)
        return int(np.where(mask, row, -np.inf).argmax() if mask is not None else row.argmax())

    def choose(self, state: Hashable, mask: Mask | None, explore: float) -> int:
        """The best action, or with chance `explore` any allowed one."""
        if self._random.random() < explore:
            return int(self._random.choice(np.flatnonzero(mask) if mask is not None else self.actions))
        return self.best(state, mask)

    def fit(self, environment: Environment, *, episodes: int, explore: tuple[float, float] = (0.5, 0.02)) -> None:
        """Plays episodes; the chance to explore falls linearly between the two values of `explore`."""
        for episode in range(episodes):
            chance = explore[0] + (explore[1] - explore[0]) * episode / max(episodes - 1, 1)
            state, info = environment.reset(seed=self.seed if episode == 0 else None)
            action = self.choose(state, info.get("mask"), chance)
            ended = False
            while not ended:
                following, reward, terminated, truncated, info = environment.step(action)
                ended = terminated or truncated
                mask = info.get("mask")
                next_action = None if terminated else self.choose(following, mask, chance)
                self._learn(state, action, float(reward), None if terminated else following, next_action, mask)
                if next_action is not None:
                    state, action = following, next_action

    def replay(self, steps: Sequence[Step], *, sweeps: int = 20) -> None:
        """Learns from steps that another policy has taken, in random order, `sweeps` times over; by Q-learning only,
        which does not ask who acted. Raises RecommenderError for SARSA."""
        if self.rule != "q_learning":
            raise RecommenderError("sarsa learns what its own actions earn; only q_learning learns from others' steps")
        for _ in range(sweeps):
            for place in self._random.permutation(len(steps)):
                step = steps[place]
                self._learn(step.state, step.action, step.reward, step.following, None, step.mask)

    def save(self, path: Path, about: Mapping[str, Any]) -> None:
        """States must be tuples of numbers."""
        states = np.array(list(self.places), np.int64).reshape(len(self.places), -1)
        known = slice(len(self.places))
        arrays = {"states": states, "values": self.values[known], "visits": self.visits[known]}
        storage.write(path, arrays, {**about, "rule": self.rule, "actions": self.actions})

    @classmethod
    def load(cls, path: Path) -> tuple[ValueTable, dict[str, Any]]:
        """The table and what was stored about it. Raises RecommenderError when the file is missing or is none of ours."""
        arrays, about = storage.read(path)
        try:
            table = cls(int(about["actions"]), about["rule"])
            table.places = {tuple(state): n for n, state in enumerate(arrays["states"].tolist())}
            table.values = np.asarray(arrays["values"], np.float64).copy()
            table.visits = np.asarray(arrays["visits"], np.int64).copy()
        except (KeyError, TypeError, ValueError) as error:
            raise RecommenderError(f"{str(path)!r} holds no table of values ({error}); train again") from error
        if table.values.shape != (len(table.places), table.actions) or not len(table.places):
            raise RecommenderError(f"{str(path)!r} holds no table of values; train again")
        return table, about

    def _learn(
        self, state: Hashable, action: int, reward: float, following: Any, next_action: int | None, mask: Mask | None
    ) -> None:
        here = self.place(state)
        rate = self.rate / (1 + self.decay * self.visits[here, action])
        self.visits[here, action] += 1
        there = self.place(following) if following is not None else None
        if self.rule == "q_learning":
            next_action = self.best(following, mask) if following is not None else None
        sarsa_update(
            self.values, here, action, reward, there, next_action, rate=rate, discount=self.discount
        )  # with the best next action this is the step of Q-learning, over allowed actions only

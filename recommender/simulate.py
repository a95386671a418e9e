"""The talk with a simulated customer as a Gymnasium environment: ask for one more wish, show something, loosen, or stop.

Rewards: 1 for a product that is taken, -0.05 a turn, -0.5 for showing what breaks a wish that was told, -1 when the
customer leaves. A talk ends there, or after ten turns. Needs the extra `simulate`; the customer is described in
`recommender.shopper`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.items import Items
from recommender.loosening import fewest_relaxations
from recommender.shopper import Fits, Shopper, constraints
from recommender.situation import (
    ACTIONS,
    ASKABLE,
    LOOSEN,
    OBSERVED,
    SHOW_1,
    SHOW_3,
    STOP,
    TURNS,
    Asked,
    Feedback,
    Floats,
    Mask,
    Questions,
    Situation,
)

TAKEN, TURN, BROKEN, LEFT = 1.0, -0.05, -0.5, -1.0
_REMEMBERED = 20_000
"""So many looks at the catalogue are kept: customers begin with the same few wishes."""
_AGREES = 0.7
"""How often a customer agrees to give up a wish when nothing meets them all."""


class ShopTalk(gymnasium.Env[Floats, Any]):
    """`scores` (n,) rank what matches, best first; `popularity` (n,) draws what customers look for; `available` is a mask
    over the variants (None: all can be had). An observation has OBSERVED numbers; `info` holds the `mask` of allowed
    actions, what was `shown`, and `broken`, how many of the shown break a wish that was told."""

    def __init__(
        self,
        items: Items,
        *,
        scores: NDArray[np.floating[Any]] | None = None,
        popularity: NDArray[np.floating[Any]] | None = None,
        available: Mask | None = None,
        seed: int = 0,
    ) -> None:
        if not len(items):
            raise RecommenderError("the catalogue is empty; nobody can look for anything in it")
        weight = np.ones(len(items)) if popularity is None else np.asarray(popularity, np.float64)
        if weight.shape != (len(items),) or not (weight >= 0).all() or not weight.any():
            raise RecommenderError(
                f"popularity of shape {weight.shape} is not {len(items)} numbers from 0, one above 0"
            )
        self.items, self.available = items, available
        self.action_space = gymnasium.spaces.Discrete(len(ACTIONS))
        self.observation_space = gymnasium.spaces.Box(0.0, 2.0, (OBSERVED,), np.float32)
        self._chances = np.cumsum(weight / weight.sum())
        self._order = np.argsort(-(weight if scores is None else scores), kind="stable")
        self._fits = Fits(items, available)
        self._questions = Questions(items)
        self._random = np.random.default_rng(seed)
        self._looked: dict[object, tuple[NDArray[np.intp], Floats]] = {}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Floats, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self.shopper = Shopper.arriving(self._fits, self._chances, self._random)
        self.asked: set[Asked] = set()
        self.seen: list[int] = []
        self.turns = 0
        self.feedback: Feedback = "none"
        self._look()
        return self.situation.numbers(), {"mask": self.mask, "shown": [], "broken": 0}

    def step(self, action: Any) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """An action that is not allowed is a turn lost, and changes nothing else."""
        self.turns += 1
        reward, done, broken = TURN, False, 0
        shown: list[int] = []
        if not self.mask[action]:
            pass
        elif action < len(ASKABLE):
            self.asked.add(ASKABLE[action])
            self.feedback = self.shopper.asked(ASKABLE[action])
        elif action in (SHOW_3, SHOW_1):
            shown = [int(product) for product in self.matching[: 3 if action == SHOW_3 else 1]]
            broken = sum(self._breaks(product) for product in shown)
            reward += BROKEN * (broken > 0)
            self.feedback, taken = self.shopper.shown(shown)
            self.seen += shown
            done = taken is not None
            reward += TAKEN * done
        elif action == LOOSEN:
            self._loosen()
        else:
            self.feedback = "left"
        if self.feedback == "left":
            reward, done = reward + LEFT, True
        self._look()
        info = {"mask": self.mask, "shown": shown, "broken": broken}
        return self.situation.numbers(), reward, done, self.turns >= TURNS, info

    @property
    def taken(self) -> bool:
        """Whether the talk has ended with a product."""
        return self.feedback == "accepted"

    def _look(self) -> None:
        key = (frozenset(self.shopper.said.items()), frozenset(self.seen))
        if key not in self._looked:
            keep = self._fits.all(self.shopper.said)
            keep[self.seen] = False
            matching = self._order[keep[self._order]]
            if len(self._looked) >= _REMEMBERED:
                self._looked.clear()
            self._looked[key] = matching, self._questions.bits(matching)
        self.matching, bits = self._looked[key]
        self.situation = Situation(
            bits=bits,
            known={*self.asked, *self.shopper.said},
            matching=len(self.matching),
            feedback=self.feedback,
            turns=self.turns,
            seen=len(self.seen),
            in_a_row=self.shopper.in_a_row,
        )
        self.mask = self.situation.mask()

    def _breaks(self, product: int) -> bool:
        """By the recommender's own reading of a wish, not by the masks that chose the product."""
        told = constraints(self.shopper.said)
        return bool(told.violations(self.items, self.items.ids[product], self.available))

    def _loosen(self) -> None:
        unseen = np.ones(len(self.items), np.bool_)
        unseen[self.seen] = False
        found = fewest_relaxations(constraints(self.shopper.said), self.items, self.available, unseen)
        if not found or self._random.random() >= _AGREES:
            self.feedback = "left"
            return
        for relaxation in found:
            self.shopper.loosened(next(kind for kind in ASKABLE if kind == relaxation.kind.partition(".")[0]))
        self.feedback = "told"


@dataclass(frozen=True, slots=True)
class Result:
    """Of many talks: the share that ended with a product within five turns, mean turns (ten for a talk that failed),
    mean reward, how many turns there were, and how many products were shown that broke a told wish."""

    talks: int
    success_at_5: float
    turns: float
    reward: float
    played: int
    violations: int


Policy = Callable[[Situation, Mask], int]


def play(talk: ShopTalk, policy: Policy, *, talks: int, seed: int) -> Result:
    """A policy's talks with as many customers."""
    success, turns, rewards, violations, played = 0, 0.0, 0.0, 0, 0
    for number in range(talks):
        talk.reset(seed=seed if number == 0 else None)
        ended = False
        while not ended:
            _, reward, terminated, truncated, info = talk.step(policy(talk.situation, talk.mask))
            violations += info["broken"]
            rewards += reward
            ended = terminated or truncated
        played += talk.turns
        success += talk.taken and talk.turns <= 5
        turns += talk.turns if talk.taken else TURNS
    return Result(talks, success / talks, turns / talks, rewards / talks, played, violations)


def always_show(_situation: Situation, mask: Mask) -> int:
    """Shows three whenever anything is left."""
    return SHOW_3 if mask[SHOW_3] else LOOSEN


def most_informative(situation: Situation, mask: Mask, *, enough: int = 3) -> int:
    """Asks what tells most, until no more than `enough` are left or nothing is to be asked."""
    bits = np.where(mask[: len(ASKABLE)], situation.bits, -1.0)
    if situation.matching > enough and bits.max() > 0:
        return int(bits.argmax())
    return always_show(situation, mask)


def at_random(seed: int) -> Policy:
    """Any allowed action but to stop."""
    random = np.random.default_rng(seed)

    def choose(_situation: Situation, mask: Mask) -> int:
        return int(random.choice(np.flatnonzero(mask[:STOP])))

    return choose


class Places(gymnasium.ObservationWrapper[tuple[int, ...], Any, Floats]):
    """The same talks seen in coarse steps, for tables."""

    def observation(self, observation: Floats) -> tuple[int, ...]:
        del observation
        talk = self.unwrapped
        assert isinstance(talk, ShopTalk)
        return talk.situation.place()

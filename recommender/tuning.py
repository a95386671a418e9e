"""Settings chosen by random search and successive halving, on validation parts of the training data alone.

Candidates that do badly on one random hold-out are dropped; the best third goes on to further hold-outs with other seeds
and is ranked by the mean (Jamieson and Talwalkar, AISTATS 2016, with hold-outs as the resource: settings picked on fewer
users or less data do not transfer, those picked on several hold-outs of the whole data do).
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from recommender.data import Interactions, Items
from recommender.errors import RecommenderError
from recommender.evaluate import evaluate
from recommender.registry import make_scorer
from recommender.splits import holdout

RUNGS, KEPT = 3, 3
"""Hold-outs of the longest lived, and one of so many candidates lives on."""
Settings = dict[str, float]
Range = Sequence[float] | Mapping[str, Any]

SPACES: Mapping[str, Mapping[str, Range]] = {
    "popularity": {"half_life_days": {"low": 3, "high": 1000, "log": True}},
    "item_knn": {"neighbours": [20, 50, 100, 200, 400], "shrink": {"low": 0.1, "high": 1000, "log": True}},
    "user_knn": {"neighbours": [20, 50, 100, 200, 400]},
    "ease": {"l2": {"low": 5, "high": 5000, "log": True}},
    "ials": {
        "dim": [32, 64, 128],
        "epochs": [8, 12, 16],
        "unobserved": {"low": 50, "high": 5000, "log": True},
        "l2": {"low": 0.02, "high": 3, "log": True},
        "exponent": [0.5, 0.75, 1.0],
    },
    "graph": {
        "user_power": {"low": 0.1, "high": 0.6},
        "item_power": {"low": 0.2, "high": 0.6},
        "shift": {"low": -0.1, "high": 0.3},
        "sharpen": {"low": 0.0, "high": 1.2},
        "low_pass": [0, 64, 256],
    },
    "biased_mf": {"k": [2, 4, 8, 16], "l2": {"low": 0.01, "high": 1, "log": True}},
    "blend": {
        "collaborative_k": {"low": 0.5, "high": 20, "log": True},
        "content_share": {"low": 0.0, "high": 1.0},
        "popularity_share": {"low": 0.0, "high": 0.4},
    },
}
"""Where `tune` looks without --space."""


@dataclass
class Trial:
    """`scores` on the hold-outs so far; an empty `settings` are the scorer's defaults."""

    settings: Settings
    scores: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        return float(np.mean(self.scores))

    def as_dict(self) -> dict[str, Any]:
        told = {"settings": self.settings, "scores": [round(s, 5) for s in self.scores], "mean": round(self.mean, 5)}
        return told | {"seconds": round(self.seconds, 2)}


@dataclass(frozen=True)
class Budget:
    """So many candidates, or so many seconds: half of them for drawing, no candidate starts on a rung after their end."""

    trials: int | None = None
    seconds: float | None = None

    @classmethod
    def parse(cls, said: str) -> Budget:
        """`40` candidates, `600s` seconds."""
        number, seconds = said.removesuffix("s"), said.endswith("s")
        if not number.isdecimal() or int(number) < 1:
            raise RecommenderError(f"budget {said!r} is neither a number of trials like 40 nor of seconds like 600s")
        return cls(seconds=float(number)) if seconds else cls(trials=int(number))


def tune(
    train: Interactions,
    scorer: str,
    *,
    space: Mapping[str, Range] | None = None,
    budget: Budget,
    validation: float = 0.1,
    k: int = 20,
    seed: int = 0,
    device: str = "cpu",
    items: Items | None = None,
    told: Callable[[float, str], None] = lambda _share, _line: None,
) -> dict[str, Any]:
    """The document that `--settings` reads: `scorer`, `settings`, `measure`, `validation`, all `trials`, best first. The
    first candidate is the defaults. `told` hears the share of the budget used and the best so far."""
    ranges = SPACES.get(scorer, {}) if space is None else space
    if not ranges:
        raise RecommenderError(f"{scorer} has no space of its own; give one with --space")
    random, measure = np.random.default_rng(seed), f"ndcg@{k}"
    folds = [holdout(train, share=validation, seed=seed + n) for n in range(RUNGS)]
    start = time.monotonic()

    def used(done: int, planned: int) -> float:
        spent = (time.monotonic() - start) / budget.seconds if budget.seconds else done / planned
        return min(spent, 1.0)

    def tried(trial: Trial, rung: int) -> None:
        begun = time.monotonic()
        made = make_scorer(scorer, device=device, items=items, settings=trial.settings)
        trial.scores.append(evaluate(*folds[rung], made, k=k).as_dict()[measure])
        trial.seconds += time.monotonic() - begun

    trials: list[Trial] = []
    planned = sum(_survivors(budget.trials or 1))
    while len(trials) < budget.trials if budget.trials else not trials or used(0, 1) < 0.5:
        trial = Trial(draw(ranges, random) if trials else {})
        tried(trial, 0)
        trials.append(trial)
        best = max(trials, key=lambda t: t.mean)
        told(used(len(trials), planned), f"{len(trials)} candidates, best {measure} {best.mean:.4f}")
    done, alive = len(trials), trials
    for rung, count in enumerate(_survivors(len(trials))[1:], start=1):
        # the defaults stay to the end: they are what a choice must beat
        alive = sorted(alive, key=lambda t: -t.mean)[:count]
        alive += [] if trials[0] in alive else [trials[0]]
        for trial in alive:
            if budget.seconds and used(0, 1) >= 1 and trial is not alive[0]:
                break
            tried(trial, rung)
            done += 1
            told(used(done, planned), f"hold-out {rung + 1} of {RUNGS}")
    longest = max(len(t.scores) for t in trials)
    order = sorted(trials, key=lambda t: (-len(t.scores), -t.mean))
    return {
        "scorer": scorer,
        "settings": order[0].settings,
        "measure": measure,
        "validation": {"share": validation, "holdouts": longest, "mean": round(order[0].mean, 5)},
        "defaults": trials[0].as_dict(),
        "seed": seed,
        "seconds": round(time.monotonic() - start, 2),
        "trials": [trial.as_dict() for trial in order],
    }


def draw(space: Mapping[str, Range], random: np.random.Generator) -> Settings:
    """One value of each setting: one of a list, or between `low` and `high`, evenly or, with `log`, by orders of size."""
    found: Settings = {}
    for name, values in space.items():
        if isinstance(values, Mapping):
            low, high = float(values["low"]), float(values["high"])
            drawn = (
                math.exp(random.uniform(math.log(low), math.log(high)))
                if values.get("log")
                else random.uniform(low, high)
            )
            found[name] = float(f"{drawn:.4g}")
        else:
            found[name] = float(values[int(random.integers(len(values)))])
    return found


def read_space(said: str) -> dict[str, Range]:
    """A space as JSON, or a file with it."""
    found = _json(said, "space")
    for name, values in found.items():
        if isinstance(values, list) and values and all(isinstance(v, int | float) for v in values):
            continue
        low, high = (values.get(end) if isinstance(values, dict) else None for end in ("low", "high"))
        if not (isinstance(low, int | float) and isinstance(high, int | float) and low <= high) or (
            values.get("log") and low <= 0
        ):
            raise RecommenderError(
                f'space {name}: {json.dumps(values)} is neither a list of numbers nor {{"low": 0.1, "high": 10, "log": true}}'
            )
    return found


def read_settings(path: Path) -> tuple[str, Settings]:
    """The scorer and the settings of a file that `tune` wrote."""
    if not path.is_file():
        raise RecommenderError(f"{str(path)!r} is not a file")
    found = _json(str(path), "settings")
    settings = found.get("settings")
    if not isinstance(found.get("scorer"), str) or not isinstance(settings, dict):
        raise RecommenderError(f'{str(path)!r} is not like {{"scorer": "ials", "settings": {{"dim": 64}}}}')
    wrong = [name for name, value in settings.items() if not isinstance(value, int | float)]
    if wrong:
        raise RecommenderError(f"{str(path)!r}: setting {wrong[0]} {settings[wrong[0]]!r} is not a number")
    return found["scorer"], settings


def _survivors(candidates: int) -> list[int]:
    """How many are tried on each hold-out, the defaults not counted twice."""
    return [max(1, math.ceil(candidates / KEPT**rung)) for rung in range(RUNGS if candidates > 1 else 1)]


def _json(said: str, what: str) -> dict[str, Any]:
    try:
        given = said if said.lstrip().startswith("{") else Path(said).read_text("utf-8")
        found = json.loads(given)
    except (OSError, ValueError) as error:
        raise RecommenderError(f"{what} {said!r} is neither JSON nor a file with it: {error}") from error
    if not isinstance(found, dict):
        raise RecommenderError(f"{what} {said!r} is not a JSON object")
    return found

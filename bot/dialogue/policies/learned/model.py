"""A trained model: learnt from stories once, kept in a file, read again as long as nothing it was learnt from changes."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.policies.learned.calibration import fit_temperature
from bot.dialogue.policies.learned.config import LearnedConfig
from bot.dialogue.policies.learned.features import Vocabulary
from bot.dialogue.policies.learned.lessons import Lesson, Plausible, Story, lessons, pieces, read_stories
from bot.dialogue.policies.learned.network import Network, shapes
from bot.dialogue.policies.learned.trainer import BATCH, Material, train
from bot.dialogue.training import Track

log = logging.getLogger(__name__)

FORMAT = 1
FOLDS = 4
NETWORKS = 3  # whose probabilities are averaged (Lakshminarayanan et al. 2017, arXiv 1612.01474)
MAX_STEPS = 400
MAX_TESTS = 80  # of the first lessons, which are the stories themselves
SHARE_OF_NONSENSE = 0.2  # among the lessons of a batch
WEIGHT_OF_NONSENSE = 0.5  # against one action of a story


@dataclass
class LearnedModel:
    """`actions` are those that stories contain; the network's last output, after them, is that none of them fits.
    `limits` is how often an action comes in one turn of any story. `temperature` makes similarities into
    probabilities."""

    vocabulary: Vocabulary
    actions: tuple[str, ...]
    limits: Mapping[str, int]
    temperature: float
    network: Network
    fingerprint: str = ""
    steps: int = 0

    @classmethod
    def fit(cls, stories: Sequence[Story], domain: Domain, config: LearnedConfig) -> LearnedModel:
        """Trains `NETWORKS` networks on all stories, and for each of up to `FOLDS` parts of them one without that part:
        these tell when to stop and how far to believe what the others say."""
        history, seed = config.max_history, config.random_seed
        found = pieces(lessons(stories, domain, history=history, factor=config.augmentation_factor, seed=seed), history)
        vocabulary = Vocabulary.of(state for lesson in found for state in lesson.states)
        actions = tuple(sorted({action for story in stories for action in story.actions if action}))
        material = _material(found, stories, vocabulary, actions, seed)
        steps = most_steps(config.epochs, len(found))
        trained = train(material, actions=len(actions) + 1, history=history, steps=steps, seed=seed)
        return cls(
            vocabulary=vocabulary,
            actions=actions,
            limits=_limits(stories),
            temperature=fit_temperature(trained.tested, trained.truth),
            network=Network({name: array[:NETWORKS] for name, array in trained.arrays.items()}),
            fingerprint=fingerprint(stories, config),
            steps=trained.steps,
        )

    def save(self, path: Path) -> None:
        """One file, whole or not at all. A folder that cannot be written to is only logged: training comes again."""
        about = {
            "fingerprint": self.fingerprint,
            "features": self.vocabulary.as_list(),
            "actions": self.actions,
            "limits": self.limits,
            "temperature": self.temperature,
            "steps": self.steps,
        }
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            arrays = {name: np.ascontiguousarray(array) for name, array in self.network.arrays.items()}
            save_file(arrays, part, metadata={"about": json.dumps(about, ensure_ascii=False)})
            part.replace(path)
        except OSError as err:
            log.warning(
                "%s: the learned policy is not kept (%s); it will be trained again at the next start", path, err
            )

    @classmethod
    def load(cls, path: Path, wanted: str) -> LearnedModel | None:
        """The model with the wanted fingerprint; None where the file is missing, another's, or damaged."""
        try:
            with safe_open(path, framework="numpy") as file:
                about = json.loads((file.metadata() or {})["about"])
                if about["fingerprint"] != wanted:
                    return None
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            model = cls(
                vocabulary=Vocabulary.from_list(about["features"]),
                actions=tuple(map(str, about["actions"])),
                limits={str(name): int(count) for name, count in about["limits"].items()},
                temperature=float(about["temperature"]),
                network=Network(arrays),
                fingerprint=wanted,
                steps=int(about["steps"]),
            )
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as err:
            log.warning("%s cannot be read (%s); the learned policy is trained anew", path, err)
            return None
        return model if model.is_whole() else None

    def is_whole(self) -> bool:
        """Whether the arrays are those that vocabulary and actions ask for."""
        history = self.network.history
        asked = shapes(features=len(self.vocabulary), actions=len(self.actions) + 1, history=history)
        found = {name: array.shape[1:] for name, array in self.network.arrays.items()}
        return found == asked and len({len(array) for array in self.network.arrays.values()}) == 1


def learn(
    tracks: Sequence[Track], domain: Domain, config: LearnedConfig, folder: Path | None, name: str
) -> LearnedModel | None:
    """The model of these stories, from the folder if it is there; None where there are no stories."""
    stories = read_stories(tracks, domain)
    if not stories:
        return None
    path = folder / f"{name}.safetensors" if folder is not None else None
    known = LearnedModel.load(path, fingerprint(stories, config)) if path is not None else None
    if known is not None:
        return known
    model = LearnedModel.fit(stories, domain, config)
    if path is not None:
        model.save(path)
    return model


def most_steps(epochs: int, count: int) -> int:
    """How long training may take, in steps: so many passes over that many lessons, and never more than `MAX_STEPS`."""
    return min(MAX_STEPS, epochs * math.ceil(count / BATCH))


def fingerprint(stories: Sequence[Story], config: LearnedConfig) -> str:
    """Of everything that a model follows from."""
    told = [(story.name, [state.as_dict() for state in story.states], story.actions) for story in stories]
    text = json.dumps([FORMAT, asdict(config), told], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _limits(stories: Sequence[Story]) -> dict[str, int]:
    limits: Counter[str] = Counter()
    for story in stories:
        turn: Counter[str] = Counter()
        for action in story.actions:
            if action == LISTEN:
                turn.clear()
            elif action:
                turn[action] += 1
                limits[action] = max(limits[action], turn[action])
    return dict(limits)


def _material(
    found: Sequence[Lesson], stories: Sequence[Story], vocabulary: Vocabulary, actions: Sequence[str], seed: int
) -> Material:
    folds = _folds([story.name for story in stories], seed)
    count = max(folds, default=-1) + 1
    # The stories that each network learns from.
    known = [frozenset(range(len(stories)))] * NETWORKS
    known += [frozenset(i for i, fold in enumerate(folds) if fold != left) for left in range(count)]
    plausible = [Plausible([stories[i] for i in sorted(numbers)]) for numbers in known]
    number = {action: index for index, action in enumerate(actions)}
    rows_of: dict[Any, int] = {}
    shape = (len(found), max(len(lesson.states) for lesson in found))
    rows, labels = np.full(shape, -1, np.int64), np.zeros(shape, np.int64)
    weights, tests = (np.zeros((len(known), *shape), np.float32) for _ in range(2))
    for line, lesson in enumerate(found):
        *before, own = lesson.parts
        learners = [n for n, numbers in enumerate(known) if own in numbers and numbers.issuperset(before)]
        tested = [n for n, numbers in enumerate(known) if own not in numbers and numbers.issuperset(before)]
        for time, (state, action) in enumerate(zip(lesson.states, lesson.actions, strict=True)):
            rows[line, time] = rows_of.setdefault(vocabulary.encode(state), len(rows_of))
            if action is not None:
                labels[line, time] = number[action]
                weights[learners, line, time] = 1
                tests[tested, line, time] = line < MAX_TESTS
        if lesson.nonsense is not None:
            labels[line, time] = len(actions)
            weights[[n for n in learners if lesson.nonsense not in plausible[n]], line, time] = WEIGHT_OF_NONSENSE
    states = np.zeros((len(rows_of), len(vocabulary)), np.float32)
    for encoded, row in rows_of.items():
        for index, value in encoded:
            states[row, index] = value
    return Material(
        states=states,
        droppable=np.array([kind != "intent" for kind, _, _ in vocabulary.names]),
        rows=rows,
        labels=labels,
        weights=weights,
        tests=tests,
        chances=_chances(found),
    )


def _folds(names: Sequence[str], seed: int) -> list[int]:
    """The part that each story belongs to; those of one name, as `or` makes them, to the same. None for few stories."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) < 3:
        return []
    order = np.random.default_rng(seed).permutation(len(distinct))
    parts = min(FOLDS, len(distinct))
    fold = {distinct[index]: place % parts for place, index in enumerate(order)}
    return [fold[name] for name in names]


def _chances(found: Sequence[Lesson]) -> np.ndarray[Any, np.dtype[np.float64]]:
    nonsense = np.array([lesson.nonsense is not None for lesson in found])
    chances = np.where(
        nonsense, SHARE_OF_NONSENSE / max(1, nonsense.sum()), (1 - SHARE_OF_NONSENSE) / (~nonsense).sum()
    )
    return np.asarray(chances / chances.sum(), np.float64)

"""What config.yml may say about the learned policy."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.dialogue.errors import ProjectError

# Parameters of Rasa's TEDPolicy that say nothing about what is learnt here.
_OF_NO_EFFECT = frozenset(
    (
        "name",
        "constrain_similarities",
        "model_confidence",
        "similarity_type",
        "loss_type",
        "ranking_length",
        "renormalize_confidences",
        "evaluate_every_number_of_epochs",
        "evaluate_on_number_of_examples",
        "tensorboard_log_directory",
        "tensorboard_log_level",
        "checkpoint_model",
        "use_gpu",
        "batch_size",
        "batch_strategy",
        "learning_rate",
    )
)


@dataclass(frozen=True, slots=True)
class LearnedConfig:
    """`max_history` counts states (there is one before each action). `epochs` is the most passes over the stories;
    training stops earlier where stories kept aside are predicted no better. Below `threshold`, a calibrated
    probability, the policy says nothing. `augmentation_factor` is how many talks of several stories, one after the
    other, are made from each story."""

    max_history: int = 16
    epochs: int = 100
    threshold: float = 0.5
    augmentation_factor: int = 4
    random_seed: int = 1
    priority: int = 1


_ALLOWED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "max_history": (lambda value: _whole(value, 1, 100), "a whole number from 1 to 100"),
    "epochs": (lambda value: _whole(value, 1, 10_000), "a whole number from 1 to 10000"),
    "threshold": (lambda value: _number(value) and 0 <= value < 1, "a number from 0 up to, not including, 1"),
    "augmentation_factor": (lambda value: _whole(value, 0, 100), "a whole number from 0 to 100"),
    "random_seed": (lambda value: _whole(value, 0, 2**31), "a whole number from 0"),
    "priority": (lambda value: _whole(value, 0, 100), "a whole number from 0 to 100"),
}


def learned_config(entry: Mapping[str, Any], path: Path | None = None) -> LearnedConfig:
    """From the TEDPolicy or LearnedPolicy entry of config.yml; None there means the default.

    Raises ProjectError for values out of range; warns of parameters that have no counterpart."""
    given: dict[str, Any] = {}
    unknown: list[str] = []
    for key, value in entry.items():
        if key not in _ALLOWED:
            if key not in _OF_NO_EFFECT:
                unknown.append(str(key))
        elif value is not None:
            fits, allowed = _ALLOWED[key]
            if not fits(value):
                raise ProjectError(f"{entry.get('name')}: {key} is {value!r}; it must be {allowed}.", path)
            given[key] = value
    if unknown:
        warnings.warn(
            f"{path}: {entry.get('name')}: {', '.join(unknown)} has no counterpart here and is ignored.", stacklevel=3
        )
    return LearnedConfig(**given)


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

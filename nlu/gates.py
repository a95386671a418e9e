"""Conditions that an evaluation must meet before a model is released."""

from __future__ import annotations

from typing import Any

from nlu.errors import NluError
from nlu.predictions import Predictions
from nlu.reports.comparison import compare
from nlu.significance import wilson

_ALPHA = 0.05


def parse_limits(text: str) -> dict[str, float]:
    """`accuracy=0.93,per_lang.zh=.9` as a mapping. Raises NluError when it is written otherwise."""
    limits: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, value = part.partition("=")
        try:
            limits[name.strip()] = float(value)
        except ValueError as err:
            raise NluError(f"{part!r} is no limit; write measure=number, e.g. accuracy=0.93,per_lang.zh=0.9") from err
    return limits


def broken_limits(found: dict[str, Any], limits: dict[str, float], *, upper: bool = False) -> list[str]:
    """A sentence for every measure below its limit, or with `upper` above it.

    A measure is a key of the evaluation, or a path of keys with dots; a path that ends at a group means its accuracy.
    """
    sentences = []
    for name, limit in limits.items():
        value = measure(found, name)
        if value is None:
            sentences.append(f"{name} has no value in this evaluation, and {limit:g} is demanded.")
        elif value < limit and not upper:
            sentences.append(f"{name} is {value:.4f}, below the {limit:g} that are demanded.")
        elif value > limit and upper:
            sentences.append(f"{name} is {value:.4f}, above the {limit:g} that are allowed.")
    return sentences


def measure(found: dict[str, Any], name: str) -> float | None:
    """The value that stands at a path of keys; None where it is null. Raises NluError when there is no such path."""
    value: Any = found
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            known = ", ".join(sorted(value)) if isinstance(value, dict) else "nothing below"
            raise NluError(f"There is no measure {name!r}: no {part!r} among {known:.300}")
        value = value[part]
    if isinstance(value, dict):
        value = value.get("accuracy", value.get("f1"))
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NluError(f"{name!r} is no number in this evaluation; name a measure such as accuracy or per_lang.zh")
    return float(value)


def worse_than(baseline: dict[str, Any], earlier: Predictions | None, found: Predictions) -> list[str]:
    """A sentence when the model is significantly worse than an earlier evaluation.

    With the earlier predictions the same sentences are paired (exact McNemar test, p < .05); without them the earlier
    accuracy must not lie above the 95 % interval of the new one.
    """
    if earlier is not None:
        result = compare(earlier, found)
        before, now = result["accuracy"]
        test = result["mcnemar"]
        if now < before and test["p"] < _ALPHA:
            return [
                f"accuracy fell from {before:.4f} to {now:.4f} on the {result['n']} sentences that both have "
                f"({test['only_first']} newly wrong, {test['only_second']} newly right; McNemar p = {test['p']:.3g})."
            ]
        return []
    stated = baseline.get("accuracy")
    if not isinstance(stated, int | float):
        raise NluError("The baseline holds neither predictions nor an accuracy; give what evaluate --json printed")
    hits, n = int(found.right[found.inside].sum()), len(found.inside)
    high = wilson(hits, n)[1]
    if n and stated > high:
        return [
            f"accuracy is {hits / n:.4f}; the baseline's {stated:.4f} lies above its 95 % interval, which ends at {high:.4f}."
        ]
    return []

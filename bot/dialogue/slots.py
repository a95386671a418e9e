"""Slots: what a value is worth to the policies, by the slot's type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Written into the state of a rule where it says `null`: the slot or the loop must not be set.
SHOULD_NOT_BE_SET = "should_not_be_set"
OTHER = "__other__"  # the bin of a categorical slot's values that are not listed

REQUESTED_SLOT = "requested_slot"
SESSION_METADATA = "session_started_metadata"
DEFAULT_SLOTS = frozenset(
    (
        REQUESTED_SLOT,
        SESSION_METADATA,
        "knowledge_base_listed_objects",
        "knowledge_base_last_object",
        "knowledge_base_last_object_type",
    )
)
SLOT_TYPES = frozenset(("text", "bool", "float", "categorical", "list", "any"))

Feature = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    type: str = "text"
    mappings: tuple[Mapping[str, Any], ...] = ()
    initial_value: Any = None
    influences: bool = True
    minimum: float = 0.0
    maximum: float = 1.0
    values: tuple[str, ...] = ()
    line: int = 0

    @property
    def has_features(self) -> bool:
        return self.influences and self.type != "any" and (self.type != "categorical" or bool(self.values))

    def stored(self, value: Any) -> Any:
        """The value as the tracker keeps it: a list slot wraps what is not a list."""
        return [value] if self.type == "list" and value and not isinstance(value, list) else value

    def feature(self, value: Any) -> Feature:
        """The feature vector of `value`: () for a slot that does not influence the conversation, all zero for unset."""
        if not self.has_features:
            return ()
        if self.type == "text":
            return (1.0 if value is not None else 0.0,)
        if self.type == "list":
            return (1.0 if isinstance(value, list | str | dict | tuple) and len(value) > 0 else 0.0,)
        if self.type == "bool":
            return _bool_feature(value)
        if self.type == "float":
            return self._float_feature(value)
        return self._categorical_feature(value)

    def _float_feature(self, value: Any) -> Feature:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return (0.0, 0.0)
        capped = max(self.minimum, min(self.maximum, number))
        return (1.0, (capped - self.minimum) / (abs(self.maximum - self.minimum) or 1))

    def _categorical_feature(self, value: Any) -> Feature:
        if value is None:
            return (0.0,) * len(self.values)
        wanted = str(value).lower()
        hit = self.values.index(wanted if wanted in self.values else OTHER)
        return tuple(1.0 if index == hit else 0.0 for index in range(len(self.values)))


def _bool_feature(value: Any) -> Feature:
    if isinstance(value, bool):
        truth = value
    elif isinstance(value, int | float):
        truth = value == 1.0
    elif isinstance(value, str) and value.isnumeric():
        truth = float(value) == 1.0
    elif isinstance(value, str) and value.strip().lower() in ("true", "false"):
        truth = value.strip().lower() == "true"
    else:
        return (0.0, 0.0)
    return (1.0, float(truth))

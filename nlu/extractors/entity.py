"""A thing mentioned in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention at [start, end). `value` is canonical: an id, a number, an ISO date, a price mapping, or a tuple of ids
    where the word names several kinds (耳机: earbuds and headphones). Roles: `exclude`, `from`, `to`, `last4` (the end of a
    phone number), `relative` (a size up or down). `processors` changed the value; `info` are further facts about it."""

    entity: str
    value: Any
    start: int
    end: int
    role: str | None = None
    group: str | None = None
    confidence: float = 1.0
    extractor: str = ""
    processors: tuple[str, ...] = ()
    info: Mapping[str, Any] | None = field(default=None, hash=False)

    def as_dict(self) -> dict[str, Any]:
        """Rasa's entity format, JSON-ready; role and group only where they are set."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        shown: dict[str, Any] = {"entity": self.entity, "value": value, "start": self.start, "end": self.end}
        shown |= {k: v for k, v in (("role", self.role), ("group", self.group)) if v is not None}
        shown |= {"confidence_entity": self.confidence, "extractor": self.extractor}
        shown |= {"processors": list(self.processors)} if self.processors else {}
        return shown | ({"additional_info": dict(self.info)} if self.info is not None else {})

"""One way to say one thing."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """When an ambiguous word counts: not inside a match of `unless` (苹果 in 苹果醋), only inside one of `needs`, or
    only written with a capital in mid-sentence (`cased`: Gap, Coach), or only between `before` and `after`."""

    unless: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None
    cased: bool = False
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """`word` is in matching form; `value` is an id, or several where the word is that broad."""

    entity: str
    value: str | tuple[str, ...]
    word: str
    guard: Guard | None = None

"""The recommender in use, and the newer one that takes its place while customers talk.

All have the same `Items`, so that what one said about them (which pieces can be had, in which order) holds for the next: a
turn that began with one may end with the other. Each slate is made by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import structlog

from recommender.data import Items
from recommender.errors import RecommenderError
from recommender.recommend import Recommender
from recommender.versions import Versions

log = structlog.get_logger()


NIGHT = 25 * 3600.0
"""Seconds after which a version is too old to start with; what is fitted then knows more."""


class Recommenders:
    """Called, it gives the one in use. `fit` makes the first one when no version of the last night fits these items."""

    def __init__(
        self, versions: Versions, items: Items, *, fit: Callable[[], Recommender], today: Callable[[], date]
    ) -> None:
        self._versions, self._items, self._today = versions, items, today
        self._looked_at = ""
        self._in_use: Recommender | None = None
        current = versions.current
        if current is not None and time.time() - versions.chosen_at > NIGHT:
            self._looked_at = current.name
        self.look_again()
        if self._in_use is None:
            self._in_use = fit()

    def __call__(self) -> Recommender:
        assert self._in_use is not None
        return self._in_use

    def look_again(self) -> str:
        """Takes over the current version when it is another than before; returns its name, or nothing. One that cannot
        be used (of a catalogue that changed since this process started, say) is told once and left."""
        found = self._versions.current
        if found is None or found.name == self._looked_at:
            return ""
        self._looked_at = found.name
        try:
            self._in_use = Recommender.load(found, self._items, today=self._today())
        except (RecommenderError, KeyError, ValueError, RuntimeError) as error:  # also of another release's scorers
            log.warning("recommender_not_taken_over", version=found.name, reason=repr(error))
            return ""
        log.info("recommender_taken_over", version=found.name)
        return found.name

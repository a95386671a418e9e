"""The events that count: what is left of a conversation after rewinds, restarts and smooth passages of forms."""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.dialogue.domain import Domain
from bot.dialogue.moment import Moment, advance, beginning
from bot.dialogue.state import Message
from bot.events import Event

_VANISHING = frozenset(("action", "user", "user_featurization"))


class Entry(NamedTuple):
    event: Event
    message: Message | None


class Boundary:
    """The point before an action: what policies predict from. Points form a chain that rewinds cut and regrow, so
    anything a policy computes at one may be kept in `cache` for as long as the point lives."""

    __slots__ = ("cache", "hidden", "index", "moment", "previous", "segment")

    def __init__(
        self, previous: Boundary | None, index: int, moment: Moment, hidden: bool, segment: tuple[Entry, ...]
    ) -> None:
        self.previous = previous
        self.index = index  # of the action among the entries
        self.moment = moment  # before the action
        self.hidden = hidden  # the action belongs to a turn that only rules know
        self.segment = segment  # what happened since the previous point, its action first
        self.cache: dict[Any, Any] = {}


class History:
    """Kept in step with the conversation, one event at a time; each event costs the same however long the talk.

    After every entry `moments` holds what a fold of the entries so far gives.
    """

    def __init__(self, domain: Domain, start: Moment | None = None) -> None:
        self._domain = domain
        self._start = start if start is not None else beginning(domain)
        self.entries: list[Entry] = []
        self.moments: list[Moment] = []
        self.boundaries: list[Boundary] = []
        self._log: list[Entry] = []  # every event of the session, for the rare rebuild
        self._loops: set[str] = set()
        self._runs: dict[str, int] = {}
        # Where the latest smooth passage ended, and of which loop: from there back to the loop's run all is settled.
        self._settled: tuple[int, str] = (0, "")

    @property
    def moment(self) -> Moment:
        """The fold of the events that count."""
        return self.moments[-1] if self.moments else self._start

    def add(self, event: Event, message: Message | None) -> None:
        kind = event.get("event")
        entry = Entry(event, message)
        if kind in ("restart", "session_started"):
            self._clear()
            self._log.clear()
            if kind == "session_started":
                self._loops.clear()
                self._runs.clear()
            return
        self._log.append(entry)
        name = event.get("name")
        if kind in ("active_loop", "form") and name and name not in self._loops:
            self._loops.add(name)
            if self._runs.get(name, 0) > 1:
                # Only now is it known that those earlier runs were runs of a loop.
                self._rebuild()
                return
        if kind == "action" and name:
            self._runs[name] = self._runs.get(name, 0) + 1
        self._apply(entry)

    def _rebuild(self) -> None:
        log = list(self._log)
        self._clear()
        for entry in log:
            self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        kind = entry.event.get("event")
        if kind == "undo":
            self._cut_to("action")
        elif kind == "rewind":
            self._cut_to("user")
            self._cut_to("action")
        elif kind == "action" and entry.event.get("name") in self._loops and self._is_smooth(entry.event["name"]):
            self._collapse(entry.event["name"])
        else:
            self._push(entry)

    def _clear(self) -> None:
        self.entries, self.moments, self.boundaries = [], [], []
        self._settled = (0, "")

    def _push(self, entry: Entry) -> None:
        before = self.moment
        if entry.event.get("event") == "action":
            previous = self.boundaries[-1] if self.boundaries else None
            index = len(self.entries)
            segment = tuple(self.entries[previous.index if previous is not None else 0 : index])
            hidden = bool(entry.event.get("hide_rule_turn"))
            self.boundaries.append(Boundary(previous, index, before, hidden, segment))
        self.entries.append(entry)
        self.moments.append(advance(before, entry.event, self._domain, self._start, entry.message))

    def _truncate(self, length: int) -> None:
        del self.entries[length:], self.moments[length:]
        while self.boundaries and self.boundaries[-1].index >= length:
            self.boundaries.pop()
        if length < self._settled[0]:
            self._settled = (0, "")

    def _cut_to(self, kind: str) -> None:
        """Removes entries from the end up to and including the latest of a kind; all where there is none."""
        length = len(self.entries)
        while length > 0:
            length -= 1
            if self.entries[length].event.get("event") == kind:
                break
        self._truncate(length)

    def _is_smooth(self, loop: str) -> bool:
        """The loop ran before, and since then the user has only answered it."""
        following: str | None = None
        settled = self._settled[0] if self._settled[1] == loop else 0
        for index in range(len(self.entries) - 1, -1, -1):
            if 0 < index + 1 == settled:
                return True
            event = self.entries[index].event
            kind = event.get("event")
            if kind in ("active_loop", "form") and event.get("name") is None:
                return False
            if kind == "action_execution_rejected" and event.get("name") == loop:
                return False
            if kind == "user" and following is not None and following != loop:
                return False
            if kind == "action":
                if event.get("name") == loop:
                    return True
                following = event.get("name")
        return False

    def _collapse(self, loop: str) -> None:
        """Takes the user's answer and the actions since the loop's run out of the history; what they set stays."""
        first = len(self.entries)
        settled = self._settled[0] if self._settled[1] == loop else 0
        while first > settled:
            event = self.entries[first - 1].event
            if event.get("event") == "action" and event.get("name") == loop:
                break
            first -= 1
        kept = [entry for entry in self.entries[first:] if entry.event.get("event") not in _VANISHING]
        self._truncate(first)
        for entry in kept:
            self._push(entry)
        self._settled = (len(self.entries), loop)

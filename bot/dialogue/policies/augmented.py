"""Remembered stories that a conversation may join in its middle, as if it had begun only then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.history import Boundary, Entry
from bot.dialogue.moment import Moment, advance, beginning
from bot.dialogue.policies.memoization import Key, MemoizationPolicy, settled
from bot.dialogue.policies.sight import Node, Visible
from bot.dialogue.tracker import Tracker


class Beginning(NamedTuple):
    """The conversation as it looks when everything before some action is forgotten."""

    seen: Visible
    moment: Moment

    @property
    def looks(self) -> tuple[object, ...]:
        """Two beginnings that look the same now will do so for ever."""
        moment, seen = self.moment, self.seen
        return (
            *_states(seen.tail),
            *(seen.action, seen.action_text, seen.hidden),
            *(moment.features, moment.action, moment.action_text, moment.followup, id(moment.message)),
            moment.loop.name if moment.loop is not None else None,
        )


class AugmentedMemoizationPolicy(MemoizationPolicy):
    """Where nothing is remembered, forgets the oldest actions one by one and looks again."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._openings = {key[:length] for key in self.lookup for length in range(len(key))}

    def recall(self, tracker: Tracker, domain: Domain) -> str | None:
        found = super().recall(tracker, domain)
        if found is not None or not self.lookup:
            return found
        if self.max_history:
            return self.recall_by_trial(tracker, domain)
        start = beginning(domain)
        boundaries = tracker.history.boundaries
        if not boundaries:
            return None
        tail = tracker.history.entries[boundaries[-1].index :]
        for one in self._beginnings(boundaries, start, domain):
            later = self._go_on(one, tail, start, domain)
            found = self.look_up(later.seen, later.moment, domain)
            if found is not None:
                return found
        return None

    def recall_by_trial(self, tracker: Tracker, domain: Domain) -> str | None:
        """The same by folding the conversation anew from each action: plain, and bounded only by `max_history`."""
        entries = tracker.history.entries
        start = beginning(domain)
        for index in self._starts(entries):
            one = Beginning(Visible(), start)
            for entry in entries[index:]:
                one = self._go_on(one, [entry], start, domain)
            found = self.look_up(one.seen, one.moment, domain)
            if found is not None:
                return found
        return None

    def _starts(self, entries: Sequence[Entry]) -> list[int]:
        actions = [index for index, entry in enumerate(entries) if entry.event["event"] == "action"]
        if self.max_history:
            for count, index in enumerate(reversed(actions), 1):
                if count > self.max_history and entries[index].event.get("name") == LISTEN:
                    return [action for action in actions if action >= index]
        return actions

    def _beginnings(self, boundaries: Sequence[Boundary], start: Moment, domain: Domain) -> list[Beginning]:
        """All that could still turn out to be remembered, oldest first, each before the latest action. Kept at every
        boundary, so that a turn costs what is new in it."""
        first = len(boundaries)
        while first > 0 and self not in boundaries[first - 1].cache:
            first -= 1
        found: list[Beginning] = boundaries[first - 1].cache[self] if first > 0 else []
        for boundary in boundaries[first:]:
            going: dict[tuple[object, ...], Beginning] = {}
            for one in found:
                later = self._go_on(one, boundary.segment, start, domain)
                if _openings(later.seen.tail) in self._openings:
                    going.setdefault(later.looks, later)
            found = [*going.values(), Beginning(Visible(), start)]
            boundary.cache[self] = found
        return found

    def _go_on(self, one: Beginning, entries: Sequence[Entry], start: Moment, domain: Domain) -> Beginning:
        seen, moment = one
        for event, message in entries:
            if event["event"] == "action":
                seen = self.sight.see(seen, moment, bool(event.get("hide_rule_turn")), domain)
            moment = advance(moment, event, domain, start, message)
        return Beginning(seen, moment)


def _states(node: Node | None) -> Key:
    states = []
    while node is not None:
        states.append(node.state)
        node = node.previous
    return tuple(reversed(states))


def _openings(node: Node | None) -> Key:
    return tuple(settled(state, last=False) for state in _states(node))

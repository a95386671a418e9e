"""Remembered stories: the exact states of training, or (augmented) a conversation that began later like one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.dialogue.domain import LISTEN, UNLIKELY_INTENT, Domain
from bot.dialogue.history import Entry
from bot.dialogue.moment import Moment, advance, beginning
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.policies.sight import Sight, Visible
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track, examples

Key = tuple[State, ...]


@dataclass
class MemoizationPolicy:
    """`max_history` counts states; None remembers whole conversations since their session began."""

    lookup: dict[Key, str] = field(default_factory=dict)
    sight: Sight = field(default_factory=Sight)
    max_history: int | None = None
    confidence_of_intent: bool = False
    priority: int = 3
    name: str = "MemoizationPolicy"

    def __post_init__(self) -> None:
        self.longest = max((len(key) for key in self.lookup), default=0)

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction:
        action = self.recall(tracker, domain)
        scores: dict[str, float] = {}
        if action is not None:
            by_intent = self.confidence_of_intent and tracker.message is not None
            scores[action] = tracker.message.confidence if by_intent and tracker.message is not None else 1.0
        return Prediction(self.name, self.priority, scores)

    def recall(self, tracker: Tracker, domain: Domain) -> str | None:
        seen = self.sight.of(tracker, domain)
        return self._look_up(seen, tracker.history.moment, domain)

    def _look_up(self, seen: Visible, moment: Moment, domain: Domain) -> str | None:
        key = self._key(self.sight.see(seen, moment, False, domain))
        return self.lookup.get(key) if key is not None else None

    def _key(self, seen: Visible) -> Key | None:
        """None where the conversation is longer than anything remembered."""
        states: list[State] = []
        node = seen.tail
        limit = self.max_history or self.longest + 1
        while node is not None and len(states) < limit:
            if node.state.action != UNLIKELY_INTENT:
                states.append(node.state)
            node = node.previous
        if len(states) > self.longest and not self.max_history:
            return None
        states = [_settled(state, last=index == 0) for index, state in enumerate(states)]
        return tuple(reversed(states))


class AugmentedMemoizationPolicy(MemoizationPolicy):
    """Where nothing is remembered, forgets the oldest actions one by one and looks again."""

    def recall(self, tracker: Tracker, domain: Domain) -> str | None:
        found = super().recall(tracker, domain)
        if found is not None or not self.lookup:
            return found
        entries = tracker.history.entries
        for start in self._starts(entries):
            found = self._from(entries[start:], domain)
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

    def _from(self, entries: Sequence[Entry], domain: Domain) -> str | None:
        start = moment = beginning(domain)
        seen = Visible()
        for event, message in entries:
            if event["event"] == "action":
                seen = self.sight.see(seen, moment, bool(event.get("hide_rule_turn")), domain)
            moment = advance(moment, event, domain, start, message)
        return self._look_up(seen, moment, domain)


def remember(tracks: Sequence[Track], domain: Domain, max_history: int | None) -> dict[Key, str]:
    """States to action over all stories; what two stories continue differently is not remembered."""
    lookup: dict[Key, str] = {}
    ambiguous: set[Key] = set()
    for track in tracks:
        if track.is_rule:
            continue
        for states, action in examples(track, domain):
            key = tuple(states[-max_history:] if max_history else states)
            if key in ambiguous:
                continue
            if lookup.setdefault(key, action) != action:
                ambiguous.add(key)
                del lookup[key]
    return lookup


def _settled(state: State, *, last: bool) -> State:
    """Text does not count where an intent was understood, nor in the message that is being answered."""
    if state.user is None or not state.user[1]:
        return state
    if state.user[0] or (last and state.is_listening):
        return state._replace(user=(state.user[0], None, state.user[2]))
    return state

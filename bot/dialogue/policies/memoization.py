"""Remembered stories: the exact states of training lead to the same action again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.dialogue.domain import Domain
from bot.dialogue.moment import Moment
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.policies.sight import Sight, Visible
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track, examples

Key = tuple[State, ...]


@dataclass(eq=False)
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
        return self.look_up(seen, tracker.history.moment, domain)

    def look_up(self, seen: Visible, moment: Moment, domain: Domain) -> str | None:
        key = self._key(self.sight.see(seen, moment, False, domain))
        return self.lookup.get(key) if key is not None else None

    def _key(self, seen: Visible) -> Key | None:
        """None where the conversation is longer than anything remembered."""
        if not self.max_history and seen.length > self.longest:
            return None
        states: list[State] = []
        node = seen.tail
        while node is not None and (not self.max_history or len(states) < self.max_history):
            states.append(settled(node.state, last=not states))
            node = node.previous
        return tuple(reversed(states))


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


def settled(state: State, *, last: bool) -> State:
    """Text does not count where an intent was understood, nor in the message that is being answered."""
    if state.user is None or not state.user[1]:
        return state
    if state.user[0] or (last and state.is_listening):
        return state._replace(user=(state.user[0], None, state.user[2]))
    return state

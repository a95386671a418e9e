"""What policies that learn from stories see of a conversation: the turns that only rules know are hidden from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bot.dialogue.domain import Domain
from bot.dialogue.moment import Moment
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker


class Node(NamedTuple):
    state: State
    previous: Node | None
    length: int  # of the chain


class Visible(NamedTuple):
    """The visible states up to a point (latest first, by `tail`), and what the next one needs to know."""

    tail: Node | None = None
    action: str | None = None  # the latest action that is not hidden
    action_text: str | None = None
    hidden: bool = False

    @property
    def length(self) -> int:
        return self.tail.length if self.tail is not None else 0


@dataclass(frozen=True, eq=False)
class Sight:
    """`rule_slots` and `rule_loops` occur in rules only and are taken out of every state."""

    rule_slots: frozenset[str] = field(default_factory=frozenset)
    rule_loops: frozenset[str] = field(default_factory=frozenset)

    def of(self, tracker: Tracker, domain: Domain) -> Visible:
        """Up to the latest action; costs only what is new since it was last asked."""
        boundaries = tracker.history.boundaries
        first = len(boundaries)
        while first > 0 and self not in boundaries[first - 1].cache:
            first -= 1
        seen: Visible = boundaries[first - 1].cache[self] if first > 0 else Visible()
        for boundary in boundaries[first:]:
            seen = self.see(seen, boundary.moment, boundary.hidden, domain)
            boundary.cache[self] = seen
        return seen

    def see(self, seen: Visible, moment: Moment, hide: bool, domain: Domain) -> Visible:
        """Goes on to `moment`, where an action comes next that is hidden or not."""
        action, text, hidden = seen.action, seen.action_text, seen.hidden
        if not hidden:
            action, text = moment.action, moment.action_text
        if not moment.followup and moment.action_name != moment.loop_name:
            hidden = hide
        if hidden:
            return Visible(seen.tail, action, text, hidden)
        state = self._without_rules(moment.state(domain))
        if seen.tail is not None and not state.is_listening:
            # The message that only rules answered is as unknown as the answer.
            state = state._replace(user=seen.tail.state.user)
        if action is not None or text is not None:
            state = state._replace(action=action, action_text=text)
        return Visible(Node(state, seen.tail, seen.length + 1), action, text, hidden)

    def _without_rules(self, state: State) -> State:
        if self.rule_slots and state.slots:
            state = state._replace(slots=tuple(item for item in state.slots if item[0] not in self.rule_slots))
        return state._replace(loop=None) if state.loop in self.rule_loops else state

"""States as sparse vectors over the project's vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State

# kind and name, and for a slot the place in its feature vector: ("intent", "greet", 0)
FeatureName = tuple[str, str, int]
Encoded = tuple[tuple[int, float], ...]


def features(state: State) -> dict[FeatureName, float]:
    """What a state consists of, after Vlasov et al. 2019 (arXiv 1910.00486), section 3.1: the user's intent and
    entities, the action before, slots and the active loop."""
    found: dict[FeatureName, float] = {}
    if state.user is not None:
        intent, _, entities = state.user
        if intent:
            found["intent", intent, 0] = 1.0
        for entity in entities:
            found["entity", entity, 0] = 1.0
    for name, feature in state.slots:
        if not isinstance(feature, str):
            found |= {("slot", name, place): value for place, value in enumerate(feature) if value}
    if state.has_action:
        found["action", state.action or state.action_text or "", 0] = 1.0
    if state.loop and state.loop != SHOULD_NOT_BE_SET:
        found["loop", state.loop, 0] = 1.0
    return found


@dataclass(frozen=True)
class Vocabulary:
    """The features that occur in stories. What no story mentions is not learnt and not seen."""

    names: tuple[FeatureName, ...]

    @classmethod
    def of(cls, states: Iterable[State]) -> Vocabulary:
        return cls(tuple(sorted({name for state in states for name in features(state)})))

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> Mapping[FeatureName, int]:
        return {name: index for index, name in enumerate(self.names)}

    def encode(self, state: State) -> Encoded:
        """Index and value of each feature, by index."""
        known = ((self.index.get(name), value) for name, value in features(state).items())
        return tuple(sorted((index, value) for index, value in known if index is not None))

    def knows(self, state: State) -> bool:
        """Whether stories have ever heard of what was just said and done."""
        if state.user is not None:
            intent, text, _ = state.user
            if (intent and ("intent", intent, 0) not in self.index) or (text and not intent):
                return False
        return not state.has_action or ("action", state.action or state.action_text or "", 0) in self.index

    def as_list(self) -> list[list[str | int]]:
        return [list(name) for name in self.names]

    @classmethod
    def from_list(cls, names: Sequence[Sequence[str | int]]) -> Vocabulary:
        return cls(tuple((str(kind), str(name), int(place)) for kind, name, place in names))

"""The policy: says what the network is sure of, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.policies.learned.calibration import probabilities
from bot.dialogue.policies.learned.config import LearnedConfig
from bot.dialogue.policies.learned.model import LearnedModel
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.policies.sight import Sight
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker

MOST = 0.999  # what is learnt is never as sure as what is written
LEAST = 0.01  # what is not worth mentioning


@dataclass(eq=False)
class LearnedPolicy:
    """`model` is None where there are no stories to learn from."""

    model: LearnedModel | None
    config: LearnedConfig = field(default_factory=LearnedConfig)
    sight: Sight = field(default_factory=Sight)
    name: str = "LearnedPolicy"

    @property
    def priority(self) -> int:
        return self.config.priority

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction:
        scores = self.opinion(tracker, domain)
        if max(scores.values(), default=0.0) < self.config.threshold:
            # A turn of its own making ends here, rather than in an apology after the answer.
            ends = self.model is not None and self._began(tracker)
            scores = {LISTEN: max(self.config.threshold, scores.get(LISTEN, 0.0))} if ends else {}
        return Prediction(self.name, self.priority, scores)

    def opinion(self, tracker: Tracker, domain: Domain) -> dict[str, float]:
        """What it would say if it did not have to be sure."""
        seen = self.sight.see(self.sight.of(tracker, domain), tracker.history.moment, False, domain)
        states: list[State] = []
        node = seen.tail
        while node is not None and len(states) < self.config.max_history:
            states.append(node.state)
            node = node.previous
        return self.score(states[::-1], self._done(tracker))

    def score(self, states: Sequence[State], done: Counter[str]) -> dict[str, float]:
        """Probabilities of the actions after these states, oldest first, without those that no story has as often in
        one turn as they were `done`."""
        model = self.model
        if model is None or not states or not model.vocabulary.knows(states[-1]):
            return {}
        found = model.network.similarities([model.vocabulary.encode(state) for state in states])
        chances = probabilities(found, model.temperature).mean(axis=0)
        scores: dict[str, float] = {}
        for index in np.flatnonzero(chances[: len(model.actions)] >= LEAST):
            action = model.actions[index]
            if action == LISTEN or done[action] < model.limits.get(action, 0):
                scores[action] = min(MOST, float(chances[index]))
        return scores

    def _done(self, tracker: Tracker) -> Counter[str]:
        """The actions since the user's turn."""
        done: Counter[str] = Counter()
        for event in reversed(tracker.events):
            if event["event"] == "action":
                name = event.get("name") or event.get("action_text")
                if name == LISTEN:
                    break
                done[str(name)] += 1
        return done

    def _began(self, tracker: Tracker) -> bool:
        """Whether the latest action was this policy's choice."""
        for event in reversed(tracker.events):
            if event["event"] == "action":
                return event.get("name") != LISTEN and event.get("policy") == self.name
        return False

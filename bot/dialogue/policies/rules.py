"""Rules: short patterns of states, matched from the latest state backwards."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.dialogue.domain import BACK, DEFAULT_FALLBACK, LISTEN, RESTART, RULE_SNIPPET, SESSION_START, Domain
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker
from bot.events import loop_interrupted

DEFAULT_INTENT_ACTIONS = {"restart": RESTART, "back": BACK, "session_start": SESSION_START}
INTERRUPTED = "loop_was_interrupted"
NO_LOOP = "do_not_predict_loop_action"


class Rule(NamedTuple):
    """`key` is Rasa's JSON text of the states: its length decides between rules that match alike."""

    key: str
    states: tuple[State, ...]
    action: str


@dataclass(frozen=True, slots=True)
class RuleConfig:
    fallback_threshold: float = 0.3
    fallback_action: str = DEFAULT_FALLBACK
    predict_fallback: bool = True
    restrict_rules: bool = True
    check_contradictions: bool = True
    confidence_of_intent: bool = False
    priority: int = 4


def rule_key(states: Sequence[State]) -> tuple[str, tuple[State, ...]] | None:
    """The key of the states after the last `...`; None where nothing follows it."""
    kept: list[State] = []
    for state in reversed(states):
        if state.action == RULE_SNIPPET:
            break
        kept.insert(0, state)
    return (json.dumps([state.as_dict() for state in kept], sort_keys=True), tuple(kept)) if kept else None


class RuleBook:
    """Rules found by the action before them, so that a turn compares a handful instead of all."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules: dict[str, Rule] = {rule.key: rule for rule in rules}
        self._index: dict[str | None, list[Rule]] = defaultdict(list)
        for rule in self._rules.values():
            self._index[rule.states[-1].action or rule.states[-1].action_text].append(rule)
        self.depth = max((len(rule.states) for rule in self._rules.values()), default=1)
        # Whether looking at the text of a message instead of its intent could match anything here.
        self.reads_text = any(
            rule.states[-1].is_listening and (rule.states[-1].user is None or rule.states[-1].user[1] is not None)
            for rule in self._rules.values()
        )

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)

    def matching(self, states: Sequence[State]) -> list[Rule]:
        last = states[-1]
        return [rule for rule in self._index.get(last.action or last.action_text, ()) if _applies(rule.states, states)]


def _applies(rule: Sequence[State], states: Sequence[State]) -> bool:
    for wanted, state in zip(reversed(rule), reversed(states), strict=False):
        if not wanted.has_action and not state.has_action:
            continue  # both are at the beginning of the conversation
        if not wanted.has_action or not state.has_action or not _fits(wanted, state):
            return False
    return True


def _fits(wanted: State, state: State) -> bool:
    if wanted.action != state.action or wanted.action_text != state.action_text:
        return False
    if wanted.user is not None:
        said = state.user or (None, None, ())
        if any(want and want != have for want, have in zip(wanted.user, said, strict=True)):
            return False
    if wanted.loop == SHOULD_NOT_BE_SET:
        if state.loop is not None and state.loop != SHOULD_NOT_BE_SET:
            return False
    elif wanted.loop is not None and wanted.loop != state.loop:
        return False
    if wanted.slots:
        slots = dict(state.slots)
        for name, value in wanted.slots:
            have = slots.get(name)
            if value == SHOULD_NOT_BE_SET:
                if have is not None and have != SHOULD_NOT_BE_SET:
                    return False
            elif have != value:
                return False
    return True


@dataclass
class RulePolicy:
    """`hidden_sources` are the predictions whose turns stories do not know; `rule_slots` and `rule_loops` occur in rules
    only. Policies that learn from stories are spared all three."""

    config: RuleConfig = field(default_factory=RuleConfig)
    rules: RuleBook = field(default_factory=RuleBook)
    unhappy: RuleBook = field(default_factory=RuleBook)
    hidden_sources: frozenset[str] = frozenset()
    rule_slots: frozenset[str] = frozenset()
    rule_loops: frozenset[str] = frozenset()
    name: str = "RulePolicy"

    @property
    def priority(self) -> int:
        return self.config.priority

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction:
        return self.explain(tracker, domain)[0]

    def defaults(self) -> dict[str, float]:
        """The scores where no rule speaks."""
        return {self.config.fallback_action: self.config.fallback_threshold} if self.config.predict_fallback else {}

    def explain(self, tracker: Tracker, domain: Domain, *, keyed: bool = False) -> tuple[Prediction, str | None]:
        """The prediction and what it rests on: a rule's key, or the name of a built-in rule. Where no rule matches
        that is None or, if `keyed`, the key that a rule for this state would have."""
        moment = tracker.moment
        listening = moment.action_name == LISTEN
        reads_text = listening and (self.rules.reads_text or self.unhappy.reads_text)
        by_text = self._from_rules(tracker, domain, use_text=True, keyed=keyed) if reads_text else _NOTHING
        intent = moment.message.intent if listening and moment.message is not None else None
        default = DEFAULT_INTENT_ACTIONS.get(intent or "")
        if default and not by_text.action:
            source = f"predicting default action with intent {intent}"
            return self._prediction(default, source, tracker), source
        loop = moment.loop
        if moment.loop_name is not None and loop is not None and not loop.rejected:
            source = f"handling active loops and forms - {loop.name}"
            if moment.action_name != loop.name and moment.action_name is not None:
                return self._prediction(loop.name, source, tracker, no_user=True), source
            if moment.action_name == loop.name:
                source += f" - {LISTEN}"
                return self._prediction(LISTEN, source, tracker, no_user=True), source
        if by_text.action:
            prediction = self._prediction(by_text.action, by_text.source, tracker, interrupted=by_text.interrupted)
            prediction.end_to_end = True
            return prediction, by_text.source
        by_intent = self._from_rules(tracker, domain, use_text=False, keyed=keyed)
        interrupted = by_text.interrupted or by_intent.interrupted
        return self._prediction(by_intent.action, by_intent.source, tracker, interrupted=interrupted), by_intent.source

    def _prediction(
        self,
        action: str | None,
        source: str | None,
        tracker: Tracker,
        *,
        interrupted: bool = False,
        no_user: bool = False,
    ) -> Prediction:
        scores = self.defaults()
        if action:
            message = tracker.message
            by_intent = self.config.confidence_of_intent and message is not None
            scores[action] = message.confidence if by_intent and message is not None else 1.0
        events = [loop_interrupted()] if interrupted else []
        return Prediction(
            self.name, self.priority, scores, events, no_user=no_user, hidden=source in self.hidden_sources
        )

    def _from_rules(self, tracker: Tracker, domain: Domain, *, use_text: bool, keyed: bool) -> _Found:
        states = self._states(tracker, domain, use_text)
        best: Rule | None = None
        for rule in self.rules.matching(states):
            if best is None or len(rule.key) > len(best.key):
                best = rule
        action = best.action if best is not None else None
        interrupted = False
        loop = tracker.loop_name
        if loop is not None:
            marks = {rule.action for rule in self.unhappy.matching(states)}
            if best is not None and action == LISTEN and best.states[-1].loop in (None, SHOULD_NOT_BE_SET):
                # A rule that knows nothing of the loop wants to listen: the loop asks again instead.
                if NO_LOOP not in marks:
                    return _Found(loop, best.key, False)
                action = None
            interrupted = INTERRUPTED in marks
        if best is not None:
            return _Found(action, best.key, interrupted)
        found = rule_key(states) if keyed else None
        return _Found(action, found[0] if found else None, interrupted)

    def _states(self, tracker: Tracker, domain: Domain, use_text: bool) -> list[State]:
        depth = max(self.rules.depth, self.unhappy.depth, 2)
        boundaries = tracker.history.boundaries[-depth:]
        states = [_without_text(boundary.moment.state(domain)) for boundary in boundaries]
        last = tracker.history.moment.state(domain)
        if last.is_listening and last.user is not None:
            intent, text, entities = last.user
            last = last._replace(user=(None, text, ()) if use_text else (intent, None, entities))
        return [*states, _without_text(last)]


class _Found(NamedTuple):
    action: str | None
    source: str | None
    interrupted: bool


_NOTHING = _Found(None, None, False)


def _without_text(state: State) -> State:
    if state.user is None or not (state.user[0] and state.user[1]):
        return state
    return state._replace(user=(state.user[0], None, state.user[2]))


def rule_config(settings: Mapping[str, object]) -> RuleConfig:
    """From the RulePolicy entry of config.yml; what is not known there is ignored, as Rasa does."""
    names = {
        "core_fallback_threshold": "fallback_threshold",
        "core_fallback_action_name": "fallback_action",
        "enable_fallback_prediction": "predict_fallback",
        "restrict_rules": "restrict_rules",
        "check_for_contradictions": "check_contradictions",
        "use_nlu_confidence_as_score": "confidence_of_intent",
        "priority": "priority",
    }
    return RuleConfig(**{names[key]: value for key, value in settings.items() if key in names})  # type: ignore[arg-type]

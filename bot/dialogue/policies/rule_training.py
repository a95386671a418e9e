"""Learns the rule policy from unrolled rules and stories, and refuses those that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.dialogue.domain import LISTEN, RULE_SNIPPET, Domain
from bot.dialogue.errors import ProjectError
from bot.dialogue.policies.rules import (
    DEFAULT_INTENT_ACTIONS,
    INTERRUPTED,
    NO_LOOP,
    Rule,
    RuleBook,
    RuleConfig,
    RulePolicy,
    rule_key,
)
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track, examples
from bot.events import action_rejected

_BUILT_IN = ("predicting default action with intent ", "handling active loops and forms - ")

Examples = list[tuple[list[State], str]]
Visit = Callable[[Track, str, str | None, str | None], None]  # track, its action, the predicted one, the source


def train_rules(tracks: Sequence[Track], domain: Domain, config: RuleConfig | None = None) -> RulePolicy:
    """Raises ProjectError for rules with several user turns, incomplete rules and contradictions."""
    config = config or RuleConfig()
    if config.fallback_action and config.fallback_action not in domain.action_index:
        raise ProjectError(
            f"core_fallback_action_name is {config.fallback_action!r}, no action of the domain; add it there."
        )
    rules = [track for track in tracks if track.is_rule]
    stories = [track for track in tracks if not track.is_rule]
    if config.restrict_rules:
        _refuse_long(rules)
    if config.check_contradictions:
        _refuse_incomplete(rules, domain)
    rule_examples = [example for track in rules for example in examples(track, domain)]
    story_examples = [example for track in stories for example in examples(track, domain)]
    policy = RulePolicy(
        config=config,
        rules=RuleBook(_rules(rule_examples)),
        unhappy=RuleBook(_unhappy([*rule_examples, *story_examples])),
    )
    if config.check_contradictions:
        slots, loops = _mentioned(rule_examples)
        story_slots, story_loops = _mentioned(story_examples)
        policy.rule_slots, policy.rule_loops = slots - story_slots, loops - story_loops - {SHOULD_NOT_BE_SET}
        _Analysis(policy, domain).run(rules, stories)
    return policy


def _rules(found: Examples) -> list[Rule]:
    lookup: dict[str, Rule] = {}
    ambiguous: set[str] = set()
    for states, action in found:
        key = rule_key(states)
        if key is None or key[0] in ambiguous:
            continue
        known = lookup.get(key[0])
        if known is not None and known.action != action:
            ambiguous.add(key[0])
            del lookup[key[0]]
        elif known is None:
            lookup[key[0]] = Rule(key[0], key[1], action)
    return [rule for rule in lookup.values() if rule.action != RULE_SNIPPET]


def _unhappy(found: Examples) -> list[Rule]:
    """What rules and stories show inside of loops: where they come back to it, and where they must not."""
    lookup: dict[str, Rule] = {}
    for states, action in found:
        last = states[-1]
        loop = None if last.loop == SHOULD_NOT_BE_SET else last.loop
        if not loop:
            continue
        short = [last]
        if len(states) > 1 and states[-2].has_action:
            short.insert(0, State(action=states[-2].action, action_text=states[-2].action_text))
        key = rule_key(short)
        if key is None:
            continue
        if last.is_listening and action == loop:
            lookup[key[0]] = Rule(key[0], key[1], INTERRUPTED)
        elif not last.is_listening and action != loop:
            lookup[key[0]] = Rule(key[0], key[1], NO_LOOP)
    return list(lookup.values())


def _mentioned(found: Examples) -> tuple[frozenset[str], frozenset[str]]:
    slots = frozenset(name for states, _ in found for state in states for name, _ in state.slots)
    loops = frozenset(state.loop for states, _ in found for state in states if state.loop)
    return slots, loops


def _refuse_long(rules: Sequence[Track]) -> None:
    for track in rules:
        if sum(event["event"] == "user" for event in track.events) > 1:
            raise ProjectError(
                f"rule {track.name!r} has more than one user message; make it a story, or split it.",
                track.path,
                track.line,
            )


@dataclass(frozen=True, slots=True)
class _Print:
    slots: frozenset[str]
    loops: frozenset[str | None]


def _fingerprints(rules: Sequence[Track], domain: Domain) -> Mapping[str, _Print]:
    """What each action is shown to set in any rule."""
    slots: dict[str, set[str]] = defaultdict(set)
    loops: dict[str, set[str | None]] = defaultdict(set)
    for track in rules:
        action: str | None = None
        for event in track.events:
            if event["event"] == "action":
                action = event["name"] or event["action_text"]
            elif event["event"] == "user":
                action = None
            elif action and event["event"] == "slot":
                slots[action].add(event["name"])
            elif action and event["event"] == "active_loop":
                loops[action].add(event["name"])
    featured = {name for name, slot in domain.slots.items() if slot.has_features}
    return {name: _Print(frozenset(slots[name] & featured), frozenset(loops[name])) for name in {*slots, *loops}}


def _refuse_incomplete(rules: Sequence[Track], domain: Domain) -> None:
    prints = _fingerprints(rules, domain)
    for track in rules:
        tracker = track.tracker(domain)
        states = [boundary.moment.state(domain) for boundary in tracker.history.boundaries]
        states.append(tracker.history.moment.state(domain))
        following = [state.action for state in states[1:]] + [LISTEN]
        for state, action in zip(states, following, strict=True):
            found = prints.get(state.action or "")
            if found is None or RULE_SNIPPET in (action, state.action):
                continue
            missing = sorted(found.slots - {name for name, _ in state.slots})
            remedy = "Add it (null where it is not set), or end the rule with `wait_for_user_input: false`."
            if missing:
                raise ProjectError(
                    f"rule {track.name!r}: after {state.action!r} other rules set {', '.join(missing)}. {remedy}",
                    track.path,
                    track.line,
                )
            if found.loops and state.loop not in found.loops:
                shown = sorted("null" if loop == SHOULD_NOT_BE_SET else str(loop) for loop in found.loops)
                raise ProjectError(
                    f"rule {track.name!r}: after {state.action!r} other rules set active_loop to {', '.join(shown)}. {remedy}",
                    track.path,
                    track.line,
                )


class _Analysis:
    """Plays rules and stories against the policy: what predicts what, what contradicts, what stories know."""

    def __init__(self, policy: RulePolicy, domain: Domain) -> None:
        self._policy = policy
        self._domain = domain
        self._sources: dict[str | None, list[tuple[str, str]]] = defaultdict(list)

    def run(self, rules: Sequence[Track], stories: Sequence[Track]) -> None:
        for track in rules:
            self._play(track, self._collect)
        used: set[str] = set()
        # Rasa's order of training data: stories first.
        for track in (*stories, *rules):
            self._play(track, partial(self._check, used))
        loops = {f"{_BUILT_IN[1]}{form}{end}" for form in self._domain.forms for end in ("", f" - {LISTEN}")}
        defaults = {_BUILT_IN[0] + intent for intent in DEFAULT_INTENT_ACTIONS}
        known = {source for source in self._sources if source is not None}
        self._policy.hidden_sources = frozenset((known | defaults | loops) - used)

    def _play(self, track: Track, visit: Visit) -> None:
        tracker = Tracker(self._domain, track.name)
        opening = track.events[track.unpredictable] if track.unpredictable is not None else None
        unpredictable = True
        for event in track.tracker(self._domain).applied:
            if event["event"] == "action":
                if event["name"] == RULE_SNIPPET:
                    unpredictable = True
                elif unpredictable or event is opening:
                    unpredictable = False
                else:
                    gold = event["name"] or event["action_text"]
                    predicted, source = self._predict(tracker, gold, track.is_rule)
                    visit(track, gold, predicted, source)
            tracker.update(event)

    def _predict(self, tracker: Tracker, gold: str, is_rule: bool) -> tuple[str | None, str | None]:
        predicted, source = self._once(tracker, is_rule)
        if tracker.loop_name and predicted != gold and predicted == tracker.loop_name:
            tracker.update(action_rejected(tracker.loop_name))
            predicted, source = self._once(tracker, is_rule)
        return predicted, source

    def _once(self, tracker: Tracker, is_rule: bool) -> tuple[str | None, str | None]:
        prediction, source = self._policy.explain(tracker, self._domain, keyed=True)
        if prediction.scores == self._policy.defaults() and not is_rule:
            return None, source
        return prediction.best(self._domain.action_index), source

    def _collect(self, track: Track, gold: str, predicted: str | None, source: str | None) -> None:
        if source is None:
            return
        if source.startswith(_BUILT_IN):
            self._sources[source].append((source, predicted or ""))
        else:
            self._sources[source].append((track.name, gold))

    def _check(self, used: set[str], track: Track, gold: str, predicted: str | None, source: str | None) -> None:
        if not track.is_rule and predicted == gold and source is not None:
            used.add(source)
        if not predicted or not source or predicted == gold:
            return
        if self._is_story_going_on(track, predicted, source):
            self._policy.rules = RuleBook(rule for rule in self._policy.rules if rule.key != source)
            return
        others = {name for name, action in self._sources.get(source, ()) if action != gold}
        if not others:
            return
        kind = "rule" if track.is_rule else "story"
        predicting = f", which predict {predicted!r}" if predicted != self._policy.config.fallback_action else ""
        raise ProjectError(
            f"{kind} {track.name!r} has the action {gold!r} where it contradicts {', '.join(sorted(others))}{predicting}; "
            "make them agree or tell them apart by a condition.",
            track.path,
            track.line,
        )

    def _is_story_going_on(self, track: Track, predicted: str, source: str) -> bool:
        """A rule `intent → listen` gives way where another rule begins alike and a story goes on from there."""
        if track.is_rule or source.count("prev_action") > 1 or predicted != LISTEN:
            return False
        return any(rule.key.startswith(source[:-2]) and rule.key != source for rule in self._policy.rules)

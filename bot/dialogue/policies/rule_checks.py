"""What rules must not do: last too long, say half of what they set, contradict each other or the stories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bot.dialogue.domain import LISTEN, RULE_SNIPPET, Domain
from bot.dialogue.errors import ProjectError
from bot.dialogue.policies.rules import DEFAULT_INTENT_ACTIONS, RuleBook, RulePolicy
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track
from bot.events import action_rejected

_BUILT_IN = ("predicting default action with intent ", "handling active loops and forms - ")

Visit = Callable[[Track, str, str | None, str | None], None]  # track, its action, the predicted one, the source


def too_long(rules: Sequence[Track]) -> Iterator[ProjectError]:
    """A rule with several user messages would be a story."""
    for track in rules:
        if sum(event["event"] == "user" for event in track.events) > 1:
            message = f"rule {track.name!r} has more than one user message; make it a story, or split it."
            yield ProjectError(message, track.path, track.line)


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


def incomplete(rules: Sequence[Track], domain: Domain) -> Iterator[ProjectError]:
    """What an action is shown to set in one rule it must set in all."""
    prints = _fingerprints(rules, domain)
    for track in rules:
        yield from _incomplete(track, prints, domain)


def _incomplete(track: Track, prints: Mapping[str, _Print], domain: Domain) -> Iterator[ProjectError]:
    remedy = "Add it (null where it is not set), or end the rule with `wait_for_user_input: false`."
    history = track.tracker(domain).history
    states = [*(boundary.moment.state(domain) for boundary in history.boundaries), history.moment.state(domain)]
    following = [state.action for state in states[1:]] + [LISTEN]
    for state, action in zip(states, following, strict=True):
        found = prints.get(state.action or "")
        if found is None or RULE_SNIPPET in (action, state.action):
            continue
        missing = sorted(found.slots - {name for name, _ in state.slots})
        if missing:
            problem = f"after {state.action!r} other rules set {', '.join(missing)}"
            yield ProjectError(f"rule {track.name!r}: {problem}. {remedy}", track.path, track.line)
        if found.loops and state.loop not in found.loops:
            shown = ", ".join(sorted("null" if loop == SHOULD_NOT_BE_SET else str(loop) for loop in found.loops))
            problem = f"after {state.action!r} other rules set active_loop to {shown}"
            yield ProjectError(f"rule {track.name!r}: {problem}. {remedy}", track.path, track.line)


def analyse(policy: RulePolicy, domain: Domain, rules: Sequence[Track], stories: Sequence[Track]) -> list[ProjectError]:
    """Finds the turns that only rules know, and drops rules that only say to listen where a story goes on.

    Returns all rules and stories that contradict each other."""
    return _Analysis(policy, domain).run(rules, stories)


class _Analysis:
    """Plays rules and stories against the policy: what predicts what, what contradicts, what stories know."""

    def __init__(self, policy: RulePolicy, domain: Domain) -> None:
        self._policy = policy
        self._domain = domain
        self._sources: dict[str | None, list[tuple[str, str]]] = defaultdict(list)
        self._problems: list[ProjectError] = []

    def run(self, rules: Sequence[Track], stories: Sequence[Track]) -> list[ProjectError]:
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
        return self._problems

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
        others = {_spoken(name) for name, action in self._sources.get(source, ()) if action != gold}
        if not others:
            return
        kind = "rule" if track.is_rule else "story"
        predicting = f", which predict {predicted!r}" if predicted != self._policy.config.fallback_action else ""
        problem = f"{kind} {track.name!r} has the action {gold!r} where it contradicts {', '.join(sorted(others))}{predicting}"
        remedy = "make them agree or tell them apart by a condition."
        self._problems.append(ProjectError(f"{problem}; {remedy}", track.path, track.line))

    def _is_story_going_on(self, track: Track, predicted: str, source: str) -> bool:
        """A rule `intent → listen` gives way where another rule begins alike and a story goes on from there."""
        if track.is_rule or source.count("prev_action") > 1 or predicted != LISTEN:
            return False
        return any(rule.key.startswith(source[:-2]) and rule.key != source for rule in self._policy.rules)


def _spoken(name: str) -> str:
    """A rule's name; for what is built in, what it is."""
    for prefix, spoken in zip(_BUILT_IN, ("the built-in answer to intent ", "the loop "), strict=True):
        if name.startswith(prefix):
            return f"{spoken}{name.removeprefix(prefix).removesuffix(f' - {LISTEN}')!r}"
    return name

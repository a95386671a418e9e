"""Learns the rule policy from unrolled rules and stories."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue.domain import RULE_SNIPPET, Domain
from bot.dialogue.errors import ProjectError, refuse
from bot.dialogue.policies.rule_checks import analyse, incomplete, too_long
from bot.dialogue.policies.rules import INTERRUPTED, NO_LOOP, Rule, RuleBook, RuleConfig, RulePolicy, rule_key
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State
from bot.dialogue.training import Track, examples

Examples = list[tuple[list[State], str]]


def train_rules(tracks: Sequence[Track], domain: Domain, config: RuleConfig | None = None) -> RulePolicy:
    """Raises ProjectError for all rules with several user turns, incomplete rules and contradictions."""
    config = config or RuleConfig()
    if config.fallback_action and config.fallback_action not in domain.action_index:
        raise ProjectError(
            f"core_fallback_action_name is {config.fallback_action!r}, no action of the domain; add it there."
        )
    rules = [track for track in tracks if track.is_rule]
    stories = [track for track in tracks if not track.is_rule]
    problems = list(too_long(rules)) if config.restrict_rules else []
    if config.check_contradictions:
        problems += incomplete(rules, domain)
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
        problems += analyse(policy, domain, rules, stories)
    refuse(problems)
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

"""Intents: examples that are missing or belong to none, intents that lead nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, error, instead, warning
from bot.dialogue.checks.uses import Uses, place_of
from bot.dialogue.domain import DEFAULT_INTENTS
from bot.dialogue.nlu_data import Example
from bot.dialogue.project import Project

MIN_EXAMPLES = 2  # Rasa's own


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    examples: dict[str, list[Example]] = defaultdict(list)
    for example in project.nlu.examples:
        examples[example.intent].append(example)
    yield from _examples(project, examples)
    yield from _domain(project, uses, examples)
    yield from _retrieval(project, examples)


def _examples(project: Project, examples: dict[str, list[Example]]) -> Iterator[Finding]:
    for intent, found in examples.items():
        place = (found[0].path or project.path, found[0].line)
        if intent not in project.domain.intents:
            remedy = instead(intent, project.domain.intents)
            yield warning("unknown-intent", place, f"intent {intent!r} has examples but is not in the domain; {remedy}")
        elif len({example.text for example in found}) < MIN_EXAMPLES:
            yield warning(
                "few-examples", place, f"intent {intent!r} has a single example; give it {MIN_EXAMPLES} or more."
            )
    if len(examples) == 1:
        (intent, found), *_ = examples.items()
        message = f"all examples are of intent {intent!r}; with one intent everything is understood as it. Add another."
        yield warning("one-intent", (found[0].path or project.path, found[0].line), message)


def _domain(project: Project, uses: Uses, examples: dict[str, list[Example]]) -> Iterator[Finding]:
    clicked = {payload.intent for payload in uses.payloads}
    elsewhere = bool(project.endpoints.get("nlu"))  # another server understands; its examples are not ours to see
    for key, intent in project.domain.places:
        if key != "intents" or intent in DEFAULT_INTENTS:
            continue
        place = place_of(project, "intents", intent)
        if intent not in examples and intent not in clicked and (examples or not elsewhere):
            message = (
                f"intent {intent!r} has no examples, so no sentence is understood as it; add some to the nlu data."
            )
            yield warning("no-examples", place, message)
        if intent not in uses.intents:
            message = f"intent {intent!r} is used in no rule, story or slot mapping; add a rule for it, or remove it."
            yield warning("unused-intent", place, message)


def _retrieval(project: Project, examples: dict[str, list[Example]]) -> Iterator[Finding]:
    for intent in sorted(project.domain.retrieval_intents):
        asked = {example.response: example for example in reversed(examples[intent])}
        plain = asked.pop(None, None)
        if plain is not None:
            message = (
                f"intent {intent!r} has examples with and without a response key; write `intent: {intent}/…` for all."
            )
            yield error("mixed-retrieval", (plain.path or project.path, plain.line), message)
        for key, example in asked.items():
            name = f"utter_{intent}/{key}"
            if name not in project.domain.responses:
                message = f"intent {intent}/{key} has no response {name!r}; add it."
                yield error("no-response", (example.path or project.path, example.line), message)
        for name in project.domain.responses:
            if name.startswith(f"utter_{intent}/") and name.partition("/")[2] not in asked:
                message = f"response {name!r} has no examples under `intent: {name[6:]}`; add some, or remove it."
                yield warning("no-examples", place_of(project, "responses", name), message)

"""Rules and stories that name what the domain does not have."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, Place, error, instead, warning
from bot.dialogue.checks.uses import Uses, all_stories, steps
from bot.dialogue.project import Project
from bot.dialogue.slots import OTHER
from bot.dialogue.stories import ActionStep, LoopStep, SlotStep, Story, UserStep


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    for story in all_stories(project):
        where = f"{'rule' if story.is_rule else 'story'} {story.name!r}"
        for step in steps(story):
            place = (story.path, step.line or story.line)
            if isinstance(step, UserStep):
                yield from _user(project, where, step, place)
            elif isinstance(step, ActionStep):
                yield from _action(project, where, step.name, place)
            elif isinstance(step, SlotStep):
                yield from _slot(project, where, step, place)
            elif isinstance(step, LoopStep) and step.name and step.name not in project.domain.action_index:
                remedy = instead(step.name, project.domain.forms)
                yield error("unknown-loop", place, f"{where}: {step.name!r} is no form of the domain; {remedy}")
        yield from _conditions(project, where, story)


def _user(project: Project, where: str, step: UserStep, place: Place) -> Iterator[Finding]:
    domain = project.domain
    if step.intent and step.intent not in domain.intents:
        remedy = instead(step.intent, domain.intents)
        yield error("unknown-intent", place, f"{where}: {step.intent!r} is no intent of the domain; {remedy}")
    for entity in step.entities:
        name = str(entity.get("entity"))
        if name not in domain.entities:
            remedy = instead(name, domain.entities)
            yield error("unknown-entity", place, f"{where}: {name!r} is no entity of the domain; {remedy}")


def _action(project: Project, where: str, name: str, place: Place) -> Iterator[Finding]:
    domain = project.domain
    if name.startswith("utter_") and name not in domain.responses and not domain.is_retrieval(name):
        remedy = instead(name, domain.responses)
        yield error("no-response", place, f"{where}: there is no response {name!r}; {remedy}")
    elif name not in domain.action_index:
        remedy = instead(name, domain.action_names)
        yield error("unknown-action", place, f"{where}: {name!r} is no action of the domain; {remedy}")


def _slot(project: Project, where: str, step: SlotStep, place: Place) -> Iterator[Finding]:
    slot = project.domain.slots.get(step.name)
    if slot is None:
        remedy = instead(step.name, project.domain.slots)
        yield error("unknown-slot", place, f"{where}: {step.name!r} is no slot of the domain; {remedy}")
    elif step.bare and slot.has_features and slot.type not in ("text", "list"):
        message = f"{where}: slot {step.name!r} of type {slot.type} is named without a value and counts as unset"
        yield warning("slot-without-value", place, f"{message}; write `- {step.name}: value`.")
    elif slot.has_features and slot.type == "categorical" and step.value is not None:
        listed = [value for value in slot.values if value != OTHER]
        if str(step.value).lower() not in slot.values:
            message = f"{where}: {step.value!r} is no value of slot {step.name!r}"
            yield warning("unlisted-value", place, f"{message}; use one of {', '.join(listed)}, or list it.")
    elif (
        slot.has_features
        and slot.type in ("bool", "float")
        and step.value is not None
        and not any(slot.feature(step.value))
    ):
        message = f"{where}: {step.value!r} is no {slot.type}, so slot {step.name!r} counts as unset"
        yield warning("unlisted-value", place, f"{message}; correct the value.")


def _conditions(project: Project, where: str, story: Story) -> Iterator[Finding]:
    if not story.is_rule:
        return
    for step in story.steps:
        if isinstance(step, ActionStep | UserStep):
            return
        slot = project.domain.slots.get(step.name) if isinstance(step, SlotStep) else None
        if not isinstance(step, SlotStep) or slot is None:
            continue
        place = (story.path, step.line or story.line)
        if not slot.has_features:
            message = f"{where}: slot {slot.name!r} does not influence the conversation, so this condition always holds"
            remedy = "give it a type other than any and let it influence" if slot.type == "any" else "let it influence"
            yield warning("condition-without-effect", place, f"{message}; {remedy}, or drop the condition.")
        elif slot.type == "text" and isinstance(step.value, str):
            message = f"{where}: a text slot is compared only for being set, so any value of {slot.name!r} does"
            yield warning("text-value", place, f"{message}; make it categorical to compare {step.value!r}.")

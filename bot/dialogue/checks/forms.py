"""Forms: slots that they cannot ask for, and forms that nothing starts."""

from __future__ import annotations

from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, error, instead, warning
from bot.dialogue.checks.uses import Uses, place_of


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    for name, form in project.domain.forms.items():
        place = place_of(project, "forms", name)
        for slot in form.required_slots:
            if slot not in project.domain.slots:
                remedy = instead(slot, project.domain.slots)
                yield error("unknown-slot", place, f"form {name!r} requires {slot!r}, no slot of the domain; {remedy}")
            elif (name, slot) not in uses.asks and not _by_code(uses, name, slot):
                unless = ", unless its validation always fills it" if f"validate_{name}" in uses.custom_actions else ""
                message = f"form {name!r} has nothing to say when it asks for slot {slot!r}"
                yield warning("never-asked", place, f"{message}; add the response 'utter_ask_{name}_{slot}'{unless}.")
        for intent in form.ignored_intents:
            if intent not in project.domain.intents:
                remedy = instead(intent, project.domain.intents)
                yield warning(
                    "unknown-intent", place, f"form {name!r} ignores {intent!r}, no intent of the domain; {remedy}"
                )
        if name not in uses.actions and not uses.custom_actions:
            yield warning("unused-form", place, f"form {name!r} is started by no rule or story; add one, or remove it.")
    for action in sorted(uses.custom_actions):
        form_name = action.removeprefix("validate_")
        if action.startswith("validate_") and form_name not in project.domain.forms:
            remedy = instead(form_name, project.domain.forms)
            message = f"action {action!r} validates {form_name!r}, no form of the domain; {remedy}"
            yield warning("unknown-loop", place_of(project, "actions", action), message)


def _by_code(uses: Uses, form: str, slot: str) -> bool:
    """Whether the form's validation fills the slot or does the asking: where only code fills it, or nothing else asks."""
    if f"validate_{form}" not in uses.custom_actions:
        return False
    asks = any(name == form for name, _ in uses.asks)
    return not asks or all(mapping["type"] == "custom" for mapping in uses.project.domain.slots[slot].mappings)

"""Entities: annotated but not in the domain, in the domain but never found, roles and groups that are not declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.dialogue.checks.finding import Finding, Place, instead, warning
from bot.dialogue.checks.uses import Uses, place_of
from bot.dialogue.pipeline_config import component, entries, parts
from bot.dialogue.project import Project

MIN_EXAMPLES = 2  # Rasa's own


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    first: dict[tuple[str, str], Place] = {}
    count: Counter[str] = Counter()
    for example in project.nlu.examples:
        for entity in example.entities:
            count[entity["entity"]] += 1
            place = (example.path or project.path, example.line)
            first.setdefault((entity["entity"], ""), place)
            for key in ("role", "group"):
                if entity.get(key):
                    first.setdefault((entity["entity"], f"{key} {entity[key]}"), place)
    for (name, part), place in first.items():
        yield from _annotated(project, name, part, place)
    yield from _never_found(project, uses, frozenset(count))


def _annotated(project: Project, name: str, part: str, place: Place) -> Iterator[Finding]:
    if name not in project.domain.entities:
        if not part:
            remedy = instead(name, project.domain.entities)
            yield warning("unknown-entity", place, f"entity {name!r} is annotated but not in the domain; {remedy}")
    elif part and part.partition(" ")[2] not in labels(project, name):
        kind, _, label = part.partition(" ")
        message = f"entity {name!r} has no {kind} {label!r} in the domain; add it to its {kind}s there."
        yield warning("unknown-role", place, message)


def labels(project: Project, entity: str) -> frozenset[str]:
    """Roles and groups that the domain declares for an entity."""
    for _, block in project.domain_files:
        for item in block.get("entities") or ():
            if isinstance(item, dict) and isinstance(item.get(entity), dict):
                settings = item[entity]
                return frozenset((*(settings.get("roles") or ()), *(settings.get("groups") or ())))
    return frozenset()


def _never_found(project: Project, uses: Uses, annotated: frozenset[str]) -> Iterator[Finding]:
    mapped = [component(name) for name, _ in entries(project.config)]
    if not mapped or None in mapped or "dimensions" in parts(project.config) or project.endpoints.get("nlu"):
        return  # what understands the text brings entities of its own along
    clicked = {name for payload in uses.payloads for name in payload.entities or ()}
    found = annotated | clicked | set(project.nlu.regexes) | set(project.nlu.lookups)
    for name in sorted(project.domain.entities - found):
        message = f"entity {name!r} is in no example, regex, lookup or button, so it is never found; annotate it."
        yield warning("entity-never-found", place_of(project, "entities", name), message)

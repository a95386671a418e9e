"""Rules and stories that want different actions of the same situation, and rules that never decide one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.dialogue.checks.finding import Finding, error, warning
from bot.dialogue.checks.uses import Uses
from bot.dialogue.domain import FALLBACK_INTENT
from bot.dialogue.errors import ProjectError
from bot.dialogue.pipeline_config import component, entries, parts
from bot.dialogue.project import Project
from bot.dialogue.state import State
from bot.dialogue.stories import Story, UserStep
from bot.dialogue.training import Track, examples, unroll


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    try:
        tracks = unroll(project.stories, project.domain)
        _ = project.policies
    except ProjectError as found:
        for problem in found.problems:
            place = (Path(problem.path or project.path / "config.yml"), problem.line or 0)
            yield error("contradiction" if problem.line else "policies", place, problem.message)
        if any(problem.line is None for problem in found.problems):
            return
    yield from _stories(project, tracks)
    yield from _unreachable(project)


def _stories(project: Project, tracks: list[Track]) -> Iterator[Finding]:
    """What one story does where another does something else is remembered by neither."""
    history = _max_history(project.config)
    known: dict[tuple[State, ...], tuple[str, Track]] = {}
    told: set[tuple[str, str]] = set()
    for track in tracks:
        if track.is_rule:
            continue
        for states, action in examples(track, project.domain):
            key = tuple(states[-history:] if history else states)
            other_action, other = known.setdefault(key, (action, track))
            names = (other.name, track.name)
            if other_action == action or names in told:
                continue
            told.add(names)
            message = f"story {track.name!r} has {action!r} where story {other.name!r} ({other.path.name}:{other.line}) has {other_action!r}"
            remedy = "neither is remembered; make them agree, or tell them apart by what comes before"
            yield warning("conflicting-stories", (track.path, track.line), f"{message}; {remedy}.")


def _max_history(config: Mapping[str, Any]) -> int | None:
    """The longest that a policy remembers: only what is alike over that length conflicts for all of them."""
    found = [entry.get("max_history") for entry in config.get("policies") or () if "Rule" not in str(entry.get("name"))]
    return max(found) if found and all(isinstance(value, int) and value for value in found) else None


def _unreachable(project: Project) -> Iterator[Finding]:
    understands_fallback = (
        not list(entries(project.config))
        or "fallback" in parts(project.config)
        or any(component(name) is None for name, _ in entries(project.config))
        or bool(project.endpoints.get("nlu"))
    )
    for story in project.stories:
        intent = _only_intent(story)
        place = (story.path, story.line)
        if story.is_rule and intent == FALLBACK_INTENT and not understands_fallback:
            message = f"rule {story.name!r} is never followed: no component of the pipeline gives the intent {intent!r}"
            yield warning("unreachable-rule", place, f"{message}; add `- name: FallbackClassifier`.")


def _only_intent(story: Story) -> str:
    return next((step.intent or "" for step in story.steps if isinstance(step, UserStep)), "")

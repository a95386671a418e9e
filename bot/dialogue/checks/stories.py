"""Stories that nothing reaches or that lead nowhere: checkpoints, loops at the start, the same story twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bot.dialogue.checks.finding import Finding, warning
from bot.dialogue.checks.uses import Uses
from bot.dialogue.project import Project
from bot.dialogue.stories import CheckpointStep, LoopStep, OrStep, Step, Story


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    stories = [story for story in project.stories if not story.is_rule]
    yield from _checkpoints(stories)
    yield from _starts(project, stories)
    yield from _twice(project.stories)


def _checkpoints(stories: list[Story]) -> Iterator[Finding]:
    starts: dict[str, list[Story]] = defaultdict(list)
    ends: dict[str, list[Story]] = defaultdict(list)
    for story in stories:
        first, last = _edges(story)
        for step in first:
            starts[step.name].append(story)
        for step in last:
            ends[step.name].append(story)
    for name, found in ends.items():
        if name not in starts and not any(_passes(story, name) for story in stories):
            message = f"no story begins with the checkpoint {name!r} at the end of story {found[0].name!r}"
            yield warning(
                "checkpoint-not-taken-up", (found[0].path, found[0].line), f"{message}; correct its name, or drop it."
            )
    following = {name: {step.name for story in found for step in _edges(story)[1]} for name, found in starts.items()}
    for name, found in starts.items():
        if name in _reach(name, following):
            message = f"the checkpoint {name!r} leads back to itself (story {found[0].name!r}); a cycle is learned only twice round"
            yield warning("checkpoint-cycle", (found[0].path, found[0].line), f"{message}; break it, or write rules.")


def _edges(story: Story) -> tuple[list[CheckpointStep], list[CheckpointStep]]:
    """The checkpoints before the first other step, and those after the last one."""
    kinds = [isinstance(step, CheckpointStep) for step in story.steps]
    if all(kinds):
        return [], []
    head, tail = kinds.index(False), kinds[::-1].index(False)
    first = [step for step in story.steps[:head] if isinstance(step, CheckpointStep)]
    return first, [step for step in story.steps[len(kinds) - tail :] if isinstance(step, CheckpointStep)]


def _passes(story: Story, name: str) -> bool:
    """A checkpoint amid a story ends one part of it and begins the next."""
    head, tail = _edges(story)
    return any(
        isinstance(s, CheckpointStep) and s.name == name and s not in head and s not in tail for s in story.steps
    )


def _reach(name: str, following: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = list(following.get(name, ()))
    while pending:
        current = pending.pop()
        if current not in found:
            found.add(current)
            pending += following.get(current, ())
    return found


def _starts(project: Project, stories: list[Story]) -> Iterator[Finding]:
    policies = [str(entry.get("name", "")).rpartition(".")[2] for entry in project.config.get("policies") or ()]
    if "TEDPolicy" in policies or "LearnedPolicy" in policies:
        return  # what resembles a story is enough for them
    for story in stories:
        step = story.steps[0]
        if isinstance(step, LoopStep) and step.name:
            message = f"story {story.name!r} starts in the loop {step.name!r}, which remembered stories never do"
            remedy = "write it as a rule with `condition: [active_loop: …]`, or start it where the form starts"
            yield warning("starts-in-loop", (story.path, step.line), f"{message}; {remedy}.")


def _twice(stories: tuple[Story, ...]) -> Iterator[Finding]:
    names: dict[tuple[bool, str], Story] = {}
    known: dict[object, Story] = {}
    for story in stories:
        kind = "rule" if story.is_rule else "story"
        place = (story.path, story.line)
        content = (story.is_rule, tuple(_plain(step) for step in story.steps))
        same = known.setdefault(repr(content), story)
        if same is not story:
            message = f"{kind} {story.name!r} has the same steps as {same.name!r} in {same.path.name}:{same.line}; remove one."
            yield warning("duplicate", place, message)
        elif names.setdefault((story.is_rule, story.name), story) is not story:
            earlier = names[story.is_rule, story.name]
            message = (
                f"{kind} {story.name!r} has the name of another in {earlier.path.name}:{earlier.line}; rename one."
            )
            yield warning("duplicate-name", place, message)


def _plain(step: Step) -> Step:
    if isinstance(step, OrStep):
        return replace(step, line=0, choices=tuple(replace(choice, line=0) for choice in step.choices))
    return replace(step, line=0)

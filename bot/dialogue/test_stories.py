"""Runs a project's test stories through a runtime and reports, line by line, what came otherwise.

The bot really acts: custom actions run, forms ask and slots are filled by what was said, which `rasa test core` leaves
out (`bot.dialogue.test_replay` does it Rasa's way).
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Protocol

from bot.dialogue.domain import LISTEN, SESSION_START, UNLIKELY_INTENT
from bot.dialogue.errors import ProjectError
from bot.dialogue.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    Story,
    UserStep,
    read_stories,
)
from bot.dialogue.test_results import (
    Acted,
    Outcome,
    Problem,
    Report,
    StoryResult,
    Understood,
    fits,
    intent_of,
    label,
    response_key,
    spoken,
    touches,
)
from bot.dialogue.turn import Turn
from bot.dialogue.yaml_file import read_yaml
from bot.events import Event, active_loop, slot_set
from bot.messages import UserMessage

__test__ = False  # the name is the product's, not pytest's

Place = tuple[int, Step]
"""A step with its index in the story."""


class TakesTurns(Protocol):
    async def turn(self, message: UserMessage) -> Turn: ...
    async def append_events(self, sender_id: str, events: Sequence[Event]) -> object: ...


async def _nothing() -> None:
    return None


def find_test_files(project: Path) -> list[Path]:
    """A project's own: `tests/**/test_*.yml`. Raises ProjectError where there are none."""
    found = sorted(path for ending in ("yml", "yaml") for path in project.glob(f"tests/**/test_*.{ending}"))
    if not found:
        raise ProjectError("has no tests/test_*.yml; name files with --stories.", project)
    return found


def load_test_stories(paths: Iterable[Path]) -> list[Story]:
    """The stories of test files or folders; an `or` becomes a story for each choice.

    Raises ProjectError for a file without any, for rules, checkpoints, and stories in which nobody speaks.
    """
    stories: list[Story] = []
    for given in paths:
        files = sorted([*given.rglob("test_*.yml"), *given.rglob("test_*.yaml")]) if given.is_dir() else [given]
        if not files:
            raise ProjectError("has no test_*.yml.", given)
        for path in files:
            found = read_stories(path, read_yaml(path))
            if not found:
                raise ProjectError("has no stories; add them under `stories:`.", path)
            stories += [chosen for story in found for chosen in _checked(story)]
    return stories


async def run_test_stories(
    stories: Iterable[Story], runtime: TakesTurns, *, before: Callable[[], Awaitable[None]] = _nothing
) -> Report:
    """Each story is a conversation of its own; `before` each, the world may be put back to where it was.

    Slots and a loop that stand before the first user step are set from outside. A user step without text is sent as
    `/intent{entities}`. What a turn must then give: the intent, the entities that are marked, exactly the actions, and
    at its end the slots (a bare name: any value) and the active loop that the story mentions.
    """
    return Report(tuple([result async for result in each_result(stories, runtime, before=before)]))


async def each_result(
    stories: Iterable[Story], runtime: TakesTurns, *, before: Callable[[], Awaitable[None]] = _nothing
) -> AsyncIterator[StoryResult]:
    """As `run_test_stories`, one by one."""
    for story in stories:
        await before()
        yield await _run(story, runtime)


def _checked(story: Story) -> Iterable[Story]:
    if story.is_rule:
        raise ProjectError(f"rule {story.name!r} stands in a test file; tests are stories.", story.path, story.line)
    for step in story.steps:
        if isinstance(step, CheckpointStep):
            raise ProjectError(
                f"test story {story.name!r} uses the checkpoint {step.name!r}; write the story out, each is a "
                "conversation of its own.",
                story.path,
                step.line,
            )
    speaks = next((i for i, s in enumerate(story.steps) if isinstance(s, UserStep | OrStep)), None)
    if speaks is None:
        raise ProjectError(
            f"test story {story.name!r} has no user step; begin with `user:` and `intent:`.", story.path, story.line
        )
    for step in story.steps[:speaks]:
        if isinstance(step, ActionStep | BotStep):
            raise ProjectError(
                f"test story {story.name!r} begins with an action; the user speaks first.", story.path, step.line
            )
    ways = itertools.product(*(s.choices if isinstance(s, OrStep) else (s,) for s in story.steps))
    return [replace(story, steps=steps) for steps in ways]


async def _run(story: Story, runtime: TakesTurns) -> StoryResult:
    sender_id = f"test-{uuid.uuid4().hex}"
    problems: list[Problem] = []
    outcomes: list[Outcome] = []
    given, turns = turns_of(story.steps)
    if given:
        await runtime.append_events(sender_id, [_event(step) for step in given])
    for (at, user), expected in turns:
        assert isinstance(user, UserStep)
        turn = await runtime.turn(UserMessage(spoken(user), sender_id, channel="test"))
        understood, wrong = understanding(at, user, turn.parse)
        acted = compare_actions(at, expected, turn)
        problems += [Problem(user.line, spoken(user), "failure", None, failure) for failure in turn.failures]
        problems += [*wrong, *_compare(user, expected, turn, acted)]
        outcomes += [understood, *acted]
    return StoryResult(story, len(turns), tuple(problems), tuple(outcomes))


def turns_of(steps: Sequence[Step]) -> tuple[list[SlotStep | LoopStep], list[tuple[Place, list[Place]]]]:
    """What is set before anyone speaks, and each user step with the steps up to the next one."""
    given: list[SlotStep | LoopStep] = []
    turns: list[tuple[Place, list[Place]]] = []
    for at, step in enumerate(steps):
        if isinstance(step, UserStep):
            turns.append(((at, step), []))
        elif turns:
            turns[-1][1].append((at, step))
        elif isinstance(step, SlotStep | LoopStep):
            given.append(step)
    return given, turns


def understanding(at: int, user: UserStep, parse: Any, *, only_marked: bool = True) -> tuple[Understood, list[Problem]]:
    """Compares the understanding of a user step. `only_marked`: entities at words that the story does not mark are
    let be; otherwise they are wrong, as they are for Rasa."""
    said = spoken(user)
    if said.startswith("/") or not user.intent:  # it names its intent itself, or none is asked for
        return Understood(at, said, user.intent, user.intent), []
    wanted, intent = user.full_intent or user.intent, intent_of(user, parse)
    problems = [] if intent == wanted else [Problem(user.line, said, "intent", wanted, intent)]
    found = [dict(entity) for entity in parse.get("entities") or []]
    missing = [label(e) for e in user.entities if not any(fits(e, f, said) for f in found)]
    counted = [f for f in found if not only_marked or touches(f, user.entities)]
    unasked = [] if only_marked else [f for f in found if not any(fits(e, f, said) for e in user.entities)]
    if missing or unasked:
        problems.append(
            Problem(user.line, said, "entities", missing or [label(e) for e in user.entities], [*map(label, found)])
        )
    # Where it was found with a value of its own, a bare mark on the same words is right and counts as the same.
    counted = [next((dict(e) for e in user.entities if fits(e, f, said)), f) for f in counted]
    confidence = float((parse.get("intent") or {}).get("confidence") or 0.0)
    seen = Understood(at, said, wanted, intent, confidence, user.entities, tuple(counted), not problems)
    return seen, problems


def compare_actions(at: int, expected: Sequence[Place], turn: Turn) -> list[Acted]:
    """Each action of the story, and listening at the end, beside what came in its place.

    Up to the first difference the figures are those of a replay. After it the bot is on another way: the rest of
    the story counts as right where it still comes in order.
    """
    places = [(i, step) for i, step in expected if isinstance(step, ActionStep | BotStep)]
    targets = [step.name if isinstance(step, ActionStep) else step.text for _, step in places]
    listens = not targets or targets[-1] != LISTEN
    wanted = [*targets, LISTEN] if listens else targets
    came = _came(turn, wanted)
    names = [_full_name(name, wanted, turn) for name, *_ in came]
    first = next((i for i, target in enumerate(wanted) if i >= len(names) or names[i] != target), len(wanted))
    pairs: dict[int, int | None] = {i: i for i in range(first)}
    if first < len(wanted):
        pairs |= _rest(wanted, names, first)
    acted = []
    for i, target in enumerate(wanted):
        j = pairs.get(i)
        name, policy, confidence, unlikely = came[j] if j is not None else (None, None, 0.0, False)
        place = places[i][0] if i < len(places) else (places[-1][0] if places else at)
        got = names[j] if j is not None else name
        acted.append(Acted(place, target, got, policy, confidence, i >= len(places), unlikely))
    return acted


def _rest(wanted: Sequence[str], names: Sequence[str], first: int) -> dict[int, int | None]:
    """The first difference stands against what came there; what follows is found again where it comes later."""
    pairs: dict[int, int | None] = {first: first if first < len(names) else None}
    matcher = SequenceMatcher(None, wanted[first + 1 :], names[first:], autojunk=False)
    for i, j, size in matcher.get_matching_blocks():
        pairs |= {first + 1 + i + k: first + j + k for k in range(size)}
    return pairs


def _came(turn: Turn, wanted: Sequence[str]) -> list[tuple[str, str | None, float, bool]]:
    """What ran: name, policy, confidence, and whether action_unlikely_intent, unasked for, came before it."""
    ran: list[tuple[str, str | None, float]] = [
        (str(e.get("name") or e.get("action_text")), e.get("policy"), float(e.get("confidence") or 0.0))
        for e in turn.events
        if e["event"] == "action" and e.get("name") != SESSION_START
    ]
    if [name for name, *_ in ran if name != LISTEN] != turn.actions:  # a runtime that keeps its events to itself
        ran = [(name, None, 0.0) for name in [*turn.actions, LISTEN]]
    while len(ran) > 1 and ran[0][0] == LISTEN:  # the end of a session start
        ran.pop(0)
    came: list[tuple[str, str | None, float, bool]] = []
    unlikely = False
    for name, policy, confidence in ran:
        if name == UNLIKELY_INTENT and UNLIKELY_INTENT not in wanted:
            unlikely = True
        else:
            came.append((name, policy, confidence, unlikely))
            unlikely = False
    return came


def _full_name(name: str, wanted: Sequence[str], turn: Turn) -> str:
    """`utter_faq/ask_price` where the story names the response, `utter_faq` where it does not."""
    if name in wanted or not any(target.startswith(f"{name}/") for target in wanted):
        return name
    key = response_key(turn.parse, name.removeprefix("utter_"))
    return f"utter_{key}" if key else name


def _compare(user: UserStep, expected: Sequence[Place], turn: Turn, acted: Sequence[Acted]) -> list[Problem]:
    said, steps = spoken(user), [step for _, step in expected]
    problems: list[Problem] = []
    wrong = next((a for a in acted if not a.ok), None)
    if wrong is not None:
        line = user.line if wrong.implicit else steps_line(expected, wrong.at)
        wanted = [a.target for a in acted if not a.implicit]
        problems.append(Problem(line, said, "actions", wanted, list(turn.actions)))
    loops = [step for step in steps if isinstance(step, LoopStep)]
    if loops and loops[-1].name != turn.active_loop:
        problems.append(Problem(loops[-1].line, said, "active_loop", loops[-1].name, turn.active_loop))
    slots = {step.name: step for step in steps if isinstance(step, SlotStep)}
    for name, step in slots.items():
        got = turn.slots.get(name)
        if (got is None) if step.bare else (got != step.value):
            shown = {name: "any value" if step.bare else step.value}
            problems.append(Problem(step.line, said, "slot", shown, {name: got}))
    return problems


def steps_line(expected: Sequence[Place], at: int) -> int:
    return next(step.line for i, step in expected if i == at)


def _event(step: SlotStep | LoopStep) -> Event:
    return active_loop(step.name) if isinstance(step, LoopStep) else slot_set(step.name, step.value)

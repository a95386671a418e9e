"""Unrolls stories and rules into the event lists that policies learn from."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.moment import advance, beginning
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State
from bot.dialogue.stories import ActionStep, BotStep, CheckpointStep, LoopStep, OrStep, SlotStep, Step, Story, UserStep
from bot.dialogue.tracker import Tracker
from bot.events import Event, action_executed, active_loop, slot_set, user_uttered

MAX_PATHS = 50_000  # more would mean checkpoints or alternatives multiplied beyond what anyone meant
_START = object()

Simple = UserStep | ActionStep | BotStep | SlotStep | LoopStep


@dataclass(frozen=True)
class Track:
    """One way through a story or rule. `unpredictable` is the position of an opening action, which nothing leads to."""

    name: str
    events: tuple[Event, ...]
    is_rule: bool
    path: Path
    line: int
    unpredictable: int | None = None

    def tracker(self, domain: Domain) -> Tracker:
        return Tracker(domain, self.name, self.events)


def unroll(stories: Sequence[Story], domain: Domain) -> list[Track]:
    """All ways through rules and stories, rules first. Raises ProjectError where they multiply without end."""
    rules = [
        _track([(story, choice)], domain) for story in stories if story.is_rule for choice in _choices(story.steps)
    ]
    return rules + [
        _track(way, domain, ended=ended) for way, ended in _ways([s for s in stories if not s.is_rule], domain)
    ]


def _choices(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    options = [step.choices if isinstance(step, OrStep) else (step,) for step in steps]
    return itertools.product(*options)


@dataclass(eq=False)
class _Segment:
    """A story between checkpoints. `starts` are names with the slots they demand."""

    story: Story
    steps: tuple[Step, ...]
    starts: list[tuple[object, tuple[tuple[str, Any], ...]]]
    ends: list[str] = field(default_factory=list)


Way = list[tuple[Story, tuple[Step, ...]]]


def _ways(stories: Sequence[Story], domain: Domain) -> Iterator[tuple[Way, bool]]:
    segments = [segment for story in stories for segment in _segments(story)]
    following: dict[object, list[tuple[_Segment, tuple[tuple[str, Any], ...]]]] = defaultdict(list)
    for segment in segments:
        for name, conditions in segment.starts:
            following[name].append((segment, conditions))
    ends = {name for segment in segments for name in segment.ends}
    for name, starts in following.items():
        if name is not _START and name not in ends:
            story = starts[0][0].story
            message = (
                f"story {story.name!r} begins with the checkpoint {name!r}, with which no story ends, so it is left out"
            )
            warn(f"{message}; correct its name.", story.path, story.line)
    count = 0
    pending: list[tuple[Way, list[_Segment], _Segment]] = [
        ([], [], segment) for segment, _ in reversed(following[_START])
    ]
    while pending:
        way, passed, segment = pending.pop()
        if passed.count(segment) > 2:  # a cycle is gone through twice more, as Rasa does
            yield way, False
            continue
        for choice in _choices(segment.steps):
            longer = [*way, (segment.story, choice)]
            if not segment.ends:
                count += 1
                yield longer, True
            for name in segment.ends:
                nexts = [s for s, conditions in following[name] if _fulfils(longer, conditions, domain)]
                if not following[name]:
                    yield longer, False  # an end nobody takes up is still something to learn from
                pending.extend((longer, [*passed, segment], s) for s in reversed(nexts))
            if count + len(pending) > MAX_PATHS:
                raise ProjectError(
                    f"story {segment.story.name!r} unrolls into more than {MAX_PATHS} ways; use fewer `or` or checkpoints.",
                    segment.story.path,
                    segment.story.line,
                )


def _segments(story: Story) -> Iterator[_Segment]:
    starts: list[tuple[object, tuple[tuple[str, Any], ...]]] = []
    steps: list[Step] = []
    ends: list[str] = []
    for step in story.steps:
        if isinstance(step, CheckpointStep) and not steps:
            starts.append((step.name, step.conditions))
        elif isinstance(step, CheckpointStep):
            ends.append(step.name)
        else:
            if ends:
                yield _Segment(story, tuple(steps), starts or [(_START, ())], ends)
                starts, steps, ends = [(name, ()) for name in ends], [], []
            steps.append(step)
    if steps:
        yield _Segment(story, tuple(steps), starts or [(_START, ())], ends)


def _fulfils(way: Way, conditions: Sequence[tuple[str, Any]], domain: Domain) -> bool:
    if not conditions:
        return True
    slots = _track(way, domain).tracker(domain).slots
    return all(slots.get(name) == value for name, value in conditions)


def _track(way: Way, domain: Domain, *, ended: bool = True) -> Track:
    events: list[Event] = []
    unpredictable: int | None = None
    spoken = False
    for story, steps in way:
        for step in steps:
            if isinstance(step, UserStep):
                spoken = True
                _listen(events)
            elif isinstance(step, ActionStep | BotStep) and not spoken and unpredictable is None:
                unpredictable = len(events)
            events += _events(step, domain, story.is_rule)
    if ended:
        _listen(events)
    first = way[0][0]
    names = dict.fromkeys(story.name for story, _ in way)
    return Track(" > ".join(names), tuple(events), first.is_rule, first.path, first.line, unpredictable)


def _listen(events: list[Event]) -> None:
    if not events or events[-1].get("name") != LISTEN or events[-1]["event"] != "action":
        events.append(action_executed(LISTEN))


def _events(step: Step, domain: Domain, is_rule: bool) -> Iterator[Event]:
    nothing = SHOULD_NOT_BE_SET if is_rule else None
    if isinstance(step, UserStep):
        intent = {"name": step.intent, "confidence": 1.0}
        yield user_uttered(step.text, {"intent": intent, "entities": list(step.entities)})
        yield from slots_of_entities(step.entities, domain)
    elif isinstance(step, ActionStep):
        yield action_executed(step.name)
    elif isinstance(step, BotStep):
        yield action_executed(None, text=step.text)
    elif isinstance(step, LoopStep):
        yield active_loop(step.name if step.name is not None else nothing)
    elif isinstance(step, SlotStep):
        value = step.value
        if step.bare:
            kind = domain.slots[step.name].type if step.name in domain.slots else None
            value = {"text": "filled", "list": ["filled"]}.get(kind or "")
        yield slot_set(step.name, value if value is not None else nothing)


def slots_of_entities(entities: Sequence[dict[str, Any]], domain: Domain) -> Iterator[Event]:
    """The slots that entities of a written user turn fill: those whose mapping does not wait for a form."""
    for slot in domain.slots.values():
        values: list[Any] = []
        for mapping in slot.mappings:
            conditions = mapping.get("conditions") or []
            if mapping.get("type") != "from_entity" or (conditions and conditions[0].get("active_loop") is not None):
                continue
            values += [
                found.get("value")
                for found in entities
                if all(found.get(key) == mapping.get(key) for key in ("entity", "role", "group"))
            ]
        if values:
            yield slot_set(slot.name, values if slot.type == "list" else values[-1])


def examples(track: Track, domain: Domain) -> list[tuple[list[State], str]]:
    """What to learn from a track: the states before each action, oldest first, and the action.

    Rules see only the slots that they set themselves.
    """
    tracker = track.tracker(domain)
    entries = tracker.history.entries
    states = (
        [boundary.moment.state(domain, only_set=True) for boundary in tracker.history.boundaries]
        if track.is_rule
        else _states_as_written(track, domain)
    )
    opening = track.events[track.unpredictable] if track.unpredictable is not None else None
    found: list[tuple[list[State], str]] = []
    index = 0
    for entry in entries:
        if entry.event["event"] == "action":
            index += 1
            if entry.event is not opening:
                label = entry.event.get("name") or entry.event.get("action_text") or ""
                found.append(([_intent_over_text(state) for state in states[:index]], label))
    return found


def _states_as_written(track: Track, domain: Domain) -> list[State]:
    # Rasa learns stories from every action as written, even where a form's smooth passage would drop some at run time.
    start = beginning(domain)
    moment, states = start, []
    for event in track.events:
        if event["event"] == "action":
            states.append(moment.state(domain))
        moment = advance(moment, event, domain, start)
    return states


def _intent_over_text(state: State) -> State:
    if state.user is None or not state.user[0] or not state.user[1]:
        return state
    return state._replace(user=(state.user[0], None, state.user[2]))

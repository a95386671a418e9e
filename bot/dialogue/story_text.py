"""Conversations written as Rasa's test stories: talks to keep with the project, and test results with remarks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from bot.dialogue.domain import LISTEN, SESSION_START, UNLIKELY_INTENT
from bot.dialogue.stories import ActionStep, BotStep, LoopStep, SlotStep, Step, UserStep
from bot.dialogue.test_results import Acted, StoryResult, Understood
from bot.dialogue.tracker import Tracker
from bot.events import Event

_UNWRITTEN = (LISTEN, SESSION_START, UNLIKELY_INTENT)
_HEAD = 'version: "3.1"\nstories:\n'


def story_of(tracker: Tracker) -> str:
    """YAML of Rasa's test story format; one story a session."""
    sessions = list(_sessions(tracker.events))
    stories = []
    for number, events in enumerate(sessions, 1):
        name = tracker.sender_id if len(sessions) == 1 else f"{tracker.sender_id}, story {number}"
        stories.append({"story": name, "steps": [step for event in events for step in _steps(event)]})
    text: str = yaml.safe_dump({"version": "3.1", "stories": stories}, allow_unicode=True, sort_keys=False)
    return text


def stories_with_remarks(results: Sequence[StoryResult], *, nothing: str) -> str:
    """Test stories as they were read, with `# predicted: …` where something else came; `nothing` is the remark that
    stands there when there are none. The text is a test file again."""
    if not results:
        return f"# {nothing}\n"
    return _HEAD + "".join(line + "\n" for result in results for line in _story(result))


def annotated(text: str, entities: Iterable[Mapping[str, Any]]) -> str:
    """The text with its entities marked: `[red](color)`, or in braces where there is a value, role or group to tell.

    Of entities on the same words the first is marked. A value that is a mapping cannot be told in this format.
    """
    if text.startswith("/"):
        return text
    placed = [e for e in entities if isinstance(e.get("start"), int) and isinstance(e.get("end"), int)]
    written, end = "", 0
    for entity in sorted(placed, key=lambda e: int(e["start"])):
        start, stop = entity["start"], entity["end"]
        if start < end or start >= stop:
            continue
        written += text[end:start] + f"[{text[start:stop]}]" + _mark(entity, text[start:stop])
        end = stop
    return written + text[end:]


def _mark(entity: Mapping[str, Any], said: str) -> str:
    mark = {key: entity[key] for key in ("entity", "role", "group", "value") if entity.get(key) is not None}
    if mark.get("value") == said or isinstance(mark.get("value"), Mapping):
        del mark["value"]
    return f"({mark['entity']})" if mark.keys() == {"entity"} else json.dumps(mark, ensure_ascii=False)


def _sessions(events: Iterable[Event]) -> Iterable[list[Event]]:
    session: list[Event] = []
    for event in events:
        if event["event"] == "action" and event.get("name") == SESSION_START and session:
            yield session
            session = []
        session.append(event)
    if session:
        yield session


def _steps(event: Event) -> Iterable[Mapping[str, Any]]:
    kind = event["event"]
    if kind == "user":
        parse = event.get("parse_data") or {}
        yield {
            "user": annotated(str(event.get("text") or ""), parse.get("entities") or []),
            "intent": (parse.get("intent") or {}).get("name"),
        }
    elif kind == "action" and event.get("name") not in _UNWRITTEN:
        yield {"action": event["name"]} if event.get("name") else {"bot": event.get("action_text")}
    elif kind == "slot":
        yield {"slot_was_set": [{event["name"]: event.get("value")}]}
    elif kind in ("active_loop", "form"):
        yield {"active_loop": event.get("name")}


def _story(result: StoryResult) -> Iterable[str]:
    understood = {o.at: o for o in result.outcomes if isinstance(o, Understood)}
    acted = {o.at: o for o in result.outcomes if isinstance(o, Acted) and not o.implicit}
    listened = {o.at: o for o in result.outcomes if isinstance(o, Acted) and o.implicit and not o.ok}
    missed = {p.line: p.got for p in result.problems if p.what in ("slot", "active_loop")}
    yield f"- story: {_scalar(f'{result.story} ({result.path})')}"
    yield "  steps:"
    waiting: Acted | None = None  # a listening that did not come stands at the end of its turn
    for at, step in enumerate(result.source.steps):
        if isinstance(step, UserStep):
            if waiting is not None:
                yield _listening(waiting)
            waiting = None
            yield from _user(step, understood.get(at))
        else:
            yield from _written(step, acted.get(at), missed)
        waiting = listened.get(at, waiting)
    if waiting is not None:
        yield _listening(waiting)


def _user(step: UserStep, outcome: Understood | None) -> Iterable[str]:
    wrong = outcome is not None and not outcome.ok
    remark = f"{outcome.predicted}: {annotated(outcome.text, outcome.found)}" if outcome and wrong else None
    if step.intent is not None:
        yield _line(f"  - intent: {_scalar(step.full_intent or step.intent)}", remark)
    if step.text is not None:
        key = "    user:" if step.intent is not None else "  - user:"
        said = annotated(step.text, step.entities)
        if said.isprintable():
            yield f"{key} |-"
            yield f"      {said}"
        else:
            yield f"{key} {json.dumps(said)}"
    elif step.entities:
        yield "    entities:"
        for entity in step.entities:
            extra = {key: entity[key] for key in ("role", "group") if key in entity}
            named = f"{_scalar(entity.get('entity'))}: {_scalar(entity.get('value'))}"
            yield f"    - {named}" + "".join(f"\n      {key}: {_scalar(value)}" for key, value in extra.items())


def _written(step: Step, outcome: Acted | None, missed: Mapping[int, Any]) -> Iterable[str]:
    if isinstance(step, ActionStep | BotStep):
        key, name = ("action", step.name) if isinstance(step, ActionStep) else ("bot", step.text)
        yield _line(f"  - {key}: {_scalar(name)}", _remark(outcome))
    elif isinstance(step, LoopStep):
        yield _line(
            f"  - active_loop: {_scalar(step.name)}", _scalar(missed[step.line]) if step.line in missed else None
        )
    elif isinstance(step, SlotStep):
        yield "  - slot_was_set:"
        got = missed.get(step.line) or {}
        remark = _scalar(got[step.name]) if step.name in got else None
        named = _scalar(step.name) if step.bare else f"{_scalar(step.name)}: {_scalar(step.value)}"
        yield _line(f"    - {named}", remark)


def _remark(outcome: Acted | None) -> str | None:
    if outcome is None or (outcome.ok and not outcome.unlikely):
        return None
    if outcome.ok:
        return UNLIKELY_INTENT
    return f"{outcome.predicted}{f' after {UNLIKELY_INTENT}' if outcome.unlikely else ''}"


def _listening(outcome: Acted) -> str:
    return _line(f"  - action: {LISTEN}", _remark(outcome))


def _line(text: str, remark: str | None) -> str:
    return text if remark is None else f"{text}  # predicted: {' '.join(remark.split())}"


def _scalar(value: Any) -> str:
    """A value on one line."""
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=float("inf"), sort_keys=False)
    return text.removesuffix("...\n").strip()

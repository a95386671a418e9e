"""Forms: loops that ask for slots until all are filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.calls import ActionRejectedError
from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.slots import REQUESTED_SLOT
from bot.dialogue.tracker import View
from bot.events import Event, action_executed, active_loop, slot_set


class Execution(Protocol):
    """What a form needs of the runtime."""

    async def run(self, name: str, view: View) -> list[Event]: ...

    async def run_custom(self, name: str, view: View) -> list[Event]: ...

    async def extract_slots(self, view: View) -> list[Event]: ...


async def run_form(name: str, view: View, domain: Domain, execution: Execution) -> list[Event]:
    """One step of a form: activates it, takes what the user said, asks the next question or ends.

    Raises ActionRejectedError where the user did not answer, so that the policies may do something else.
    """
    return await _Step(name, domain, execution).run(view)


class _Step:
    def __init__(self, name: str, domain: Domain, execution: Execution) -> None:
        self._name = name
        self._domain = domain
        self._execution = execution
        self._required = domain.forms[name].required_slots if name in domain.forms else ()
        self._validator = f"validate_{name}" if f"validate_{name}" in domain.action_index else None

    async def run(self, view: View) -> list[Event]:
        events: list[Event] = []
        if view.loop_name != self._name:
            events = await self._activate(view)
        if not _is_done(events):
            events += await self._do(view, events)
        if _is_done(events):
            events.append(active_loop(None))
        return events

    async def _activate(self, view: View) -> list[Event]:
        opening = active_loop(self._name)
        active = view.branch([opening])
        extracted = await self._execution.extract_slots(active)
        active = active.branch(extracted)
        slots = [event for event in extracted if event["event"] == "slot"]
        if self._validator is None:
            return [opening, *slots]
        filled = {name: active.slots[name] for name in self._required if active.slots.get(name) is not None}
        checked = await self._validate_slots(filled, active)
        settled = {event["name"] for event in checked if event["event"] == "slot"}
        return [opening, *checked, *(event for event in slots if event["name"] not in settled)]

    async def _do(self, view: View, so_far: Sequence[Event]) -> list[Event]:
        events: list[Event] = []
        if all(event["event"] in ("active_loop", "form") for event in so_far):
            events = await self._validate_if_required(view)
        if not _is_rejected(events):
            events += await self._request_next(view, [*so_far, *events])
        return events

    async def _validate_if_required(self, view: View) -> list[Event]:
        loop = view.moment.loop
        if loop is None or (view.moment.action_name == LISTEN and not loop.interrupted):
            return await self._validate(view)
        return await self._validate_slots({}, view)

    async def _validate(self, view: View) -> list[Event]:
        candidates = self._candidates(view)
        events = await self._validate_slots(candidates, view)
        requested = self._requested(view)
        answered = candidates or any(e["event"] == "slot" and e["name"] != REQUESTED_SLOT for e in events)
        if requested and not answered and not _is_rejected(events):
            raise ActionRejectedError(f"nothing in the message fills the slot {requested!r} of {self._name!r}")
        return events

    def _candidates(self, view: View) -> dict[str, object]:
        """What the latest message filled of the slots that the form wants."""
        wanted = {*self._required, self._requested(view)}
        filled: list[Event] = []
        for event in view.backwards():
            if event["event"] == "slot" and event["name"] in wanted:
                filled.append(event)
            elif event["event"] in ("restart", "user"):
                break
        return {event["name"]: event["value"] for event in reversed(filled)}

    async def _validate_slots(self, candidates: dict[str, object], view: View) -> list[Event]:
        if self._validator is None:
            return []
        slots = [slot_set(name, value) for name, value in candidates.items()]
        return await self._execution.run_custom(self._validator, self._temporary(view, slots))

    def _temporary(self, view: View, events: Sequence[Event]) -> View:
        """The conversation as an action server sees it: the form's run, then what is new."""
        run = [slot_set(REQUESTED_SLOT, self._requested(view)), action_executed(self._name)]
        return view.branch([*run, *events], since_restart=True)

    async def _request_next(self, view: View, so_far: Sequence[Event]) -> list[Event]:
        if _is_done(so_far):
            return [slot_set(REQUESTED_SLOT, None)]
        chosen = next((e["value"] for e in so_far if e["event"] == "slot" and e["name"] == REQUESTED_SLOT), None)
        temporary = self._temporary(view, so_far)
        events: list[Event] = []
        if not chosen:
            chosen = next((name for name in self._required if temporary.slots.get(name) is None), None)
            events = [slot_set(REQUESTED_SLOT, chosen)]
        if not chosen:
            return [slot_set(REQUESTED_SLOT, None)]
        ask = self._question(chosen)
        return [*events, *(await self._execution.run(ask, temporary) if ask else ())]

    def _question(self, slot: str) -> str | None:
        names = (
            f"action_ask_{self._name}_{slot}",
            f"utter_ask_{self._name}_{slot}",
            f"action_ask_{slot}",
            f"utter_ask_{slot}",
        )
        return next((name for name in names if name in self._domain.action_index), None)

    def _requested(self, view: View) -> str | None:
        return view.slots.get(REQUESTED_SLOT) if view.loop_name == self._name else None


def _is_rejected(events: Sequence[Event]) -> bool:
    return any(event["event"] == "action_execution_rejected" for event in events)


def _is_done(events: Sequence[Event]) -> bool:
    """Nothing is left to ask, or an action has ended the form."""
    if _is_rejected(events):
        return False
    asked = next((e for e in reversed(events) if e["event"] == "slot" and e["name"] == REQUESTED_SLOT), None)
    loop = next((e for e in reversed(events) if e["event"] in ("active_loop", "form")), None)
    return (asked is not None and asked["value"] is None) or (loop is not None and loop["name"] is None)

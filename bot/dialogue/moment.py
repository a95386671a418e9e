"""One moment of a conversation and the pure fold that leads from it to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.dialogue.domain import LISTEN, SESSION_START, Domain
from bot.dialogue.slots import SHOULD_NOT_BE_SET, Feature
from bot.dialogue.state import Message, State
from bot.events import Event

# Requests of one message that wait for a form to end: an event of ours, kept beside the domain's slots.
PENDING_REQUESTS = "pending_requests"


class Loop(NamedTuple):
    name: str
    interrupted: bool = False
    rejected: bool = False
    trigger: Mapping[str, Any] | None = None


class Moment(NamedTuple):
    """Never changed in place. `features` holds the slots that policies see, sorted; `set_slots` those ever set."""

    slots: Mapping[str, Any]
    features: tuple[tuple[str, Feature | str], ...]
    set_slots: frozenset[str] = frozenset()
    action: str | None = None
    action_text: str | None = None
    message: Message | None = None
    loop: Loop | None = None
    followup: str | None = LISTEN
    paused: bool = False
    pending: tuple[Mapping[str, Any], ...] = ()

    @property
    def loop_name(self) -> str | None:
        return None if self.loop is None or self.loop.name == SHOULD_NOT_BE_SET else self.loop.name

    @property
    def action_name(self) -> str | None:
        return self.action or self.action_text

    def state(self, domain: Domain, *, only_set: bool = False) -> State:
        """`only_set` leaves out slots that merely have their initial value (for the training of rules)."""
        features = self.features
        if only_set:
            features = tuple(item for item in features if item[0] in self.set_slots)
        return State(
            self.message.user(domain) if self.message is not None else None,
            features,
            self.action,
            self.action_text,
            self.loop.name if self.loop is not None else None,
        )


def beginning(domain: Domain) -> Moment:
    """The moment before anything has happened."""
    slots = {name: slot.initial_value for name, slot in domain.slots.items()}
    features: list[tuple[str, Feature | str]] = []
    for name, slot in domain.slots.items():
        feature = slot.feature(slot.initial_value)
        if any(feature):
            features.append((name, feature))
    return Moment(slots, tuple(sorted(features)))


def advance(moment: Moment, event: Event, domain: Domain, start: Moment, message: Message | None = None) -> Moment:
    """The moment after `event`. `start` is the domain's beginning; `message` the shared record of a user event.

    Rewinds and undos depend on the past and are the tracker's business: here they change nothing.
    """
    kind = event.get("event")
    if kind == "action":
        loop = moment.loop
        if loop is not None and loop.name != SHOULD_NOT_BE_SET:
            rejected = loop.rejected and event.get("name") != loop.name
            loop = Loop(loop.name, False, rejected, loop.trigger)
        name = event.get("name")
        text = None if name else event.get("action_text")
        return moment._replace(action=name, action_text=text, followup=None, loop=loop)
    if kind == "slot":
        return set_slot(moment, str(event.get("name")), event.get("value"), domain)
    if kind == "user":
        return moment._replace(message=message or Message(event), followup=None)
    if kind in ("active_loop", "form"):
        name = event.get("name")
        trigger = moment.message.parse if moment.message is not None else None
        return moment._replace(loop=Loop(name, False, False, trigger) if name is not None else None)
    if kind == "session_started":
        return start
    if kind == "restart":
        return start._replace(followup=SESSION_START)
    if kind == "reset_slots":
        return moment._replace(slots=start.slots, features=start.features, set_slots=frozenset())
    if kind == "followup":
        return moment._replace(followup=event.get("name"))
    if kind in ("pause", "resume"):
        return moment._replace(paused=kind == "pause")
    return _mark(moment, event, str(kind))


def _mark(moment: Moment, event: Event, kind: str) -> Moment:
    loop, message = moment.loop, moment.message
    if kind == "action_execution_rejected" and loop is not None and event.get("name") == moment.loop_name:
        return moment._replace(loop=loop._replace(rejected=True))
    if kind == "loop_interrupted" and loop is not None:
        return moment._replace(loop=loop._replace(interrupted=bool(event.get("is_interrupted", False))))
    if kind == "form_validation" and loop is not None:
        return moment._replace(loop=loop._replace(interrupted=not event.get("validate", True)))
    if message is not None and moment.action_name == LISTEN:
        if kind == "user_featurization":
            message.use_text = event.get("use_text_for_featurization")
        elif kind == "entities":
            message.entities.extend(e for e in event.get("entities") or [] if e not in message.entities)
    return moment


def set_slot(moment: Moment, name: str, value: Any, domain: Domain) -> Moment:
    slot = domain.slots.get(name)
    if slot is None:
        return moment._replace(pending=tuple(value or ())) if name == PENDING_REQUESTS else moment
    value = slot.stored(value)
    features = moment.features
    feature: Feature | str = slot.feature(value)
    if feature:
        if value == SHOULD_NOT_BE_SET:
            feature = SHOULD_NOT_BE_SET
        others = [item for item in features if item[0] != name]
        shown = isinstance(feature, str) or any(feature)
        features = tuple(sorted([*others, (name, feature)], key=lambda item: item[0])) if shown else tuple(others)
    seen = moment.set_slots if name in moment.set_slots else moment.set_slots | {name}
    return moment._replace(slots={**moment.slots, name: value}, features=features, set_slots=seen)

"""What a task about an order wants next: it answers at once, asks for something, or has one thing confirmed and does it.

A task is one pure look at the order, the rules and what was said. It is looked at again before it is done, so that
what was confirmed and what is true at that moment cannot differ.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.orders import Order
from nlu.language import to_simplified

Detail = Mapping[str, Any]
"""What was said about a task, as JSON-able values; it grows by one answer at a time (slot `order_detail`)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`utter_<response>` with its values."""

    response: str
    values: Mapping[str, Any] = field(default_factory=dict)
    buttons: Sequence[Button] = ()

    def say(self, turn: Turn) -> None:
        turn.say(self.response, buttons=self.buttons, **self.values)


@dataclass(frozen=True, slots=True)
class Answer:
    """Nothing is to be asked: the state of things, or why it cannot be done and what can."""

    reply: Reply
    then: Callable[[], None] = lambda: None
    """What the answer promises, such as a note to the team. Safe to repeat."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Something is missing; the reply to this question is read by `Task.read`."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written when the customer confirms, all in one transaction: `change`, then the case."""

    kind: str
    done: Reply
    data: Mapping[str, Any] = field(default_factory=dict)
    status: Literal["open", "approved", "done"] = "open"
    """open: waits for a person; approved: takes its course; done: nothing is left to do."""
    change: Callable[[Connection, str], bool] = lambda _connection, _key: True
    """Changes the order, under the one-time key; False when it has moved on since it was looked at."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """`reply` says exactly what will happen, for how much, to where."""

    reply: Reply
    outcome: Outcome
    again: str | None = "order_detail"
    """The slot that "change it" asks for once more."""

    @property
    def print(self) -> str:
        """Differs when the customer would be told something else."""
        told = json.dumps([self.reply.response, dict(self.reply.values)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:8]


Step = Answer | Ask | Confirm


@dataclass(frozen=True, slots=True)
class Task:
    """`step` looks at the order and what was said; `read` takes details from the latest message, which may be an answer
    (`asked`); `bare` says what any other words mean as an answer; `fits` tells in which states an order can be meant when
    the customer names none."""

    step: Callable[[Turn, Order, Detail], Step]
    read: Callable[[Turn, bool], Detail] = lambda _turn, _asked: {}
    bare: Callable[[Turn], Detail] = lambda _: {}
    fits: tuple[str, ...] = ()
    without_order: Callable[[Turn], bool] = lambda _: False
    """Says what can be said when no order is known, and whether that is all there is to say."""


class MovedOnError(Exception):
    """The order is no longer what the confirmation was about; nothing was written."""


def carry_out(turn: Turn, order: Order, outcome: Outcome, key: str) -> None:
    """Writes the outcome once for `key` and says what was done. Raises MovedOnError, OutOfStock."""
    told = {"key": key, "said": [outcome.done.response, dict(outcome.done.values)], "at": turn.shop.clock()}
    with turn.shop.engine.begin() as connection:
        if not outcome.change(connection, key):
            raise MovedOnError
        case, _ = turn.shop.orders.open_case(
            outcome.kind,
            order=order,
            customer_id=order.customer_id,
            sender_id=turn.call.sender_id,
            data={**outcome.data, **told},
            key=key,
            status=outcome.status,
            connection=connection,
        )
    check = turn.button("查看订单", "Check the order", f'/track_order{{"order_number": "{order.number}"}}')
    buttons = outcome.done.buttons or (check, person(turn))
    turn.say(outcome.done.response, buttons=buttons, **outcome.done.values, case=case.case_id)


def repeated(turn: Turn, order: Order, key: str) -> bool:
    """Says again what this key has done already; False when it has done nothing yet."""
    case = next((c for c in turn.shop.orders.cases_of(order.number) if c.data.get("key") == key), None)
    if case is None:
        return False
    response, values = case.data["said"]
    turn.say(response, **values, case=case.case_id)
    return True


def note(turn: Turn, order: Order, kind: str, data: Mapping[str, Any]) -> str:
    """A case for the team, once for each order and kind; its number."""
    case, _ = turn.shop.orders.open_case(
        kind,
        order=order,
        customer_id=order.customer_id,
        sender_id=turn.call.sender_id,
        data=data,
        key=f"{kind}:{order.number}",
    )
    return case.case_id


def gathered(turn: Turn) -> Detail:
    """What has been said about the running task so far, the latest answer not counted."""
    for event in reversed(turn.call.events):
        if event.get("event") == "slot" and event.get("name") == "order_detail":
            value = event.get("value")
            if isinstance(value, Mapping):
                return value
            if value is None:
                break
    return {}


def matches(pattern: re.Pattern[str], turn: Turn) -> bool:
    return pattern.search(to_simplified(turn.text)) is not None


def person(turn: Turn) -> Button:
    return turn.button("转人工", "Talk to a person")

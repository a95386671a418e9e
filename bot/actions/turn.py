"""What an action sees of the turn, in the words actions need; and how it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.actions.services import Services
from bot.calls import ActionCall, ActionResult, Utter
from bot.events import Event, followup, slot_set
from bot.messages import BotMessage, Button, Card, Source
from bot.stores.customers import guest


@dataclass
class Turn:
    """Collects messages and events of one action. `result()` hands them over."""

    call: ActionCall
    shop: Services
    messages: list[BotMessage | Utter] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    # --- what the customer said
    @property
    def text(self) -> str:
        return str(self.call.message.get("text") or "")

    @property
    def intent(self) -> str:
        return str((self.call.message.get("intent") or {}).get("name") or "")

    @property
    def language(self) -> Literal["zh", "en"]:
        return "zh" if self.slot("language") == "zh" else "en"

    @property
    def zh(self) -> bool:
        return self.language == "zh"

    @property
    def negative(self) -> bool:
        return (self.call.message.get("sentiment") or {}).get("label") == "negative"

    def entities(self, kind: str, *, role: str | None = None) -> list[Any]:
        """The values of one kind in the order said; `role=None` takes those without a role."""
        found = self.call.message.get("entities") or ()
        return [e["value"] for e in found if e["entity"] == kind and e.get("role") == role]

    def slot(self, name: str) -> Any:
        """As this action has set it, else as it was before."""
        for event in reversed(self.events):
            if event.get("event") == "slot" and event.get("name") == name:
                return event.get("value")
        return self.call.slots.get(name)

    @property
    def customer_id(self) -> str | None:
        """The verified customer, or None."""
        return self.slot("customer_id") or None

    @property
    def owner(self) -> str:
        """Whom a basket, a liking, an order belongs to: the customer, or this conversation."""
        return self.customer_id or self.guest

    @property
    def guest(self) -> str:
        return guest(self.call.sender_id)

    # --- what is answered
    def say(
        self,
        response: str,
        *,
        cards: Sequence[Card] = (),
        sources: Sequence[Source] = (),
        buttons: Sequence[Button] = (),
        **values: Any,
    ) -> None:
        """Utters `utter_<response>` of the domain with these values; cards, sources and buttons ride on it."""
        extra = BotMessage(cards=tuple(cards), sources=tuple(sources), buttons=tuple(buttons))
        self.messages.append(Utter(f"utter_{response}", values, extra if cards or sources or buttons else None))

    def tell(self, text: str, **parts: Any) -> None:
        """Says a text that was put together from data."""
        self.messages.append(BotMessage(text=text, **parts))

    def set(self, **slots: Any) -> None:
        self.events += [slot_set(name, value) for name, value in slots.items()]

    def put(self, **slots: Any) -> None:
        """Sets those that differ. A form's validation must not set what stays: setting nothing is what tells the dialogue
        that a message was no answer to the form's question."""
        self.set(**{name: value for name, value in slots.items() if self.slot(name) != value})

    def heard(self, *slots: str) -> bool:
        """Has any of these slots been set since the customer spoke?"""
        for event in reversed(self.call.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "slot" and event.get("name") in slots:
                return True
        return False

    def then(self, action: str) -> None:
        self.events.append(followup(action))

    def result(self) -> ActionResult:
        return ActionResult(tuple(self.messages), tuple(self.events))

    def pick(self, zh: str, en: str) -> str:
        """A word of glue in the customer's language."""
        return zh if self.zh else en

    def button(self, zh: str, en: str, payload: str = "") -> Button:
        """A quick reply; without a payload the title itself is sent."""
        title = self.pick(zh, en)
        return Button(title, payload or title)


def validated(slots: Mapping[str, Any]) -> ActionResult:
    """The answer of a `validate_<form>` action."""
    return ActionResult(events=tuple(slot_set(name, value) for name, value in slots.items()))

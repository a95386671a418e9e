"""What customers say and what the assistant answers, as plain values that every layer shares."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class UserMessage:
    """One message of a customer. `parse` carries an understanding made elsewhere (Rasa's format) and skips ours."""

    text: str
    sender_id: str
    channel: str = "rest"
    message_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    parse: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply; `payload` is what is sent when it is tapped (text, or Rasa's `/intent{"entity": …}`)."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product as the customer sees it. Prices are in `currency`, `price_note` tells another one; `stock` is a phrase in the customer's language."""

    id: str
    title: str
    subtitle: str = ""
    image: str = ""
    price: float | None = None
    list_price: float | None = None
    currency: str = "CNY"
    price_note: str = ""
    stock: str = ""
    reason: str = ""
    rating: float | None = None
    url: str = ""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class BotMessage:
    """One message of the assistant; each channel renders the richest form that it has."""

    text: str | None = None
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    sources: tuple[Source, ...] = ()
    image: str | None = None
    attachment: Any = None
    elements: tuple[Mapping[str, Any], ...] = ()
    custom: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The filled fields only, JSON-ready, without metadata."""
        return {k: v for k, v in asdict(self).items() if k != "metadata" and v not in (None, (), [])}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> BotMessage:
        """What `as_dict` made, as a message again."""
        buttons = tuple(Button(**b) for b in data.get("buttons", ()))
        cards = tuple(
            Card(**{**c, "buttons": tuple(Button(**b) for b in c.get("buttons", ()))}) for c in data.get("cards", ())
        )
        sources = tuple(Source(**s) for s in data.get("sources", ()))
        rest = {k: v for k, v in data.items() if k not in ("buttons", "cards", "sources")}
        return cls(buttons=buttons, cards=cards, sources=sources, **rest)

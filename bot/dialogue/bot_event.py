"""Between what the assistant says as a value, as an event of the conversation, and as Rasa's REST channel shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bot.events import Event, bot_uttered
from bot.messages import BotMessage, Button, Card, Source

_DATA = ("elements", "quick_replies", "buttons", "attachment", "image", "custom")


def event_of_response(message: Mapping[str, Any]) -> Event:
    """From a response in Rasa's form. What is no part of a message becomes metadata."""
    data = {key: message.get(key) for key in _DATA}
    data["attachment"] = data["attachment"] or data["image"]  # as Rasa records it
    metadata = {key: value for key, value in message.items() if key not in (*_DATA, "text")}
    return bot_uttered(message.get("text"), data, metadata)


def event_of_message(message: BotMessage) -> Event:
    metadata = dict(message.metadata)
    if message.cards:
        metadata["cards"] = [asdict(card) for card in message.cards]
    if message.sources:
        metadata["sources"] = [asdict(source) for source in message.sources]
    response: dict[str, Any] = {
        **metadata,
        "text": message.text,
        "buttons": [asdict(button) for button in message.buttons] or None,
        "image": message.image,
        "attachment": message.attachment,
        "elements": [dict(element) for element in message.elements] or None,
        "custom": dict(message.custom) if message.custom is not None else None,
    }
    return event_of_response(response)


def message_of_event(event: Event) -> BotMessage:
    """Buttons with more than title and payload keep it in `metadata["buttons"]`; quick replies count as buttons."""
    data, metadata = event.get("data") or {}, dict(event.get("metadata") or {})
    cards = tuple(_card(card) for card in metadata.pop("cards", None) or ())
    sources = tuple(Source(**source) for source in metadata.pop("sources", None) or ())
    raw = data.get("quick_replies") or data.get("buttons") or []
    if any(set(button) - {"title", "payload"} for button in raw):
        metadata["buttons"] = raw
    image, attachment = data.get("image"), data.get("attachment")
    return BotMessage(
        text=event.get("text"),
        buttons=tuple(Button(str(b.get("title", "")), str(b.get("payload", b.get("url", "")))) for b in raw),
        cards=cards,
        sources=sources,
        image=image,
        attachment=None if attachment == image else attachment,
        elements=tuple(data.get("elements") or ()),
        custom=data.get("custom"),
        metadata=metadata,
    )


def _card(data: Mapping[str, Any]) -> Card:
    return Card(**{**data, "buttons": tuple(Button(**button) for button in data.get("buttons") or ())})


def rest_payload(messages: Iterable[BotMessage], recipient_id: str) -> list[dict[str, Any]]:
    """The answer of Rasa's REST channel: one response becomes a message for its text (one for each paragraph, unless it
    has buttons), its custom part, image, attachment and each element. Our cards and sources go with the first."""
    shown: list[dict[str, Any]] = []
    for message in messages:
        parts = list(_parts(message))
        if message.cards or message.sources:
            extra = message.as_dict()
            rich: dict[str, Any] = {key: extra[key] for key in ("cards", "sources") if key in extra}
            parts = [{**(parts[0] if parts else {}), **rich}, *parts[1:]]
        shown += [{"recipient_id": recipient_id, **part} for part in parts]
    return shown


def _parts(message: BotMessage) -> Iterable[dict[str, Any]]:
    if message.buttons:
        buttons = message.metadata.get("buttons") or [asdict(button) for button in message.buttons]
        yield {key: value for key, value in (("text", message.text), ("buttons", buttons)) if value is not None}
    elif message.text:
        yield from ({"text": part} for part in message.text.strip().split("\n\n"))
    if message.custom:
        yield {"custom": message.custom}
    if message.image:
        yield {"image": message.image}
    if message.attachment:
        yield {"attachment": message.attachment}
    for element in message.elements:
        text = f"{element.get('title', '')} : {element.get('subtitle', '')}"
        yield {"text": text, "buttons": list(element.get("buttons") or [])}

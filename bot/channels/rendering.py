"""Messages for platforms that have less than we do: plain text, numbered choices, splits at the platform's limit."""

from __future__ import annotations

import re

from bot.messages import BotMessage, Card

_SENTENCE_END = re.compile(r"(?<=[。！？!?\n])|(?<=\.)\s")
_LINK = re.compile(r"https?://\S+")


def plain(message: BotMessage) -> str:
    """Text, cards and sources as one text; a bare number or ordinal from the customer picks a card."""
    parts = [message.text] if message.text else []
    parts += [f"{place}. {card_line(card)}" for place, card in enumerate(message.cards, start=1)]
    parts += [f"— {source.title}" for source in message.sources]
    return "\n".join(parts)


def card_line(card: Card) -> str:
    price = f"{card.currency} {card.price:g}" if card.price is not None else ""
    return " · ".join(p for p in (card.title, price, card.stock, card.reason) if p)


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut at sentence ends where there are any, never inside a link or an emoji."""
    pieces: list[str] = []
    rest = text
    while len(rest) > limit:
        cut = _cut(rest, limit)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [p for p in [*pieces, rest] if p]


def _cut(text: str, limit: int) -> int:
    ends = [m.end() for m in _SENTENCE_END.finditer(text) if 0 < m.end() <= limit]
    cut = ends[-1] if ends and ends[-1] > limit // 3 else max(text.rfind(" ", 1, limit), 0) or limit
    for link in _LINK.finditer(text):
        if link.start() < cut < link.end() and link.start() > 0 and link.end() - link.start() <= limit:
            cut = link.start()
    while 0 < cut < len(text) and _joins(text[cut - 1], text[cut]):
        cut -= 1
    return cut or limit


def _joins(before: str, after: str) -> bool:
    """Do two characters belong to one picture (ZWJ sequence, skin tone, variation selector)?"""
    return (
        before == "\u200d"
        or after == "\u200d"
        or "\ufe00" <= after <= "\ufe0f"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )

"""Questions about how the shop works, answered from its own articles."""

from __future__ import annotations

import re

from bot.actions.delivery import delivery_period
from bot.actions.places import kind_of_place
from bot.actions.suggestions import suggest
from bot.actions.turn import Turn
from bot.messages import Button, Source
from knowledge.answer import Answer
from nlu.language import to_simplified

_POSTAGE = re.compile(
    r"运费|邮费|快递费|包邮|免邮|\bpostage\b|\b(?:shipping|delivery)\b|\b(?:cost|charge|fee)s?\b.{0,20}\b(?:send|ship|deliver)",
    re.I,
)
_BACK = re.compile(r"退|换|关税|清关|\b(?:return|exchange|refund|customs|dut(?:y|ies)|tax(?:es)?)\b", re.I)


def faq(turn: Turn) -> None:
    """The article's own short answer with its source, or an honest no. What shipping to a named place costs is told by the
    shop's rules: articles about other places sound just like it."""
    place = kind_of_place(turn.shop.policies.shipping, turn.text)
    if place and _POSTAGE.search(to_simplified(turn.text)) and not _BACK.search(to_simplified(turn.text)):
        delivery_period(turn, postage=True)
        return
    answer = _answer(turn)
    if answer.known:
        _tell(turn, answer)
        inside = turn.shop.carts.lines(turn.owner)
        product = turn.shop.catalog.of_sku(inside[-1].sku) if inside else None
        if product is not None:
            suggest(turn, "answer", product)
        return
    near = answer.alternatives[0] if answer.alternatives else ""
    turn.shop.feedback.asked_in_vain(turn.text, turn.language, near, answer.confidence)
    titles = [Button(title, title) for title in answer.alternatives[:2]]
    turn.say("faq_unknown", buttons=[*titles, turn.button("转人工", "Talk to a person")])


def answered(turn: Turn, *, sure: float = 0.0) -> bool:
    """Says what an article knows of this question; False when none does, with a confidence of at least `sure`."""
    answer = _answer(turn)
    known = answer.known and answer.confidence >= sure
    if known:
        _tell(turn, answer)
    return known


def _answer(turn: Turn) -> Answer:
    return turn.shop.answerer.answer(turn.text, vector=turn.shop.encode(turn.text), language=turn.language)


def _tell(turn: Turn, answer: Answer) -> None:
    turn.say(
        "faq",
        answer=answer.text,
        sources=[Source(source.title, source.url) for source in answer.sources],
        buttons=[*(Button(t, t) for t in answer.alternatives[:2]), turn.button("转人工", "Talk to a person")],
    )


ACTIONS = {"action_faq": faq}

"""Questions about how the shop works, answered from its own articles."""

from __future__ import annotations

from bot.actions.suggestions import suggest
from bot.actions.turn import Turn
from bot.messages import Button, Source


def faq(turn: Turn) -> None:
    """The article's own short answer with its source, or an honest no."""
    answer = turn.shop.answerer.answer(turn.text, vector=turn.shop.encode(turn.text), language=turn.language)
    if answer.known:
        turn.say(
            "faq",
            answer=answer.text,
            sources=[Source(source.title, source.url) for source in answer.sources],
            buttons=[*(Button(t, t) for t in answer.alternatives[:2]), turn.button("转人工", "Talk to a person")],
        )
        inside = turn.shop.carts.lines(turn.owner)
        product = turn.shop.catalog.of_sku(inside[-1].sku) if inside else None
        if product is not None:
            suggest(turn, "answer", product)
        return
    near = answer.alternatives[0] if answer.alternatives else ""
    turn.shop.feedback.asked_in_vain(turn.text, turn.language, near, answer.confidence)
    titles = [Button(title, title) for title in answer.alternatives[:2]]
    turn.say("faq_unknown", buttons=[*titles, turn.button("转人工", "Talk to a person")])


ACTIONS = {"action_faq": faq}

"""What is suggested without being asked for: a piece that completes the basket, at a moment when it does not disturb.

Whether and how is decided by `bot.offers`: nothing, one piece beside what was taken (with the price of both), or a list.
Every decision is logged with its probability, the decision to say nothing as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import offers
from bot.actions import formats
from bot.actions.shelf import CARDS, card, show
from bot.actions.turn import Turn
from bot.actions.wish_words import reason_told
from bot.offers import Moment, Occasion
from bot.stores.catalog import Product
from recommender.recommend import Slate


def suggest(turn: Turn, occasion: Occasion, product: Product) -> None:
    """Beside `product`, which was just taken, is in the basket, or is in the order that was looked after."""
    past = _past(turn)
    if (
        turn.slot("pending")
        or product.product_id in past["products"]
        or not offers.may_suggest(moment(turn), refused=bool(past["refused"]), suggested=int(past["made"]))
    ):
        return
    slate = goes_with(turn, product, k=CARDS)
    slate = replace(slate, items=tuple(item for item in slate.items if item.item_id not in past["products"]))
    if not slate.items:
        return
    turns = sum(event.get("event") == "user" for event in turn.call.events)
    seen = offers.unasked(total=slate.total, seen=int(past["made"]), turns=turns)
    decision = offers.decide_unasked(
        seen, occasion, learned=turn.shop.offers, draw=f"{turn.call.sender_id}:{turns}:{occasion}"
    )
    state = {**decision.state, "decision": decision.action, "occasion": occasion}
    if decision.action == "stop":
        turn.shop.feedback.offered(
            turn.call.sender_id, f"suggest_{occasion}", [], propensity=decision.propensity, state=state
        )
        return
    if decision.action == "show_3":
        search = {"wish": {}, "text": turn.text, "past": [], "goal": "bundle"}
        show(turn, slate.items, say="suggest_list", action=f"suggest_{occasion}", search=search, decision=decision)
        offered = [item.item_id for item in slate.items]
    else:
        offered = _one(turn, product, slate, f"suggest_{occasion}", decision.propensity, state)
    products = [*past["products"], product.product_id, *offered]
    turn.set(suggestions={**past, "made": int(past["made"]) + 1, "products": products})


def refused(turn: Turn) -> None:
    """A no to what nobody asked for is the last word on it in this conversation."""
    past = _past(turn)
    if past["made"]:
        turn.set(suggestions={**past, "refused": True})


def goes_with(turn: Turn, product: Product, *, k: int) -> Slate:
    """What is bought with it and the rest of the basket, never what is in there already."""
    catalog = turn.shop.catalog
    inside = [catalog.variants[line.sku].product_id for line in turn.shop.carts.lines(turn.owner)]
    basket = list(dict.fromkeys([product.product_id, *inside]))
    return turn.shop.recommender.for_basket(basket, k=k, available=turn.shop.available())


def moment(turn: Turn) -> Moment:
    """What the guards of `bot.offers` look at."""
    known = turn.shop.conversations.get(turn.call.sender_id)
    return Moment(
        negative=turn.negative,
        mood=float(turn.slot("mood") or 0.0),
        negative_turns=int(turn.slot("negative_turns") or 0),
        intent=turn.intent,
        mode=known.mode if known else "bot",
        form=turn.call.active_loop,
    )


def _one(
    turn: Turn, product: Product, slate: Slate, action: str, propensity: float, state: dict[str, Any]
) -> list[str]:
    """One piece with the price of both; its id. The list on the screen and what is spoken of stay what they are."""
    found = [(item, turn.shop.catalog.get(item.item_id)) for item in slate.items]
    item = next((item for item, other in found if other and other.price <= product.price), slate.items[0])
    other = turn.shop.catalog.get(item.item_id)
    if other is None:
        return []
    language = turn.language
    names = {p.product_id: p.name(language) for p in turn.shop.catalog.products.values()}
    why = next((text for r in item.reasons if (text := reason_told(turn, r, names))), "")
    turn.set(pending={"action": "action_add_to_cart", "slots": {"focus": other.product_id}})
    turn.say(
        "suggest_one",
        cards=[card(turn, other, reason=why)],
        buttons=[
            turn.button("一起买", "Add it too", f'/add_to_cart{{"product_id": "{other.product_id}"}}'),
            turn.button("不用了", "No thanks", "/deny"),
        ],
        name=names[product.product_id],
        other=names[other.product_id],
        price=formats.money(other.price, language),
        total=formats.money(product.price + other.price, language),
    )
    turn.shop.feedback.offered(turn.call.sender_id, action, [other.product_id], propensity=propensity, state=state)
    return [other.product_id]


def _past(turn: Turn) -> dict[str, Any]:
    """How many were made in this conversation, whether one was refused, and when the conversation began."""
    now, past = turn.shop.clock(), turn.slot("suggestions") or {}
    if not past or now - float(past.get("since", 0.0)) > offers.CONVERSATION:
        return {"made": 0, "refused": False, "products": [], "since": now}
    return dict(past)

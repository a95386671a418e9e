"""Putting products before the customer: cards with price, stock and the reason, and what was shown is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import formats
from bot.actions.turn import Turn
from bot.actions.wish_words import reason_told
from bot.messages import Button, Card
from bot.offers import Decision
from bot.stores.catalog import Product
from recommender.recommend import Recommendation

CARDS = 3
FEW_LEFT = 5
EARLIER = 3
"""Lists that are remembered besides the one on the screen."""


def card(turn: Turn, product: Product, *, reason: str = "", stock: Mapping[str, int] | None = None) -> Card:
    available = stock if stock is not None else turn.shop.ledger.available_map()
    language = turn.language
    return Card(
        id=product.product_id,
        title=product.name(language),
        subtitle=" · ".join(
            (
                turn.shop.label("brands", product.brand, language),
                turn.shop.label("categories", product.category, language),
            )
        ),
        image=product.image,
        price=product.price,
        list_price=product.list_price if product.list_price and product.list_price > product.price else None,
        currency=turn.shop.policies.shop.currency,
        price_note="" if turn.zh else formats.second_money(product.price, turn.shop.policies.shop),
        stock=stock_phrase(turn, product, available),
        reason=reason,
        rating=product.rating,
        buttons=(
            turn.button("加入购物车", "Add to cart", f'/add_to_cart{{"product_id": "{product.product_id}"}}'),
            turn.button("看详情", "Details", f'/product_details{{"product_id": "{product.product_id}"}}'),
        ),
    )


def stock_phrase(turn: Turn, product: Product, available: Mapping[str, int]) -> str:
    """有货 / only 3 left / sold out, from 1 Dec: counted over all variants of the product."""
    left = sum(max(0, available.get(sku, 0)) for sku in product.skus)
    if left > FEW_LEFT:
        return turn.pick("有货", "In stock")
    if left:
        return turn.pick(f"仅剩 {left} 件", f"Only {left} left")
    back = turn.shop.ledger.next_inbound(product.skus, turn.shop.today())
    if back is None:
        return turn.pick("暂时缺货", "Sold out")
    when = formats.day(back, turn.language)
    return turn.pick(f"缺货，预计{when}到货", f"Sold out, expected {when}")


def show(
    turn: Turn,
    found: Sequence[Recommendation],
    *,
    say: str,
    action: str,
    search: Mapping[str, Any] | None,
    buttons: Sequence[Button] = (),
    decision: Decision | None = None,
    **values: Any,
) -> None:
    """Says `utter_<say>` with a card for each product, remembers the list, and logs the offer with the probability of
    what was decided about it."""
    catalog = turn.shop.catalog
    stock = turn.shop.ledger.available_map()
    names = {p.product_id: p.name(turn.language) for p in catalog.products.values()}
    cards = []
    for item in found[:CARDS]:
        product = catalog.get(item.item_id)
        if product is not None:
            reason = turn.pick("，", ", ").join(_reasons(turn, item, names))
            cards.append(card(turn, product, reason=reason, stock=stock))
    ids = [c.id for c in cards]
    turn.say(say, cards=cards, buttons=buttons, **values)
    seen = [*((search or {}).get("seen") or ()), *ids]
    why = {item.item_id: [list(_coded(r)) for r in item.reasons] for item in found[:CARDS]}
    keep_earlier(turn, ids)
    turn.set(shown=ids, focus=ids[0] if len(ids) == 1 else None, search={**(search or {}), "seen": seen, "why": why})
    propensity = decision.propensity if decision else 1.0
    state = {**decision.state, "decision": decision.action} if decision else None
    turn.shop.feedback.offered(turn.call.sender_id, action, ids, propensity=propensity, state=state)


def keep_earlier(turn: Turn, ids: Sequence[str]) -> None:
    """Before another list takes its place on the screen: the one there is kept, for "the second of the earlier ones"."""
    shown = list(turn.slot("shown") or ())
    if shown and shown != list(ids):
        turn.set(earlier=[shown, *(turn.slot("earlier") or ())][:EARLIER])


def _reasons(turn: Turn, item: Recommendation, names: Mapping[str, str]) -> list[str]:
    """The two strongest reasons as phrases."""
    phrases = [reason_told(turn, reason, names) for reason in item.reasons]
    return [p for p in dict.fromkeys(phrases) if p][:2]


def _coded(reason: Any) -> tuple[str, Any]:
    return reason.code, reason.value

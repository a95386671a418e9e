"""The basket in words: what it comes to, what can be done next, which of its lines is meant."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions import formats
from bot.actions.reference import meant
from bot.actions.regrets import uttered
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.catalog import Product
from bot.stores.customers import CartLine as Line

MOST = 99
"""Pieces of one product in a basket; more is a bulk order, which a person quotes."""


def goods_total(turn: Turn) -> float:
    catalog = turn.shop.catalog
    lines = [(catalog.of_sku(line.sku), line.quantity) for line in turn.shop.carts.lines(turn.owner)]
    return sum(product.price * quantity for product, quantity in lines if product)


def total(turn: Turn) -> str:
    rate = turn.shop.policies.shop.second_rate
    return formats.money(goods_total(turn), turn.language, rate=rate)


def shipping_hint(turn: Turn) -> str:
    missing = turn.shop.policies.shipping.free_from - goods_total(turn)
    if missing <= 0:
        return turn.pick("已满足内地包邮（偏远地区除外）。", "Mainland shipping is free (remote regions excepted).")
    amount = formats.money(missing, turn.language)
    return turn.pick(f"再买 {amount}就能内地包邮。", f"{amount} more and mainland shipping is free.")


def next_buttons(turn: Turn) -> list[Button]:
    return [turn.button("看购物车", "Show my cart"), turn.button("去结算", "Check out")]


def start_buttons(turn: Turn) -> list[Button]:
    return [turn.button("有什么好推荐的", "Recommend something"), turn.button("有什么优惠", "Any offers today?")]


def recount(turn: Turn) -> None:
    """While checking out, a changed basket needs a new summary."""
    if turn.call.active_loop == "checkout_form":
        turn.set(checkout_confirm=None)


def line_meant(turn: Turn, lines: Sequence[Line]) -> Line | None:
    """ "The second one" of the basket, when that was put before the customer last; else the piece in it that is named."""
    ordinals = turn.entities("ordinal")
    if ordinals and _basket_shown_last(turn):
        place = ordinals[0] - 1 if ordinals[0] > 0 else ordinals[0]
        return lines[place] if -len(lines) <= place < len(lines) else None
    found = {p.product_id for p in meant(turn)}
    return next((ln for ln in lines if turn.shop.catalog.variants[ln.sku].product_id in found), None)


def _basket_shown_last(turn: Turn) -> bool:
    for event in reversed(turn.call.events):
        if uttered(event, "cart"):
            return True
        if event.get("event") == "slot" and event.get("name") == "shown":
            return False
    return False


def chosen_product(turn: Turn) -> Product | None:
    """The piece that is just being put in."""
    return turn.shop.catalog.get(str(turn.slot("cart_product") or ""))


def pieces(value: object) -> int:
    """A number of pieces, at least one."""
    try:
        return max(1, int(str(value)))
    except ValueError:
        return 1

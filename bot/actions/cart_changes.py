"""Changes of what is in the basket: a piece taken out, another number of it, and how it stands."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.basket import (
    MOST,
    chosen_product,
    line_meant,
    next_buttons,
    pieces,
    recount,
    shipping_hint,
    start_buttons,
    total,
)
from bot.actions.cart_undo import drop, keeps, remember
from bot.actions.reference import meant, meant_or_focus
from bot.actions.stock import variant_name
from bot.actions.turn import Turn
from bot.messages import Button

_ALL = re.compile(r"清空|全部?删|都删|全都?不要|\b(?:empty|clear)\b|\beverything\b|\ball of (?:it|them)\b", re.I)


def remove_from_cart(turn: Turn) -> None:
    lines = turn.shop.carts.lines(turn.owner)
    if keeps(turn):
        return
    pointed = line_meant(turn, lines)
    if (
        turn.call.active_loop == "cart_form" and pointed is None and not turn.entities("product") and _of_it(turn)
    ):  # "no, take it off": of what is just being put in
        drop(turn)
        turn.say("cart_not_added", buttons=start_buttons(turn))
        return
    if lines and _ALL.search(turn.text):
        remember(turn)
        turn.shop.carts.clear(turn.owner)
        turn.say("cart_cleared", buttons=start_buttons(turn))
        return
    if not lines:
        turn.say("cart_empty", buttons=start_buttons(turn))
        return
    product = turn.shop.catalog.of_sku(pointed.sku) if pointed else None
    named = [kind for kind in ("product", "category", "brand") if turn.entities(kind)]
    if product is None and not named:
        product = meant_or_focus(turn) if len(lines) > 1 else turn.shop.catalog.of_sku(lines[0].sku)
    gone = [line for line in lines if product and turn.shop.catalog.variants[line.sku].product_id == product.product_id]
    if not gone or product is None:
        buttons = [
            Button(
                owned.name(turn.language),
                f'/remove_from_cart{{"product_id": "{owned.product_id}"}}',
            )
            for line in lines[:4]
            if (owned := turn.shop.catalog.of_sku(line.sku))
        ]
        turn.say("cart_remove_which", buttons=buttons)
        return
    recount(turn)
    remember(turn)
    quantities = turn.entities("quantity")
    for line in gone:
        left = max(0, line.quantity - pieces(quantities[0])) if quantities else 0
        turn.shop.carts.put(turn.owner, line.sku, left)
    if not turn.shop.carts.lines(turn.owner):
        turn.say("cart_removed_last", name=product.name(turn.language), buttons=start_buttons(turn))
        return
    turn.say(
        "cart_removed",
        name=product.name(turn.language),
        total=total(turn),
        buttons=next_buttons(turn),
    )


def change_quantity(turn: Turn) -> bool:
    """ "Make it three": of the piece meant, or of the only one. False when the basket has nothing that is meant. While its
    colour is still asked for, it is said of the piece that is being put in."""
    said = [*turn.entities("quantity", role="to"), *turn.entities("quantity")]
    if turn.call.active_loop == "cart_form" and said and not meant(turn):
        turn.set(cart_quantity=pieces(said[0]))
        return True
    lines = turn.shop.carts.lines(turn.owner)
    found = {turn.shop.catalog.variants[line.sku].product_id: line for line in lines}
    meant_here = [p for p in meant(turn) if p.product_id in found]
    line = found[meant_here[0].product_id] if meant_here else lines[0] if len(lines) == 1 else None
    product = turn.shop.catalog.of_sku(line.sku) if line else None
    if line is None or product is None or not said:
        return False
    wanted = min(pieces(said[0]), MOST)
    there = turn.shop.ledger.available(line.sku)
    recount(turn)
    remember(turn)
    turn.shop.carts.put(turn.owner, line.sku, min(wanted, there))
    turn.say(
        "cart_changed" if wanted <= there else "cart_capped",
        name=product.name(turn.language),
        quantity=min(wanted, there),
        total=total(turn),
        shipping=shipping_hint(turn),
        buttons=[turn.button("去结算", "Check out"), turn.button("看购物车", "Show my cart")],
    )
    return True


def view_cart(turn: Turn) -> None:
    rows = []
    for line in turn.shop.carts.lines(turn.owner):
        product, variant = turn.shop.catalog.of_sku(line.sku), turn.shop.catalog.variants.get(line.sku)
        if product and variant:
            label = variant_name(turn, variant)
            price = formats.money(product.price * line.quantity, turn.language)
            rows.append(f"• {product.name(turn.language)}{f' ({label})' if label else ''} × {line.quantity}  {price}")
    if not rows:
        turn.say("cart_empty", buttons=start_buttons(turn))
        return
    turn.say(
        "cart",
        lines="\n".join(rows),
        total=total(turn),
        shipping=shipping_hint(turn),
        buttons=[turn.button("去结算", "Check out"), turn.button("删掉一件", "Remove something")],
    )


def _of_it(turn: Turn) -> bool:
    """Is what is named, if anything, the piece that is just being put in?"""
    product = chosen_product(turn)
    kinds = [v for value in turn.entities("category") for v in (value if isinstance(value, list | tuple) else [value])]
    if product is None or not kinds:
        return True
    department = turn.shop.taxonomy["categories"].get(product.category, {}).get("department")
    return product.category in kinds or department in kinds


ACTIONS = {
    "action_remove_from_cart": remove_from_cart,
    "action_view_cart": view_cart,
}

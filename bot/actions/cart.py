"""What goes into the basket. A piece with colours or sizes is asked for once, only when several are left to choose from."""

from __future__ import annotations

import re

from bot.actions.basket import MOST, chosen_product, pieces, shipping_hint, total
from bot.actions.cart_changes import change_quantity
from bot.actions.cart_undo import last_put_in, remember
from bot.actions.reference import meant, meant_or_focus
from bot.actions.shelf import CARDS
from bot.actions.stock import variant_name
from bot.actions.suggestions import suggest
from bot.actions.turn import Turn
from bot.actions.wish_words import size_name, word
from bot.events import active_loop
from bot.messages import Button
from bot.stores.catalog import Product, Variant
from nlu.language import to_simplified

_MORE = re.compile(
    r"^\W*(?:再|多)(?:来|加|要|买|拿|添)?(?:[一二两三四五六七八九十\d]+)?(?:个|件|份|双|条|瓶|盒|台|只|袋|杯|套)(?:吧|呗|啊|好了)?\W*$|"
    r"\b(?:one|two|three|\d+) more\b(?! (?:thing|question))|\b(?:another one|same again)\b",
    re.I,
)
"""More of what has just been put in."""
ASKED_MOST = 2


def add_to_cart(turn: Turn) -> None:
    if turn.entities("quantity", role="to") and change_quantity(turn):  # "make it three" of what is in there
        return
    more = _MORE.search(to_simplified(turn.text)) and not meant(turn)
    latest = last_put_in(turn) if more else None
    product = turn.shop.catalog.of_sku(latest) if latest else meant_or_focus(turn)
    if product is None:
        turn.say("which_product")
        return
    shown = [p for p in (turn.shop.catalog.get(i) for i in turn.slot("shown") or ()) if p]
    if latest is None and len(shown) > 1 and not turn.slot("focus") and not meant(turn):
        turn.say("add_which", buttons=[_put_button(turn, p) for p in shown[:CARDS]])
        return
    if turn.call.active_loop:
        turn.events.append(active_loop(None))
    quantities = turn.entities("quantity")
    same = turn.shop.catalog.variants[latest] if latest else None
    turn.set(
        requested_slot=None,
        pending=None,
        focus=product.product_id,
        cart_product=product.product_id,
        cart_color=next(iter(turn.entities("color")), None) or (same.color if same else _known(turn, product, "color")),
        cart_size=next((str(s) for s in turn.entities("size")), None)
        or (same.size if same else _known(turn, product, "size")),
        cart_quantity=quantities[0] if quantities else 1,
        cart_asked=0,
    )
    turn.then("cart_form")


def validate_cart_form(turn: Turn) -> None:
    """Asks for the colour, then the size, when several that are in stock are left; ends when one variant is."""
    product = chosen_product(turn)
    if product is None:
        turn.set(requested_slot=None)
        return
    if turn.heard("cart_color", "cart_size"):  # an answer: the next question has its own patience
        turn.put(cart_asked=0)
    color, size = turn.slot("cart_color"), turn.slot("cart_size")
    colors = {v.color for v in product.variants} - {""}
    sizes = {v.size for v in product.variants} - {""}
    if color and color not in colors:
        if colors:
            turn.say("cart_no_such", name=product.name(turn.language), value=word(turn, "color", str(color)))
        color = None
    if size:
        size = _same_size(str(size), sizes)
        if size is None and sizes:
            turn.say("cart_no_such", name=product.name(turn.language), value=str(turn.slot("cart_size")))
    stock = turn.shop.ledger.available_map()
    left = [v for v in _matching(product, color, size) if stock.get(v.sku, 0) > 0]
    if not color and len({v.color for v in left}) == 1 and left:
        color = left[0].color or None
    if not size and left and len({v.size for v in left}) == 1:
        size = left[0].size or None
    asked = None
    if left and len({v.color for v in left}) > 1 and not color:
        asked = "cart_color"
    elif left and len({v.size for v in left}) > 1 and not size:
        asked = "cart_size"
    turn.put(cart_color=color, cart_size=size, cart_quantity=turn.slot("cart_quantity") or 1)
    turn.set(requested_slot=asked)


def ask_color(turn: Turn) -> None:
    product = chosen_product(turn)
    if product is not None and _again(turn):
        left = _in_stock(turn, _matching(product, None, turn.slot("cart_size")))
        colors = list(dict.fromkeys(v.color for v in left))
        buttons = [Button(word(turn, "color", c), f'/inform{{"color": "{c}"}}') for c in colors]
        turn.say("ask_color", name=product.name(turn.language), buttons=buttons)


def ask_size(turn: Turn) -> None:
    product = chosen_product(turn)
    if product is not None and _again(turn):
        left = _in_stock(turn, _matching(product, turn.slot("cart_color"), None))
        buttons = [Button(size_name(turn, v.size), f'/inform{{"size": "{v.size}"}}') for v in left]
        turn.say("ask_size", name=product.name(turn.language), buttons=buttons)


def put_in_cart(turn: Turn) -> None:
    """Puts the chosen variant in, never more than there is."""
    product = chosen_product(turn)
    if product is None and int(turn.slot("cart_asked") or 0) > ASKED_MOST:
        return  # the question was dropped; there is nothing more to say of it
    if product is None:
        turn.say("which_product")
        return
    fitting = _matching(product, turn.slot("cart_color"), turn.slot("cart_size"))
    stock = turn.shop.ledger.available_map()
    variant = next((v for v in fitting if stock.get(v.sku, 0) > 0), None)
    name = product.name(turn.language)
    if variant is None:
        turn.set(focus=product.product_id)
        turn.say(
            "cart_sold_out",
            name=name,
            buttons=[
                turn.button("到货通知我", "Tell me when it's back"),
                turn.button("有类似的吗", "Anything similar?"),
            ],
        )
        return
    wanted = pieces(turn.slot("cart_quantity"))
    held = {line.sku: line.quantity for line in turn.shop.carts.lines(turn.owner)}
    quantity = min(held.get(variant.sku, 0) + wanted, stock[variant.sku], MOST)
    remember(turn)
    turn.shop.carts.put(turn.owner, variant.sku, quantity)
    turn.shop.feedback.interacted(turn.owner, product.product_id, "cart")
    if turn.slot("checkout_nonce"):  # put in while checking out: a yes goes on there
        turn.set(pending={"action": "action_start_checkout", "slots": {}})
    turn.set(cart_product=None, cart_color=None, cart_size=None, cart_quantity=None)
    label = variant_name(turn, variant)
    bulk = wanted >= turn.shop.policies.discounts.bulk_from
    capped = quantity < held.get(variant.sku, 0) + wanted
    checking_out = bool(turn.slot("checkout_nonce"))
    turn.say(
        "cart_bulk" if bulk else "cart_capped" if capped else "cart_added",
        name=name + (turn.pick(f"（{label}）", f" ({label})") if label else ""),
        quantity=quantity,
        total=total(turn),
        shipping=shipping_hint(turn),
        buttons=[
            turn.button("去结算", "Check out"),
            turn.button("看购物车", "Show my cart"),
            turn.button("还要配什么", "What goes with it?"),
        ],
    )
    if not checking_out:
        suggest(turn, "cart", product)


def _put_button(turn: Turn, product: Product) -> Button:
    return Button(product.name(turn.language), f'/add_to_cart{{"product_id": "{product.product_id}"}}')


def _known(turn: Turn, product: Product, kind: str) -> str | None:
    """What was said before about this product: the variant whose stock was asked, else the wish it was found by."""
    checked = turn.slot("checked") or {}
    if checked.get("product") == product.product_id and checked.get(kind):
        return str(checked[kind])
    wished = ((turn.slot("search") or {}).get("wish") or {}).get(kind) or ()
    made = {getattr(v, kind) for v in product.variants}
    return next((str(value) for value in wished if value in made), None)


def _again(turn: Turn) -> bool:
    """Is the question worth asking? The third time it is dropped: the customer has moved on."""
    asked = int(turn.slot("cart_asked") or 0) + 1
    turn.set(cart_asked=asked)
    if asked > ASKED_MOST:
        product = chosen_product(turn)
        turn.say("cart_dropped", name=product.name(turn.language) if product else "")
        turn.events.append(active_loop(None))
        turn.set(cart_product=None, cart_color=None, cart_size=None, requested_slot=None)
        return False
    return True


def _matching(product: Product, color: object, size: object) -> list[Variant]:
    return [v for v in product.variants if (not color or v.color == color) and (not size or v.size == size)]


def _in_stock(turn: Turn, some: list[Variant]) -> list[Variant]:
    stock = turn.shop.ledger.available_map()
    return [v for v in some if stock.get(v.sku, 0) > 0]


def _same_size(said: str, made: set[str]) -> str | None:
    plain = said.casefold().replace("码", "").replace("号", "").strip()
    return next((size for size in made if size.casefold() == plain), None)


ACTIONS = {
    "action_add_to_cart": add_to_cart,
    "validate_cart_form": validate_cart_form,
    "action_ask_cart_form_cart_color": ask_color,
    "action_ask_cart_form_cart_size": ask_size,
    "action_put_in_cart": put_in_cart,
}

"""Which lines of an order, and which other variant of them, the customer means."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.actions.order_steps import Ask, Detail, Reply, matches
from bot.actions.order_words import line_name
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.catalog import Product, Variant
from bot.stores.orders import Order, OrderLine

_ALL = re.compile(r"全部|都(?:要|退|换|坏|是)|整单|所有|\b(?:all|both|everything|whole)\b", re.I)


def choice(turn: Turn, zh: str, en: str, code: str) -> Button:
    """A quick reply whose meaning does not depend on being understood."""
    return turn.button(zh, en, f'/inform{{"again": "{code}"}}')


def chosen(turn: Turn) -> str:
    """The code of the quick reply that was tapped, or whose title was typed; other text has none."""
    return str(next(iter(turn.entities("again")), ""))


def named(turn: Turn, *, colors: bool = False) -> dict[str, list[str]]:
    """What the message says about which piece is meant, as {"named": codes}: tapped, product, kind, what it is now.

    `colors`: a plain colour or size tells the piece; where another one is wished for, only "from black" does.
    """
    tapped = chosen(turn)
    said = [tapped] if tapped and tapped in _pieces(turn) else []  # other quick replies name no piece
    for kind in ("product_id", "product", "category"):
        said += [str(value) for value in turn.entities(kind)]
    for kind in ("color", "size"):
        said += [str(v) for v in [*turn.entities(kind, role="from"), *(turn.entities(kind) if colors else ())]]
    if matches(_ALL, turn):
        said.append("all")
    return {"named": said} if said else {}


def holds(turn: Turn, order: Order) -> bool:
    """Does the order have a piece of the product or kind that the message names."""
    said = {str(value) for kind in ("product_id", "product", "category") for value in turn.entities(kind)}
    return any(said & _codes(turn, line) for line in order.lines)


def which(turn: Turn, order: Order, detail: Detail, *, several: bool = True) -> list[OrderLine] | Ask:
    """The lines meant; a question when the order has more than one and none was named."""
    if len(order.lines) == 1:
        return list(order.lines)
    codes = set(detail.get("named") or ())
    if several and "all" in codes:
        return list(order.lines)
    meant = [line for line in order.lines if codes & _codes(turn, line)]
    if meant and (several or len(meant) == 1):
        return meant
    buttons = [choice(turn, line_name(turn, ln), line_name(turn, ln), ln.sku) for ln in (meant or order.lines)[:6]]
    if several:
        buttons.append(choice(turn, "全部", "All of them", "all"))
    return Ask(Reply("order_which_item", {"number": order.number}, buttons))


def wanted_variant(turn: Turn, line: OrderLine, detail: Detail) -> Variant | None:
    """The variant with the colour and size asked for, what was not asked for staying as it is; None: it is not made.

    A relative size is the next one up or down in the order in which the product lists its sizes.
    """
    product, now = turn.shop.catalog.get(line.product_id), turn.shop.catalog.variants.get(line.sku)
    if product is None or now is None:
        return None
    color = str(detail.get("color") or now.color)
    size = _size(product, now, str(detail.get("size") or now.size))
    return next((v for v in product.variants if v.color == color and v.size == size), None)


def said_variant(turn: Turn) -> dict[str, str]:
    """Colour and size wanted: what stands in the role `to`, else what is named without a role."""
    said: dict[str, str] = {}
    for kind in ("color", "size"):
        values = turn.entities(kind, role="to") or turn.entities(kind, role="relative") or turn.entities(kind)
        if values:
            said[kind] = str(values[-1])
    return said


def in_stock(turn: Turn, product_id: str, *, besides: str = "") -> list[Variant]:
    product = turn.shop.catalog.get(product_id)
    stock = turn.shop.ledger.available_map()
    return [v for v in product.variants if v.sku != besides and stock.get(v.sku, 0) > 0] if product else []


def variant_buttons(turn: Turn, some: Sequence[Variant]) -> list[Button]:
    from_label = [(_label(turn, v), v.sku) for v in some[:6]]
    return [choice(turn, label, label, f"variant:{sku}") for label, sku in from_label if label]


def chosen_variant(turn: Turn) -> dict[str, str]:
    """Colour and size of a variant that was tapped."""
    _, _, sku = chosen(turn).partition("variant:")
    variant = turn.shop.catalog.variants.get(sku)
    pairs = (("color", variant.color), ("size", variant.size)) if variant else ()
    return {kind: value for kind, value in pairs if value}


def _label(turn: Turn, variant: Variant) -> str:
    color = turn.shop.label("colors", variant.color, turn.language) if variant.color else ""
    return " ".join(part for part in (color, variant.size) if part)


def _pieces(turn: Turn) -> set[str]:
    """The quick replies of `which`."""
    order = turn.shop.orders.get(str(turn.slot("order_number") or ""))
    return {"all", *(line.sku for line in order.lines)} if order else {"all"}


def _codes(turn: Turn, line: OrderLine) -> set[str]:
    """All that may stand for a line: its sku, product, kind, department, colour and size."""
    product, variant = turn.shop.catalog.get(line.product_id), turn.shop.catalog.variants.get(line.sku)
    category = product.category if product else ""
    department = str(turn.shop.taxonomy["categories"].get(category, {}).get("department", ""))
    own = (variant.color, variant.size) if variant else ()
    return {line.sku, line.product_id, category, department, *own} - {""}


def _size(product: Product, now: Variant, wanted: str) -> str:
    sizes = [s for s in product.sizes if s] or list(dict.fromkeys(v.size for v in product.variants))
    if wanted in ("larger", "smaller"):
        place = sizes.index(now.size) + (1 if wanted == "larger" else -1) if now.size in sizes else -1
        return sizes[place] if 0 <= place < len(sizes) else ""
    plain = wanted.casefold().replace("码", "").replace("号", "").strip()
    return next((s for s in sizes if s.casefold() == plain), wanted)

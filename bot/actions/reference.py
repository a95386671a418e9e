"""Which product does the customer mean: the one named, pointed at, numbered, or the one being talked about."""

from __future__ import annotations

from bot.actions.turn import Turn
from bot.stores.catalog import Product


def meant(turn: Turn) -> list[Product]:
    """The products this message refers to, in the order said; empty when it refers to none that is known."""
    catalog = turn.shop.catalog
    shown = [p for p in (catalog.get(i) for i in turn.slot("shown") or ()) if p]
    ids = [*turn.entities("product_id"), *turn.entities("product")]
    named = [p for p in (catalog.get(str(i)) for i in ids) if p]
    if named:
        return _unique(named)
    counted = []
    for ordinal in turn.entities("ordinal"):
        place = ordinal - 1 if ordinal > 0 else ordinal
        if -len(shown) <= place < len(shown):
            counted.append(shown[place])
    if counted:
        return _unique(counted)
    described = [p for p in shown if _fits(turn, p)]
    focus = catalog.get(turn.slot("focus") or "")
    if focus is not None and _fits(turn, focus):
        return [focus]
    return described if len(described) < max(len(shown), 2) else []


def meant_or_focus(turn: Turn) -> Product | None:
    """The one product spoken of: by reference, else the one in focus, else the only or first one on the screen."""
    found = meant(turn)
    if found:
        return found[0]
    if turn.entities("ordinal"):  # "the fourth" of three
        return None
    shown = turn.slot("shown") or ()
    candidate = turn.slot("focus") or (shown[0] if shown else None)
    return turn.shop.catalog.get(candidate) if candidate else None


def _fits(turn: Turn, product: Product) -> bool:
    """Does a product on the screen have what was named (the red one, the Auralis)?"""
    wanted = {
        "brand": {product.brand},
        "category": {product.category, turn.shop.taxonomy["categories"].get(product.category, {}).get("department")},
        "material": set(product.materials),
        "attribute": set(product.attributes),
    }
    said = [(kind, v) for kind in wanted for value in turn.entities(kind) for v in _values(value)]
    return bool(said) and all(v in wanted[kind] for kind, v in said)


def _values(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _unique(products: list[Product]) -> list[Product]:
    return list({p.product_id: p for p in products}.values())

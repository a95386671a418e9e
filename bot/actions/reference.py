"""Which product does the customer mean: the one named, pointed at, numbered, or the one being talked about."""

from __future__ import annotations

import re

from bot.actions.regrets import latest_answer
from bot.actions.turn import Turn
from bot.actions.wishes import ordering
from bot.events import Event
from bot.stores.catalog import Product
from nlu.language import to_simplified

_BEFORE = re.compile(
    r"上一?批|前一?批|上一?组|之前那[批些组]|前面那[批些组]|最开始那|第一批|第一次推荐|"
    r"\b(?:earlier|previous|first|other|last) (?:list|batch|lot|set|results|suggestions)\b|\bfrom (?:before|earlier)\b|\bones before\b",
    re.I,
)
"""The list before the one on the screen."""
_ORDER = re.compile(r"订单|这单|那单|下单|\border(?:ed)?\b", re.I)
_PRODUCT_TALK = frozenset(
    f"action_{name}"
    for name in (
        *("product_search", "recommend", "recommend_similar", "recommend_bundle", "refine_search", "reject_suggestion"),
        *("why_recommended", "product_details", "show_product", "product_compare", "check_stock", "restock_notify"),
    )
)


def meant(turn: Turn) -> list[Product]:
    """The products this message refers to, in the order said; empty when it refers to none that is known."""
    catalog = turn.shop.catalog
    shown = [p for p in (catalog.get(i) for i in turn.slot("shown") or ()) if p]
    ids = [*turn.entities("product_id"), *turn.entities("product")]
    named = [p for p in (catalog.get(str(i)) for i in ids) if p]
    if named:
        return _unique(named)
    counted = _counted(turn)
    if counted:
        return _unique(counted)
    order = ordering(turn.text)
    if order and shown:
        rated = order == "best_rated"
        ranked = sorted(shown, key=lambda p: ((p.rating or 0.0), p.reviews) if rated else (p.price, 0))
        return [ranked[0] if order == "cheapest" else ranked[-1]]
    described = [p for p in shown if _fits(turn, p)]
    focus = catalog.get(turn.slot("focus") or "")
    if focus is not None and _fits(turn, focus):
        return [focus]
    if not described and turn.entities("category"):  # another kind than on the screen: of a list before it
        lists = ([p for p in map(catalog.get, ids) if p and _fits(turn, p)] for ids in turn.slot("earlier") or ())
        return next((found for found in lists if found), [])[:1]
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


def spoken_of_products(turn: Turn) -> bool:
    """Was the latest answer about products, rather than an order, a rule or anything else?"""
    return any(
        event.get("name") in _PRODUCT_TALK if event.get("event") == "action" else _is_slot(event, "shown")
        for event in latest_answer(turn)
    )


def spoken_of_order(turn: Turn) -> bool:
    """Was the latest answer about an order?"""
    told = (event.get("name") for event in latest_answer(turn) if event.get("event") == "action")
    return "action_order_task" in told


def names_order(text: str) -> bool:
    """Does it speak of an order, whichever?"""
    return _ORDER.search(to_simplified(text)) is not None


def _is_slot(event: Event, name: str) -> bool:
    return event.get("event") == "slot" and event.get("name") == name


def _counted(turn: Turn) -> list[Product]:
    """Of the list on the screen; of one before it when that is spoken of, or when only that one is long enough: it is then
    the list that is talked about."""
    ordinals = turn.entities("ordinal")
    places = [ordinal - 1 if ordinal > 0 else ordinal for ordinal in ordinals]
    lists = [list(turn.slot("shown") or ()), *(turn.slot("earlier") or ())]
    if _BEFORE.search(turn.text) and len(lists) > 1:
        lists = lists[1:]
    ids = next((ids for ids in lists if places and all(-len(ids) <= place < len(ids) for place in places)), None)
    if ids is None:
        return []
    if ids != turn.slot("shown"):
        turn.set(shown=ids)
    return [p for p in (turn.shop.catalog.get(ids[place]) for place in places) if p]


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

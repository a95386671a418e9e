"""Two or three products side by side, the differences first. Only what the data say."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.product_facts import named_attributes
from bot.actions.reference import meant
from bot.actions.shelf import card, keep_earlier
from bot.actions.turn import Turn
from bot.actions.wish_words import word
from bot.stores.catalog import Product

MARKS = "①②③"
COMPARED = 5
"""Lines of a comparison; more is a data sheet."""
_PLACE = re.compile(r"(?<![A-Za-z\d.¥$])([1-9])(?![A-Za-z\d.%])")


def product_compare(turn: Turn) -> None:
    """Two or three products, the differences first, then which suits whom by the figures."""
    products = meant(turn) or _numbered(turn)
    if len(products) < 2:
        shown = [p for p in (turn.shop.catalog.get(i) for i in turn.slot("shown") or ()) if p]
        focus = turn.shop.catalog.get(turn.slot("focus") or "")
        pair = [*products, *([focus] if focus and focus not in products else [])]
        pool = pair if len(products) == 1 and len(pair) == 2 else [*pair, *shown]
        products = list({p.product_id: p for p in pool}.values())
    products = products[:3]
    if len(products) < 2:
        turn.say("compare_what")
        return
    cheapest = min(products, key=lambda p: p.price)
    best = max(products, key=lambda p: (p.rating or 0, p.reviews, -p.price))
    shown_at = [_mark(turn, p) for p in products]
    if None not in shown_at:
        products = [p for _, p in sorted(zip(shown_at, products, strict=True), key=lambda pair: pair[0] or 0)]
    verdict = "compare_same" if cheapest is best else "compare_trade"
    places = [_mark(turn, p) for p in products]
    if None in places:  # not all of one list: they become the list
        ids = [p.product_id for p in products]
        keep_earlier(turn, ids)
        turn.set(shown=ids)
    signs = [MARKS[n if place is None or None in places else place] for n, place in enumerate(places)]
    turn.say(
        "compare",
        cards=[card(turn, p) for p in products],
        differences="\n".join(_differences(turn, products, signs)),
        names="  ".join(f"{mark} {p.name(turn.language)}" for mark, p in zip(signs, products, strict=True)),
    )
    having = [p for p in products if set(named_attributes(turn)) & set(p.attributes)]
    taken = having[0] if len(having) == 1 else best if cheapest is best else None
    if taken is not None:  # what "that one" means now
        turn.set(focus=taken.product_id)
    turn.say(
        verdict,
        buttons=[
            turn.button(
                f"要{best.name(turn.language)}",
                f"Take {best.name(turn.language)}",
                f'/add_to_cart{{"product_id": "{best.product_id}"}}',
            ),
            turn.button("再看看别的", "Show me others"),
        ],
        cheapest=cheapest.name(turn.language),
        cheapest_price=formats.money(cheapest.price, turn.language),
        best=best.name(turn.language),
        rating=f"{best.rating or 0:g}",
        reviews=best.reviews,
    )


def _numbered(turn: Turn) -> list[Product]:
    """ "1 and 2": bare numbers, when they are places of the list."""
    shown = turn.slot("shown") or ()
    places = [int(n) - 1 for n in dict.fromkeys(_PLACE.findall(turn.text))]
    if len(places) < 2 or not all(place < len(shown) for place in places):
        return []
    return [p for p in (turn.shop.catalog.get(shown[place]) for place in places) if p]


def _mark(turn: Turn, product: Product) -> int | None:
    """Its place in the list on the screen; the numbers there stay what they are."""
    shown = list(turn.slot("shown") or ())
    return shown.index(product.product_id) if product.product_id in shown[: len(MARKS)] else None


def _differences(turn: Turn, products: list[Product], signs: list[str]) -> list[str]:
    """One line for each point in which they differ: price and rating first, then features, then facts."""
    language = turn.language
    rows: list[tuple[str, list[str]]] = [
        (turn.pick("价格", "Price"), [formats.money(p.price, language) for p in products]),
        (turn.pick("评分", "Rating"), [f"{p.rating or 0:g}" for p in products]),
    ]
    common = set.intersection(*(set(p.attributes) for p in products))
    own = [
        formats.listed([word(turn, "attribute", a) for a in p.attributes if a not in common][:3], language) or "—"
        for p in products
    ]
    rows.append((turn.pick("独有", "Only it"), own))
    labels = [dict(p.specs(language)) for p in products]
    shared = [label for label in labels[0] if all(label in other for other in labels[1:])]
    rows += [(label, [specs[label] for specs in labels]) for label in shared]
    asked = named_attributes(turn)
    has, lacks = turn.pick("有", "yes"), turn.pick("没有标", "not listed")
    answers = [(word(turn, "attribute", a), [has if a in p.attributes else lacks for p in products]) for a in asked]
    told = (answers + [(title, values) for title, values in rows if len(set(values)) > 1])[:COMPARED]
    return [
        f"{title}{turn.pick('：', ': ')}"
        + turn.pick("；", "; ").join(f"{mark} {value}" for mark, value in zip(signs, values, strict=True))
        for title, values in told
    ]


ACTIONS = {"action_product_compare": product_compare}

"""Facts about products: details, comparisons, and why something was suggested. Only what the data say."""

from __future__ import annotations

import numpy as np

from bot.actions import formats
from bot.actions.reference import meant, meant_or_focus
from bot.actions.shelf import card
from bot.actions.turn import Turn
from bot.actions.wish_words import labeller, word
from bot.stores.catalog import Product
from recommender.explain import Reason, sentence

NEAR = 0.84
"""Cosine from which a question is about a stated fact. Raw e5 vectors are never far apart (see `FACT_LEAD`)."""
FACT_LEAD = 0.008
"""…and by so much the best fact must lead the median fact of the product."""


def product_details(turn: Turn) -> None:
    """The one fact that was asked, else the product in three lines. Says so when the data do not tell."""
    product = meant_or_focus(turn)
    if product is None:
        turn.say("which_product")
        return
    turn.set(focus=product.product_id)
    turn.shop.feedback.interacted(turn.owner, product.product_id, "view")
    language, name = turn.language, product.name(turn.language)
    buttons = [
        turn.button("有货吗", "Is it in stock?"),
        turn.button("加入购物车", "Add to cart", f'/add_to_cart{{"product_id": "{product.product_id}"}}'),
        turn.button("有类似的吗", "Anything similar?"),
    ]
    if turn.text.startswith("/"):  # a tap on "details"
        facts = [f"{label}: {value}" for label, value in product.specs(language)[:4]]
        turn.say(
            "details",
            cards=[card(turn, product)],
            buttons=buttons,
            name=name,
            description=product.description(language),
            facts=turn.pick("；", "; ").join(facts),
        )
        return
    attribute = _asked_attribute(turn, product)
    if attribute:
        turn.say(attribute[0], buttons=buttons, name=name, attribute=attribute[1])
        return
    fact = _asked_fact(turn, product)
    if fact is None:
        turn.say("fact_unknown", buttons=buttons, name=name, description=product.description(language))
        return
    turn.say("fact", buttons=buttons, name=name, label=fact[0], value=fact[1])


def show_product(turn: Turn) -> None:
    """ "The second one": the product alone, and what can be done with it."""
    product = turn.shop.catalog.get(turn.slot("focus") or "")
    if product is None:
        turn.say("which_product")
        return
    turn.shop.feedback.interacted(turn.owner, product.product_id, "view")
    turn.say(
        "show_product",
        cards=[card(turn, product)],
        name=product.name(turn.language),
        description=product.description(turn.language),
        buttons=[
            turn.button("有货吗", "Is it in stock?"),
            turn.button("有类似的吗", "Anything similar?"),
            turn.button("配什么好", "What goes with it?"),
        ],
    )


def product_compare(turn: Turn) -> None:
    """Two or three products, the differences first, then which suits whom by the figures."""
    products = meant(turn)
    if len(products) < 2:
        shown = [p for p in (turn.shop.catalog.get(i) for i in turn.slot("shown") or ()) if p]
        focus = turn.shop.catalog.get(turn.slot("focus") or "")
        pool = [*products, *([focus] if focus else []), *shown]
        products = list({p.product_id: p for p in pool}.values())
    products = products[:3]
    if len(products) < 2:
        turn.say("compare_what")
        return
    lines = _differences(turn, products)
    cheapest = min(products, key=lambda p: p.price)
    best = max(products, key=lambda p: (p.rating or 0, p.reviews))
    verdict = "compare_same" if cheapest is best else "compare_trade"
    turn.set(shown=[p.product_id for p in products])
    turn.say(
        "compare",
        cards=[card(turn, p) for p in products],
        differences="\n".join(lines),
        names=formats.listed([p.name(turn.language) for p in products], turn.language),
    )
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


def why_recommended(turn: Turn) -> None:
    """The true reason codes of the last list, product by product."""
    why = (turn.slot("search") or {}).get("why") or {}
    catalog = turn.shop.catalog
    asked = [p.product_id for p in meant(turn)] or list(turn.slot("shown") or ())
    names = {p.product_id: p.name(turn.language) for p in catalog.products.values()}
    lines = []
    for product_id in asked:
        reasons = [
            sentence(Reason(code, value), names, turn.language, label=labeller(turn))
            for code, value in why.get(product_id, ())
        ]
        reasons = [r for r in dict.fromkeys(reasons) if r]
        if product_id in names and reasons:
            lines.append(f"• {names[product_id]}{turn.pick('：', ': ')}{turn.pick('，', ', ').join(reasons[:4])}")
    if not lines:
        turn.say("why_nothing")
        return
    turn.say(
        "why",
        lines="\n".join(lines),
        buttons=[turn.button("换个牌子", "Another brand"), turn.button("便宜点的", "Cheaper ones")],
    )


def _asked_attribute(turn: Turn, product: Product) -> tuple[str, str] | None:
    """A yes or a careful no, when the question names a feature we keep for every product."""
    for value in turn.entities("attribute"):
        for one in value if isinstance(value, list) else [value]:
            name = turn.shop.label("attributes", one, turn.language)
            if one in product.attributes:
                return "has_attribute", name
            if not _asked_fact(turn, product):
                return "no_attribute", name
    return None


def _asked_fact(turn: Turn, product: Product) -> tuple[str, str] | None:
    facts = product.specs(turn.language)
    if not facts:
        return None
    asked = turn.shop.encode(turn.text)
    nearness = np.array([float(asked @ turn.shop.encode(f"{label}: {value}")) for label, value in facts])
    best = int(nearness.argmax())
    if nearness[best] < NEAR or nearness[best] - float(np.median(nearness)) < FACT_LEAD:
        return None
    return facts[best]


def _differences(turn: Turn, products: list[Product]) -> list[str]:
    language = turn.language
    names = [p.name(language) for p in products]
    rows: list[tuple[str, list[str]]] = [
        (turn.pick("价格", "Price"), [formats.money(p.price, language) for p in products]),
        (turn.pick("评分", "Rating"), [f"{p.rating or 0:g} ({p.reviews})" for p in products]),
    ]
    common = set.intersection(*(set(p.attributes) for p in products))
    own = [
        formats.listed([word(turn, "attribute", a) for a in p.attributes if a not in common][:4], language) or "—"
        for p in products
    ]
    rows.append((turn.pick("特点", "Only it has"), own))
    labels = [dict(p.specs(language)) for p in products]
    shared = [label for label in labels[0] if all(label in other for other in labels[1:])]
    rows += [(label, [specs[label] for specs in labels]) for label in shared[:4]]
    return [
        f"{title}{turn.pick('：', ': ')}"
        + " / ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
        for title, values in rows
        if len(set(values)) > 1
    ]


ACTIONS = {
    "action_product_details": product_details,
    "action_show_product": show_product,
    "action_product_compare": product_compare,
    "action_why_recommended": why_recommended,
}

"""Can it be had now, and tell me when it is back. Every figure comes from the ledger, with its time."""

from __future__ import annotations

from bot.actions import formats, search
from bot.actions.reference import meant_or_focus
from bot.actions.shelf import CARDS, FEW_LEFT, show
from bot.actions.turn import Turn
from bot.actions.wish_words import size_name, word
from bot.messages import BotMessage, Button
from bot.stores.catalog import Product, Variant


def check_stock(turn: Turn) -> None:
    product = meant_or_focus(turn)
    if product is None:
        wished = turn.entities("category") or turn.entities("brand")
        if wished:
            search.product_search(turn)
        else:
            turn.say("which_product")
        return
    colors, sizes = turn.entities("color"), turn.entities("size")
    turn.set(
        focus=product.product_id,
        checked={"product": product.product_id, "color": next(iter(colors), None), "size": next(iter(sizes), None)},
    )
    name, language = product.name(turn.language), turn.language
    wanted = variants_said(turn, product)
    unknown = _not_made(turn, product)
    if unknown:
        turn.say("variant_unknown", name=name, variant=unknown, variants=variant_list(turn, product, product.variants))
        return
    stock = turn.shop.ledger.available_map()
    held = [v for v in wanted if stock.get(v.sku, 0) > 0]
    when = formats.day_and_hour(turn.shop.now(), language)
    label = variant_name(turn, wanted[0]) if len(wanted) == 1 else ""
    if held:
        left = sum(stock[v.sku] for v in held)
        turn.set(pending={"action": "action_add_to_cart", "slots": {"focus": product.product_id}})
        few = left <= FEW_LEFT
        turn.say(
            ("in_stock_one_few" if few else "in_stock_one") if label else "in_stock_few" if few else "in_stock",
            name=name,
            variant=label,
            left=left,
            variants=variant_list(turn, product, held),
            time=when,
            buttons=[
                turn.button(
                    "加入购物车",
                    "Add to cart",
                    f'/add_to_cart{{"product_id": "{product.product_id}"{_chosen(held)}}}',
                ),
                turn.button("发货要多久", "How long is delivery?"),
            ],
        )
        return
    _sold_out(turn, product, wanted, label, when)


def restock_notify(turn: Turn) -> None:
    """A note for each sold-out variant meant; the answer comes in this conversation."""
    product = meant_or_focus(turn)
    if product is None:
        turn.say("which_product")
        return
    turn.set(focus=product.product_id)
    stock = turn.shop.ledger.available_map()
    name = product.name(turn.language)
    unknown = _not_made(turn, product)
    if unknown:
        turn.say("variant_unknown", name=name, variant=unknown, variants=variant_list(turn, product, product.variants))
        return
    missing = [v for v in variants_said(turn, product) if stock.get(v.sku, 0) <= 0]
    if not missing:
        turn.set(pending={"action": "action_add_to_cart", "slots": {"focus": product.product_id}})
        turn.say("restock_not_needed", name=name)
        return
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    new = [
        turn.shop.feedback.notify_restock(v.sku, turn.call.sender_id, customer.email if customer else "")
        for v in missing
    ]
    back = turn.shop.ledger.next_inbound([v.sku for v in missing], turn.shop.today())
    turn.say(
        "restock_noted" if any(new) else "restock_already",
        name=name,
        variant=variant_list(turn, product, missing),
        expected=turn.pick(f"预计{formats.day(back, 'zh')}到货。", f"It is expected on {formats.day(back, 'en')}.")
        if back
        else "",
        buttons=[turn.button("有类似的现货吗", "Anything similar in stock?")],
    )


def restocked(product: Product, *, zh: bool) -> BotMessage:
    """The news for who asked to be told."""
    name = product.name("zh" if zh else "en")
    text = (
        f"您等的{name}到货了，要现在加入购物车吗？" if zh else f"{name} is back in stock. Shall I put it in your cart?"
    )
    payload = f'/add_to_cart{{"product_id": "{product.product_id}"}}'
    return BotMessage(text=text, buttons=(Button("加入购物车" if zh else "Add to cart", payload),))


def variants_said(turn: Turn, product: Product) -> list[Variant]:
    """The variants with the colour and size that the message names, else those asked about before; all when none was."""
    colors, sizes = turn.entities("color"), [str(s).casefold() for s in turn.entities("size")]
    checked = turn.slot("checked") or {}
    if not colors and not sizes and checked.get("product") == product.product_id:
        colors = [checked["color"]] if checked.get("color") else []
        sizes = [str(checked["size"]).casefold()] if checked.get("size") else []
    return [
        v
        for v in product.variants
        if (not colors or v.color in colors or not v.color) and (not sizes or v.size.casefold() in sizes or not v.size)
    ] or list(product.variants)


def variant_name(turn: Turn, variant: Variant) -> str:
    parts = [word(turn, "color", variant.color) if variant.color else "", size_name(turn, variant.size)]
    return " ".join(p for p in parts if p)


def variant_list(turn: Turn, product: Product, some: list[Variant] | tuple[Variant, ...]) -> str:
    """黑色 M/L、白色 L: colours once with their sizes; the product's name when there are no variants."""
    by_color: dict[str, list[str]] = {}
    for v in some:
        by_color.setdefault(v.color, []).append(v.size)
    groups = []
    for color, sizes in by_color.items():
        own = "/".join(size_name(turn, s) for s in sizes if s)
        name = word(turn, "color", color) if color else ""
        groups.append(" ".join(p for p in (name, own) if p))
    return formats.listed([g for g in groups if g], turn.language) or product.name(turn.language)


def _not_made(turn: Turn, product: Product) -> str:
    """A colour or size that this product never comes in."""
    made_colors = {v.color for v in product.variants} - {""}
    made_sizes = {v.size.casefold() for v in product.variants} - {""}
    wrong = [word(turn, "color", c) for c in turn.entities("color") if made_colors and c not in made_colors]
    wrong += [str(s) for s in turn.entities("size") if made_sizes and str(s).casefold() not in made_sizes]
    return formats.listed(wrong, turn.language)


def _chosen(held: list[Variant]) -> str:
    if len(held) != 1:
        return ""
    return "".join(f', "{k}": "{v}"' for k, v in (("color", held[0].color), ("size", held[0].size)) if v)


def _sold_out(turn: Turn, product: Product, wanted: list[Variant], label: str, when: str) -> None:
    """When it comes back, which other variants are there, and what could stand in for it."""
    name = product.name(turn.language)
    stock = turn.shop.ledger.available_map()
    others = [v for v in product.variants if stock.get(v.sku, 0) > 0]
    back = turn.shop.ledger.next_inbound([v.sku for v in wanted], turn.shop.today())
    notify = turn.button("到货通知我", "Tell me when it's back")
    expected = (
        turn.pick(f"，预计{formats.day(back, 'zh')}到货", f"; it is expected on {formats.day(back, 'en')}")
        if back
        else ""
    )
    said = name + (turn.pick(f"（{label}）", f" ({label})") if label else "")
    if others:
        turn.say(
            "sold_out_variant",
            name=said,
            expected=expected,
            others=variant_list(turn, product, others),
            time=when,
            buttons=[notify, turn.button("有类似的吗", "Anything similar?")],
        )
        return
    turn.say("sold_out", name=said, expected=expected, time=when, buttons=[notify])
    available = turn.shop.recommender.availability(stock)
    slate = turn.shop.recommender.substitutes(product.product_id, k=CARDS, available=available)
    if slate.items:
        search = {"wish": {"category": [product.category]}, "text": turn.text, "past": [], "goal": "substitute"}
        show(turn, slate.items, say="substitutes", action="substitute", search=search, name=name)
        turn.set(focus=product.product_id)  # "tell me when it's back" means the one asked about


ACTIONS = {"action_check_stock": check_stock, "action_restock_notify": restock_notify}

"""Finding products: a search with wishes, its refinements, suggestions without a wish, and "none of these"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import formats, suggestions, wishes
from bot.actions.reference import meant_or_focus
from bot.actions.shelf import CARDS, show
from bot.actions.turn import Turn
from bot.actions.wish_questions import next_question
from bot.actions.wish_words import described, drop_button
from bot.messages import Button
from nlu.constraints import constraints_of
from nlu.entities import Entity
from recommender.constraints import Constraints
from recommender.data import Query
from recommender.recommend import Slate


def product_search(turn: Turn) -> None:
    """A new search. Said in the middle of one without a kind of product, it refines what is there."""
    said = _said(turn)
    previous = turn.slot("search") or {}
    before: Mapping[str, Any] = previous.get("wish") or {}
    narrower = bool(before) and not before.get("category")  # "a gift under 500", then "something with tea"
    if (narrower or (not said.get("category") and before.get("category"))) and not turn.entities("product"):
        refine_search(turn)
        return
    if order := wishes.ordering(turn.text):
        said["order"] = order
    for_whom = {k: v for k, v in before.items() if k in ("recipient", "occasion")}
    past = [*(previous.get("past") or ()), *([before] if before else ())][-wishes.KEPT_PAST :]
    _search(turn, wishes.merge(for_whom, said), text=turn.text, past=past)


def refine_search(turn: Turn) -> None:
    previous: Mapping[str, Any] = turn.slot("search") or {}
    if not previous.get("wish") and not turn.slot("shown"):
        _search(turn, _said(turn), text=turn.text, past=[])
        return
    old: Mapping[str, Any] = previous.get("wish") or {}
    past: list[Any] = list(previous.get("past") or ())
    if wishes.is_undo(turn.text) and not past:
        turn.say("nothing_to_undo", buttons=_what_was_wrong(turn))
        return
    if wishes.is_undo(turn.text):
        same = past[-1].get("category") == old.get("category")  # other words were said about another kind of product
        _search(turn, past[-1], text=previous.get("text", "") if same else "", past=past[:-1], undone=True)
        return
    catalog = turn.shop.catalog
    screen = [p for p in (catalog.get(i) for i in turn.slot("shown") or ()) if p]
    if not old.get("category") and not _said(turn).get("category") and screen:
        old = {**old, "category": sorted({p.category for p in screen})}
    order = wishes.ordering(turn.text)
    wish = wishes.merge(old, _said(turn) | ({"order": order} if order else {}))
    for dropped in turn.entities("again"):  # our own "any colour (12)" button
        kind, _, value = str(dropped).partition(":")
        wish = wishes.without(wish, kind, value or None)
    wish = wishes.criticise(wish, turn.text, [p.price for p in screen], [p.brand for p in screen])
    if wish == old and not order and (_said(turn) or wishes.drops(turn.text)):
        turn.say("known_already", wish=described(turn, wish))
        return
    if wish == old and not order:  # "show me others"
        _search(turn, wish, text=previous.get("text", turn.text), past=past, seen=previous.get("seen") or ())
        return
    cheapest_shown = wishes.is_cheaper(turn.text) and screen
    _search(
        turn,
        wish,
        text=previous.get("text", turn.text),
        past=[*past, old][-wishes.KEPT_PAST :],
        none_cheaper=min((p.price for p in screen), default=None) if cheapest_shown else None,
    )


def says_nothing_new(turn: Turn) -> bool:
    """Is all of it in the wish already?"""
    old = (turn.slot("search") or {}).get("wish") or {}
    return bool(old) and wishes.merge(old, _said(turn)) == old


def recommend(turn: Turn) -> None:
    """No wish was said: taste, what is new and what others like; never a sold-out piece."""
    wish = _said(turn)
    if wish:
        _search(turn, wish, text=turn.text, past=[])
        return
    slate = turn.shop.recommender.recommend(_query(turn), k=CARDS, available=_available(turn), exclude=_bought(turn))
    known = bool(turn.shop.feedback.history(turn.owner, limit=1))
    show(
        turn,
        slate.items,
        say="recommended_known" if known else "recommended",
        action="recommend",
        search={"wish": {}, "text": turn.text, "past": [], "goal": "for_you"},
        buttons=[
            turn.button("送礼用", "It's a gift", turn.pick("想送朋友礼物", "I need a gift for a friend")),
            turn.button("换一批", "Show me others"),
            turn.button("为什么推荐这些", "Why these?"),
        ],
    )


def recommend_similar(turn: Turn) -> None:
    product = meant_or_focus(turn)
    if product is None:
        turn.say("which_product")
        return
    slate = turn.shop.recommender.similar(product.product_id, k=CARDS, available=_available(turn))
    _around(turn, slate, "similar", product.name(turn.language), {"category": [product.category]})


def recommend_bundle(turn: Turn) -> None:
    product = meant_or_focus(turn)
    if product is None:
        cart = turn.shop.carts.lines(turn.owner)
        product = turn.shop.catalog.of_sku(cart[-1].sku) if cart else None
    if product is None:
        turn.say("which_product")
        return
    slate = suggestions.goes_with(turn, product, k=CARDS)
    found = (turn.shop.catalog.get(item.item_id) for item in slate.items)
    total = formats.money(product.price + sum(p.price for p in found if p), turn.language)
    _around(turn, slate, "bundle", product.name(turn.language), {}, total=total)


def reject_suggestion(turn: Turn) -> None:
    """None of what was shown: the next best under the same wish, and the question what was wrong."""
    suggestions.refused(turn)
    previous: Mapping[str, Any] = turn.slot("search") or {}
    if not turn.slot("shown"):
        turn.say("what_instead")
        return
    if previous.get("goal") == "bundle":
        turn.say(
            "bundle_refused", buttons=[turn.button("去结算", "Check out"), turn.button("看购物车", "Show my cart")]
        )
        return
    for product_id in turn.slot("shown"):
        turn.shop.feedback.interacted(turn.owner, product_id, "reject")
    if previous.get("wish") and previous.get("goal", "search") == "search":
        _search(
            turn,
            wishes.merge(previous["wish"], _said(turn)),
            text=previous.get("text", ""),
            past=previous.get("past") or [],
            seen=previous.get("seen") or (),
            say="after_reject",
        )
        return
    seen = previous.get("seen") or turn.slot("shown")
    slate = turn.shop.recommender.recommend(
        _query(turn), k=CARDS, available=_available(turn), exclude={*seen, *_bought(turn)}
    )
    show(turn, slate.items, say="after_reject", action="recommend", search=previous, buttons=_what_was_wrong(turn))


def _search(
    turn: Turn,
    wish: Mapping[str, Any],
    *,
    text: str,
    past: list[Any],
    seen: Any = (),
    say: str = "found",
    undone: bool = False,
    none_cheaper: float | None = None,
) -> None:
    """Hard filters, ranking, cards; with nothing left, the nearest and what to let go of."""
    rules = turn.shop.policies.shop
    wish = wishes.in_shop_currency(wish, shop=rules.currency, rates=rules.rates)
    carried = {p.brand for p in turn.shop.catalog.products.values()}
    missing = [b for b in wish.get("brand", ()) if b not in carried]
    if missing and len(missing) == len(wish["brand"]):
        wish, say = wishes.without(wish, "brand"), "brand_not_carried"
    state = {"wish": wish, "text": text, "past": past, "seen": list(seen), "goal": "search"}
    slate = _slate(turn, wish, text, exclude=seen)
    words = described(turn, wish)
    if slate.items and not words and say == "found":
        say = "found_loose"
    if slate.items:
        if undone:
            say = "found_undone"
        elif slate.total == 1 and say == "found":
            say = "found_one"
        elif wish.get("order") and say == "found":
            say = f"found_{wish['order']}"
        elif slate.total <= CARDS and say == "found":
            say = "found_few"
        brands = formats.listed([turn.shop.label("brands", b, turn.language).title() for b in missing], turn.language)
        values = {"count": slate.total, "wish": words or turn.pick("这类商品", "this"), "brands": brands}
        asking = say in ("found", "found_undone", "brand_not_carried")
        step = next_question(turn, wish, slate.total, seen=len(seen), may_ask=asking)
        buttons = () if step.text else step.buttons
        show(
            turn, slate.items, say=say, action="search", search=state, buttons=buttons, decision=step.decision, **values
        )
        if step.text:
            turn.tell(step.text, buttons=tuple(step.buttons))
        return
    if seen:
        turn.say("no_more", wish=words, buttons=_what_was_wrong(turn))
        return
    if none_cheaper is not None:
        buttons = [drop_button(turn, r.kind, r.value, r.count) for r in slate.relaxations if r.kind != "price"][:2]
        turn.say(
            "none_cheaper" if buttons else "none_cheaper_at_all",
            buttons=buttons
            or [turn.button("有什么优惠", "Any offers today?"), turn.button("换一批", "Show me others")],
            wish=described(turn, wishes.without(wish, "price")) or turn.pick("这些", "these"),
            price=formats.money(none_cheaper, turn.language),
        )
        return
    if not slate.relaxations:
        bare = {k: v for k, v in wish.items() if k in ("category", "recipient", "occasion")}
        nearest = _slate(turn, bare, text, exclude=()) if bare.get("category") and bare != wish else slate
        if nearest.items:  # no single wish frees anything: the kind is kept, the rest is let go
            past = [*past, wish][-wishes.KEPT_PAST :]
            dropped = described(turn, {k: v for k, v in wish.items() if k not in bare})
            show(
                turn,
                nearest.items,
                say="nearest",
                action="relax",
                search={**state, "wish": bare, "past": past},
                wish=words,
                dropped=dropped,
                count=nearest.total,
            )
            return
        turn.set(search=state)
        turn.say("nothing_found", wish=words or text)
        return
    best = slate.relaxations[0]
    relaxed = wishes.without(wish, best.kind, best.value)
    nearest = _slate(turn, relaxed, text, exclude=())
    others: list[Button] = [drop_button(turn, r.kind, r.value, r.count) for r in slate.relaxations[1:3]]
    show(
        turn,
        nearest.items,
        say="nearest",
        action="relax",
        search={**state, "wish": relaxed, "past": [*past, wish][-wishes.KEPT_PAST :]},
        buttons=others,
        wish=words,
        dropped=described(turn, {k: v for k, v in wish.items() if k not in relaxed or relaxed[k] != v}),
        count=nearest.total,
    )


def _slate(turn: Turn, wish: Mapping[str, Any], text: str, exclude: Any) -> Slate:
    return turn.shop.recommender.search(
        wish=Constraints.from_wish(wish),
        text_vector=turn.shop.encode(text) if text else None,
        query=_query(turn),
        k=CARDS,
        available=_available(turn),
        exclude=set(exclude),
        order=wish.get("order"),
    )


def _around(turn: Turn, slate: Slate, goal: str, name: str, wish: Mapping[str, Any], **values: Any) -> None:
    if not slate.items:
        turn.say(f"no_{goal}", name=name)
        return
    search = {"wish": wish, "text": turn.text, "past": [], "goal": goal}
    buttons = [turn.button("便宜点的", "Cheaper ones"), turn.button("换一批", "Show me others")]
    show(turn, slate.items, say=goal, action=goal, search=search, buttons=buttons, name=name, **values)


def _what_was_wrong(turn: Turn) -> list[Button]:
    return [
        turn.button("便宜点的", "Cheaper ones"),
        turn.button("换个牌子", "Another brand"),
        turn.button("颜色无所谓", "Any colour is fine"),
    ]


def _said(turn: Turn) -> dict[str, Any]:
    entities = turn.call.message.get("entities") or ()
    wanted = [
        Entity(e["entity"], e["value"], e.get("start", 0), e.get("end", 0), role=e.get("role"))
        for e in entities
        if e["entity"] not in ("product_id", "again", "nonce")
    ]
    taxonomy = turn.shop.taxonomy["categories"]
    departments = {key: entry["department"] for key, entry in taxonomy.items()}
    wish = constraints_of(wanted, departments=departments)
    wish.pop("quantity", None)
    return wish


def _query(turn: Turn) -> Query:
    return Query(turn.customer_id, tuple(turn.shop.feedback.history(turn.owner)))


def _available(turn: Turn) -> Any:
    return turn.shop.recommender.availability(turn.shop.ledger.available_map())


def _bought(turn: Turn) -> set[str]:
    """Not what the customer bought lately."""
    if not turn.customer_id:
        return set()
    return {
        line.product_id for order in turn.shop.orders.of_customer(turn.customer_id, limit=5) for line in order.lines
    }


ACTIONS = {
    "action_product_search": product_search,
    "action_recommend": recommend,
    "action_recommend_similar": recommend_similar,
    "action_recommend_bundle": recommend_bundle,
    "action_reject_suggestion": reject_suggestion,
}

"""Finding products: a search with wishes, its refinements, suggestions without a wish, and "none of these"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.actions import formats, suggestions, wishes
from bot.actions.reference import meant_or_focus, spoken_of_order
from bot.actions.shelf import CARDS, show
from bot.actions.smalltalk import starters
from bot.actions.turn import Turn
from bot.actions.wish_questions import next_question
from bot.actions.wish_words import described, drop_button, word
from bot.messages import Button
from bot.stores.catalog import Product
from nlu.constraints import constraints_of
from nlu.entities import Entity
from nlu.language import to_simplified
from recommender.constraints import Constraints
from recommender.data import Query
from recommender.recommend import Slate

_ELSE = re.compile(
    r"别的|其他|其它|另外|换[一个几点些]|\b(?:something|anything) (?:else|different)\b|\bothers?\b", re.I
)
_GIFT = re.compile(r"礼物|礼品|送(?:点|些|个)?(?:什么|啥)|\b(?:gifts?|presents?)\b", re.I)
_INSTEAD = re.compile(r"换成|改成|改看|改买|\b(?:instead|rather|switch to)\b", re.I)
SURE = 0.9
"""Confidence of the intent from which unknown words are taken for the name of something."""
_OTHERS = re.compile(
    r"别的|其他|其它|另外|还有|再|更|好看|換|换|這|这|那|它|\b(?:others?|else|another|more|better|nicer|different|this|that|these|those|it|one|ones)\b",
    re.I,
)


def product_search(turn: Turn) -> None:
    """A new search. Said in the middle of one without a kind of product, it refines what is there."""
    said = _said(turn)
    previous = turn.slot("search") or {}
    before: Mapping[str, Any] = previous.get("wish") or {}
    gift = {k: v for k, v in said.items() if k in ("recipient", "occasion")}
    somebody_else = any(before.get(kind) != value for kind, value in gift.items())
    if somebody_else and not said.get("category") and _GIFT.search(to_simplified(turn.text)):  # of any kind
        _search(turn, said, text=turn.text, past=_kept(previous))
        return
    if not said and before.get("recipient") and not before.get("category"):  # "she loves reading"
        _search(turn, before, text=turn.text, past=_kept(previous))
        return
    if not said and before and _names_something(turn):
        for_whom = {k: v for k, v in before.items() if k in ("recipient", "occasion")}
        _search(turn, for_whom, text=turn.text, past=_kept(previous), say="found_loose")
        return
    narrower = bool(before) and not before.get("category")  # "a gift under 500", then "something with tea"
    if (narrower or (not said.get("category") and before.get("category"))) and not turn.entities("product"):
        refine_search(turn)
        return
    if order := wishes.ordering(turn.text):
        said["order"] = order
    for_whom = {k: v for k, v in before.items() if k in ("recipient", "occasion")}
    _search(turn, wishes.merge(for_whom, said), text=turn.text, past=_kept(previous))


def _kept(previous: Mapping[str, Any]) -> list[Any]:
    """The wishes before, with the one that is left now."""
    now = previous.get("wish")
    return [*(previous.get("past") or ()), *([now] if now else ())][-wishes.KEPT_PAST :]


def _names_something(turn: Turn) -> bool:
    """Surely a search, for something none of whose words is known: no word about the list on the screen."""
    text = turn.text
    sure = float((turn.call.message.get("intent") or {}).get("confidence", 1.0)) >= SURE
    about_the_list = wishes.is_reason(text) or wishes.ordering(text) or wishes.is_undo(text) or _OTHERS.search(text)
    return sure and not about_the_list and not turn.entities("product")


def refine_search(turn: Turn) -> None:
    previous: Mapping[str, Any] = turn.slot("search") or {}
    if not previous.get("wish") and not turn.slot("shown"):
        _search(turn, _said(turn), text=turn.text, past=[])
        return
    old: Mapping[str, Any] = previous.get("wish") or {}
    past: list[Any] = list(previous.get("past") or ())
    kinds = set(_said(turn).get("category") or ())
    if wishes.is_undo(turn.text) and kinds:  # "back to the coffee things"
        there = next((w for w in (old, *reversed(past)) if kinds & set(w.get("category") or ())), None)
        _search(turn, there or _said(turn), text=turn.text, past=past, undone=there is not None)
        return
    if wishes.is_undo(turn.text) and not past:
        turn.say("nothing_to_undo", buttons=_what_was_wrong(turn))
        return
    if wishes.is_undo(turn.text):
        same = past[-1].get("category") == old.get("category")  # other words were said about another kind of product
        _search(turn, past[-1], text=previous.get("text", "") if same else "", past=past[:-1], undone=True)
        return
    catalog = turn.shop.catalog
    screen = [p for p in (catalog.get(i) for i in turn.slot("shown") or ()) if p]
    gift = previous.get("goal") == "search" and (old.get("recipient") or old.get("occasion"))  # of any kind
    if not old.get("category") and not _said(turn).get("category") and screen and not gift:
        old = {**old, "category": sorted({p.category for p in screen})}
    order = wishes.ordering(turn.text)
    wish = _refined(turn, old, screen)
    if whole := previous.get("asked"):  # what was let go of comes back once it can be met
        again = _refined(turn, whole, screen)
        if again != whole and _slate(turn, again, "", exclude=()).items:
            old, wish = whole, again
    if wish == old and kinds and _INSTEAD.search(to_simplified(turn.text)):  # another thing of the same broad kind
        _search(turn, _said(turn), text=turn.text, past=_kept(previous))
        return
    if wish == old and not order and (_said(turn) or wishes.drops(turn.text)):
        turn.say("known_already", wish=described(turn, wish))
        return
    if wish == old and not order:  # "show me others"
        _search(turn, wish, text=previous.get("text", turn.text), past=past, seen=previous.get("seen") or ())
        return
    cheapest_shown = wishes.is_cheaper(turn.text) and screen and not _said(turn)
    _search(
        turn,
        wish,
        text=previous.get("text", turn.text),
        past=[*past, old][-wishes.KEPT_PAST :],
        none_cheaper=min((p.price for p in screen), default=None) if cheapest_shown else None,
    )


def _refined(turn: Turn, old: Mapping[str, Any], screen: list[Product]) -> wishes.Wish:
    """The wish with all that this message changes in it."""
    order = wishes.ordering(turn.text)
    wish = wishes.merge(old, _said(turn) | ({"order": order} if order else {}))
    for dropped in turn.entities("again"):  # our own "any colour (12)" button
        kind, _, value = str(dropped).partition(":")
        wish = wishes.without(wish, kind, value or None)
    spoken_of = [p.brand for p in screen if p.product_id == turn.slot("focus")]
    prices = [] if _said(turn).get("price") else [p.price for p in screen]  # "cheaper, a hundred or so" says it itself
    return wishes.criticise(wish, turn.text, prices, spoken_of or [p.brand for p in screen])


def wants_others(text: str) -> bool:
    """ "Something else": a no that asks for more."""
    return _ELSE.search(to_simplified(text)) is not None


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
    if spoken_of_order(turn) and not _OTHERS.search(turn.text):  # "no, I don't like it" is about that
        turn.say("deny", buttons=starters(turn))
        return
    if previous.get("goal") == "bundle":
        turn.say(
            "bundle_refused", buttons=[turn.button("去结算", "Check out"), turn.button("看购物车", "Show my cart")]
        )
        return
    if previous.get("wish") and wishes.is_reason(turn.text):
        refine_search(turn)
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
        answers = _what_was_wrong(turn) if say == "after_reject" else step.buttons
        buttons = () if step.text else answers
        show(
            turn, slate.items, say=say, action="search", search=state, buttons=buttons, decision=step.decision, **values
        )
        if step.text:
            turn.tell(step.text, buttons=tuple(step.buttons))
        return
    if seen:
        loose = [drop_button(turn, r.kind, r.value, r.count) for r in slate.relaxations[:3]]
        start = [turn.button("有什么好推荐的", "Recommend something")]
        turn.say("no_more" if loose else "no_more_of_it", wish=words, buttons=loose or start)
        return
    if none_cheaper is not None:
        loose = [r for r in slate.relaxations if r.kind != "price" and not r.kind.startswith("exclude.")]
        buttons = [drop_button(turn, r.kind, r.value, r.count) for r in loose[:2]]
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
            dropped = described(turn, {k: v for k, v in wish.items() if k not in bare})
            show(
                turn,
                nearest.items,
                say="nearest",
                action="relax",
                search={**state, "wish": bare, "asked": wish},
                wish=words,
                dropped=dropped,
                count=nearest.total,
            )
            return
        turn.set(search=state)
        turn.say("nothing_found", wish=words or text)
        return
    before = (past[-1] if past else {}).get("exclude") or {}
    given, refused_now = [], []
    for found in slate.relaxations:
        kind = found.kind.removeprefix("exclude.")
        new = found.kind != kind and found.value not in before.get(kind, ())
        (refused_now if new else given).append(found)
    if not given:  # what was refused a moment ago is not put on the table again
        kept = described(turn, {k: v for k, v in wish.items() if k != "exclude"}) or turn.pick("这类商品", "this")
        names = [word(turn, r.kind.removeprefix("exclude."), r.value or "") for r in refused_now]
        turn.say("only_those", wish=kept, refused=formats.listed(names, turn.language), buttons=_what_was_wrong(turn))
        return
    best = given[0]
    relaxed = wishes.without(wish, best.kind, best.value)
    nearest = _slate(turn, relaxed | _towards(wish, best.price), text, exclude=())
    others: list[Button] = [drop_button(turn, r.kind, r.value, r.count) for r in given[1:3]]
    show(
        turn,
        nearest.items,
        say="nearest",
        action="relax",
        search={**state, "wish": relaxed, "asked": wish},
        buttons=others,
        wish=words,
        dropped=described(turn, _less(wish, relaxed)),
        count=nearest.total,
    )


def _less(wish: Mapping[str, Any], relaxed: Mapping[str, Any]) -> dict[str, Any]:
    """What the relaxed wish has lost."""
    lost: dict[str, Any] = {}
    for kind, value in wish.items():
        kept = relaxed.get(kind)
        if kept == value:
            continue
        if kind == "exclude":
            lost[kind] = _less(value, kept or {})
        else:
            lost[kind] = [v for v in value if v not in (kept or ())] if isinstance(value, list) else value
    return lost


def _unfit(turn: Turn, wish: Mapping[str, Any]) -> set[str]:
    """Nobody's mother wants a dog bowl: what does not suit who a gift of any kind is for."""
    recipient = wish.get("recipient")
    if not recipient or wish.get("category"):
        return set()
    pet, small = recipient in ("cat", "dog"), recipient in ("child", "baby", "son", "daughter", "family")
    kinds = turn.shop.taxonomy["categories"]

    def suits(product: Product) -> bool:
        department = kinds.get(product.category, {}).get("department")
        if pet or department == "pets":
            return department == "pets" and recipient in (product.category.partition("_")[0], "cat" if pet else "")
        return small or not (department == "baby" or "for_kids" in product.attributes)

    return {p.product_id for p in turn.shop.catalog.products.values() if not suits(p)}


def _towards(wish: Mapping[str, Any], nearest: float | None) -> dict[str, str]:
    """Without its price limit, a list begins at the end where the limit was."""
    price = wish.get("price") or {}
    limit = price.get("max") or price.get("about") or price.get("min")
    if nearest is None or limit is None:
        return {}
    return {"order": "cheapest" if nearest > limit else "dearest"}


def _slate(turn: Turn, wish: Mapping[str, Any], text: str, exclude: Any) -> Slate:
    return turn.shop.recommender.search(
        wish=Constraints.from_wish(wish),
        text_vector=turn.shop.encode(text) if text else None,
        query=_query(turn),
        k=CARDS,
        available=_available(turn),
        exclude=set(exclude) | _unfit(turn, wish),
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
    buttons = [turn.button("便宜点的", "Cheaper ones"), turn.button("换个牌子", "Another brand")]
    if ((turn.slot("search") or {}).get("wish") or {}).get("color"):
        buttons.append(turn.button("颜色无所谓", "Any colour is fine"))
    return buttons


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

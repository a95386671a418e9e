"""Finding products: a search with wishes, its refinements, suggestions without a wish, and "none of these"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.actions import formats, suggestions, wishes
from bot.actions.reference import meant_or_focus, spoken_of_order
from bot.actions.results import find, query, slate_for, what_was_wrong
from bot.actions.shelf import CARDS, show
from bot.actions.smalltalk import starters
from bot.actions.turn import Turn
from bot.actions.wish_words import described
from bot.stores.catalog import Product
from nlu.constraints import constraints_of
from nlu.entities import Entity
from nlu.language import to_simplified
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
        find(turn, said, text=turn.text, past=_kept(previous))
        return
    if not said and before.get("recipient") and wishes.is_liking(turn.text):  # "she loves reading": of any kind, then
        find(turn, wishes.without(before, "category"), text=turn.text, past=_kept(previous))
        return
    if not said and before and _names_something(turn):
        for_whom = {k: v for k, v in before.items() if k in ("recipient", "occasion")}
        find(turn, for_whom, text=turn.text, past=_kept(previous), say="found_loose")
        return
    narrower = bool(before) and not before.get("category")  # "a gift under 500", then "something with tea"
    if (narrower or (not said.get("category") and before.get("category"))) and not turn.entities("product"):
        refine_search(turn)
        return
    if order := wishes.ordering(turn.text):
        said["order"] = order
    for_whom = {k: v for k, v in before.items() if k in ("recipient", "occasion")}
    find(turn, wishes.merge(for_whom, said), text=turn.text, past=_kept(previous))


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
        find(turn, _said(turn), text=turn.text, past=[])
        return
    old: Mapping[str, Any] = previous.get("wish") or {}
    past: list[Any] = list(previous.get("past") or ())
    kinds = set(_said(turn).get("category") or ())
    if wishes.is_undo(turn.text) and kinds:  # "back to the coffee things"
        there = next((w for w in (old, *reversed(past)) if kinds & set(w.get("category") or ())), None)
        find(turn, there or _said(turn), text=turn.text, past=past, undone=there is not None)
        return
    if wishes.is_undo(turn.text) and not past:
        turn.say("nothing_to_undo", buttons=what_was_wrong(turn))
        return
    if wishes.is_undo(turn.text):
        same = past[-1].get("category") == old.get("category")  # other words were said about another kind of product
        find(turn, past[-1], text=previous.get("text", "") if same else "", past=past[:-1], undone=True)
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
        if again != whole and slate_for(turn, again, "", exclude=()).items:
            old, wish = whole, again
    if wish == old and kinds and _INSTEAD.search(to_simplified(turn.text)):  # another thing of the same broad kind
        find(turn, _said(turn), text=turn.text, past=_kept(previous))
        return
    if wish == old and not order and (_said(turn) or wishes.drops(turn.text)):
        turn.say("known_already", wish=described(turn, wish))
        return
    if wish == old and not order:  # "show me others"
        find(turn, wish, text=previous.get("text", turn.text), past=past, seen=previous.get("seen") or ())
        return
    cheapest_shown = wishes.is_cheaper(turn.text) and screen and not _said(turn)
    find(
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
        find(turn, wish, text=turn.text, past=[])
        return
    slate = turn.shop.recommender.recommend(
        query(turn), k=CARDS, available=turn.shop.available(), exclude=_bought(turn)
    )
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
    slate = turn.shop.recommender.similar(product.product_id, k=CARDS, available=turn.shop.available())
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
        find(
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
        query(turn), k=CARDS, available=turn.shop.available(), exclude={*seen, *_bought(turn)}
    )
    show(turn, slate.items, say="after_reject", action="recommend", search=previous, buttons=what_was_wrong(turn))


def _around(turn: Turn, slate: Slate, goal: str, name: str, wish: Mapping[str, Any], **values: Any) -> None:
    if not slate.items:
        turn.say(f"no_{goal}", name=name)
        return
    search = {"wish": wish, "text": turn.text, "past": [], "goal": goal}
    buttons = [turn.button("便宜点的", "Cheaper ones"), turn.button("换一批", "Show me others")]
    show(turn, slate.items, say=goal, action=goal, search=search, buttons=buttons, name=name, **values)


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

"""What a search comes to: the cards, or the nearest there is and the wish that stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import formats, wishes
from bot.actions.shelf import CARDS, show
from bot.actions.turn import Turn
from bot.actions.wish_questions import next_question
from bot.actions.wish_words import described, drop_button, word
from bot.messages import Button
from bot.stores.catalog import Product
from recommender.constraints import Constraints
from recommender.data import Query
from recommender.loosening import Relaxation
from recommender.recommend import Slate


def find(
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
    """Hard filters, ranking, cards; with nothing left, the nearest and what to let go of. `past` holds the wishes before,
    `seen` what was shown for this one, `none_cheaper` the lowest price on the screen when something cheaper is wanted."""
    rules = turn.shop.policies.shop
    wish = wishes.in_shop_currency(wish, shop=rules.currency, rates=rules.rates)
    carried = {p.brand for p in turn.shop.catalog.products.values()}
    missing = [b for b in wish.get("brand", ()) if b not in carried]
    if missing and len(missing) == len(wish["brand"]):
        wish, say = wishes.without(wish, "brand"), "brand_not_carried"
    state = {"wish": wish, "text": text, "past": past, "seen": list(seen), "goal": "search"}
    slate = slate_for(turn, wish, text, exclude=seen)
    words = described(turn, wish)
    if slate.items:
        if not words and say == "found":
            say = "found_loose"
        _found(turn, slate, state, say="found_undone" if undone else say, words=words, missing=missing)
    elif seen:
        loose = [drop_button(turn, r.kind, r.value, r.count) for r in slate.relaxations[:3]]
        start = [turn.button("有什么好推荐的", "Recommend something")]
        turn.say("no_more" if loose else "no_more_of_it", wish=words, buttons=loose or start)
    elif none_cheaper is not None:
        _none_cheaper(turn, slate, wish, none_cheaper)
    elif slate.relaxations:
        _nearest(turn, slate, state, words)
    else:
        _bare(turn, state, words)


def _found(turn: Turn, slate: Slate, state: Mapping[str, Any], *, say: str, words: str, missing: Sequence[str]) -> None:
    """The cards, and with a broad result the one question that narrows most."""
    wish, seen = state["wish"], state["seen"]
    if say == "found" and slate.total == 1:
        say = "found_one"
    elif say == "found" and wish.get("order"):
        say = f"found_{wish['order']}"
    elif say == "found" and slate.total <= CARDS:
        say = "found_few"
    brands = formats.listed([turn.shop.label("brands", b, turn.language).title() for b in missing], turn.language)
    values = {"count": slate.total, "wish": words or turn.pick("这类商品", "this"), "brands": brands}
    asking = say in ("found", "found_undone", "brand_not_carried")
    step = next_question(turn, wish, slate.total, seen=len(seen), may_ask=asking)
    answers = what_was_wrong(turn) if say == "after_reject" else step.buttons
    buttons = () if step.text else answers
    show(turn, slate.items, say=say, action="search", search=state, buttons=buttons, decision=step.decision, **values)
    if step.text:
        turn.tell(step.text, buttons=tuple(step.buttons))


def _none_cheaper(turn: Turn, slate: Slate, wish: Mapping[str, Any], lowest: float) -> None:
    loose = [r for r in slate.relaxations if r.kind != "price" and not r.kind.startswith("exclude.")]
    buttons = [drop_button(turn, r.kind, r.value, r.count) for r in loose[:2]]
    turn.say(
        "none_cheaper" if buttons else "none_cheaper_at_all",
        buttons=buttons or [turn.button("有什么优惠", "Any offers today?"), turn.button("换一批", "Show me others")],
        wish=described(turn, wishes.without(wish, "price")) or turn.pick("这些", "these"),
        price=formats.money(lowest, turn.language),
    )


def _nearest(turn: Turn, slate: Slate, state: Mapping[str, Any], words: str) -> None:
    """Less one wish. What was refused a moment ago is not put on the table again."""
    wish, past = state["wish"], state["past"]
    before = (past[-1] if past else {}).get("exclude") or {}
    refused_now = [r for r in slate.relaxations if _is_refused(r) and r.value not in before.get(_refused_kind(r), ())]
    given = [r for r in slate.relaxations if r not in refused_now]
    if not given:
        kept = described(turn, {k: v for k, v in wish.items() if k != "exclude"}) or turn.pick("这类商品", "this")
        names = [word(turn, _refused_kind(r), r.value or "") for r in refused_now]
        turn.say("only_those", wish=kept, refused=formats.listed(names, turn.language), buttons=what_was_wrong(turn))
        return
    best = given[0]
    relaxed = wishes.without(wish, best.kind, best.value)
    nearest = slate_for(turn, relaxed | _towards(wish, best.price), state["text"], exclude=())
    others = [drop_button(turn, r.kind, r.value, r.count) for r in given[1:3]]
    _relaxed(turn, nearest, state, relaxed, words, others)


def _bare(turn: Turn, state: Mapping[str, Any], words: str) -> None:
    """No single wish frees anything: the kind is kept, the rest is let go."""
    wish = state["wish"]
    bare = {k: v for k, v in wish.items() if k in ("category", "recipient", "occasion")}
    if bare.get("category") and bare != wish:
        nearest = slate_for(turn, bare, state["text"], exclude=())
        if nearest.items:
            _relaxed(turn, nearest, state, bare, words, [])
            return
    turn.set(search=state)
    turn.say("nothing_found", wish=words or state["text"])


def _relaxed(
    turn: Turn,
    nearest: Slate,
    state: Mapping[str, Any],
    relaxed: Mapping[str, Any],
    words: str,
    buttons: Sequence[Button],
) -> None:
    """The nearest. The wish as it was asked is kept, to come back once it can be met."""
    wish = state["wish"]
    show(
        turn,
        nearest.items,
        say="nearest",
        action="relax",
        search={**state, "wish": relaxed, "asked": wish},
        buttons=buttons,
        wish=words,
        dropped=described(turn, less(wish, relaxed)),
        count=nearest.total,
    )


def _is_refused(relaxation: Relaxation) -> bool:
    return relaxation.kind.startswith("exclude.")


def _refused_kind(relaxation: Relaxation) -> str:
    return relaxation.kind.removeprefix("exclude.")


def less(wish: Mapping[str, Any], relaxed: Mapping[str, Any]) -> dict[str, Any]:
    """What the relaxed wish has lost."""
    lost: dict[str, Any] = {}
    for kind, value in wish.items():
        kept = relaxed.get(kind)
        if kept == value:
            continue
        if kind == "exclude":
            lost[kind] = less(value, kept or {})
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


def slate_for(turn: Turn, wish: Mapping[str, Any], text: str, exclude: Any) -> Slate:
    """The best CARDS for the wish, ranked by `text` as well; `exclude` holds ids that are not to come."""
    return turn.shop.recommender.search(
        wish=Constraints.from_wish(wish),
        text_vector=turn.shop.encode(text) if text else None,
        query=query(turn),
        k=CARDS,
        available=turn.shop.available(),
        exclude=set(exclude) | _unfit(turn, wish),
        order=wish.get("order"),
    )


def what_was_wrong(turn: Turn) -> list[Button]:
    """The likeliest answers to "what was wrong with these"."""
    buttons = [turn.button("便宜点的", "Cheaper ones"), turn.button("换个牌子", "Another brand")]
    if ((turn.slot("search") or {}).get("wish") or {}).get("color"):
        buttons.append(turn.button("颜色无所谓", "Any colour is fine"))
    return buttons


def query(turn: Turn) -> Query:
    """Who asks, and what they have looked at."""
    return Query(turn.customer_id, tuple(turn.shop.feedback.history(turn.owner)))

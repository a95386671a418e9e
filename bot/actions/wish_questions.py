"""The one question beside a broad result: the kind that narrows most, with its likeliest answers to tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot import offers
from bot.actions import formats
from bot.actions.suggestions import moment
from bot.actions.turn import Turn
from bot.actions.wish_words import narrowing_buttons, splits, word
from bot.messages import Button
from bot.offers import Decision
from recommender.constraints import KINDS, Constraints
from recommender.loosening import Narrowing

_QUESTIONS = {
    "category": (("具体想看哪一类？", "Which kind are you after?"), ("哪一类更对？", "Which of these is closer?")),
    "price": (("预算大概多少？", "Any budget in mind?"), ("想花多少钱？", "What would you like to spend?")),
    "brand": (("有偏爱的牌子吗？", "Any brand you prefer?"), ("牌子有讲究吗？", "Does the brand matter?")),
    "color": (("喜欢什么颜色？", "Which colour would you like?"), ("颜色有想法吗？", "A colour in mind?")),
    "material": (("对材质有要求吗？", "Any material you'd like?"), ("想要什么材质的？", "Which material?")),
    "attribute": (
        ("需要{name}的吗？", "Should it be this: {name}?"),
        ("{name}对您重要吗？", "Does this matter: {name}?"),
    ),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """`text` is the question, empty when none is asked; `buttons` go with it, or with the products."""

    decision: Decision
    text: str
    buttons: Sequence[Button]


def next_question(turn: Turn, wish: Mapping[str, Any], total: int, *, seen: int, may_ask: bool) -> NextStep:
    """What `bot.offers` decides for this result, in the customer's words. Each question is put once in a conversation."""
    decided = turn.shop.feedback.decisions(turn.call.sender_id, within=offers.CONVERSATION)
    asked = [action.removeprefix("ask_") for action in decided if action.startswith("ask_")]
    found_splits = splits(turn, wish)
    turns = sum(event.get("event") == "user" for event in turn.call.events)
    feedback = offers.feedback_of(turn.intent)
    found = offers.situation(
        found_splits, wish=wish, asked=asked, total=total, seen=seen, turns=turns, feedback=feedback
    )
    mask = offers.allowed(found, moment(turn), asked=asked, may_ask=may_ask)
    decision = offers.decide(found, mask, learned=turn.shop.offers, draw=f"{turn.call.sender_id}:{turns}")
    chosen = next((split for split in found_splits if split.kind == decision.asks), None)
    if chosen is None:
        return NextStep(decision, "", narrowing_buttons(turn, wish, total))
    name = "" if chosen.kind == "price" else word(turn, chosen.kind, str(chosen.value))
    zh, en = _QUESTIONS[chosen.kind][len(asked) % 2]
    buttons = [_answer(turn, split) for split in (chosen, *_second(turn, wish, chosen))]
    buttons += [turn.button("换一批", "Show me others"), turn.button("为什么推荐", "Why these?")]
    return NextStep(decision, turn.pick(zh, en).format(name=name), buttons)


def _second(turn: Turn, wish: Mapping[str, Any], chosen: Narrowing) -> tuple[Narrowing, ...]:
    """Another likely answer of the same kind."""
    kind = next((kind for kind in KINDS if kind == chosen.kind), None)
    if kind is None:  # a price has one good limit
        return ()
    if kind != "attribute" and (others := [value for value in wish.get(kind, ()) if value != chosen.value]):
        return (Narrowing(kind, others[0], 0),)
    rest = Constraints.from_wish(wish).refusing(kind, str(chosen.value))
    rest_splits = turn.shop.recommender.narrowing(rest, available=turn.shop.available(), most=len(KINDS) + 1)
    return tuple(split for split in rest_splits if split.kind == kind and split.value != chosen.value)


def _answer(turn: Turn, split: Narrowing) -> Button:
    if split.kind == "price":
        amount = formats.number(round(float(split.value)))
        return turn.button(f"{amount} 元以内", f"Under ¥{amount}")
    name = word(turn, split.kind, str(split.value))
    return turn.button(f"要{name}的", name[:1].upper() + name[1:])

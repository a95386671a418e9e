"""A wish in the customer's words, and the quick replies that narrow or loosen it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.actions import formats
from bot.actions.turn import Turn
from bot.messages import Button
from recommender.constraints import KINDS, Constraints
from recommender.explain import Reason, sentence
from recommender.loosening import Narrowing

_TABLES = {"brand": "brands", "color": "colors", "material": "materials", "attribute": "attributes"}
_RECIPIENTS = {
    "mother": "妈妈", "father": "爸爸", "parents": "爸妈", "girlfriend": "女朋友", "boyfriend": "男朋友", "wife": "太太",
    "husband": "先生", "child": "孩子", "baby": "宝宝", "son": "儿子", "daughter": "女儿", "friend": "朋友",
    "colleague": "同事", "boss": "领导", "teacher": "老师", "grandmother": "奶奶/外婆", "grandfather": "爷爷/外公",
    "sister": "姐妹", "brother": "兄弟", "family": "家人", "elderly": "长辈", "self": "自己", "cat": "猫咪", "dog": "狗狗",
}  # fmt: skip
_OF_ANYBODY = {"elderly": "for an older person", "self": "for yourself"} | {
    who: f"for a {who}" for who in ("child", "baby", "friend", "colleague", "teacher", "cat", "dog")
}
_INCHES = re.compile(r"(\d+(?:\.\d+)?)in")
_PEOPLE = re.compile(r"(\d+)-person")


def described(turn: Turn, wish: Mapping[str, Any]) -> str:
    """300 元以内、降噪、黑色的头戴耳机 / black headphones, noise cancelling, up to ¥300"""
    parts: list[str] = []
    if price := wish.get("price"):
        parts.append(_price(turn, price))
    for kind in ("attribute", "color", "material", "brand", "size"):
        parts += [word(turn, kind, value) for value in wish.get(kind, ())]
    for kind, values in (wish.get("exclude") or {}).items():
        parts += [turn.pick("不要", "no ") + word(turn, kind, value) for value in values]
    if recipient := wish.get("recipient"):
        parts.append(_for_whom(turn, str(recipient)))
    kinds = [word(turn, "category", value) for value in wish.get("category", ())]
    if turn.zh:
        head = "、".join(parts)
        return head + ("的" if head and kinds else "") + "/".join(kinds)
    return ", ".join([" / ".join(kinds), *parts] if kinds else parts)


def word(turn: Turn, kind: str, value: str) -> str:
    """The name of one id."""
    if kind == "category":
        table = "categories" if value in turn.shop.taxonomy["categories"] else "departments"
        return turn.shop.label(table, value, turn.language)
    if kind == "size" and value.replace(".", "").isdigit():
        return turn.pick(f"{value} 码", f"size {value}")
    if kind == "size":
        return size_name(turn, value)
    return turn.shop.label(_TABLES[kind], value, turn.language) if kind in _TABLES else value


def size_name(turn: Turn, size: str) -> str:
    """As it is written on a choice of sizes: M, 42, 3 人 / 3-person, 20 寸 / 20 in."""
    people, inches = _PEOPLE.fullmatch(size), _INCHES.fullmatch(size)
    if inches:
        return turn.pick(f"{inches[1]} 寸", f"{inches[1]} in")
    return turn.pick(f"{people[1]} 人", size) if people else size


def reason_told(turn: Turn, reason: Reason, names: Mapping[str, str]) -> str:
    """The sentence of a reason code; a size is told as everywhere else."""
    if reason.code == "matches_wish" and reason.value[0] == "size":
        size = word(turn, "size", str(reason.value[1]))
        if _PEOPLE.fullmatch(str(reason.value[1])):
            return size
        return turn.pick(f"有 {size}", f"comes in {size}")
    return sentence(reason, names, turn.language, label=labeller(turn))


def labeller(turn: Turn) -> Callable[[str, str, str], str]:
    """The shop's words for the ids in reason codes."""
    return lambda kind, value, _language: word(turn, kind, value)


def splits(turn: Turn, wish: Mapping[str, Any]) -> tuple[Narrowing, ...]:
    """What is worth a question, the best of each kind. Until the kind of product is known, only that and the price: a
    colour says nothing about chargers and gift sets together; nor does a feature about kinds of several departments."""
    found = turn.shop.recommender.narrowing(
        Constraints.from_wish(wish), available=turn.shop.available(), most=len(KINDS) + 1
    )
    kinds = wish.get("category") or ()
    known = turn.shop.taxonomy["categories"]
    departments = {known.get(kind, {}).get("department", kind) for kind in kinds}
    sensible = {"category", "price", *(("color", "brand") if kinds else ()), *(KINDS if len(departments) == 1 else ())}
    return tuple(split for split in found if split.kind in sensible)


def narrowing_buttons(turn: Turn, wish: Mapping[str, Any], total: int) -> list[Button]:
    """Up to two values that split what is left best, then "why"."""
    buttons: list[Button] = []
    if total > 3:
        for part in splits(turn, wish)[:2]:
            if part.kind == "price":
                amount = formats.number(round(float(part.value)))
                buttons.append(turn.button(f"{amount} 元以内", f"Under ¥{amount}"))
            else:
                name = word(turn, part.kind, str(part.value))
                buttons.append(turn.button(f"要{name}的", name[:1].upper() + name[1:]))
        buttons.append(turn.button("换一批", "Show me others"))
    elif total:
        buttons.append(turn.button("便宜一点的", "Cheaper"))
    buttons.append(turn.button("为什么推荐", "Why these?"))
    return buttons


def drop_button(turn: Turn, kind: str, value: str | None, count: int) -> Button:
    """One tap lets go of a single wish, and says how many that frees."""
    name = _dropped_name(turn, kind, value)
    payload = f'/refine_search{{"again": "{kind}{":" + value if value else ""}"}}'
    return turn.button(f"{name}不限（{count} 款）", f"Any {name} ({count})", payload)


def _dropped_name(turn: Turn, kind: str, value: str | None) -> str:
    names = {
        "price": ("价格", "price"),
        "color": ("颜色", "colour"),
        "brand": ("品牌", "brand"),
        "size": ("尺码", "size"),
        "material": ("材质", "material"),
        "category": ("品类", "kind"),
    }
    if kind in names:
        return turn.pick(*names[kind])
    return word(turn, kind.removeprefix("exclude."), value or "")


def _for_whom(turn: Turn, recipient: str) -> str:
    known = recipient in _RECIPIENTS
    return turn.pick(
        f"送{_RECIPIENTS.get(recipient, recipient)}",
        _OF_ANYBODY.get(recipient, f"for your {recipient}" if known else f"for {recipient}"),
    )


def _price(turn: Turn, price: Mapping[str, float]) -> str:
    low, high, about = (price.get(k) for k in ("min", "max", "about"))
    if about is not None:
        return turn.pick(f"{formats.number(about)} 元左右", f"around {_amount(turn, about)}")
    if low is not None and high is not None:
        return turn.pick(
            f"{formats.number(low)}–{formats.number(high)} 元", f"¥{formats.number(low)}–{formats.number(high)}"
        )
    if high is not None and round(high % 1, 2) == 0.99:  # "cheaper than this one", kept as a limit just below its price
        return turn.pick(f"低于 {formats.number(round(high))} 元", f"below {_amount(turn, round(high))}")
    if low is not None and round(low % 1, 2) == 0.01:
        return turn.pick(f"高于 {formats.number(round(low))} 元", f"above {_amount(turn, round(low))}")
    if high is not None:
        return turn.pick(f"{formats.number(high)} 元以内", f"up to {_amount(turn, high)}")
    return turn.pick(f"{formats.number(low or 0)} 元以上", f"from {_amount(turn, low or 0)}")


def _amount(turn: Turn, amount: float) -> str:
    """In the shop's money, and what it is about in the second one: many a limit was said in that."""
    return formats.money(amount, "en", rate=turn.shop.policies.shop.second_rate)

"""Why something is recommended: codes with the true values behind them, and the short phrase each becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["zh", "en"]
Label = Callable[[str, str, str], str]
"""(kind, id, language) -> the word for an id of a category, brand, color, material or attribute."""
Money = Callable[[float, str], str]
"""(amount, language) -> the amount with its currency."""

JUST_UNDER, WELL_UNDER = 0.9, 0.7
"""Shares of the limit: above the first a price is just under it, below the second well under."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`value` is JSON-able: an item id, an id of a kind, a number, or a list as told at CODES."""

    code: str
    value: Any


def plain_label(kind: str, value: str, language: str) -> str:  # noqa: ARG001 - the signature of Label
    """The id itself, readable: what is shown when no dictionary of the shop is given."""
    return value.replace("_", " ")


def yuan(amount: float, language: str) -> str:
    figure = f"{amount:.2f}".rstrip("0").rstrip(".")
    return f"{figure} 元" if language == "zh" else f"¥{figure}"


def sentence(
    reason: Reason,
    names: Mapping[str, str],
    language: str,
    *,
    label: Label = plain_label,
    money: Money = yuan,
) -> str:
    """A short phrase without a full stop; empty when it names an item that `names` does not know, or for a code that
    this version does not have (conversations outlive versions)."""
    write = CODES.get(reason.code)
    return write(reason.value, _Words(names, "zh" if language == "zh" else "en", label, money)) if write else ""


@dataclass(frozen=True, slots=True)
class _Words:
    names: Mapping[str, str]
    language: Language
    label: Label
    money: Money

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def item(self, item_id: Any, zh: str, en: str) -> str:
        name = self.names.get(str(item_id))
        return self.pick(zh, en).format(name) if name else ""

    def all_items(self, item_ids: Any, zh: str, en: str) -> str:
        names = [self.names.get(str(item_id)) for item_id in item_ids]
        known = [name for name in names if name]
        return self.pick(zh, en).format(self.pick("和", " and ").join(known)) if len(known) == len(names) else ""

    def word(self, kind: str, value: Any, zh: str, en: str) -> str:
        return self.pick(zh, en).format(self.label(kind, str(value), self.language))


def _matches_wish(value: Any, w: _Words) -> str:
    kind, name = value
    if kind == "size":
        return w.pick("有 {} 码", "comes in {}").format(str(name).upper())
    if kind == "brand":
        return w.word(kind, name, "{}的", "by {}")
    return w.label(kind, str(name), w.language)


def _under_budget(value: Any, w: _Words) -> str:
    price, limit = value
    cost, said = w.money(price, w.language), w.money(limit, w.language)
    if price == limit:
        return w.pick(f"正好 {said}", f"exactly your {said}")
    if price >= limit * JUST_UNDER:
        return w.pick(f"{cost}，比您说的 {said}还低一点", f"{cost}, just under your {said}")
    if price < limit * WELL_UNDER:
        return w.pick(f"{cost}，比您说的 {said}低不少", f"{cost}, well under your {said}")
    return w.pick(f"{cost}，在您说的 {said}以内", f"{cost}, within your {said}")


def _near_price(value: Any, w: _Words) -> str:
    price, about = (w.money(v, w.language) for v in value)
    return w.pick(f"{price}，接近您说的 {about}", f"{price}, close to your {about}")


def _well_rated(value: Any, w: _Words) -> str:
    rating, reviews = value
    return w.pick(f"评分 {rating:g}（{reviews} 条评价）", f"rated {rating:g} ({reviews} reviews)")


def _on_sale(value: Any, w: _Words) -> str:
    price, list_price = value
    saved = w.money(list_price - price, w.language)
    return w.pick(f"比原价省 {saved}", f"{saved} off its usual price")


CODES: Mapping[str, Callable[[Any, _Words], str]] = {
    "matches_wish": _matches_wish,  # [kind, id]
    "under_budget": _under_budget,  # [price, limit]
    "near_price": _near_price,  # [price, price said]
    "like_viewed": lambda v, w: w.item(v, "和您看过的{}相似", "like the {} you looked at"),
    "similar_to": lambda v, w: w.item(v, "和{}相似", "similar to {}"),
    "in_stock_substitute": lambda v, w: w.item(v, "可以代替{}，现在有货", "in stock now, in place of {}"),
    "goes_with": lambda v, w: w.item(v, "和{}搭配使用", "goes with {}"),
    "bought_together": lambda v, w: w.item(v, "常和{}一起买", "often bought with {}"),
    "bought_with_all": lambda v, w: w.all_items(v, "买了{}的人常一起买", "often bought with {}"),  # [item ids]
    "favourite_category": lambda v, w: w.word("category", v, "您常看{}", "you often look at {}"),
    "favourite_brand": lambda v, w: w.word("brand", v, "您常看的品牌{}", "from {}, a brand you often look at"),
    "popular_in_category": lambda v, w: w.word("category", v, "在{}里很受欢迎", "popular among {}"),
    "well_rated": _well_rated,  # [stars, number of reviews]
    "new": lambda v, w: w.pick("新品", "new in"),  # noqa: ARG005 - the date is for the console
    "on_sale": _on_sale,  # [price, list price]
}

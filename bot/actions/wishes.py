"""The customer's wish as it grows over turns: said, refined, criticised, taken back.

A wish is the dict of `nlu.constraints` (category, brand, color, size, material, attribute, price, exclude …).
Every earlier part stays until it is taken back; the states before are kept for "undo".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nlu.language import to_simplified

LISTS = ("category", "brand", "color", "size", "material", "attribute")
REPLACED = ("category", "brand", "color", "size", "material", "price", "quantity", "recipient", "occasion", "order")
"""A new word of these kinds stands for the old one; attributes add up."""
KEPT_PAST = 8

Wish = dict[str, Any]

_CHEAPER = re.compile(
    r"便[宜谊]|实惠|低一?点|平价|省钱|太贵|贵了|\bcheap|\bless expensive|\btoo (?:expensive|pricey)|\blower price|budget",
    re.I,
)
_DEARER = re.compile(
    r"贵一?点|高端|好一点的|更好|高档|升级|\bmore expensive|\bhigher[- ]end|\bpremium|\bfancier|\bbetter quality|\bnicer",
    re.I,
)
_NOT_DEARER = re.compile(
    r"(?:不要|别|不想)(?:太|那么|这么)?贵|\bnot (?:too |so |that )?expensive|\bnothing (?:too )?(?:fancy|expensive)",
    re.I,
)
_UNDO = re.compile(
    r"回到?(?:刚才|上一|之前|前面)|撤[销回]|还是(?:刚才|之前|上一批|前面)(?:的|那)|退回去|返回上一|"
    r"\bundo\b|\bgo back\b(?! home)|\bprevious (?:ones|results|list)|\bas before\b|\bback to (?:the )?(?:ones|list|results) (?:before|from before)|"
    r"\bthe ones (?:from )?before\b",
    re.I,
)
_ORDERS = {
    "cheapest": r"最便宜|最实惠|最低价|价格最低|最省钱|\bcheapest\b|\blowest[- ]pric|\bleast expensive\b|\bmost affordable\b",
    "dearest": r"最贵|最高端|最高档|价格最高|\bmost expensive\b|\bpriciest\b|\bhighest[- ]pric|\btop[- ]of[- ]the[- ](?:line|range)\b",
    "best_rated": r"(?:评分|评价|口碑|好评)(?:最|率最|(?:高|好|多)(?!吗|么|嘛|不|\?|？))|最好评|\b(?:best|highest|top)[- ](?:rated|reviewed)\b|\bbest reviews\b",
}
_OTHER_BRAND = re.compile(
    r"(?:别的|其他|其它|换个?|另外的?)(?:一?个)?(?:牌子|品牌)|(?:不要|不喜欢|不想要|别要?)(?:这|那)?个?(?:的)?(?:牌子|品牌)|\b(?:not|don'?t (?:like|want)) (?:this|that|the) brand\b|\b(?:other|another|different) brands?\b",
    re.I,
)
_LIKES = re.compile(
    r"(?:他|她|它|妈|爸|婆|爷|奶|父|母|朋友|孩子|宝宝|儿子|女儿|同事|领导|老师|闺蜜)[^，。,.!！?？]{0,6}(?:喜欢|爱|热衷|迷|常|经常)|"
    r"\b(?:he|she|they|mum|mom|mother|dad|father|wife|husband|friend|son|daughter|sister|brother|boss)(?:'s| is| are)? "
    r"(?:also |really |just |always |a )*(?:likes?|loves?|enjoys?|adores?|into|fan of|fond of|keen on|drinks?|reads?|plays?)\b",
    re.I,
)
"""What somebody else likes, told while something is looked for, is a wish."""
_DROPS = {
    "price": re.compile(r"(?:价格|预算|价钱|多少钱)(?:都)?(?:无所谓|不限|随便|不重要|没关系|都行)|不限(?:价|预算)|贵一?[点些](?:儿|的)?也(?:行|可以|没关系|没事|无所谓|成)|\b(?:more expensive|pricier|dearer) (?:is|would be) (?:fine|ok(?:ay)?|alright|all right)|\bcan (?:spend|pay|go) (?:a (?:bit|little) )?(?:more|higher)\b|\bprice (?:doesn'?t|does not) matter|\bany price|\bno budget", re.I),
    "color": re.compile(r"forget (?:about )?the colou?r|颜色(?:都)?(?:无所谓|不限|随便|不重要|没关系|都行|都可以)|\bany colou?r|\bcolou?r (?:doesn'?t|does not) matter", re.I),
    "brand": re.compile(r"(?:品牌|牌子)(?:都)?(?:无所谓|不限|随便|不重要|没关系|都行|都可以)|\bany brand|\bbrand (?:doesn'?t|does not) matter", re.I),
    "size": re.compile(r"(?:尺码|大小|码数)(?:都)?(?:无所谓|不限|随便|都行)|\bany size|\bsize (?:doesn'?t|does not) matter", re.I),
    "material": re.compile(r"(?:材质|面料)(?:都)?(?:无所谓|不限|随便|都行)|\bany material", re.I),
}  # fmt: skip


def merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> Wish:
    """The old wish with the new words in it. A new category that differs starts afresh, keeping who it is for."""
    if new.get("category") and old.get("category") and new["category"] != old["category"]:
        old = {k: old[k] for k in ("recipient", "occasion") if k in old}
    merged: Wish = {k: v for k, v in old.items() if k != "exclude"}
    for kind, value in new.items():
        if kind == "attribute":
            merged[kind] = sorted({*merged.get(kind, ()), *value})
        elif kind in REPLACED:
            merged[kind] = value
    excluded: dict[str, list[str]] = {k: list(v) for k, v in (old.get("exclude") or {}).items()}
    for kind, values in (new.get("exclude") or {}).items():
        excluded[kind] = sorted({*excluded.get(kind, ()), *values})
    for kind in LISTS:  # what is wanted now is no longer unwanted, and the other way round
        if wanted := new.get(kind):
            excluded[kind] = [v for v in excluded.get(kind, ()) if v not in wanted]
        if unwanted := (new.get("exclude") or {}).get(kind):
            merged[kind] = [v for v in merged.get(kind, ()) if v not in unwanted]
    return _filled(merged | {"exclude": _filled(excluded)})


def without(wish: Mapping[str, Any], kind: str, value: str | None = None) -> Wish:
    """The wish less one kind, or less one value of it; `exclude.<kind>` names an exclusion."""
    if kind.startswith("exclude."):
        return _filled({**wish, "exclude": without(wish.get("exclude") or {}, kind.removeprefix("exclude."), value)})
    rest = [v for v in wish.get(kind, ()) if v != value] if value is not None and kind in LISTS else []
    return _filled({**wish, kind: rest})


def criticise(wish: Mapping[str, Any], text: str, shown_prices: Sequence[float], shown_brands: Sequence[str]) -> Wish:
    """What "cheaper", "a better one", "another brand", "any colour" make of the wish, seen against the screen."""
    text, new = to_simplified(text), dict(wish)
    for kind, said in _DROPS.items():
        if said.search(text):
            new = without(without(new, kind), f"exclude.{kind}")
    if ordering(text):  # "the cheapest" puts in order; "cheaper" sets a limit
        return _filled(new)
    if shown_prices and not _DROPS["price"].search(text):
        if _CHEAPER.search(text) or _NOT_DEARER.search(text):
            known = wish.get("price") or {}
            ceiling = min(shown_prices) - 0.01
            new["price"] = {k: v for k, v in known.items() if k == "min" and v < ceiling} | {"max": ceiling}
        elif _DEARER.search(text):
            new["price"] = {"min": max(shown_prices) + 0.01}
    if _OTHER_BRAND.search(text) and shown_brands:
        new = merge(without(new, "brand"), {"exclude": {"brand": sorted(set(shown_brands))}})
    return _filled(new)


def drops(text: str) -> bool:
    """Does it let go of some wish: "any colour"?"""
    text = to_simplified(text)
    return any(said.search(text) for said in _DROPS.values())


def is_liking(text: str) -> bool:
    """Is it told what somebody else likes?"""
    return _LIKES.search(to_simplified(text)) is not None


def ordering(text: str) -> str | None:
    """By what the list is wanted in order: cheapest, dearest, best_rated."""
    text = to_simplified(text)
    return next((name for name, said in _ORDERS.items() if re.search(said, text, re.I)), None)


def is_cheaper(text: str) -> bool:
    text = to_simplified(text)
    return not ordering(text) and bool(_CHEAPER.search(text) or _NOT_DEARER.search(text))


def is_reason(text: str) -> bool:
    """Does a no say what was wrong: too expensive, the brand, the colour?"""
    text = to_simplified(text)
    return is_cheaper(text) or drops(text) or bool(_DEARER.search(text) or _OTHER_BRAND.search(text))


def is_undo(text: str) -> bool:
    return bool(_UNDO.search(to_simplified(text)))


def in_shop_currency(wish: Mapping[str, Any], *, shop: str, rates: Mapping[str, float]) -> Wish:
    """Prices said in other money become the shop's; `rates` = the shop's money for one unit of each currency."""
    price = wish.get("price")
    if not price:
        return dict(wish)
    factor = rates.get(price.get("currency", shop), 1.0)
    return {**wish, "price": {k: v * factor for k, v in price.items() if k != "currency"}}


def _filled(wish: Mapping[str, Any]) -> Wish:
    return {k: v for k, v in wish.items() if v not in (None, [], {}, ())}

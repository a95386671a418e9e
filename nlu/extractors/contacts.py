"""E-mails, phones (whole, or their last four digits) and order or parcel numbers."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity

_EMAIL = re.compile(r"(?<![a-z\d.+-])[a-z\d][a-z\d_.+-]*@[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}(?![a-z\d-])")
_PHONE = re.compile(
    r"(?<![a-z\d+])(?:(?:\+|00)\d{1,3}[ -]?)?(?:"
    r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}"  # mobile, China
    r"|0\d{2,3}-\d{7,8}"  # landline, China
    r"|0?7\d{3}[ -]?\d{3}[ -]?\d{3}"  # mobile, United Kingdom
    r"|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}"  # North America
    r")(?![\d-])|(?<![a-z\d+])\+\d{1,3}[ -]?\d[\d -]{6,13}\d(?!\d)"
)
_LAST_FOUR = re.compile(
    r"(?:尾号|尾数|末尾|(?:最?后|末)(?:四|4)位(?:数字?)?|ending(?: with| in)?|ends? (?:with|in)|last (?:four|4)(?: digits?)?)"
    r"(?:号码|数字)?\s?(?:of my (?:phone|number|mobile)(?: number)?\s?)?(?:是|为|are|is|:|：|=)*\s?(?P<n>\d{4})(?!\d)"
)
_CODE = r"(?:[a-z]{1,6}-?)?\d[\d-]{2,18}\d(?:-?[a-z\d]{1,6})?|[a-z\d]*\d[a-z\d]*-[a-z\d-]*\d[a-z\d]*"
_ORDER_CONTEXT = re.compile(
    r"(?:订单编?号?|单号|单子|运单号?|快递号?|编号|order(?: number| no\.?| id| ref(?:erence)?)?|order(?=#)|tracking(?: number| no\.?| id)?|"
    r"parcel(?: number)?|ref(?:erence)?(?: number)?|invoice(?: number)? for|confirmation number)"
    rf"\s?(?:is|was|number|no\.?|[#:：是为])?\s?[#:：]?\s?(?P<n>{_CODE})(?![a-z\d])"
)
_HASH = re.compile(r"#\s?(?P<n>[a-z]{0,6}-?\d{4,20})(?!\d)")
_NUMBER_FIRST = re.compile(
    rf"(?<![a-z\d-])(?P<n>{_CODE})\s?(?:号订单|这个?(?:订单|单)|那个?(?:订单|单)|的?订单|这单|那单|号单|单号)"
)
_LONE = re.compile(
    rf"(?:是|就是|it'?s|it is|here(?:'s| it is)?[:,]?|that's|the number is|number)?\s?[:：]?\s?#?(?P<n>{_CODE})\s?(?:号|please|thanks|thank you|谢谢|这个|这单)?[.!。！]?"
)
_LOOSE = re.compile(
    r"(?<![a-z\d.,$¥£€+-])(?:[a-z]{1,4}-?)?(?P<n>\d{5,20})(?![\d,.]*\d|[a-z%-]|\s?(?:块|元|刀|人民币|rmb|dollars?|yuan|毫安|mah|万|k(?![a-z])|points?|积分|分|条|个|k|w|g|m))"
)
_DATE_OR_RANGE = re.compile(r"20\d\d-\d{1,2}-\d{1,2}|\d{1,5}-\d{1,5}")
_MIN_DIGITS, _MAX_DIGITS = 4, 20


def extract(text: str) -> list[Entity]:
    """Contacts and numbers of orders and parcels; order numbers keep their spelling in upper case."""
    found: list[Entity] = []
    if "@" in text:
        found.extend(Entity("email", m[0], *m.span(), extractor="contacts") for m in _EMAIL.finditer(text))
    if not re.search(r"\d", text):
        return found
    found.extend(Entity("phone", _digits(m[0]), *m.span(), extractor="contacts") for m in _PHONE.finditer(text))
    found.extend(
        Entity("phone", m["n"], m.start("n"), m.end("n"), role="last4", extractor="contacts")
        for m in _LAST_FOUR.finditer(text)
    )
    for pattern in (_ORDER_CONTEXT, _NUMBER_FIRST, _HASH):
        found.extend(_order(m) for m in pattern.finditer(text) if _is_order(m["n"]))
    if (lone := _LONE.fullmatch(text)) and _is_order(lone["n"]) and not _PHONE.fullmatch(lone["n"]):
        found.append(_order(lone))
    return found


def loose_order_numbers(text: str) -> list[Entity]:
    """Long numbers without any context (取消10086 …): believed only where nothing else claims them."""
    return [
        Entity("order_number", m[0].upper(), *m.span(), confidence=0.8, extractor="contacts")
        for m in _LOOSE.finditer(text)
    ]


def _order(match: re.Match[str]) -> Entity:
    return Entity("order_number", match["n"].upper(), match.start("n"), match.end("n"), extractor="contacts")


def _is_order(code: str) -> bool:
    if _DATE_OR_RANGE.fullmatch(code):
        return False
    return _MIN_DIGITS <= sum(c.isdigit() for c in code) <= _MAX_DIGITS


def _digits(phone: str) -> str:
    return ("+" if phone.startswith("+") else "") + re.sub(r"\D", "", phone)

"""Another address, recipient or phone for an order that has not left."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from bot.actions.formats import masked_address
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_words import case_status, goods, lapsed, money, on_delivery, paid, refund_line
from bot.actions.places import kind_of_place, not_served, shipping_fee
from bot.actions.turn import Turn
from bot.stores.orders import CHANGEABLE, Order

_PHONE = re.compile(
    r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|\+\d[\d -]{6,}\d|(?<!\d)0\d{2,4}[ -]?\d{6,8}(?!\d)|(?<!\d)\d{7,15}(?!\d)"
)
_LEAD = re.compile(
    r"^.*?(?:改成|改到|改为|改寄到|换成|寄到|送到|发到|(?:新)?(?:的)?(?:收货)?地址(?:是|为|[:：])|"
    r"(?:change|update|correct|send|ship|deliver|redirect)\b[^,]*?\bto|(?:new |the )?address(?: is)?[:：]?)\s*[:：]?\s*",
    re.I | re.S,
)
_NAME = re.compile(
    r"(?:收件人|收货人|联系人|recipient|name)\s*(?:改成|改为|换成|是|为|is|to|[:：])*\s*([\u4e00-\u9fff·]{2,6}(?![^\s,，;；。、])|[\w· ]{2,30})",
    re.I,
)
_STREET = re.compile(
    r"[省市区县镇路街道巷弄村号栋幢室楼苑]|小区|大厦|公寓|\d.*\b[a-z]|"
    r"\b(?:street|st|road|rd|avenue|ave|lane|drive|court|way|place|square|flat|apt|unit)\b",
    re.I,
)
# Names of people where no word announces them: the family name first, or capitalised words.
_CHINESE_NAME = re.compile(
    r"(?!谢谢|江苏|江西|武汉|黄山|金华|石家庄|龙岩|万宁|高雄)"
    r"(?:欧阳|上官|司马|诸葛|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    r"姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐庄])"
    r"[\u4e00-\u9fff·]{1,3}"
)
_ENGLISH_NAME = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z]\.?)?(?: [A-Z][a-zA-Z'’-]+){1,2}")
_FLAT = re.compile(r"\b(?:flat|apt\.?|apartment|unit|room|suite|floor)\s*#?[\w-]{1,5}\s*,\s*$", re.I)
_COUNTRY = re.compile(
    r"(?:\s*[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b)?(?:\s*,\s*(?:(?!(?:Thanks?|Please|Cheers|And|My|It|The|For)\b)[A-Z][\w.'’-]*(?:\s+(?:of\s+|and\s+)?[A-Z][\w.'’-]*)*|(?i:"
    r"uk|usa?|united kingdom|united states|england|china|hong kong|singapore|canada|australia|germany|france|japan)))+"
)
_POSTCODE = re.compile(
    r"\s*,?\s*(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d|[A-Z]{2} \d{5}|\d{3}-\d{4}|\d{4,6}(?:-\d{4})?)"
    r"(?=\s*(?:[.,;，。；]|$))"
)
_BREAK = re.compile(r"[\s,，;；、。]+")
_COMMA = re.compile(r"\s*[,，;；\n]\s*")
SHORTEST = 6
"""Letters of an address that a courier can find at all."""


def change_address(turn: Turn, order: Order, detail: Detail) -> Step:
    values = {"number": order.number, "goods": goods(turn, order)}
    if not order.changeable or lapsed(turn, order):
        sent = order.status == "dispatched"
        return Answer(Reply("address_too_late" if sent else "change_closed", values, [person(turn)]))
    new = {field: str(detail[field]) for field in ("recipient", "phone", "address") if detail.get(field)}
    address = new.get("address", "")
    if not new:
        return Ask(Reply("ask_new_address", values | {"now": masked_address(order.address)}))
    rules = turn.shop.policies.shipping
    country = not_served(rules, address)
    if country:
        return Ask(Reply("address_not_served", values | {"place": country}, [person(turn)]))
    if address and not (re.search(r"\d", address) and len(address) >= SHORTEST):
        return Ask(Reply("address_incomplete", values | {"address": address}))
    if address and on_delivery(order) and kind_of_place(rules, address) in ("remote", "overseas"):
        return Ask(Reply("address_not_on_delivery", values, [person(turn)]))
    extra = _extra_fee(turn, order, address)
    values |= {"change": _told(turn, new), "fee": ""}
    if extra > 0 and paid(order):
        values["fee"] = money(turn, extra)
        outcome = Outcome("address", Reply("done_address_unpaid", values), {**new, "due": extra})
        return Confirm(Reply("confirm_address_unpaid", values), outcome)
    back = -extra if extra < 0 and paid(order) else 0.0
    if back:
        values["fee"] = turn.pick("", " ") + refund_line(turn, order, back)
    elif extra:
        total = money(turn, order.total + extra)
        values["fee"] = turn.pick(
            f"运费随地区变化，应付变为 {total}。", f" Shipping differs there; the total becomes {total}."
        )

    def change(connection: Connection, _key: str) -> bool:
        return turn.shop.orders.change(
            order.number,
            only_if=(order.status,),
            connection=connection,
            shipping_fee=round(order.shipping_fee + extra, 2),
            total=round(order.total + extra, 2),
            **new,
        )

    outcome = Outcome(
        "address", Reply("done_address", values), {"refund": back}, case_status(turn, order, back), change
    )
    return Confirm(Reply("confirm_address", values), outcome)


def read_address(turn: Turn, asked: bool) -> Detail:
    """Recipient, phone and address out of one message; a bare line counts when it was asked for."""
    if turn.text.startswith("/"):
        return {}
    said: dict[str, object] = {}
    text = turn.text.strip()
    phone = _PHONE.search(text)
    if phone:
        said["phone"] = re.sub(r"[\s-]", "", phone.group())
        text = (text[: phone.start()] + " " + text[phone.end() :]).strip()
    name = _NAME.search(text)
    if name and not _STREET.search(name.group(1)):
        said["recipient"] = name.group(1).strip()
        text = (text[: name.start()] + " " + text[name.end() :]).strip()
    found = [*turn.entities("address", role="to"), *turn.entities("address")]
    if phone and not name and (person := _beside(text)):
        said["recipient"] = person
        text = _COMMA.sub(", ", text.replace(person, "\n", 1)).strip(" ,")
        found = [_COMMA.sub(", ", str(value).replace(person, "\n", 1)).strip(" ,") for value in found]
    rest = _LEAD.sub("", text, count=1).strip(" ,，.。;；、")
    if _LEAD.match(text) and re.search(r"\d", rest) and _STREET.search(rest):
        said["address"] = rest
    elif found and re.search(r"\d", str(found[0])):
        said["address"] = _whole(str(found[0]), rest)
    elif asked and rest and (_STREET.search(rest) or (found and not said)):
        said["address"] = rest
    elif asked and phone and rest and "recipient" not in said:
        said["recipient"] = rest
    return said


def _whole(found: str, text: str) -> str:
    """The address that was recognised, with the flat before it and the country, town or postcode after it."""
    start = text.find(found)
    if start < 0:
        return found
    flat, country = _FLAT.search(text[:start]), _COUNTRY.match(text[start + len(found) :])
    end = country.group().rstrip(" .") if country else ""
    code = _POSTCODE.match(text[start + len(found) + len(end) :])
    return (flat.group() if flat else "") + found + end + (code.group() if code else "")


def _beside(text: str) -> str:
    """Whose name stands beside an address, set apart from it; nothing when there is no address in the text."""
    if not (re.search(r"\d", text) and _STREET.search(text)):
        return ""
    parts = _BREAK.split(text)
    names = [part for part in parts if _CHINESE_NAME.fullmatch(part) and not _STREET.search(part)]
    if names:
        return names[-1]
    parts = [part for part in _COMMA.split(text) if part.strip()]
    ends = parts[:1] + (parts[-1:] if len(parts) > 3 else [])  # a city may stand last; a person after one
    return next((p.strip() for p in ends if _ENGLISH_NAME.fullmatch(p.strip()) and not _STREET.search(p)), "")


def bare_address(turn: Turn) -> Detail:
    """A few letters are a name; more is an address, even if not yet a whole one."""
    text = turn.text.strip(" ,，.。;；、")
    return {"recipient" if len(text) <= SHORTEST else "address": text}


def _told(turn: Turn, new: dict[str, str]) -> str:
    labels = {"recipient": ("收件人", "name"), "phone": ("电话", "phone"), "address": ("地址", "address")}
    return turn.pick("；", "; ").join(f"{turn.pick(*labels[field])} {value}" for field, value in new.items())


def _extra_fee(turn: Turn, order: Order, address: str) -> float:
    """Shipping to the new place less what was charged; nothing within the same kind of place."""
    rules = turn.shop.policies.shipping
    old = kind_of_place(rules, order.address) or "mainland"
    new = kind_of_place(rules, address) or old
    return 0.0 if new == old else round(shipping_fee(rules, new, order.goods_total) - order.shipping_fee, 2)


TASKS = {"change_shipping_address": Task(change_address, read_address, bare_address, fits=CHANGEABLE)}

"""Invoices: who they are made out to and where they go."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.order_access import own_orders
from bot.actions.order_lines import choice, chosen
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, matches, person
from bot.actions.order_words import DAY, days_since, money, paid
from bot.actions.regrets import told
from bot.actions.turn import Turn
from bot.stores.orders import Order

MONTH = 30.44 * DAY
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TAX = re.compile(r"(?<![A-Za-z\d])(?:[0-9A-HJ-NP-RTUWXY]{15,20}|[A-Z]{2}\d{8,12})(?![A-Za-z\d])", re.I)
_PERSONAL = re.compile(r"[个個]人|personal|my(?:self| (?:own )?name)|private", re.I)
_VAT = re.compile(r"[专專]票|增值[税稅][专專]用|\bVAT special|special VAT|special invoice", re.I)
_TITLE = re.compile(
    r"(?:[抬擡][头頭]|公司名[称稱]?|[开開][给給]|made out to|title|company(?: name)?)\s*(?:是|为|為|写|寫|is|[:：])*\s*([^,，;；。\n]{2,60})",
    re.I,
)
_COMPANY = re.compile(
    r"[^\s,，;；。:：]{2,40}(?:公司|集[团團]|大[学學]|[学學]校|[医醫]院|[事務务]+所|工作室|中心|店)|"
    r"[\w&.' -]{2,60}?\b(?:Ltd|Limited|Inc|LLC|GmbH|PLC|Corp(?:oration)?|Company|University)\b\.?",
    re.I,
)


def get_invoice(turn: Turn, order: Order, detail: Detail) -> Step:
    rules = turn.shop.policies.invoice
    values = {"number": order.number, "total": money(turn, order.total), "months": str(rules.request_within_months)}
    if order.status in ("cancelled", "refunded", "returned", "return_requested"):
        values["status"] = formats.status(order.status, turn.language)
        return Answer(Reply("invoice_other_state", values, [person(turn)]))
    if not paid(order):
        return Answer(Reply("invoice_unpaid", values))
    if days_since(turn, order.placed_at) * DAY > rules.request_within_months * MONTH:
        return Answer(Reply("invoice_too_late", values, [person(turn)]))
    if detail.get("vat"):
        buttons = [person(turn), choice(turn, "普通电子发票就行", "An ordinary e-invoice will do", "ordinary")]
        return Ask(Reply("invoice_vat_special", values, buttons))
    title = str(detail.get("title") or "")
    if not title:
        return Ask(Reply("ask_invoice_title", values, [choice(turn, "个人", "Personal", "personal")]))
    personal = title == "personal"
    if not personal and not detail.get("tax"):
        return Ask(
            Reply(
                "ask_tax_number", values | {"title": title}, [choice(turn, "改开个人", "Make it personal", "personal")]
            )
        )
    email = str(detail.get("email") or order.email)
    if not email:
        return Ask(Reply("ask_invoice_email", values))
    name = turn.pick("个人", "personal") if personal else f"{title} ({detail['tax']})"
    shown = email if detail.get("email") else _masked(email)
    values |= {"title": name, "email": shown, "hours": str(rules.electronic_hours)}
    data = {"title": order.recipient if personal else title, "tax": detail.get("tax", ""), "email": email}
    return Confirm(Reply("confirm_invoice", values), Outcome("invoice", Reply("done_invoice", values), data))


def read_invoice(turn: Turn, asked: bool) -> Detail:
    """Title, tax number and e-mail out of one message."""
    if chosen(turn) == "personal":
        return {"title": "personal", "vat": False}
    if chosen(turn) == "ordinary":
        return {"vat": False}
    said: dict[str, object] = {}
    text = turn.text
    if email := _EMAIL.search(text):
        said["email"] = email.group()
        text = text.replace(email.group(), " ")
    if (tax := _TAX.search(text)) and sum(c.isdigit() for c in tax.group()) >= 6:
        said["tax"] = tax.group().upper()
        text = re.sub(
            r"(?:税号|纳税人识别号|(?:tax|vat)(?: (?:number|id|no\.?))?)\s*(?:是|为|is|[:：])*\s*",
            " ",
            text.replace(tax.group(), " "),
            flags=re.I,
        )
    if matches(_VAT, turn):
        said["vat"] = True
    titled = _TITLE.search(text) or (_COMPANY.search(text) if asked else None)
    if titled:
        name = titled.group(titled.lastindex or 0).strip(" ,，.。;；:：")
        said["title"] = "personal" if _PERSONAL.search(name) else name
    elif _PERSONAL.search(text):
        said["title"] = "personal"
    return said


def in_general(turn: Turn) -> bool:
    """Nobody has ordered anything yet: that one can be had is said before an order is asked for."""
    if turn.text.startswith("/") or own_orders(turn) or told(turn, "invoice_in_general"):
        return False
    turn.say("invoice_in_general", hours=str(turn.shop.policies.invoice.electronic_hours))
    return False


def bare_title(turn: Turn) -> Detail:
    return {"title": turn.text.strip(" ,，.。;；")[:60]}


def _masked(email: str) -> str:
    name, _, host = email.partition("@")
    return f"{name[:2]}***@{host}"


TASKS = {
    "get_invoice": Task(
        get_invoice,
        read_invoice,
        bare_title,
        fits=("delivered", "dispatched", "packed", "paid"),
        without_order=in_general,
    ),
}

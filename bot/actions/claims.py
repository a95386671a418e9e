"""Broken, wrong or missing on arrival; and what fails later, within the warranty."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.actions import formats
from bot.actions.order_lines import choice, chosen, named, which
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_stock import hold
from bot.actions.order_words import case_status, day, days_since, goods, moment, refund_line, worth
from bot.actions.problems import about_battery, problem
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.orders import Order, OrderLine


def report_damage(turn: Turn, order: Order, detail: Detail) -> Step:
    """Within hours of the arrival: a new one or the money, as the customer likes. Later: a fault, then the warranty."""
    rules = turn.shop.policies.returns
    values = {"number": order.number, "hours": str(rules.damage_report_hours), "days": str(rules.quality_days)}
    if order.status not in ("dispatched", "delivered"):
        values["status"] = formats.status(order.status, turn.language)
        return Answer(Reply("damage_other_state", values, [person(turn)]))
    known = next(iter(turn.shop.orders.cases_of(order.number, "damage")), None)
    if known is not None:
        changed = money_instead(turn, order, detail) if detail.get("remedy") == "refund" else None
        return changed or Answer(Reply("damage_known", values | {"case": known.case_id}, [person(turn)]))
    since = days_since(turn, order.delivered_at) if order.delivered_at else 0.0
    values["day"] = day(turn, order.delivered_at or turn.shop.clock())
    if since > rules.quality_days:
        return Answer(Reply("damage_too_late", values, [_warranty(turn), person(turn)]))
    if not detail.get("problem"):
        return Ask(Reply("ask_damage", values, _kinds(turn)))
    lines = which(turn, order, detail)
    if isinstance(lines, Ask):
        return lines
    values |= {"goods": goods(turn, order, lines), "email": turn.shop.policies.shop.email}
    values["late"] = (
        turn.pick(
            f"已过 {values['hours']} 小时，会先由同事看照片核实。",
            f" It's past {values['hours']} hours, so a colleague checks the photos first.",
        )
        if since * 24 > rules.damage_report_hours
        else ""
    )
    return _remedy(turn, order, lines, detail, values)


def money_instead(turn: Turn, order: Order, detail: Detail) -> Step | None:
    """The replacement that was agreed on becomes a refund while nobody has sent it, and what is refunded already is not
    refunded twice; None where there is neither, or where `detail` names another piece."""
    case = next(iter(turn.shop.orders.cases_of(order.number, "damage")), None)
    meant = [line for line in order.lines if case and line.sku in case.data.get("skus", ())]
    if case is None or not meant or case.status == "withdrawn":
        return None
    if len(order.lines) > 1:
        named = which(turn, order, detail)
        meant = meant if isinstance(named, Ask) else [line for line in meant if line in named]
    if not meant:
        return None
    values = {"number": order.number, "known": case.case_id, "goods": goods(turn, order, meant)}
    if case.status != "open" or case.data.get("remedy") != "replace":
        return Answer(Reply("damage_known", values | {"case": case.case_id}, [person(turn)]))

    def change(connection: Connection, _key: str) -> bool:
        if not turn.shop.orders.withdraw(case.case_id, connection):
            return False
        turn.shop.ledger.release(str(case.data.get("key")), connection)
        return True

    amount = _amount(order, meant)
    values["refund"] = refund_line(turn, order, amount)
    data = {key: case.data.get(key) for key in ("problem", "words")} | {"skus": [line.sku for line in meant]}
    data |= {"remedy": "refund", "refund": amount}
    status = case_status(turn, order, amount)
    outcome = Outcome("damage", Reply("done_money_instead", values), data, status, change)
    return Confirm(Reply("confirm_money_instead", values), outcome)


def read_damage(turn: Turn, asked: bool) -> Detail:
    said: dict[str, object] = {}
    tapped = chosen(turn)
    if tapped in ("refund", "replace"):
        said["remedy"] = tapped
    else:
        text = turn.text.casefold()
        if any(word in text for word in ("退款", "退钱", "refund", "money")):
            said["remedy"] = "refund"
        elif asked and any(word in text for word in ("补", "换", "重发", "replace", "resend", "another", "new one")):
            said["remedy"] = "replace"
    kind = tapped if tapped in ("broken", "wrong", "missing") else problem(turn.text)
    if kind:
        said |= {"problem": kind, "words": "" if tapped else turn.text.strip()[:500]}
    return said | named(turn, colors=True)


def bare_damage(turn: Turn) -> Detail:
    return {"problem": "broken", "words": turn.text.strip()[:500]}


def warranty_claim(turn: Turn, order: Order, detail: Detail) -> Step:
    values = {"number": order.number, "goods": goods(turn, order)}
    if order.delivered_at is None:
        values["status"] = formats.status(order.status, turn.language)
        return Answer(Reply("warranty_not_delivered", values, [person(turn)]))
    lines = which(turn, order, detail, several=False)
    if isinstance(lines, Ask):
        return lines
    months = _months(turn, lines[0], battery=bool(detail.get("battery")))
    arrived = moment(turn, order.delivered_at)
    values |= {"goods": goods(turn, order, lines), "day": formats.day(arrived, turn.language), "months": str(months)}
    if months == 0:
        return Answer(Reply("warranty_none", values, [person(turn)]))
    until = months_after(arrived, months)
    values["until"] = f"{until:%Y-%m-%d}"
    if until < turn.shop.now():
        return Answer(Reply("warranty_over", values, [person(turn)]))
    if not detail.get("words"):
        return Ask(Reply("ask_fault", values))
    rules = turn.shop.policies
    values |= {"repair": formats.span(rules.warranty.repair_days, turn.language), "words": str(detail["words"])}
    data = {"skus": [lines[0].sku], "words": detail["words"], "until": values["until"]}
    refundable = days_since(turn, order.delivered_at) <= rules.returns.quality_days
    values["or_refund"] = (
        turn.pick(
            f"签收还在 {rules.returns.quality_days} 天内，也可以直接退款。",
            f" It's within {rules.returns.quality_days} days, so you could have a refund instead.",
        )
        if refundable
        else ""
    )
    return Confirm(Reply("confirm_warranty", values), Outcome("warranty", Reply("done_warranty", values), data))


def read_warranty(turn: Turn, _asked: bool) -> Detail:
    said: dict[str, object] = dict(named(turn))
    if not chosen(turn) and problem(turn.text) in ("fault", "broken"):
        said |= bare_fault(turn)
    if about_battery(turn.text):
        said["battery"] = True
    return said


def bare_fault(turn: Turn) -> Detail:
    return {"words": turn.text.strip()[:500]}


def months_after(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def _remedy(turn: Turn, order: Order, lines: Sequence[OrderLine], detail: Detail, values: dict[str, str]) -> Step:
    stock = turn.shop.ledger.available_map()
    pieces = {line.sku: line.quantity for line in lines}
    can_replace = all(stock.get(sku, 0) >= quantity for sku, quantity in pieces.items())
    remedy, data = (
        detail.get("remedy"),
        {"skus": list(pieces), "problem": detail["problem"], "words": detail.get("words")},
    )
    if remedy == "replace" and can_replace:

        def change(connection: Connection, key: str) -> bool:
            return hold(turn, pieces, connection, key)

        outcome = Outcome("damage", Reply("done_damage_replace", values), data | {"remedy": "replace"}, "open", change)
        return Confirm(Reply("confirm_damage_replace", values), outcome)
    if remedy == "refund":
        amount = _amount(order, lines)
        values["refund"] = refund_line(turn, order, amount)
        status = "open" if values["late"] else case_status(turn, order, amount)
        data |= {"remedy": "refund", "refund": amount}
        outcome = Outcome("damage", Reply("done_damage_refund", values), data, status)
        return Confirm(Reply("confirm_damage_refund", values), outcome)
    refund = choice(turn, "全额退款", "Full refund", "refund")
    if can_replace:
        return Ask(Reply("ask_remedy", values, [choice(turn, "补发/换新", "Send a new one", "replace"), refund]))
    return Ask(Reply("ask_remedy_sold_out", values, [refund, person(turn)]))


def _amount(order: Order, lines: Sequence[OrderLine]) -> float:
    """What these lines cost, with the shipping when they are all of it."""
    whole = len(lines) == len(order.lines)
    return round(worth(order, lines) + (order.shipping_fee if whole else 0.0), 2)


def _months(turn: Turn, line: OrderLine, *, battery: bool) -> int:
    rules = turn.shop.policies.warranty
    if battery:
        return rules.battery_months
    product = turn.shop.catalog.get(line.product_id)
    own = product.warranty_months if product else None
    return rules.default_months if own is None else own


def _kinds(turn: Turn) -> list[Button]:
    return [
        choice(turn, "坏了/破了", "It's broken", "broken"),
        choice(turn, "发错了", "Wrong item", "wrong"),
        choice(turn, "少了东西", "Something's missing", "missing"),
    ]


def _warranty(turn: Turn) -> Button:
    return turn.button("申请保修", "Claim the warranty", turn.pick("坏了，想保修", "It broke, I want a repair"))


TASKS = {
    "report_damage": Task(report_damage, read_damage, bare_damage, fits=("delivered", "dispatched")),
    "warranty_claim": Task(warranty_claim, read_warranty, bare_fault, fits=("delivered",)),
}

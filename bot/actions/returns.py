"""Sending things back for money, by the shop's days, exceptions and postage."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.actions import formats
from bot.actions.claims import money_instead
from bot.actions.order_lines import choice, chosen, named, which
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_words import approval, approval_note, day, days_since, goods, money, refund_way, worth
from bot.actions.problems import opened, problem
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.orders import Order, OrderLine

# Categories and departments that returns.not_returnable speaks of: the word it uses, and how customers are told.
_SEALED = {
    "food": ("food", "开封的食品饮料", "food and drink once opened"),
    "beauty": ("skincare", "开封的美妆护肤品", "skincare and beauty once opened"),
    "earbuds": ("earbuds", "拆封的入耳式耳机", "earbuds once unsealed"),
    "underwear": ("underwear", "拆封的内衣", "underwear once unsealed"),
}


def return_item(turn: Turn, order: Order, detail: Detail) -> Step:
    rules = turn.shop.policies.returns
    state = not_delivered(turn, order)
    if state is not None:
        return Answer(state)
    settled = money_instead(turn, order, detail)
    if settled is not None:
        return settled
    age = days_since(turn, order.delivered_at or order.placed_at)
    values = {
        "number": order.number,
        "day": day(turn, order.delivered_at or order.placed_at),
        "days": str(rules.days),
        "quality_days": str(rules.quality_days),
    }
    if age > rules.quality_days:
        buttons = [
            turn.button("申请保修", "Claim the warranty", turn.pick("坏了，想保修", "It broke, I want a repair")),
            person(turn),
        ]
        return Answer(Reply("return_too_late", values, buttons))
    reason = detail.get("reason")
    if reason is None:
        return Ask(Reply("ask_return_reason", values, _reasons(turn)))
    if reason == "unwanted" and age > rules.days:
        buttons = [
            turn.button("换一个尺码", "Exchange it instead", turn.pick("我要换货", "I want to exchange it")),
            person(turn),
        ]
        return Answer(Reply("return_too_late_unwanted", values, buttons))
    lines = which(turn, order, detail)
    if isinstance(lines, Ask):
        return lines
    values["goods"] = goods(turn, order, lines)
    exception = _exception(turn, lines) if reason == "unwanted" else ""
    if exception and detail.get("opened"):
        return Answer(
            Reply("return_exception", values | {"exception": exception}, [_it_is_faulty(turn, order), person(turn)])
        )
    return _confirm(turn, order, lines, str(reason), exception, values)


def read_return(turn: Turn, _asked: bool) -> Detail:
    said: dict[str, object] = {}
    tapped = chosen(turn)
    kind = tapped if tapped in ("unwanted", "fault", "wrong") else problem(turn.text)
    if kind:
        said["reason"] = "unwanted" if kind == "unwanted" else "fault"
    if said.get("reason") and not tapped:
        said["words"] = turn.text.strip()[:500]
    if opened(turn.text):
        said["opened"] = True
    return said | named(turn, colors=True)


def bare_reason(turn: Turn) -> Detail:
    """Whatever the reason is: our fault only when it sounds like something is wrong with it."""
    ours = turn.intent in ("report_damage", "warranty_claim")
    return {"reason": "fault" if ours else "unwanted", "words": turn.text.strip()[:500]}


def not_delivered(turn: Turn, order: Order) -> Reply | None:
    """Why nothing can be sent back in this state, and what can be done; None for a delivered order."""
    values = {
        "number": order.number,
        "goods": goods(turn, order),
        "status": formats.status(order.status, turn.language),
    }
    if order.status == "delivered":
        return None
    if order.changeable:
        unpaid = order.status == "pending_payment"
        return Reply(
            "return_not_paid" if unpaid else "return_not_sent",
            values,
            [turn.button("取消订单", "Cancel the order"), person(turn)],
        )
    if order.status == "dispatched":
        values |= {"postage": money(turn, turn.shop.policies.returns.postage)}
        return Reply("return_on_its_way", values, [turn.button("快递到哪了", "Where is it now?"), person(turn)])
    case = next(iter(turn.shop.orders.cases_of(order.number)), None)
    values["case"] = turn.pick(f"（单号 {case.case_id}）", f" (case {case.case_id})") if case else ""
    return Reply("return_running", values, [turn.button("退款到哪了", "Where's my refund?"), person(turn)])


def _confirm(
    turn: Turn, order: Order, lines: Sequence[OrderLine], reason: str, exception: str, values: dict[str, str]
) -> Step:
    ours = reason != "unwanted"
    rules, whole = turn.shop.policies, len(lines) == len(order.lines)
    postage = 0.0 if ours else rules.returns.postage
    amount = max(0.0, round(worth(order, lines) - postage + (order.shipping_fee if ours and whole else 0.0), 2))
    values |= {
        "amount": money(turn, amount),
        "postage": turn.pick("寄回运费我们出", "we pay the return postage")
        if ours
        else turn.pick(f"已扣寄回运费 {money(turn, postage)}", f"less {money(turn, postage)} return postage"),
        "inspection": formats.span((rules.refunds.inspection_days,) * 2, turn.language),
        "way": refund_way(turn, order),
        "approval": approval_note(turn, amount),
        "condition": "" if ours else _condition(turn, exception),
    }
    data = {"reason": reason, "skus": [line.sku for line in lines], "refund": amount, "postage": postage}

    def change(connection: Connection, _key: str) -> bool:
        return turn.shop.orders.change(
            order.number, only_if=("delivered",), connection=connection, status="return_requested"
        )

    outcome = Outcome(
        "return", Reply("done_return", values), data | {"approval": approval(turn, amount)}, "open", change
    )
    return Confirm(Reply("confirm_return", values), outcome)


def _condition(turn: Turn, exception: str) -> str:
    if exception:
        return turn.pick(
            f"商品要没用过；{exception}不支持无理由退。", f" It must be unused; {exception} can't come back."
        )
    return turn.pick("商品要没用过。", " It must be unused.")


def _exception(turn: Turn, lines: Sequence[OrderLine]) -> str:
    """What of these lines may not come back once opened, in words."""
    rules = " ".join(turn.shop.policies.returns.not_returnable)
    told = []
    for line in lines:
        product = turn.shop.catalog.get(line.product_id)
        category = product.category if product else ""
        department = str(turn.shop.taxonomy["categories"].get(category, {}).get("department", ""))
        for kind in (category, department):
            word, zh, en = _SEALED.get(kind, ("", "", ""))
            if word and word in rules:
                told.append(turn.pick(zh, en))
    return formats.listed(list(dict.fromkeys(told)), turn.language)


def _reasons(turn: Turn) -> list[Button]:
    return [
        choice(turn, "不喜欢/不合适", "Don't like it / doesn't fit", "unwanted"),
        choice(turn, "质量问题", "It's faulty", "fault"),
        choice(turn, "发错了", "It's the wrong item", "wrong"),
    ]


def _it_is_faulty(turn: Turn, order: Order) -> Button:
    payload = f'/return_item{{"order_number": "{order.number}", "again": "fault"}}'
    return turn.button("是质量问题", "It's faulty", payload)


TASKS = {"return_item": Task(return_item, read_return, bare_reason, fits=("delivered",))}

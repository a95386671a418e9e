"""Another size or colour, or the same again when it is faulty, for a piece that has arrived."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.actions import formats
from bot.actions.order_lines import (
    chosen_variant,
    in_stock,
    named,
    said_variant,
    variant_buttons,
    wanted_variant,
    which,
)
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_stock import hold
from bot.actions.order_words import day, days_since, line_name, money
from bot.actions.problems import problem
from bot.actions.returns import not_delivered
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.catalog import Variant
from bot.stores.orders import Order, OrderLine


def exchange_item(turn: Turn, order: Order, detail: Detail) -> Step:
    rules = turn.shop.policies.returns
    state = not_delivered(turn, order)
    if state is not None:
        return Answer(state)
    age = days_since(turn, order.delivered_at or order.placed_at)
    values = {
        "number": order.number,
        "day": day(turn, order.delivered_at or order.placed_at),
        "days": str(rules.exchange_days),
    }
    ours = bool(detail.get("faulty"))
    if age > (rules.quality_days if ours else rules.exchange_days):
        repair = turn.button("申请保修", "Claim the warranty", turn.pick("坏了，想保修", "It broke, I want a repair"))
        return Answer(Reply("exchange_too_late", values, [repair, person(turn)]))
    lines = which(turn, order, detail, several=False)
    if isinstance(lines, Ask):
        return lines
    line = lines[0]
    values["item"] = line_name(turn, line)
    now = turn.shop.catalog.variants.get(line.sku)
    choices = variant_buttons(turn, in_stock(turn, line.product_id, besides=line.sku))
    if not ours and not any(key in detail for key in ("color", "size")):
        return Ask(Reply("ask_exchange_for" if choices else "exchange_nothing_else", values, [*choices, *_ways(turn)]))
    variant = wanted_variant(turn, line, detail)
    if variant is None or (not ours and variant == now):
        return Ask(Reply("exchange_not_made", values, [*choices, *_ways(turn)]))
    if turn.shop.ledger.available(variant.sku) < line.quantity:
        back = turn.shop.ledger.next_inbound([variant.sku], turn.shop.today())
        values["expected"] = (
            turn.pick(f"，预计{formats.day(back, 'zh')}到货", f"; it's expected on {formats.day(back, 'en')}")
            if back
            else ""
        )
        return Ask(Reply("exchange_sold_out", values, [*choices, *_ways(turn)]))
    return _confirm(turn, order, line, variant, values, ours=ours)


def read_exchange(turn: Turn, _asked: bool) -> Detail:
    said: dict[str, object] = {**(chosen_variant(turn) or said_variant(turn)), **named(turn)}
    if problem(turn.text) in ("broken", "fault", "wrong"):
        said["faulty"] = True
    return said


def _confirm(
    turn: Turn, order: Order, line: OrderLine, variant: Variant, values: dict[str, str], *, ours: bool
) -> Step:
    rules = turn.shop.policies
    new = OrderLine(variant.sku, variant.product_id, line.quantity, line.unit_price)
    values |= {
        "wanted": line_name(turn, new),
        "postage": turn.pick("往返运费我们出", "we pay the postage both ways")
        if ours
        else turn.pick(
            f"寄回运费 {money(turn, rules.returns.postage)}由您承担",
            f"you pay {money(turn, rules.returns.postage)} return postage",
        ),
        "inspection": formats.span((rules.refunds.inspection_days,) * 2, turn.language),
        "hours": str(rules.shipping.dispatch_hours),
    }
    data = {"sku": line.sku, "wanted": variant.sku, "quantity": line.quantity, "faulty": ours}

    def change(connection: Connection, key: str) -> bool:
        if not turn.shop.orders.change(
            order.number, only_if=("delivered",), connection=connection, status="exchange_requested"
        ):
            return False
        return hold(turn, {variant.sku: line.quantity}, connection, key)

    return Confirm(
        Reply("confirm_exchange", values), Outcome("exchange", Reply("done_exchange", values), data, "open", change)
    )


def _ways(turn: Turn) -> list[Button]:
    return [turn.button("退货退款", "Return it instead", turn.pick("我要退货", "I want to return this")), person(turn)]


TASKS = {"exchange_item": Task(exchange_item, read_exchange, fits=("delivered",))}

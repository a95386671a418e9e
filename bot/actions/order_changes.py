"""Another colour, size or number of pieces before an order leaves; everything else goes to a person."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.actions.order_lines import (
    chosen,
    chosen_variant,
    in_stock,
    named,
    said_variant,
    variant_buttons,
    wanted_variant,
    which,
)
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, matches, person
from bot.actions.order_stock import hold, return_to_shelf, take
from bot.actions.order_words import (
    case_status,
    goods,
    lapsed,
    line_name,
    money,
    paid,
    pay_until,
    refund_line,
)
from bot.actions.turn import Turn
from bot.stores.orders import CHANGEABLE, Order, OrderLine

_REMOVE = re.compile(
    r"删掉|去掉|拿掉|移除|不要(?:那|这)?[个件条双支]?|少一样|\bremove\b|take .*\bout\b|leave .*\bout\b|don'?t want|without the",
    re.I,
)
_ALSO = re.compile(
    r"合并|礼盒|包装|贺卡|卡片|留言|备注|发货时间|周[一二三四五六日末]|gift|wrap|card|message|note|merge|combine|deliver (?:it )?on",
    re.I,
)
MOST = 99
"""Pieces of one product in an order; more is a bulk order, which a person quotes."""
GRACE_SECONDS = 900
"""A payment begun in the last minute still finds its pieces."""


@dataclass(frozen=True, slots=True)
class Change:
    """The lines as they are to be, with their sum and what is left of the discount; `told` says it in words."""

    lines: tuple[OrderLine, ...]
    goods_total: float
    discount: float
    told: str

    def difference(self, order: Order) -> float:
        """What the customer then owes more, or (negative) gets back."""
        return round(self.goods_total - self.discount - order.goods_total + order.discount, 2)


def change_order(turn: Turn, order: Order, detail: Detail) -> Step:
    values = {"number": order.number, "goods": goods(turn, order)}
    if not order.changeable or lapsed(turn, order):
        return Answer(_too_late(turn, order, values))
    structured = any(key in detail for key in ("color", "size", "quantity"))
    if not structured and not detail.get("note"):
        return Ask(Reply("ask_change", values, [person(turn)]))
    if not structured:
        values["note"] = str(detail["note"])
        return Confirm(
            Reply("confirm_change_note", values), Outcome("change", Reply("done_change_note", values), dict(detail))
        )
    lines = which(turn, order, detail, several=False)
    if isinstance(lines, Ask):
        return lines
    planned = _planned(turn, order, lines[0], detail)
    return planned if not isinstance(planned, Change) else _confirm(turn, order, planned, values)


def read_change(turn: Turn, _asked: bool) -> Detail:
    said: dict[str, object] = dict(chosen_variant(turn) or said_variant(turn))
    quantities = turn.entities("quantity", role="to") or turn.entities("quantity")
    if quantities and str(quantities[-1]).isdigit():
        said["quantity"] = min(MOST, int(quantities[-1]))
    elif matches(_REMOVE, turn) and not said:
        said["quantity"] = 0
    if not said and not chosen(turn) and matches(_ALSO, turn):
        said |= bare_change(turn)
    return said | named(turn)


def bare_change(turn: Turn) -> Detail:
    """A wish that is none of colour, size and number of pieces goes to a person as it was said."""
    return {"note": turn.text.strip()[:500]}


def _planned(turn: Turn, order: Order, line: OrderLine, detail: Detail) -> Change | Step:
    product = turn.shop.catalog.get(line.product_id)
    now = line_name(turn, line)
    values = {"number": order.number, "item": now, "goods": now}
    variant = wanted_variant(turn, line, detail)
    if product is None or variant is None:
        others = in_stock(turn, line.product_id, besides=line.sku)
        return Ask(Reply("change_not_made", values, [*variant_buttons(turn, others), person(turn)]))
    quantity = int(detail.get("quantity", line.quantity))
    if variant.sku == line.sku and quantity == line.quantity:
        return Ask(Reply("change_is_same", values, [person(turn)]))
    if quantity == 0 and len(order.lines) == 1:
        return Answer(Reply("change_is_cancel", values, [turn.button("取消订单", "Cancel the order"), person(turn)]))
    moved = variant.sku != line.sku
    needed = quantity if moved else quantity - line.quantity
    if needed > 0 and turn.shop.ledger.available(variant.sku) < needed:
        others = in_stock(turn, line.product_id, besides=line.sku)
        values["left"] = str(turn.shop.ledger.available(variant.sku))
        return Ask(Reply("change_sold_out", values, [*variant_buttons(turn, others), person(turn)]))
    return _changed(turn, order, line, replace(line, sku=variant.sku, quantity=quantity), product.price)


def _changed(turn: Turn, order: Order, old: OrderLine, new: OrderLine, price: float) -> Change:
    """Pieces kept keep their price; more pieces cost today's; fewer take their share of the discount with them."""
    more = new.quantity - old.quantity
    if more > 0 and price != old.unit_price:
        put: tuple[OrderLine, ...] = (
            replace(new, quantity=old.quantity),
            replace(new, quantity=more, unit_price=price),
        )
    else:
        put = (new,) if new.quantity else ()
    lines = tuple(p for line in order.lines for p in (put if line is old else (line,)))
    goods_total = round(sum(line.unit_price * line.quantity for line in lines), 2)
    left = 1 + min(0, more) * old.unit_price / order.goods_total if order.goods_total else 1.0
    now = line_name(turn, old)
    if not new.quantity:
        told = turn.pick(f"去掉 {now}", f"take out {now}")
    elif new.sku == old.sku:
        told = turn.pick(f"{now} 改为 {new.quantity} 件", f"{now} becomes {new.quantity} of them")
    else:
        told = turn.pick(f"{now} 改为 {line_name(turn, new)}", f"{now} becomes {line_name(turn, new)}")
    return Change(lines, goods_total, round(order.discount * left, 2), told)


def _confirm(turn: Turn, order: Order, change: Change, values: dict[str, str]) -> Step:
    extra = change.difference(order)
    values["change"] = change.told
    if extra > 0 and paid(order):
        # Nothing is taken from a customer here: a colleague sends the payment of the rest, then it is changed.
        values["difference"] = money(turn, extra)
        outcome = Outcome("change", Reply("done_change_unpaid", values), {"change": change.told, "due": extra})
        return Confirm(Reply("confirm_change_unpaid", values), outcome)
    if extra < 0 and paid(order):
        values["price"] = refund_line(turn, order, -extra)
    elif extra:
        values["price"] = turn.pick(
            f"应付变为 {money(turn, order.total + extra)}。", f"The total becomes {money(turn, order.total + extra)}."
        )
    else:
        values["price"] = turn.pick("价格不变。", "The price stays the same.")
    refund = -extra if extra < 0 and paid(order) else 0.0
    outcome = Outcome(
        "change",
        Reply("done_change", values),
        {"change": change.told, "refund": refund},
        case_status(turn, order, refund),
        lambda connection, key: _write(turn, order, change, connection, key),
    )
    return Confirm(Reply("confirm_change", values), outcome)


def _write(turn: Turn, order: Order, change: Change, connection: Connection, key: str) -> bool:
    kept = turn.shop.orders.change(
        order.number,
        only_if=(order.status,),
        connection=connection,
        goods_total=change.goods_total,
        discount=change.discount,
        total=round(order.total + change.difference(order), 2),
    )
    if not kept:
        return False
    turn.shop.orders.replace_lines(replace(order, lines=change.lines), connection)
    before, after = _pieces(order.lines), _pieces(change.lines)
    if order.placed_key and order.status == "pending_payment":
        hold(turn, after, connection, order.placed_key, until=pay_until(turn, order).timestamp() + GRACE_SECONDS)
        return True
    more = {sku: n - before.get(sku, 0) for sku, n in after.items() if n > before.get(sku, 0)}
    less = {sku: n - after.get(sku, 0) for sku, n in before.items() if n > after.get(sku, 0)}
    if more:
        take(turn, more, connection, key)
    return_to_shelf(turn, less, f"order {order.number} changed", connection, key)
    return True


def _pieces(lines: tuple[OrderLine, ...]) -> dict[str, int]:
    pieces: dict[str, int] = {}
    for line in lines:
        pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
    return pieces


def _too_late(turn: Turn, order: Order, values: dict[str, str]) -> Reply:
    days = str(turn.shop.policies.returns.exchange_days)
    if order.status in ("dispatched", "delivered"):
        return Reply(
            "change_too_late", values | {"days": days}, [turn.button("我要换货", "I want to exchange it"), person(turn)]
        )
    return Reply("change_closed", values, [person(turn)])


TASKS = {"change_order": Task(change_order, read_change, bare_change, fits=CHANGEABLE)}

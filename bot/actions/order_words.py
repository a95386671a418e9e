"""An order in words: what is in it, when it comes, how much comes back and when. Every figure is the shop's own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot.actions import formats
from bot.actions.places import kind_of_place
from bot.actions.stock import variant_name
from bot.actions.turn import Turn
from bot.stores.orders import Order, OrderLine

DAY = 86_400.0
_METHODS = {  # first the days to a wallet, else to a card (refunds.to_wallet_days, to_card_days)
    "alipay": ("支付宝", "Alipay", True),
    "支付宝": ("支付宝", "Alipay", True),
    "wechat": ("微信支付", "WeChat Pay", True),
    "微信": ("微信支付", "WeChat Pay", True),
    "huabei": ("花呗", "Huabei", True),
    "花呗": ("花呗", "Huabei", True),
}
_ON_DELIVERY = ("cash on delivery", "cod", "货到付款", "cash_on_delivery")


def line_name(turn: Turn, line: OrderLine, *, quantity: int | None = None) -> str:
    """云感跑鞋（黑色 42）× 2"""
    product, variant = turn.shop.catalog.get(line.product_id), turn.shop.catalog.variants.get(line.sku)
    name = product.name(turn.language) if product else line.product_id
    label = variant_name(turn, variant) if variant else ""
    pieces = line.quantity if quantity is None else quantity
    return name + (turn.pick(f"（{label}）", f" ({label})") if label else "") + (f" × {pieces}" if pieces > 1 else "")


def goods(turn: Turn, order: Order, lines: Sequence[OrderLine] = ()) -> str:
    """The lines of an order, or some of them; three names at most."""
    lines = lines or order.lines
    names = [line_name(turn, line) for line in lines[:3]]
    if len(lines) > 3:
        return turn.pick("、".join(names) + f" 等 {len(lines)} 样", ", ".join(names) + f" and {len(lines) - 3} more")
    return formats.listed(names, turn.language)


def headline(turn: Turn, order: Order) -> str:
    """10086 · 云感跑鞋 · 运输中"""
    product = turn.shop.catalog.get(order.lines[0].product_id) if order.lines else None
    name = product.name(turn.language) if product else ""
    return " · ".join(part for part in (order.number, name, formats.status(order.status, turn.language)) if part)


def money(turn: Turn, amount: float) -> str:
    return formats.money(round(amount, 2), turn.language)


def moment(turn: Turn, seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, turn.shop.zone)


def day(turn: Turn, seconds: float) -> str:
    return formats.day(moment(turn, seconds), turn.language)


def days_since(turn: Turn, seconds: float) -> float:
    return (turn.shop.clock() - seconds) / DAY


def travel_days(turn: Turn, address: str) -> tuple[int, int]:
    """How long a parcel takes to this address after dispatch."""
    rules = turn.shop.policies.shipping
    kinds = {"remote": rules.remote_days, "overseas": rules.overseas_days, "mainland": rules.days}
    return kinds[kind_of_place(rules, address) or "mainland"]


def arrival(turn: Turn, order: Order) -> tuple[datetime, datetime] | None:
    """The first and last expected day of a parcel that has left."""
    if order.dispatched_at is None:
        return None
    left = moment(turn, order.dispatched_at)
    low, high = travel_days(turn, order.address)
    return left + timedelta(days=low), left + timedelta(days=high)


def dispatch_by(turn: Turn, order: Order) -> datetime:
    """Paid before the cut-off: the same day; otherwise within the hours of the shop's rules."""
    rules, paid = turn.shop.policies.shipping, moment(turn, order.paid_at or order.placed_at)
    if paid.time() < rules.cutoff:
        return paid.replace(hour=23, minute=59, second=0, microsecond=0)
    return paid + timedelta(hours=rules.dispatch_hours)


def pay_until(turn: Turn, order: Order) -> datetime:
    return moment(turn, order.placed_at) + timedelta(minutes=turn.shop.policies.payment.unpaid_order_minutes)


def lapsed(turn: Turn, order: Order) -> bool:
    """Never paid, and the time to pay is over."""
    return order.status == "pending_payment" and pay_until(turn, order) < turn.shop.now()


def on_delivery(order: Order) -> bool:
    return order.payment_method.casefold() in _ON_DELIVERY


def paid(order: Order) -> bool:
    """Money has changed hands: at once, or at the door."""
    return order.paid_at is not None or (on_delivery(order) and order.delivered_at is not None)


def refund_days(turn: Turn, order: Order) -> tuple[int, int]:
    rules = turn.shop.policies.refunds
    return rules.to_wallet_days if _method(order)[2] else rules.to_card_days


def refund_way(turn: Turn, order: Order) -> str:
    """原路退回支付宝，1–3 天到账 / back to Alipay, 1–3 days; with the approval a large amount needs."""
    zh, en, _ = _method(order)
    if on_delivery(order):
        span = formats.span(turn.shop.policies.refunds.to_card_days, turn.language)
        return turn.pick(
            f"货到付款没有原路，同事会联系您核对收款账户，之后 {span}内到账",
            f"as you paid on delivery, a colleague will ask where to send it; then up to {span}",
        )
    span = formats.span(refund_days(turn, order), turn.language)
    return turn.pick(f"原路退回{zh}，{span}到账", f"back to {en} within {span}")


def approval(turn: Turn, amount: float) -> bool:
    return amount > turn.shop.policies.refunds.approval_above


def approval_note(turn: Turn, amount: float) -> str:
    """A sentence for refunds that a colleague looks at first, else nothing."""
    if not approval(turn, amount):
        return ""
    limit = money(turn, turn.shop.policies.refunds.approval_above)
    return turn.pick(
        f"超过 {limit}的退款由同事审核后放出。", f" Refunds above {limit} are approved by a colleague first."
    )


def case_status(turn: Turn, order: Order, amount: float) -> Literal["open", "approved", "done"]:
    """Who moves next when so much is to be refunded: a colleague, the payment's own course, or nobody."""
    if amount <= 0:
        return "done"
    return "open" if approval(turn, amount) or on_delivery(order) else "approved"


def refund_line(turn: Turn, order: Order, amount: float) -> str:
    """What comes back, as a full sentence; nothing was paid, nothing comes back."""
    if amount <= 0:
        return turn.pick("这单没有付过款，不涉及退款。", "Nothing was paid, so there is nothing to refund.")
    way, extra = refund_way(turn, order), approval_note(turn, amount)
    return turn.pick(
        f"退款 {money(turn, amount)}，{way}。{extra}", f"You get {money(turn, amount)} {_joined(way)}.{extra}"
    )


def paid_share(order: Order) -> float:
    """What was really paid of one unit of list money: coupons and member discounts count against every line."""
    return 1 - order.discount / order.goods_total if order.goods_total else 1.0


def worth(order: Order, lines: Sequence[OrderLine]) -> float:
    """What was paid for these lines, without shipping."""
    return round(sum(line.unit_price * line.quantity for line in lines) * paid_share(order), 2)


def _joined(way: str) -> str:
    return way if way.startswith("back") else f"back; {way}"


def _method(order: Order) -> tuple[str, str, bool]:
    said = order.payment_method.casefold()
    known = next((names for word, names in _METHODS.items() if word in said), None)
    if known:
        return known
    return (f" {order.payment_method}", order.payment_method, False) if said else ("付款账户", "your account", False)

"""Every task about an order, by the name of its intent."""

from __future__ import annotations

from bot.actions import (
    cancellations,
    claims,
    exchanges,
    invoices,
    order_addresses,
    order_changes,
    parcels,
    payments,
    price_protection,
    refunds,
    returns,
)
from bot.actions.order_access import access
from bot.actions.order_steps import Step, Task
from bot.actions.turn import Turn
from bot.stores.orders import Order

TASKS: dict[str, Task] = {
    **parcels.TASKS,
    **cancellations.TASKS,
    **order_changes.TASKS,
    **order_addresses.TASKS,
    **returns.TASKS,
    **exchanges.TASKS,
    **refunds.TASKS,
    **claims.TASKS,
    **invoices.TASKS,
    **price_protection.TASKS,
    **payments.TASKS,
}


def current_step(turn: Turn) -> Step | None:
    """What the running task wants now; None while its order is not theirs to see."""
    task = TASKS.get(str(turn.slot("order_task")))
    order = access(turn, str(turn.slot("order_number") or ""), turn.slot("order_proof"))
    if task is None or not isinstance(order, Order):
        return None
    detail = turn.slot("order_detail")
    return task.step(turn, order, detail if isinstance(detail, dict) else {})

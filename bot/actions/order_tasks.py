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
from bot.actions.order_steps import Task

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

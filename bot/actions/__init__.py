"""What the assistant can do: the name of each action and the function behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.actions import (
    account,
    answers,
    cart,
    cart_changes,
    checkout,
    comparison,
    complaints,
    delivery,
    discounts,
    erasure,
    membership,
    orders,
    payments,
    product_facts,
    questions,
    search,
    smalltalk,
    stock,
)
from bot.actions.services import Services
from bot.actions.turn import Turn
from bot.calls import Action, ActionCall, ActionResult
from bot.events import active_loop

_MODULES = (
    account,
    answers,
    cart,
    cart_changes,
    checkout,
    comparison,
    complaints,
    delivery,
    discounts,
    erasure,
    membership,
    orders,
    payments,
    product_facts,
    questions,
    search,
    smalltalk,
    stock,
)
ACTIONS: dict[str, Callable[[Turn], None]] = {name: run for module in _MODULES for name, run in module.ACTIONS.items()}

_SHOPPING = frozenset(
    run for module in (search, product_facts, comparison, stock, cart, cart_changes) for run in module.ACTIONS.values()
) | {
    answers.refine,
    checkout.start_checkout,
}


@dataclass(frozen=True, slots=True)
class Threaded:
    """Runs an action in a worker thread, for they talk to the database; the event loop never waits for them."""

    run: Callable[[Turn], None]
    services: Services

    async def __call__(self, call: ActionCall) -> ActionResult:
        turn = Turn(call, self.services)
        await asyncio.to_thread(self.run, turn)
        if self.run in _SHOPPING and call.active_loop == "order_form" and not call.slots.get("order_number"):
            turn.events.append(active_loop(None))  # looking at products, buying: the question which order is dropped
            turn.set(requested_slot=None)
        return turn.result()


def bound(services: Services) -> dict[str, Action]:
    """All actions, ready to be called by a runtime."""
    return {name: Threaded(run, services) for name, run in ACTIONS.items()}

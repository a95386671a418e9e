"""What the assistant can do: the name of each action and the function behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.actions import cart, checkout, product_facts, questions, search, smalltalk, stock
from bot.actions.services import Services
from bot.actions.turn import Turn
from bot.calls import Action, ActionCall, ActionResult

ACTIONS: dict[str, Callable[[Turn], None]] = {
    **smalltalk.ACTIONS,
    **questions.ACTIONS,
    **search.ACTIONS,
    **product_facts.ACTIONS,
    **stock.ACTIONS,
    **cart.ACTIONS,
    **checkout.ACTIONS,
}


@dataclass(frozen=True, slots=True)
class Threaded:
    """Runs an action in a worker thread, for they talk to the database; the event loop never waits for them."""

    run: Callable[[Turn], None]
    services: Services

    async def __call__(self, call: ActionCall) -> ActionResult:
        turn = Turn(call, self.services)
        await asyncio.to_thread(self.run, turn)
        return turn.result()


def bound(services: Services) -> dict[str, Action]:
    """All actions, ready to be called by a runtime."""
    return {name: Threaded(run, services) for name, run in ACTIONS.items()}

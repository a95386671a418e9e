"""What tasks about orders do to the stock: give back what an order held, hold what is to be sent."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from bot.actions.turn import Turn
from bot.stores.orders import Order

HOLD_SECONDS = 14 * 86_400
"""A replacement waits for a person or for the parcel that comes back; after two weeks the pieces are free again."""


def give_back(turn: Turn, order: Order, connection: Connection, key: str) -> None:
    """The pieces of an order that will not be sent are for sale again.

    An unpaid order only holds them (and may have stopped to, when its time was over); those of a paid one have left
    the stock, and come back by a movement of their own.
    """
    ledger = turn.shop.ledger
    held = bool(order.placed_key) and ledger.release(str(order.placed_key), connection)
    if held or order.status == "pending_payment":
        return
    back: dict[str, int] = {}
    for line in order.lines:
        back[line.sku] = back.get(line.sku, 0) + line.quantity
    return_to_shelf(turn, back, f"order {order.number} cancelled", connection, key)


def return_to_shelf(turn: Turn, pieces: Mapping[str, int], why: str, connection: Connection, key: str) -> None:
    """Products that are no longer kept are skipped."""
    kept = turn.shop.ledger.stock(list(pieces))
    for sku in sorted(kept):
        turn.shop.ledger.adjust(sku, pieces[sku], key=f"{key}:{sku}", note=why, connection=connection)


def hold(
    turn: Turn, pieces: Mapping[str, int], connection: Connection, key: str, *, until: float | None = None
) -> bool:
    """Holds exactly these pieces under a key, for two weeks or until a time. Raises OutOfStock."""
    seconds = HOLD_SECONDS if until is None else max(1.0, until - turn.shop.clock())
    turn.shop.ledger.reserve(pieces, key=key, ttl_seconds=seconds, connection=connection)
    return True


def take(turn: Turn, pieces: Mapping[str, int], connection: Connection, key: str) -> None:
    """Takes pieces for an order that is paid. Raises OutOfStock."""
    hold(turn, pieces, connection, key)
    turn.shop.ledger.commit(key, connection)

"""Orders with their lines, and the cases customers open about them (returns, claims, invoices …)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.stores.database import writing
from bot.stores.schema import cases, order_lines, orders

STATUSES = (
    "pending_payment",
    "paid",
    "packed",
    "dispatched",
    "delivered",
    "cancelled",
    "return_requested",
    "returned",
    "refunded",
    "exchange_requested",
)
Status = Literal[
    "pending_payment",
    "paid",
    "packed",
    "dispatched",
    "delivered",
    "cancelled",
    "return_requested",
    "returned",
    "refunded",
    "exchange_requested",
]
CHANGEABLE = ("pending_payment", "paid", "packed")
"""States before the parcel has left: items, address and the order itself may still change."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    sku: str
    product_id: str
    quantity: int
    unit_price: float


@dataclass(frozen=True, slots=True)
class Order:
    """Money in the shop's currency, times in unix seconds, `tracking_events` = ({time, zh, en}, …), newest last."""

    number: str
    customer_id: str
    status: str
    placed_at: float
    paid_at: float | None
    dispatched_at: float | None
    delivered_at: float | None
    goods_total: float
    shipping_fee: float
    discount: float
    total: float
    payment_method: str
    recipient: str
    phone: str
    email: str
    address: str
    carrier: str
    tracking: str
    tracking_events: tuple[Mapping[str, Any], ...]
    lines: tuple[OrderLine, ...]
    placed_key: str | None = None

    @property
    def changeable(self) -> bool:
        return self.status in CHANGEABLE


@dataclass(frozen=True, slots=True)
class Case:
    """A return, exchange, damage report, warranty claim, invoice … ; `data` holds what was agreed."""

    case_id: str
    kind: str
    order_number: str
    customer_id: str
    sender_id: str
    status: str
    data: Mapping[str, Any]
    created_at: float


class Orders:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, number: str) -> Order | None:
        found = self._select(orders.c.number == number)
        return found[0] if found else None

    def of_customer(self, customer_id: str, limit: int = 20) -> list[Order]:
        """Newest first."""
        return self._select(orders.c.customer_id == customer_id, limit=limit)

    def placed_with(self, key: str) -> Order | None:
        """The order that this one-time key has already placed: a repeated confirmation finds it and buys nothing again."""
        found = self._select(orders.c.placed_key == key)
        return found[0] if found else None

    def place(self, order: Order, connection: Connection) -> Order:
        """Writes a new order inside the caller's transaction, with a free number."""
        while connection.execute(select(orders.c.number).where(orders.c.number == order.number)).first():
            order = replace(order, number=str(secrets.randbelow(90_000_000) + 10_000_000))
        row = {c.name: getattr(order, c.name) for c in orders.c}
        row["tracking_events"] = [dict(e) for e in order.tracking_events]
        connection.execute(insert(orders).values(row))
        self._write_lines(order, connection)
        return order

    def change(
        self, number: str, *, only_if: Sequence[str], connection: Connection | None = None, **values: Any
    ) -> bool:
        """Sets columns of an order whose status is one of `only_if`; False when it has moved on meanwhile."""
        with writing(self._engine, connection) as own:
            statement = update(orders).where(orders.c.number == number, orders.c.status.in_(only_if)).values(**values)
            return bool(own.execute(statement).rowcount)

    def close_unpaid(self, before: float) -> list[str]:
        """Cancels orders placed in a conversation before that time and still not paid; returns their reservations' keys."""
        unpaid = (orders.c.status == "pending_payment", orders.c.placed_at < before, orders.c.placed_key.is_not(None))
        with self._engine.begin() as connection:
            statement = update(orders).where(*unpaid).values(status="cancelled").returning(orders.c.placed_key)
            return [row.placed_key for row in connection.execute(statement)]

    def replace_lines(self, order: Order, connection: Connection) -> None:
        connection.execute(order_lines.delete().where(order_lines.c.number == order.number))
        self._write_lines(order, connection)

    def open_case(
        self,
        kind: str,
        *,
        order: Order | None,
        customer_id: str,
        sender_id: str,
        data: Mapping[str, Any],
        key: str,
        status: str = "open",
        connection: Connection | None = None,
    ) -> tuple[Case, bool]:
        """Opens a case once for `key`. Returns it and whether it is new."""
        case = Case(
            case_id=f"{kind[:1].upper()}{secrets.randbelow(9_000_000) + 1_000_000}",
            kind=kind,
            order_number=order.number if order else "",
            customer_id=customer_id,
            sender_id=sender_id,
            status=status,
            data=dict(data),
            created_at=time.time(),
        )
        try:
            with writing(self._engine, connection) as own, own.begin_nested():
                own.execute(insert(cases).values(key=key, **_row(case)))
        except IntegrityError:
            with writing(self._engine, connection) as own:
                row = own.execute(select(cases).where(cases.c.key == key)).one()
            return _case(row), False
        return case, True

    def withdraw(self, case_id: str, connection: Connection) -> bool:
        """Ends an open case that another takes the place of; False when somebody has acted on it already."""
        statement = update(cases).where(cases.c.case_id == case_id, cases.c.status == "open").values(status="withdrawn")
        return bool(connection.execute(statement).rowcount)

    def cases_of(self, order_number: str, kind: str | None = None) -> list[Case]:
        """Newest first."""
        where = [cases.c.order_number == order_number, *([cases.c.kind == kind] if kind else [])]
        with self._engine.connect() as connection:
            rows = connection.execute(select(cases).where(*where).order_by(cases.c.created_at.desc())).all()
        return [_case(row) for row in rows]

    def _select(self, *where: Any, limit: int = 20) -> list[Order]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(orders).where(*where).order_by(orders.c.placed_at.desc()).limit(limit)
            ).all()
            numbers = [row.number for row in rows]
            lines: dict[str, list[OrderLine]] = {}
            for line in connection.execute(
                select(order_lines).where(order_lines.c.number.in_(numbers)).order_by(order_lines.c.line)
            ):
                lines.setdefault(line.number, []).append(
                    OrderLine(line.sku, line.product_id, line.quantity, line.unit_price)
                )
        return [
            Order(
                **{**row._mapping, "tracking_events": tuple(row.tracking_events)},
                lines=tuple(lines.get(row.number, ())),
            )
            for row in rows
        ]

    @staticmethod
    def _write_lines(order: Order, connection: Connection) -> None:
        connection.execute(
            insert(order_lines),
            [
                {
                    "number": order.number,
                    "line": position,
                    "sku": line.sku,
                    "product_id": line.product_id,
                    "quantity": line.quantity,
                    "unit_price": line.unit_price,
                }
                for position, line in enumerate(order.lines, start=1)
            ],
        )


def _row(case: Case) -> dict[str, Any]:
    return {c.name: getattr(case, c.name) for c in cases.c if c.name != "key"} | {"data": dict(case.data)}


def _case(row: Any) -> Case:
    return Case(**{k: v for k, v in row._mapping.items() if k != "key"})

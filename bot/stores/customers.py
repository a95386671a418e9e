"""Customers, and their baskets."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, case, delete, insert, select, update

from bot.stores.database import writing
from bot.stores.schema import carts, customers


@dataclass(frozen=True, slots=True)
class Customer:
    customer_id: str
    name: str
    language: str
    phone: str
    email: str
    level: str
    points: int
    address: str
    created_at: float


def guest(sender_id: str) -> str:
    """Whose the things of an unknown customer are: the conversation's. No customer id begins with `~`."""
    return f"~{sender_id}"


@dataclass(frozen=True, slots=True)
class CartLine:
    sku: str
    quantity: int


class Customers:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, customer_id: str) -> Customer | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(customers).where(customers.c.customer_id == customer_id)).first()
        return Customer(**row._mapping) if row else None

    def add_points(self, customer_id: str, points: int, connection: Connection) -> None:
        balance = customers.c.points + points
        connection.execute(
            update(customers)
            .where(customers.c.customer_id == customer_id)
            .values(points=case((balance < 0, 0), else_=balance))
        )

    def erase(self, customer_id: str, connection: Connection) -> None:
        connection.execute(delete(customers).where(customers.c.customer_id == customer_id))


class Carts:
    """A basket belongs to a customer id, or to a conversation while the customer is unknown."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lines(self, owner: str) -> list[CartLine]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(carts.c.sku, carts.c.quantity).where(carts.c.owner == owner).order_by(carts.c.added_at)
            ).all()
        return [CartLine(row.sku, row.quantity) for row in rows]

    def put(self, owner: str, sku: str, quantity: int) -> None:
        """Sets the quantity of one line; 0 removes it."""
        if quantity < 0:
            raise ValueError(f"a basket cannot hold {quantity!r} pieces; 0 or more are allowed")
        line = and_(carts.c.owner == owner, carts.c.sku == sku)
        with self._engine.begin() as connection:
            if quantity == 0:
                connection.execute(delete(carts).where(line))
            elif not connection.execute(update(carts).where(line).values(quantity=quantity)).rowcount:
                connection.execute(insert(carts).values(owner=owner, sku=sku, quantity=quantity, added_at=time.time()))

    def clear(self, owner: str, connection: Connection | None = None) -> None:
        with writing(self._engine, connection) as own:
            own.execute(delete(carts).where(carts.c.owner == owner))

    def move(self, old: str, new: str) -> None:
        """A conversation's basket goes over to the customer who signed in; equal lines keep the larger quantity."""
        for line in self.lines(old):
            held = {held.sku: held.quantity for held in self.lines(new)}
            self.put(new, line.sku, max(line.quantity, held.get(line.sku, 0)))
        self.clear(old)

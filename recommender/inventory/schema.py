"""The ledger's tables. Quantities are whole pieces, times UTC unix seconds."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Float, Integer, MetaData, String, Table, Text

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})

stock = Table(
    "stock",
    metadata,
    Column("sku", String(128), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("safety_stock", Integer, nullable=False),
    CheckConstraint("reserved >= 0", name="ck_stock_reserved"),
)
"""The fold of all movements, kept in step with them inside every transaction."""

movements = Table(
    "stock_movements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(192), nullable=False),
    Column("sku", String(128), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("time", Float, nullable=False),
)
"""Append-only: what each movement added to on_hand and reserved. A key is applied once."""

keys = Table("stock_keys", metadata, Column("key", String(192), primary_key=True), Column("what", Text, nullable=False))
"""The one-time keys of movements from outside, with what they did, so that a repetition is recognised."""

holds = Table(
    "stock_holds",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("expires_at", Float, nullable=False, index=True),
)
"""Reservations: new, active, committed, released or expired; `generation` counts the changes."""

hold_lines = Table(
    "stock_hold_lines",
    metadata,
    Column("key", String(128), primary_key=True),
    Column("sku", String(128), primary_key=True),
    Column("quantity", Integer, nullable=False),
)

inbound = Table(
    "stock_inbound",
    metadata,
    Column("sku", String(128), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("quantity", Integer, nullable=False),
)
"""Deliveries on their way."""

"""The tables. Times are UTC unix seconds, money is in the shop's currency, lists are JSON.

The stock ledger keeps its own tables beside these (`recommender.inventory.ledger.metadata`).
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)

products = Table(
    "products",
    metadata,
    Column("product_id", String(64), primary_key=True),
    Column("category", String(64), nullable=False, index=True),
    Column("brand", String(64), nullable=False, index=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("description_zh", Text, nullable=False),
    Column("description_en", Text, nullable=False),
    Column("price", Float, nullable=False),
    Column("list_price", Float),
    Column("price_second", Float),
    Column("colors", JSON, nullable=False),
    Column("sizes", JSON, nullable=False),
    Column("materials", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("specs_zh", JSON, nullable=False),
    Column("specs_en", JSON, nullable=False),
    Column("rating", Float),
    Column("reviews", Integer, nullable=False),
    Column("warranty_months", Integer),
    Column("launched", String(10)),
    Column("goes_with", JSON, nullable=False),
    Column("keywords", Text, nullable=False),
    Column("image", Text, nullable=False),
)
variants = Table(
    "variants",
    metadata,
    Column("sku", String(128), primary_key=True),
    Column("product_id", String(64), nullable=False, index=True),
    Column("color", String(64), nullable=False),
    Column("size", String(64), nullable=False),
)
customers = Table(
    "customers",
    metadata,
    Column("customer_id", String(160), primary_key=True),
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("phone", String(32), nullable=False, index=True),
    Column("email", String(254), nullable=False, index=True),
    Column("level", String(32), nullable=False),
    Column("points", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)
orders = Table(
    "orders",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("customer_id", String(160), nullable=False, index=True),
    Column("status", String(32), nullable=False),
    Column("placed_at", Float, nullable=False),
    Column("paid_at", Float),
    Column("dispatched_at", Float),
    Column("delivered_at", Float),
    Column("goods_total", Float, nullable=False),
    Column("shipping_fee", Float, nullable=False),
    Column("discount", Float, nullable=False),
    Column("total", Float, nullable=False),
    Column("payment_method", String(64), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("phone", String(32), nullable=False),
    Column("email", String(254), nullable=False),
    Column("address", Text, nullable=False),
    Column("carrier", String(64), nullable=False),
    Column("tracking", String(64), nullable=False),
    Column("tracking_events", JSON, nullable=False),
    Column("placed_key", String(64), unique=True),
)
order_lines = Table(
    "order_lines",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("sku", String(128), nullable=False),
    Column("product_id", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price", Float, nullable=False),
)
cases = Table(
    "cases",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("order_number", String(32), nullable=False, index=True),
    Column("customer_id", String(160), nullable=False, index=True),
    Column("sender_id", String(128), nullable=False),
    Column("status", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("key", String(128), unique=True, nullable=False),
)
carts = Table(
    "carts",
    metadata,
    Column("owner", String(160), primary_key=True),
    Column("sku", String(128), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("added_at", Float, nullable=False),
)
interactions = Table(
    "interactions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", String(160), nullable=False, index=True),
    Column("product_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("value", Float, nullable=False),
    Column("time", Float, nullable=False),
)
offers = Table(
    "offers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(128), nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("products", JSON, nullable=False),
    Column("propensity", Float, nullable=False),
    Column("state", JSON, nullable=False),
    Column("time", Float, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("sender_id", String(128), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("type", String(64), nullable=False),
    Column("time", Float, nullable=False),
    Column("data", JSON, nullable=False),
)
reminders = Table(
    "reminders",
    metadata,
    Column("sender_id", String(128), primary_key=True),
    Column("due", Float, primary_key=True, index=True),
)
inbox = Table(
    "inbox",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("sender_id", String(128), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("replies", JSON),
)
conversations = Table(
    "conversations",
    metadata,
    Column("sender_id", String(128), primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("customer_id", String(64)),
    Column("mode", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("mood", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("operator", String(64), nullable=False),
    Column("waiting_since", Float),
    Column("updated_at", Float, nullable=False, index=True),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(128), nullable=False),
    Column("author", String(16), nullable=False),
    Column("data", JSON, nullable=False),
    Column("time", Float, nullable=False),
    Index(None, "sender_id", "id"),
)
restock_requests = Table(
    "restock_requests",
    metadata,
    Column("sku", String(128), primary_key=True),
    Column("sender_id", String(128), primary_key=True),
    Column("contact", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("told_at", Float),
)
gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("nearest", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("time", Float, nullable=False),
)
ratings = Table(
    "ratings",
    metadata,
    Column("sender_id", String(128), primary_key=True),
    Column("time", Float, primary_key=True),
    Column("score", Integer, nullable=False),
    Column("comment", Text, nullable=False),
)
misses = Table(
    "misses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(128), nullable=False, index=True),
    Column("time", Float, nullable=False),
)
operators = Table(
    "operators",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password", Text, nullable=False),
    Column("role", String(16), nullable=False),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("operator", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("time", Float, nullable=False),
)

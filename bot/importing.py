"""Bringing a shop's own data in: products, stock, customers, orders, interactions; CSV or JSON lines.

Every row is checked before anything is written; bad rows are all reported with file and line, and then nothing changes.
The columns are documented in `bot/demo/README.md`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import Column, Connection, Engine, delete, insert, select

from bot.stores.catalog import replace_catalog
from bot.stores.orders import Status
from bot.stores.schema import customers, interactions, order_lines, orders, products
from recommender.inventory.ledger import Ledger

_MOST_REPORTED = 50


class ImportFailedError(ValueError):
    """Nothing was imported. `problems` has one line per bad row: file, line, column, value, what is allowed."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        shown = problems[:_MOST_REPORTED]
        more = len(problems) - len(shown)
        super().__init__("\n".join([*shown, f"… and {more} more"] if more else shown))


def _split(value: Any) -> Any:
    return [part.strip() for part in value.split("|") if part.strip()] if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """`label: value | label: value`"""
    if not isinstance(value, str):
        return value
    pairs = []
    for part in _split(value):
        label, colon, text = part.replace("：", ":", 1).partition(":")
        if not colon:
            raise ValueError(f"{part!r} is no `label: value` pair")
        pairs.append((label.strip(), text.strip()))
    return pairs


def _seconds(value: Any) -> Any:
    """Unix seconds from a number, an ISO date or an ISO time (UTC unless it says otherwise)."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


List = Annotated[list[str], BeforeValidator(_split)]
Pairs = Annotated[list[tuple[str, str]], BeforeValidator(_pairs)]
Time = Annotated[float, BeforeValidator(_seconds)]
Money = Annotated[float, Field(ge=0)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.\-/]+$")]


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class ProductRow(_Row):
    product_id: Id
    category: Id
    brand: Id
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    description_zh: str = ""
    description_en: str = ""
    price: Money
    list_price: Money | None = None
    price_usd: Money | None = None
    colors: List = []
    sizes: List = []
    material: List = []
    attributes: List = []
    specs_zh: Pairs = []
    specs_en: Pairs = []
    rating: float | None = Field(default=None, ge=0, le=5)
    reviews: int = Field(default=0, ge=0)
    warranty_months: int | None = Field(default=None, ge=0)
    launched: date | None = None
    goes_with: List = []
    keywords: str = ""
    image: str = ""

    def table_row(self) -> dict[str, Any]:
        row = self.model_dump(exclude={"price_usd", "material", "launched"})
        return row | {
            "price_second": self.price_usd,
            "materials": self.material,
            "launched": self.launched.isoformat() if self.launched else None,
            "image": self.image or f"/shop/images/{self.product_id}.svg",
        }


class StockRow(_Row):
    sku: Annotated[str, Field(min_length=1, max_length=128)]
    product_id: Id
    color: str = ""
    size: str = ""
    location: str = "main"
    on_hand: int = Field(ge=0)
    safety_stock: int = Field(default=0, ge=0)
    inbound_quantity: int = Field(default=0, ge=0)
    inbound_date: date | None = None


class CustomerRow(_Row):
    customer_id: Id
    name: str
    language: str = "zh"
    phone: str = ""
    email: str = ""
    level: str = ""
    points: int = 0
    address: str = ""
    created_at: Time = Field(default=0.0, validation_alias="created")


class Line(_Row):
    sku: str
    product_id: str
    quantity: int = Field(gt=0)
    unit_price: Money


class OrderRow(_Row):
    number: Id = Field(validation_alias="order_number")
    customer_id: Id
    status: Status
    placed_at: Time
    paid_at: Time | None = None
    dispatched_at: Time | None = None
    delivered_at: Time | None = None
    goods_total: Money
    shipping_fee: Money = 0
    discount: Money = 0
    total: Money
    payment_method: str = ""
    recipient: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    carrier: str = ""
    tracking: str = ""
    tracking_events: Annotated[list[dict[str, Any]], BeforeValidator(_json)] = []
    items: Annotated[list[Line], BeforeValidator(_json)] = Field(min_length=1)


class InteractionRow(_Row):
    customer_id: Id
    product_id: Id
    kind: str = Field(pattern="^(view|cart|purchase|rating)$")
    value: float = 1.0
    time: Time


R = TypeVar("R", bound=_Row)


@dataclass
class ShopImport:
    """Checks files as they are added, then writes all of them in one transaction."""

    problems: list[str] = field(default_factory=list)
    products: list[ProductRow] | None = None
    stock: list[StockRow] | None = None
    customers: list[CustomerRow] | None = None
    orders: list[OrderRow] | None = None
    interactions: list[InteractionRow] | None = None

    def add(self, kind: str, path: Path) -> None:
        """`kind` is products, stock, customers, orders or interactions."""
        models: dict[str, tuple[type[_Row], tuple[str, ...]]] = {
            "products": (ProductRow, ("product_id",)),
            "stock": (StockRow, ("sku",)),
            "customers": (CustomerRow, ("customer_id",)),
            "orders": (OrderRow, ("number",)),
            "interactions": (InteractionRow, ()),
        }
        model, key = models[kind]
        setattr(self, kind, list(self._checked(path, model, key)))

    def write(self, engine: Engine, ledger: Ledger) -> dict[str, int]:
        """Raises ImportFailedError, having changed nothing, when any row of any file was bad."""
        self._cross_check(engine)
        if self.problems:
            raise ImportFailedError(self.problems)
        with engine.begin() as connection:
            if self.products is not None:
                skus = [r.model_dump(include={"sku", "product_id", "color", "size"}) for r in self._variants()]
                replace_catalog(connection, [p.table_row() for p in self.products], skus)
            if self.stock is not None:
                ledger.set_stock([r.model_dump() for r in self.stock], connection)
            if self.customers is not None:
                _upsert(connection, customers.c.customer_id, [c.model_dump() for c in self.customers])
            if self.orders is not None:
                numbers = {o.number for o in self.orders}
                keys = connection.execute(select(orders.c.number, orders.c.placed_key)).all()
                placed = {row.number: row.placed_key for row in keys if row.number in numbers}
                rows = [o.model_dump(exclude={"items"}) | {"placed_key": placed.get(o.number)} for o in self.orders]
                _upsert(connection, order_lines.c.number, list(self._order_lines()))
                _upsert(connection, orders.c.number, rows)
            if self.interactions is not None:
                _add_new(connection, [i.model_dump() for i in self.interactions])
        kinds = ("products", "stock", "customers", "orders", "interactions")
        return {kind: len(rows) for kind in kinds if (rows := getattr(self, kind)) is not None}

    def _checked(self, path: Path, model: type[R], key: tuple[str, ...]) -> Iterator[R]:
        seen: dict[tuple[Any, ...], int] = {}
        try:
            rows = list(_rows(path))
        except (OSError, UnicodeDecodeError, csv.Error, ValueError) as err:
            self.problems.append(f"{path}: cannot be read: {err}")
            return
        for line, raw in rows:
            try:
                row = model.model_validate({k: v for k, v in raw.items() if v not in ("", None)})
            except ValidationError as err:
                for e in err.errors():
                    where = ".".join(map(str, e["loc"])) or "row"
                    self.problems.append(f"{path}:{line}: {where} is {e['input']!r:.80}: {e['msg']}")
                continue
            if key:
                value = tuple(getattr(row, k) for k in key)
                if value in seen:
                    self.problems.append(
                        f"{path}:{line}: {key[0]} is {value[0]!r}, which stands in line {seen[value]} already"
                    )
                    continue
                seen[value] = line
            yield row

    def _cross_check(self, engine: Engine) -> None:
        if self.products is not None:
            known = {p.product_id for p in self.products}
            for p in self.products:
                missing = [g for g in p.goes_with if g not in known]
                if missing:
                    self.problems.append(f"product {p.product_id!r}: goes_with names unknown products {missing}")
        else:
            with engine.connect() as connection:
                known = {row.product_id for row in connection.execute(select(products.c.product_id))}
        strangers = sorted({r.product_id for r in self.stock or () if r.product_id not in known})
        if strangers:
            self.problems.append(f"stock: unknown products {strangers[:10]}; import them with --products")

    def _variants(self) -> list[StockRow]:
        """The stock file names the variants; a product without one gets a single variant of its own id, none in stock."""
        listed = list(self.stock or ())
        have = {row.product_id for row in listed}
        bare = [p for p in self.products or () if p.product_id not in have]
        return [*listed, *(StockRow(sku=p.product_id, product_id=p.product_id, on_hand=0) for p in bare)]

    def _order_lines(self) -> Iterator[dict[str, Any]]:
        for order in self.orders or ():
            for position, line in enumerate(order.items, start=1):
                yield {"number": order.number, "line": position, **line.model_dump()}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            for line, text in enumerate(file, start=1):
                if text.strip():
                    yield line, json.loads(text)
        elif path.suffix == ".csv":
            reader = csv.DictReader(file)
            for row in reader:
                if None in row:
                    raise ValueError(f"line {reader.line_num} has more columns than the header")
                yield reader.line_num, row
        else:
            raise ValueError(f"{path.suffix!r} files are not read; .csv and .jsonl are")


def _upsert(connection: Connection, key: Column[Any], rows: list[dict[str, Any]]) -> None:
    """Rows with the key of a given row give way to it; all others stay."""
    keys = sorted({row[key.name] for row in rows})
    for start in range(0, len(keys), 500):
        connection.execute(delete(key.table).where(key.in_(keys[start : start + 500])))
    _insert(connection, key.table, rows)


def _add_new(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Interactions that are there already are not counted twice."""
    columns = [interactions.c[name] for name in ("customer_id", "product_id", "kind", "time")]
    known = {tuple(row) for row in connection.execute(select(*columns))}
    _insert(connection, interactions, [r for r in rows if tuple(r[c.name] for c in columns) not in known])


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5000):
        connection.execute(insert(table), rows[start : start + 5000])

"""Products and their variants. The whole catalogue is held in memory and read again when an import changed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from bot.stores.schema import products, variants


@dataclass(frozen=True, slots=True)
class Variant:
    sku: str
    product_id: str
    color: str = ""
    size: str = ""


@dataclass(frozen=True)
class Product:
    """One product; `price` in the shop's currency, `specs_*` as (label, value) pairs aligned across the languages."""

    product_id: str
    category: str
    brand: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    price: float
    list_price: float | None
    price_second: float | None
    colors: tuple[str, ...]
    sizes: tuple[str, ...]
    materials: tuple[str, ...]
    attributes: tuple[str, ...]
    specs_zh: tuple[tuple[str, str], ...]
    specs_en: tuple[tuple[str, str], ...]
    rating: float | None
    reviews: int
    warranty_months: int | None
    launched: str | None
    goes_with: tuple[str, ...]
    keywords: str
    image: str
    variants: tuple[Variant, ...]

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en

    def description(self, language: str) -> str:
        return self.description_zh if language == "zh" else self.description_en

    def specs(self, language: str) -> tuple[tuple[str, str], ...]:
        return self.specs_zh if language == "zh" else self.specs_en

    @cached_property
    def skus(self) -> tuple[str, ...]:
        return tuple(v.sku for v in self.variants)


class Catalog:
    """All products by id; variants by sku."""

    def __init__(self, items: Iterable[Product]) -> None:
        self.products: dict[str, Product] = {p.product_id: p for p in items}
        self.variants: dict[str, Variant] = {v.sku: v for p in self.products.values() for v in p.variants}

    @classmethod
    def load(cls, engine: Engine) -> Catalog:
        with engine.connect() as connection:
            by_product: dict[str, list[Variant]] = {}
            for row in connection.execute(select(variants).order_by(variants.c.sku)):
                by_product.setdefault(row.product_id, []).append(Variant(row.sku, row.product_id, row.color, row.size))
            return cls(
                _product(row._mapping, tuple(by_product.get(row.product_id, ())))
                for row in connection.execute(select(products).order_by(products.c.product_id))
            )

    def get(self, product_id: str) -> Product | None:
        return self.products.get(product_id)

    def of_sku(self, sku: str) -> Product | None:
        variant = self.variants.get(sku)
        return self.products.get(variant.product_id) if variant else None

    def __len__(self) -> int:
        return len(self.products)


def replace_catalog(
    connection: Connection, rows: Iterable[Mapping[str, Any]], variant_rows: Iterable[Mapping[str, Any]]
) -> None:
    """Puts a new catalogue in place of the old one inside the caller's transaction."""
    connection.execute(delete(variants))
    connection.execute(delete(products))
    for table, new in ((products, list(rows)), (variants, list(variant_rows))):
        if new:
            connection.execute(insert(table), new)


def _product(row: Mapping[Any, Any], owned: tuple[Variant, ...]) -> Product:
    lists = {k: tuple(row[k]) for k in ("colors", "sizes", "materials", "attributes", "goes_with")}
    shown = {color: place for place, color in enumerate(row["colors"])}
    sizes = {size: place for place, size in enumerate(row["sizes"])}
    owned = tuple(sorted(owned, key=lambda v: (shown.get(v.color, len(shown)), sizes.get(v.size, len(sizes)), v.sku)))
    pairs = {k: tuple((label, value) for label, value in row[k]) for k in ("specs_zh", "specs_en")}
    return Product(**{**row, **lists, **pairs, "variants": owned})

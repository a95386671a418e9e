"""The catalogue as columns: everything that filters, scorers and reasons read about products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.columns import Codes, Tags
from recommender.errors import RecommenderError
from recommender.rows import number, read_csv, text, values

Row = Mapping[str, Any]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Variants:
    """One entry for each piece that can be bought, in the order of the products; those of product p are the entries
    first[p] up to first[p + 1]."""

    skus: tuple[str, ...]
    first: NDArray[np.intp]
    color: Codes
    size: Codes

    def __len__(self) -> int:
        return len(self.skus)

    def of(self, position: int) -> range:
        """The entries of one product."""
        return range(int(self.first[position]), int(self.first[position + 1]))


@dataclass(frozen=True, eq=False)
class Items:
    """n products. Prices are in the catalogue's currency; unknown numbers are NaN, unknown dates NaT.

    `vectors` (n, d) float32, L2-normalised, or None; `goes_with` holds positions of complements.
    """

    ids: tuple[str, ...]
    index: Mapping[str, int]
    category: Codes
    department: Codes
    brand: Codes
    price: NDArray[np.float64]
    list_price: NDArray[np.float64]
    rating: NDArray[np.float64]
    reviews: NDArray[np.int64]
    launched: NDArray[np.datetime64]
    colors: Tags
    materials: Tags
    attributes: Tags
    goes_with: tuple[tuple[int, ...], ...]
    variants: Variants
    vectors: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def position(self, item_id: str) -> int:
        """Raises RecommenderError for an id that the catalogue does not have."""
        if item_id not in self.index:
            raise RecommenderError(f"item {item_id!r} is not in the catalogue of {len(self)} items")
        return self.index[item_id]

    def in_stock(self, available: Mask | None) -> Mask:
        """Items (n,) with at least one of the available variants (v,); None means that everything can be had."""
        if available is None:
            return np.ones(len(self), dtype=np.bool_)
        return self.having(available)

    def having(self, variants: Mask) -> Mask:
        """Items (n,) that own at least one of these variants (v,)."""
        first = self.variants.first
        own = np.logical_or.reduceat(np.append(variants, False), first[:-1])
        return np.asarray(own & (first[1:] > first[:-1]), dtype=np.bool_)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Row],
        *,
        variants: Iterable[Row] | None = None,
        departments: Mapping[str, str] | None = None,
        vectors: NDArray[np.float32] | None = None,
    ) -> Items:
        """Products as dicts: `product_id category brand price` and, where known, `department list_price colors sizes
        material(s) attributes rating reviews launched goes_with`; lists may be strings joined by `|`.
        `variants`: dicts `sku product_id color size`; without them every colour and size of a product is one.
        Raises RecommenderError that names the first row in error and how many there are."""
        products = _products(rows)
        ids = tuple(p["id"] for p in products)
        index = {item_id: i for i, item_id in enumerate(ids)}
        if len(index) < len(ids):
            twice = next(i for n, i in enumerate(ids) if index[i] != n)
            raise RecommenderError(f"product_id {twice!r} occurs twice; ids must be unique")
        if vectors is not None and (vectors.ndim != 2 or len(vectors) != len(ids)):
            raise RecommenderError(f"vectors have shape {vectors.shape}; {len(ids)} products need ({len(ids)}, d)")
        if departments:
            for p in products:
                p["department"] = p["department"] or departments.get(p["category"], "")
        pieces = _variants(_own_variants(products) if variants is None else variants, index)
        colors: list[set[str]] = [set(p["colors"]) for p in products]
        for item, own in enumerate(colors):
            own.update({pieces.color[variant] for variant in pieces.of(item)} - {""})
        return cls(
            ids=ids,
            index=index,
            category=Codes.of([p["category"] for p in products]),
            department=Codes.of([p["department"] for p in products]),
            brand=Codes.of([p["brand"] for p in products]),
            price=np.array([p["price"] for p in products], dtype=np.float64),
            list_price=np.array([p["list_price"] for p in products], dtype=np.float64),
            rating=np.array([p["rating"] for p in products], dtype=np.float64),
            reviews=np.array([p["reviews"] for p in products], dtype=np.int64),
            launched=np.array([p["launched"] for p in products], dtype="datetime64[D]"),
            colors=Tags.of(colors),
            materials=Tags.of([p["materials"] for p in products]),
            attributes=Tags.of([p["attributes"] for p in products]),
            goes_with=tuple(tuple(index[g] for g in p["goes_with"] if g in index) for p in products),
            variants=pieces,
            vectors=None if vectors is None else np.ascontiguousarray(vectors, dtype=np.float32),
        )

    @classmethod
    def from_csv(
        cls, products: Path, *, stock: Path | None = None, departments: Mapping[str, str] | None = None
    ) -> Items:
        """`products.csv` and, where given, `stock.csv`, whose rows name the variants."""
        variants = None if stock is None else read_csv(stock, ("sku", "product_id"))
        return cls.from_rows(
            read_csv(products, ("product_id", "category", "price")), variants=variants, departments=departments
        )


def _products(rows: Iterable[Row]) -> list[dict[str, Any]]:
    products, wrong = [], []
    for line, row in enumerate(rows, start=1):
        try:
            products.append(_product(row))
        except RecommenderError as error:
            wrong.append(f"product {line}: {error}")
    if wrong:
        more = f" (and {len(wrong) - 1} more rows in error)" if len(wrong) > 1 else ""
        raise RecommenderError(wrong[0] + more)
    return products


def _product(row: Row) -> dict[str, Any]:
    item_id = text(row, "product_id") or text(row, "item_id")
    if not item_id:
        raise RecommenderError("product_id is missing; every product needs one")
    return {
        "id": item_id,
        "category": text(row, "category"),
        "department": text(row, "department"),
        "brand": text(row, "brand"),
        "price": number(row, "price", low=0, required=True),
        "list_price": number(row, "list_price", low=0),
        "rating": number(row, "rating", low=0, high=5),
        "reviews": int(np.nan_to_num(number(row, "reviews", low=0))),
        "launched": _day(text(row, "launched")),
        "colors": values(row, "colors"),
        "sizes": values(row, "sizes"),
        "materials": values(row, "materials") or values(row, "material"),
        "attributes": values(row, "attributes"),
        "goes_with": values(row, "goes_with"),
    }


def _day(value: str) -> np.datetime64:
    if not value:
        return np.datetime64("NaT", "D")
    try:
        return np.datetime64(date.fromisoformat(value[:10]), "D")
    except ValueError as error:
        raise RecommenderError(f"launched {value!r} is not a date like 2026-03-31") from error


def _own_variants(products: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {
            "sku": "-".join(p for p in (product["id"], color, size) if p),
            "product_id": product["id"],
            "color": color,
            "size": size,
        }
        for product in products
        for color in product["colors"] or ("",)
        for size in product["sizes"] or ("",)
    ]


def _variants(rows: Iterable[Row], index: Mapping[str, int]) -> Variants:
    """Variants of unknown products are left out: the stock may know more than the catalogue shows."""
    known = sorted(
        (row for row in rows if text(row, "product_id") in index), key=lambda row: index[text(row, "product_id")]
    )
    return Variants(
        skus=tuple(text(row, "sku") for row in known),
        first=np.searchsorted([index[text(row, "product_id")] for row in known], np.arange(len(index) + 1)),
        color=Codes.of([text(row, "color") for row in known]),
        size=Codes.of([text(row, "size").casefold() for row in known]),
    )

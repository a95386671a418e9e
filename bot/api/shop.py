"""The shop's own pages: products, pictures, articles, and the visitor's basket and orders."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, HTTPException, Query, Response
from pydantic import BaseModel, Field

from bot.api.sessions import Session
from bot.api.state import Shop, State
from bot.demo.pictures import draw
from bot.stores.catalog import Product
from bot.stores.customers import guest
from recommender.inventory.errors import InventoryError

router = APIRouter()
PAGE = 24
Language = Annotated[Literal["zh", "en"], Query()]


class Seen(BaseModel):
    session: str = Field(max_length=1024)
    kind: Literal["view"] = "view"
    product_id: str = Field(max_length=64)


class Paid(BaseModel):
    expires: int
    signature: str = Field(max_length=128)
    payment_method: str = Field(default="", max_length=64)


class DemoVisit(BaseModel):
    customer_id: str = Field(max_length=64)


@router.get("/api/products")
async def products(
    shop: Shop, category: str = "", q: str = "", page: Annotated[int, Query(ge=1, le=500)] = 1, lang: Language = "zh"
) -> dict[str, Any]:
    """`category` may be a department. `q` matches names, brands and keywords."""
    words = q.casefold().split()
    taxonomy = shop.services.taxonomy
    found = [
        p
        for p in shop.services.catalog.products.values()
        if (not category or category in (p.category, taxonomy["categories"].get(p.category, {}).get("department")))
        and all(w in _searchable(shop, p) for w in words)
    ]
    stock = await asyncio.to_thread(shop.services.ledger.available_map)
    return {
        "items": [_brief(shop, p, lang, stock) for p in found[(page - 1) * PAGE : page * PAGE]],
        "total": len(found),
        "pages": -(-len(found) // PAGE),
    }


@router.get("/api/products/{product_id}")
async def product(product_id: str, shop: Shop, lang: Language = "zh") -> dict[str, Any]:
    found = _product(shop, product_id)
    stock = await asyncio.to_thread(shop.services.ledger.available_map)
    label = shop.services.label
    return _brief(shop, found, lang, stock) | {
        "description": found.description(lang),
        "specs": [{"label": name, "value": value} for name, value in found.specs(lang)],
        "brand": label("brands", found.brand, lang),
        "reviews": found.reviews,
        "attributes": [label("attributes", a, lang) for a in found.attributes],
        "variants": [
            {
                "sku": v.sku,
                "color": label("colors", v.color, lang) if v.color else "",
                "color_id": v.color,
                "size": v.size,
                "available": max(0, stock.get(v.sku, 0)),
            }
            for v in found.variants
        ],
    }


@router.get("/api/categories")
async def categories(shop: Shop, lang: Language = "zh") -> list[dict[str, Any]]:
    """Departments with their categories and how many products each has."""
    counts: dict[str, int] = {}
    for p in shop.services.catalog.products.values():
        counts[p.category] = counts.get(p.category, 0) + 1
    taxonomy = shop.services.taxonomy
    out = []
    for department, names in taxonomy["departments"].items():
        own: list[dict[str, Any]] = [
            {"id": key, "name": entry[lang], "count": counts.get(key, 0)}
            for key, entry in taxonomy["categories"].items()
            if entry["department"] == department
        ]
        out.append({"id": department, "name": names[lang], "count": sum(c["count"] for c in own), "categories": own})
    return out


@router.get("/shop/images/{product_id}.svg")
async def picture(product_id: str, shop: Shop) -> Response:
    found = _product(shop, product_id)
    svg = draw(
        {
            "product_id": found.product_id,
            "category": found.category,
            "brand": found.brand,
            "colors": "|".join(found.colors),
        }
    )
    headers = {
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(svg, media_type="image/svg+xml", headers=headers)


@router.get("/api/articles/{language}/{slug}")
async def article(language: Literal["zh", "en"], slug: str, shop: Shop) -> dict[str, str]:
    found = shop.services.answerer.article(slug, language)
    if found is None:
        raise HTTPException(404, f"there is no article {slug!r} in {language!r}")
    return {"title": found.title, "text": found.text, "updated": found.updated}


@router.get("/api/shop")
async def about(shop: Shop) -> dict[str, Any]:
    rules = shop.services.policies.shop
    demo = [{"customer_id": c.customer_id, "name": c.name, "language": c.language} for c in await _demo_customers(shop)]
    return {"name_zh": rules.name_zh, "name_en": rules.name_en, "currency": rules.currency, "demo_customers": demo}


@router.post("/api/demo/identity")
async def demo_identity(asked: DemoVisit, shop: Shop) -> dict[str, Any]:
    """Signs a visitor of the demo shop in as one of its two well-known customers; a real shop's server does this itself."""
    if asked.customer_id not in {c.customer_id for c in await _demo_customers(shop)}:
        raise HTTPException(404, "only the customers of the demo shop can be visited as")
    return dict(shop.sessions.identity(asked.customer_id, int(time.time()) + 86400))


@router.get("/api/cart")
async def cart(shop: Shop, lang: Language = "zh", x_session: Annotated[str, Header()] = "") -> dict[str, Any]:
    session = _session(shop, x_session)
    owner = session.customer_id or guest(session.sender_id)
    lines = await asyncio.to_thread(shop.services.carts.lines, owner)
    catalog = shop.services.catalog
    rows = [
        {"product_id": p.product_id, "name": p.name(lang), "sku": line.sku, "quantity": line.quantity, "price": p.price}
        for line in lines
        if (p := catalog.of_sku(line.sku))
    ]
    total = sum(p.price * line.quantity for line in lines if (p := catalog.of_sku(line.sku)))
    return {"lines": rows, "total": total}


@router.get("/api/orders")
async def orders(shop: Shop, lang: Language = "zh", x_session: Annotated[str, Header()] = "") -> list[dict[str, Any]]:
    """The visitor's own orders: the verified customer's, or those placed in this conversation."""
    session = _session(shop, x_session)
    found = await asyncio.to_thread(shop.services.orders.of_customer, session.customer_id or guest(session.sender_id))
    catalog = shop.services.catalog
    return [
        {
            "number": o.number,
            "status": o.status,
            "placed_at": o.placed_at,
            "total": o.total,
            "items": [p.name(lang) for line in o.lines if (p := catalog.get(line.product_id))],
        }
        for o in found
    ]


@router.post("/api/orders/{number}/paid")
async def paid(number: str, asked: Paid, shop: Shop) -> dict[str, str]:
    """The shop's payment side tells that an order is paid: what was held for it is sold."""
    if not shop.sessions.paid(number, asked.expires, asked.signature):
        raise HTTPException(403, "the signature is wrong or has expired")
    return {"status": await asyncio.to_thread(_pay, shop, number, asked.payment_method)}


@router.post("/api/events", status_code=204)
async def event(asked: Seen, shop: Shop) -> None:
    session = _session(shop, asked.session)
    _product(shop, asked.product_id)
    owner = session.customer_id or guest(session.sender_id)
    await asyncio.to_thread(shop.services.feedback.interacted, owner, asked.product_id, asked.kind)


def _pay(shop: State, number: str, method: str) -> str:
    services = shop.services
    order = services.orders.get(number)
    if order is None:
        raise HTTPException(404, f"there is no order {number!r}")
    with services.engine.begin() as connection:
        changes = {"status": "paid", "paid_at": services.clock(), "payment_method": method}
        done = services.orders.change(number, only_if=("pending_payment",), connection=connection, **changes)
        if done and order.placed_key:
            try:
                services.ledger.commit(order.placed_key, connection)
            except InventoryError as err:
                raise HTTPException(409, f"what was held for the order is free again: {err}") from err
    found = services.orders.get(number)
    if not done and (found is None or found.status == "cancelled"):
        raise HTTPException(409, "the order was closed before it was paid; refund the payment")
    return found.status if found else ""


def _brief(shop: State, p: Product, lang: str, stock: Any) -> dict[str, Any]:
    return {
        "product_id": p.product_id,
        "name": p.name(lang),
        "category": p.category,
        "category_name": shop.services.label("categories", p.category, lang),
        "price": p.price,
        "list_price": p.list_price,
        "rating": p.rating,
        "stock": sum(max(0, stock.get(sku, 0)) for sku in p.skus),
        "image": p.image,
    }


def _searchable(shop: State, p: Product) -> str:
    label = shop.services.label
    parts = [p.name_zh, p.name_en, p.keywords]
    parts += [label("brands", p.brand, lang) for lang in ("zh", "en")]
    parts += [label("categories", p.category, lang) for lang in ("zh", "en")]
    return " ".join(parts).casefold()


def _product(shop: State, product_id: str) -> Product:
    found = shop.services.catalog.get(product_id)
    if found is None:
        raise HTTPException(404, f"there is no product {product_id!r}")
    return found


def _session(shop: State, token: str) -> Session:
    session = shop.sessions.read(token)
    if session is None:
        raise HTTPException(401, "the session has expired; open a new one at /api/session")
    return session


async def _demo_customers(shop: State) -> list[Any]:
    """Only while the demo shop is served."""
    if shop.settings.shop != type(shop.settings).model_fields["shop"].default:
        return []
    ids = ("C0001", "C0002")
    return [c for i in ids if (c := await asyncio.to_thread(shop.services.customers.get, i))]

"""Whatever is written, it is shown as it was written and never runs: widget, storefront, article, console."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ATTACKS = [
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=1</script>",
    '"><svg onload=window.pwned=1>',
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "[click](javascript:window.pwned=1)",
    "[click](JaVaScRiPt&colon;window.pwned=1)",
    "[click](data:text/html,<script>parent.pwned=1</script>)",
    "**<b onmouseover=window.pwned=1>bold</b>**",
    "{{constructor.constructor('window.pwned=1')()}}",
    'https://a.example/"onclick=window.pwned=1//',
]
ALL = "\n".join(ATTACKS)
BAD_LINKS = (
    "javascript:window.pwned=1",
    "data:text/html,<script>parent.pwned=1</script>",
    "vbscript:x",
    "file:///etc/passwd",
)


def chat(stage) -> Page:
    page = stage.page()
    page.get_by_role("button", name="打开客服对话").click()
    expect(page.locator(".root")).to_have_attribute("data-state", "open")
    return page


def safe(page: Page, root: str) -> None:
    """No attack ran, none became an element, no link leads where it must not."""
    page.wait_for_timeout(50)  # an onerror handler would need a moment
    assert page.evaluate("window.pwned") is None
    found = page.locator(root).locator(
        "script, iframe, svg[onload], [onerror], [onmouseover], [onclick], [srcdoc], img[src='x']"
    )
    assert found.count() == 0
    for link in page.locator(root).locator("a").all():
        assert link.evaluate("a => a.protocol") in ("http:", "https:", "mailto:", "tel:")


@pytest.mark.parametrize("author", ["bot", "agent", "system", "customer"])
def test_text_of_bubbles(stage, author):
    page = chat(stage)
    for attack in ATTACKS:
        stage.say(author, {"text": attack})
    expect(page.locator(".entry")).to_have_count(len(ATTACKS))
    expect(page.get_by_role("log")).to_contain_text("<img src=x onerror=window.pwned=1>")
    expect(page.get_by_role("log")).to_contain_text("<script>window.pwned=1</script>")
    safe(page, "daogou-chat")


@pytest.mark.parametrize("attack", ATTACKS)
def test_cards_buttons_and_sources(stage, attack):
    page = chat(stage)
    card = dict.fromkeys(("id", "title", "subtitle", "stock", "reason", "currency"), attack) | {
        "price": 1,
        "list_price": 2,
        "rating": 3,
        "image": attack,
    }
    links = [{"title": attack, "url": url} for url in (*BAD_LINKS, attack)]
    cards = [card | {"url": url, "buttons": [{"title": attack, "payload": attack}]} for url in BAD_LINKS]
    stage.say(
        "bot",
        {
            "text": "",
            "cards": cards,
            "buttons": [{"title": attack, "payload": attack}],
            "sources": links,
            "image": attack,
        },
    )
    expect(page.locator(".card")).to_have_count(len(cards))
    expect(page.locator(".card h3").first).to_have_text(attack)
    expect(page.locator(".card .reason").first).to_have_text(attack)
    page.locator(".replies button").click()
    expect(page.locator(".entry.customer .text")).to_have_text(attack)
    safe(page, "daogou-chat")


def test_pictures_come_from_the_same_origin_or_not_at_all(stage):
    page = chat(stage)
    images = [
        "https://evil.example/a.png",
        "//evil.example/a.png",
        "data:image/svg+xml,<svg/>",
        "javascript:1",
        "/shop/images/P1.svg",
    ]
    stage.say("bot", {"cards": [{"id": str(n), "title": "t", "image": image} for n, image in enumerate(images)]})
    expect(page.locator(".card")).to_have_count(len(images))
    assert [i.get_attribute("src") for i in page.locator(".card img").all()] == [f"{stage.url}/shop/images/P1.svg"]


def test_error_texts_and_the_customers_name(stage):
    stage.api["/api/session"] = {"session": "t", "sender_id": "s", "customer": {"name": ALL}}
    page = chat(stage)
    expect(page.locator(".hello p")).to_contain_text("<script>window.pwned=1</script>")
    stage.push({"type": "error", "text": ALL})
    expect(page.locator(".notice")).to_contain_text("<iframe")
    safe(page, "daogou-chat")


def test_the_storefront(stage):
    evil = stage.api["/api/products/P1"] | {
        "name": ALL,
        "category_name": ALL,
        "description": ALL,
        "brand": ALL,
        "attributes": ATTACKS,
        "image": "javascript:window.pwned=1",
        "specs": [{"label": attack, "value": attack} for attack in ATTACKS],
        "variants": [{"sku": attack, "color": attack, "size": attack, "available": 1} for attack in ATTACKS],
    }
    stage.api |= {
        "/api/products": {"items": [evil], "total": 1},
        "/api/products/P1": evil,
        "/api/shop": {
            "name_zh": ALL,
            "name_en": ALL,
            "currency": ALL,
            "demo_customers": [{"customer_id": "C1", "name": ALL, "language": "zh"}],
        },
        "/api/categories": [
            {
                "id": ALL,
                "name": ALL,
                "count": 3,
                "categories": [{"id": "a", "name": ALL, "count": 1}, {"id": "b", "name": ALL, "count": 2}],
            }
        ],
        "/api/cart": {"lines": [{"product_id": ALL, "name": ALL, "sku": ALL, "quantity": 1, "price": 1}], "total": 1},
        "/api/orders": [{"number": ALL, "status": ALL, "placed_at": 0, "total": 1, "items": ATTACKS}],
    }
    page = stage.page("/?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.pwned%3D1%3E")
    expect(page.get_by_role("status").filter(has_text="<img src=x")).to_be_visible()
    page.locator(".tile").click()
    expect(page.locator(".facts h2")).to_contain_text("<script>")
    safe(page, "body")
    for name in ("购物车", "我的订单"):
        page.keyboard.press("Escape")
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("dialog", name=name)).to_contain_text("<iframe")
        safe(page, "body")


def test_an_article(stage):
    stage.api["/api/articles/zh/x"] = {"title": ALL, "text": "\n\n".join(ATTACKS), "updated": ALL}
    page = stage.page("/articles/zh/x")
    expect(page.locator("h1")).to_contain_text("<script>window.pwned=1</script>")
    safe(page, "article")


def test_the_console(stage):
    row = dict.fromkeys(("channel", "reason", "summary", "last", "language"), ALL) | {
        "sender_id": "s1",
        "customer_id": ALL,
        "customer": {"name": ALL, "level": ALL},
        "mode": "human",
        "operator": ALL,
        "mood": -1,
        "waiting_since": None,
        "updated_at": 1.0,
    }
    data = {
        "text": ALL,
        "cards": [{"id": "1", "title": ALL, "stock": ALL, "reason": ALL}],
        "buttons": [{"title": ALL, "payload": ALL}],
        "sources": [{"title": ALL, "url": url} for url in BAD_LINKS],
    }
    history = [
        {"type": "said", "id": n, "author": a, "time": 1.0, "data": data}
        for n, a in enumerate(("customer", "bot", "agent", "system"))
    ]
    order = {"number": ALL, "status": ALL, "total": 1, "placed_at": 1}
    slots = {ALL: ALL, "search": {ALL: [ALL]}}
    stage.api |= {
        "/console/api/me": {"name": ALL, "role": "admin", "csrf": "x"},
        "/console/api/conversations": [row],
        "/console/api/conversations/s1": row | {"history": history, "orders": [order], "slots": slots},
        "/console/api/gaps": [{"id": 1, "question": ALL, "language": ALL, "nearest": ALL, "score": 0.1, "time": 1.0}],
    }
    page = stage.page("/console")
    page.locator(".row").click()
    expect(page.locator(".said")).to_have_count(4)
    expect(page.locator("aside")).to_contain_text("<iframe")
    stage.say("customer", {"text": ALL})
    safe(page, "body")
    page.get_by_role("tab", name="没答上的问题").click()
    expect(page.locator("td").first).to_contain_text("<script>")
    safe(page, "body")

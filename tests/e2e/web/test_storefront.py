"""The demo storefront in a browser, against answers made by the test."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
IDENTITY = {"user_id": "C1", "expires": 4_000_000_000, "signature": "s"}


@pytest.fixture
def shop(stage):
    variants = [
        {"sku": f"P1-{c}", "color": c, "color_id": i, "size": "", "available": n}
        for c, i, n in (("黑色", "black", 4), ("白色", "white", 0))
    ]
    stage.api["/api/products/P1"] |= {
        "variants": variants,
        "specs": [{"label": "亮度", "value": "800 lm"}],
        "attributes": ["可调光"],
    }
    stage.api["/api/shop"] |= {"demo_customers": [{"customer_id": "C1", "name": "Emma", "language": "en"}]}
    stage.api["/api/demo/identity"] = IDENTITY
    return stage


def test_the_front_has_a_row_for_each_department(shop):
    page = shop.page()
    expect(page.locator(".shelf h2")).to_contain_text("home")
    expect(page.locator(".shelf .tile")).to_contain_text("Lamp")
    expect(page.locator(".shelf .price s")).to_have_text("¥120")
    expect(page.locator(".shelf .stock")).to_have_text("仅剩 3 件")


def test_searching_lives_in_the_address_and_can_be_handed_to_the_assistant(shop):
    page = shop.page()
    page.get_by_role("searchbox").fill("台灯")
    with page.expect_request(re.compile(r"/api/products\?.*q=%E5%8F%B0%E7%81%AF")):
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=%E5%8F%B0%E7%81%AF"))
    page.get_by_role("button", name="问导购：台灯").click()
    expect(page.locator(".entry.customer .text")).to_have_text("台灯")
    page.go_back()
    expect(page.locator(".shelf")).to_be_visible()


def test_a_product_opens_and_the_assistant_learns_of_it(shop):
    page = shop.page("/?product=P1")
    dialog = page.get_by_role("dialog", name="Lamp")
    for text in ("Light.", "800 lm", "可调光", "仅剩 4 件"):
        expect(dialog).to_contain_text(text)
    dialog.get_by_role("button", name="问问导购").click()
    expect(page.locator(".entry.customer .text")).to_have_text("这款怎么样？")
    shop.until(page, lambda: {"type": "page", "product_id": "P1"} in shop.received)
    shop.until(page, lambda: ("POST /api/events", {"session": "t1", "kind": "view", "product_id": "P1"}) in shop.asked)


def test_the_chosen_variant_goes_into_the_cart_through_the_assistant(shop):
    page = shop.page("/?product=P1")
    dialog = page.get_by_role("dialog", name="Lamp")
    dialog.get_by_role("button", name="白色").click()
    expect(dialog.get_by_role("status")).to_have_text("暂时缺货")
    expect(dialog.get_by_role("button", name="到货通知我")).to_be_visible()
    dialog.get_by_role("button", name="黑色").click()
    dialog.get_by_role("button", name="加入购物车").click()
    expect(page.locator(".entry.customer .text")).to_have_text("加入购物车: Lamp (黑色)")
    assert shop.messages(page, 1)[0]["text"] == '/add_to_cart{"product_id":"P1","color":"black"}'


def test_closing_a_product_gives_the_focus_back_and_cleans_the_address(shop):
    page = shop.page()
    page.locator(".tile").click()
    expect(page.get_by_role("dialog", name="Lamp")).to_be_visible()
    expect(page).to_have_url(re.compile("product=P1"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Lamp")).to_have_count(0)
    expect(page).to_have_url(f"{shop.url}/")
    expect(page.locator(".tile")).to_be_focused()


def test_the_language_switch_changes_page_and_chat_and_is_remembered(shop):
    page = shop.page()
    expect(page.locator("#shop-name")).to_have_text("灯下")
    page.get_by_role("button", name="EN").click()
    expect(page.locator("#shop-name")).to_have_text("Lantern Lane")
    expect(page.get_by_role("button", name="Open the chat")).to_be_visible()
    page.reload()
    expect(page.locator("#shop-name")).to_have_text("Lantern Lane")


def test_visiting_as_a_customer_carries_the_signed_identity(shop):
    page = shop.page()
    page.get_by_label("以谁的身份逛").select_option("C1")
    expect(page.locator("#shop-name")).to_have_text("Lantern Lane")
    sessions = [body for path, body in shop.asked if path == "POST /api/session"]
    assert sessions[-1]["identity"] == IDENTITY
    page.get_by_label("Visit as").select_option("")
    page.wait_for_function("() => localStorage.getItem('daogou.session') === 't2'")


def test_the_basket_and_its_count(shop):
    shop.api["/api/cart"] = {
        "lines": [{"product_id": "P1", "name": "Lamp", "sku": "P1-black", "quantity": 2, "price": 99.0}],
        "total": 198.0,
    }
    page = shop.page()
    expect(page.locator("#cart-count")).to_have_text("2")
    page.get_by_role("button", name="购物车").click()
    drawer = page.get_by_role("dialog", name="购物车")
    expect(drawer.locator(".sum strong")).to_have_text("¥198")
    drawer.get_by_role("button", name="去结算").click()
    expect(page.locator(".entry.customer .text")).to_have_text("结算")


def test_orders_lead_to_the_assistant(shop):
    shop.api["/api/orders"] = [
        {"number": "DG1", "status": "dispatched", "placed_at": 1.0, "total": 99.0, "items": ["Lamp"]}
    ]
    page = shop.page()
    page.get_by_role("button", name="我的订单").click()
    expect(page.get_by_role("dialog", name="我的订单")).to_contain_text("运输中")
    page.get_by_role("button", name="查物流").click()
    expect(page.locator(".entry.customer .text")).to_have_text("订单 DG1 到哪了")


def test_an_article_is_a_page_of_its_own(shop):
    shop.api["/api/articles/zh/returns"] = {
        "title": "七天无理由退货",
        "text": "签收后 **七天** 内：\n\n- 没用过\n- 包装在",
        "updated": "2026-11-11",
    }
    page = shop.page("/articles/zh/returns")
    expect(page.get_by_role("heading")).to_have_text("七天无理由退货")
    expect(page.locator("article li")).to_have_text(["没用过", "包装在"])
    expect(page).to_have_title("七天无理由退货")
    expect(page.get_by_role("link", name="回到店里")).to_have_attribute("href", "/")


def test_an_unknown_article_says_so(shop):
    expect(shop.page("/articles/en/nothing").get_by_role("heading")).to_have_text(
        "There is no such article; it may have been renamed."
    )

"""The pages on the real server: a customer talks, a person takes over, and the browser's rules (CSP) hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.messages import BotMessage, Button, Card, Source

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKUP = "<img src=x onerror=window.pwned=1>"
SLOW = 20_000  # milliseconds; the first turn warms everything up


@pytest.fixture
def visitor(browser: Browser, server) -> Iterator[BrowserContext]:
    """A browser of its own; whatever a page complains of on its console fails the test."""
    context = browser.new_context(locale="zh-CN", base_url=server.url, reduced_motion="reduce")
    context.set_default_timeout(SLOW)
    complaints: list[str] = []
    context.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type == "error" and "401" not in message.text else None
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


def chat(context: BrowserContext, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(path)
    page.get_by_role("button", name=re.compile("打开客服对话|Open the chat")).click()
    expect(page.locator(".root")).to_have_attribute("data-state", "open")
    return page


def ask(page: Page, text: str) -> Page:
    """Writes, and waits until the assistant has said something after it."""
    before = page.locator(".entry").count()
    page.get_by_role("textbox", name=re.compile("^(消息|Message)$")).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".entry.customer .text").last).to_have_text(text)
    expect(page.locator(f".entry:nth-of-type(n+{before + 2}).bot").last).to_be_visible(timeout=SLOW)
    expect(page.locator(".typing")).to_be_hidden(timeout=SLOW)
    return page


def test_a_policy_question_is_answered_with_an_article_that_opens(visitor):
    page = ask(chat(visitor), "退货运费谁出？")
    link = page.locator(".sources a").last
    with visitor.expect_page() as opened:
        link.click()
    expect(opened.value.locator("article h1")).to_have_text(link.inner_text())


def test_products_come_as_cards_with_pictures_and_open_on_the_page(visitor):
    page = ask(chat(visitor), "想买降噪耳机，500 以内")
    card = page.locator(".card").first
    expect(card.locator("strong")).to_contain_text("¥")
    assert card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    name = card.locator("h3").inner_text()
    card.locator(".title").click()
    expect(page.get_by_role("dialog", name=name)).to_be_visible()


def test_english_is_answered_in_english(visitor):
    page = ask(chat(visitor, "/?lang=en"), "How long does shipping take?")
    assert re.search(r"\b(day|days)\b", page.locator(".entry.bot .text").last.inner_text())


def test_the_page_tells_the_assistant_what_is_looked_at(visitor):
    page = visitor.new_page()
    page.goto("/?product=P0001")
    page.get_by_role("button", name="问问导购").click()
    expect(page.locator(".entry.bot .text").first).to_be_visible(timeout=SLOW)
    name = page.locator(".facts h2").inner_text()
    ask(page, "多少钱？")
    shown = " ".join(page.locator(".entry.bot").all_inner_texts())
    assert "1,899" in shown or "1899" in shown or name in shown


def test_a_person_takes_over_answers_and_hands_back(visitor, server):
    customer = ask(chat(visitor), "转人工客服")
    expect(customer.get_by_text("正在为您转接同事…")).to_be_visible(timeout=SLOW)
    desk = visitor.new_page()
    desk.goto("/console")
    desk.get_by_label("用户名").fill("admin")
    desk.get_by_label("密码").fill(server.console_password)
    desk.get_by_role("button", name="登录").click()
    desk.locator(".row.waiting").first.click()
    expect(desk.locator(".said.customer .text").first).to_have_text("转人工客服")
    desk.get_by_role("button", name="接手").click()
    desk.get_by_role("textbox").fill(f"我来帮您 {MARKUP}")
    desk.keyboard.press("Enter")
    expect(customer.locator(".entry.agent .text")).to_have_text(f"我来帮您 {MARKUP}")
    customer.get_by_role("textbox", name="消息").fill(f"谢谢 {MARKUP}")
    customer.keyboard.press("Enter")
    expect(desk.locator(".said.customer .text").last).to_have_text(f"谢谢 {MARKUP}")
    assert desk.evaluate("window.pwned") is None
    desk.get_by_role("button", name="交还助手").click()
    expect(customer.get_by_text("智能导购，随时在")).to_be_visible()


def test_markup_in_what_the_assistant_says_stays_text(visitor, server):
    page = ask(chat(visitor), "你好")
    with page.expect_response("**/api/session") as session:
        page.reload()
        page.get_by_role("button", name=re.compile("打开客服对话")).click()
    evil = Card(MARKUP, MARKUP, image="javascript:1", reason=MARKUP, url="javascript:window.pwned=1")
    said = BotMessage(MARKUP, (Button(MARKUP, "/x"),), (evil,), (Source(MARKUP, "javascript:window.pwned=1"),))
    server.say(session.value.json()["sender_id"], said)
    expect(page.locator(".card h3")).to_have_text(MARKUP)
    assert page.evaluate("window.pwned") is None
    assert page.locator(".card a, .sources a").count() == 0


def test_the_visitor_of_the_demo_is_known_by_name(visitor):
    page = visitor.new_page()
    page.goto("/")
    select = page.get_by_label("以谁的身份逛")
    select.select_option(index=1)
    page.get_by_role("button", name=re.compile("打开客服对话|Open the chat")).click()
    name = select.evaluate("s => s.selectedOptions[0].textContent")
    expect(page.locator(".hello p")).to_contain_text(name.split()[0])
    page.keyboard.press("Escape")
    page.locator("#orders").click()
    expect(page.locator(".orders li").first).to_be_visible()

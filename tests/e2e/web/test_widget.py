"""The chat widget in a browser, against answers made by the test."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CARDS = [
    {
        "id": f"P{n}",
        "title": f"耳机 {n}",
        "subtitle": "澜音 · 头戴耳机",
        "image": f"/shop/images/P{n}.svg",
        "price": 298.0 + n,
        "list_price": 359.0 if n == 1 else None,
        "currency": "CNY",
        "stock": "仅剩 3 件",
        "reason": "降噪，比您说的低一点",
        "rating": 4.4,
        "buttons": [
            {"title": "加入购物车", "payload": f'/add_to_cart{{"product_id": "P{n}"}}'},
            {"title": "看详情", "payload": "/d"},
        ],
    }
    for n in (1, 2, 3)
]


def opened(page: Page, state: str = "open") -> Page:
    page.get_by_role("button", name=re.compile("打开客服对话|Open the chat")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".root")).to_have_attribute("data-state", state)
    return page


def write(page: Page, text: str) -> None:
    page.get_by_role("textbox", name=re.compile("^(消息|Message)$")).fill(text)
    page.keyboard.press("Enter")


def bubbles(page: Page, author: str = "") -> list[str]:
    return page.locator(f".entry{author and '.' + author} .text").all_inner_texts()


def test_opens_with_the_field_ready_and_closes_back_to_its_button(stage):
    page = opened(stage.page())
    field = page.get_by_role("textbox", name="消息")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="打开客服对话")).to_be_focused()


def test_a_starter_begins_the_talk_and_the_greeting_goes(stage):
    page = opened(stage.page())
    page.get_by_role("button", name="退换货怎么办").click()
    expect(page.locator(".entry.customer .text")).to_have_text("退换货怎么办")
    expect(page.locator(".hello")).to_be_hidden()


def test_a_message_is_shown_at_once_and_confirmed_only_once(stage):
    stage.echo = False
    page = opened(stage.page())
    write(page, "在吗")
    expect(page.locator(".meta.sending")).to_be_visible()
    stage.say("customer", {"text": "在吗"}, ref=stage.messages(page, 1)[0]["id"])
    expect(page.locator(".meta.sending")).to_have_count(0)
    assert bubbles(page) == ["在吗"]


def test_enter_that_ends_a_composition_does_not_send(stage):
    page = opened(stage.page())
    field = page.get_by_role("textbox", name="消息")
    field.fill("tuihuo")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    page.keyboard.press("Shift+Enter")
    expect(field).to_have_value("tuihuo\n")
    assert stage.messages(page, 0) == []


def test_a_message_that_is_too_long_cannot_leave(stage):
    page = opened(stage.page())
    write(page, "字" * 2001)
    expect(page.get_by_text("2001 / 2000")).to_be_visible()
    expect(page.get_by_role("button", name="发送")).to_be_disabled()
    assert stage.messages(page, 0) == []


def test_product_cards_show_what_matters_and_their_buttons_send_payloads(stage):
    page = opened(stage.page())
    stage.say("bot", {"text": "这三款：", "cards": CARDS})
    card = page.locator(".card").first
    for text in ("耳机 1", "澜音 · 头戴耳机", "¥299", "仅剩 3 件", "降噪，比您说的低一点", "★ 4.4"):
        expect(card).to_contain_text(text)
    expect(card.locator("s")).to_have_text("¥359")
    expect(card.locator("img")).to_have_js_property("naturalWidth", 4)
    assert page.locator(".card s").count() == 1
    row = page.locator(".cards")
    assert row.evaluate("row => row.scrollWidth > row.clientWidth")
    card.get_by_role("button", name="加入购物车").click()
    expect(page.locator(".entry.customer .text")).to_have_text("加入购物车")
    sent = stage.messages(page, 1)[0]
    assert (sent["text"], sent["title"]) == ('/add_to_cart{"product_id": "P1"}', "加入购物车")


def test_a_card_opens_its_product_on_the_page(stage):
    page = opened(stage.page())
    stage.say("bot", {"cards": CARDS[:1]})
    page.get_by_role("button", name="耳机 1", exact=True).click()
    expect(page.get_by_role("dialog", name="Lamp")).to_be_visible()
    expect.soft(page).to_have_url(re.compile("product=P1"))
    stage.until(page, lambda: {"type": "page", "product_id": "P1"} in stage.received)


def test_quick_replies_are_there_until_the_customer_goes_on(stage):
    page = opened(stage.page())
    stage.say(
        "bot",
        {
            "text": "哪双？",
            "buttons": [{"title": "黑色", "payload": "/inform{}"}, {"title": "白色", "payload": "白色"}],
        },
    )
    page.get_by_role("button", name="黑色").click()
    expect(page.locator(".replies")).to_be_hidden()
    assert [(m["text"], m.get("title")) for m in stage.messages(page, 1)] == [("/inform{}", "黑色")]


def test_sources_are_links_to_their_article(stage):
    page = opened(stage.page())
    stage.say("bot", {"text": "七天内。", "sources": [{"title": "退货", "url": "/articles/zh/returns"}]})
    expect(page.locator(".sources")).to_contain_text("来源：")
    expect(page.get_by_role("link", name="退货")).to_have_attribute("href", f"{stage.url}/articles/zh/returns")


def test_markdown_is_bold_lists_and_links(stage):
    page = opened(stage.page())
    stage.say(
        "bot",
        {
            "text": "**重要**：\n\n1. 看 [说明](https://a.example/x)\n2. 打 [电话](tel:4000001234)\n- 见 https://b.example/y。"
        },
    )
    text = page.locator(".entry.bot .text")
    expect(text.locator("strong")).to_have_text("重要")
    expect(text.locator("ol li")).to_have_count(2)
    assert [a.get_attribute("href") for a in text.locator("a").all()] == [
        "https://a.example/x",
        "tel:4000001234",
        "https://b.example/y",
    ]


def test_history_returns_after_a_reload(stage):
    page = opened(stage.page())
    write(page, "第一句")
    stage.say("bot", {"text": "第二句"})
    expect(page.locator(".entry")).to_have_count(2)
    page.reload()
    opened(page)
    expect(page.locator(".entry .text")).to_have_text(["第一句", "第二句"])


def test_two_tabs_stay_equal(stage):
    first = opened(stage.page())
    second = opened(stage.page())
    write(first, "一")
    write(second, "二")
    stage.say("bot", {"text": "三"})
    for page in (first, second):
        expect(page.locator(".entry .text")).to_have_text(["一", "二", "三"])


def test_after_a_break_nothing_is_lost_and_nothing_doubled(stage):
    page = opened(stage.page())
    write(page, "断线之前")
    expect(page.locator(".entry")).to_have_count(1)
    stage.drop()
    expect(page.get_by_text("网络断开了")).to_be_visible()
    write(page, "断线时写的")
    stage.say("bot", {"text": "断线时的回答"})
    stage.up = True
    expect(page.locator(".entry .text")).to_have_text(["断线之前", "断线时的回答", "断线时写的"])
    expect(page.get_by_text("网络断开了")).to_be_hidden()
    assert [m["text"] for m in stage.messages(page, 2)] == ["断线之前", "断线时写的"]


def test_a_message_the_server_had_taken_before_the_break_is_not_doubled(stage):
    stage.echo = False
    page = opened(stage.page())
    write(page, "送到了吗")
    stage.messages(page, 1)
    stage.drop()
    stage.say("customer", {"text": "送到了吗"})
    stage.up = True
    expect(page.locator(".meta.sending")).to_have_count(0)
    assert bubbles(page) == ["送到了吗"]
    assert len(stage.messages(page, 1)) == 1


def test_without_websockets_messages_go_by_plain_requests(stage):
    said = [
        {"type": "said", "id": n, "author": a, "time": 1.0, "data": {"text": t}}
        for n, a, t in ((1, "customer", "在吗"), (2, "bot", "在"))
    ]
    stage.api["/api/messages"] = {"said": said}
    stage.up = False
    page = opened(stage.page(), state="lost")
    with page.expect_response("**/api/session"):  # another try that leads to no WebSocket
        pass
    write(page, "在吗")
    expect(page.locator(".entry .text")).to_have_text(["在吗", "在"])


def test_a_refused_message_says_why_and_can_be_sent_again(stage):
    stage.echo = False
    page = opened(stage.page())
    write(page, "快")
    ref = stage.messages(page, 1)[0]["id"]
    stage.push({"type": "error", "text": "消息太快了", "ref": ref})
    expect(page.get_by_role("alert")).to_contain_text("消息太快了")
    stage.echo = True
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert [m["id"] for m in stage.messages(page, 2)] == [ref, ref]


def test_what_comes_while_closed_is_counted_until_it_is_seen(stage):
    page = opened(stage.page())
    stage.say("bot", {"text": "看过的"})
    expect(page.locator(".entry")).to_have_count(1)
    page.keyboard.press("Escape")
    stage.say("agent", {"text": "没看过的"})
    expect(page.get_by_role("button", name="打开客服对话, 1 条未读消息")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="打开客服对话, 1 条未读消息").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="打开客服对话", exact=True)).to_be_visible()


def test_a_person_looks_different_from_the_assistant(stage):
    page = opened(stage.page())
    stage.push({"type": "mode", "mode": "waiting"})
    expect(page.get_by_text("正在为您转接同事…")).to_be_visible()
    stage.push({"type": "mode", "mode": "human"})
    stage.say("agent", {"text": "我来处理"})
    expect(page.get_by_text("同事正在为您服务")).to_be_visible()
    expect(page.locator(".entry.agent .name")).to_have_text("人工客服")


def test_typing_dots_come_and_go(stage):
    page = opened(stage.page())
    expect(page.locator(".typing")).to_be_hidden()
    stage.push({"type": "typing", "on": True})
    expect(page.locator(".typing")).to_be_visible()
    stage.push({"type": "typing", "on": False})
    expect(page.locator(".typing")).to_be_hidden()


def test_a_new_conversation_starts_empty_with_another_session(stage):
    page = opened(stage.page())
    write(page, "旧的")
    expect(page.locator(".entry")).to_have_count(1)
    stage.history.clear()
    page.get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name="新会话").click()
    expect(page.locator(".entry")).to_have_count(0)
    page.wait_for_function("() => localStorage.getItem('daogou.session') === 't2'")


def test_the_menu_works_by_keyboard(stage):
    page = opened(stage.page())
    page.get_by_role("button", name="更多").press("Enter")
    expect(page.get_by_role("menuitem", name="转人工客服")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="新会话")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_its_words_follow_the_page_and_what_was_written_stays(stage):
    page = opened(stage.page())
    page.get_by_role("textbox", name="消息").fill("draft")
    page.evaluate("document.documentElement.lang = 'en'")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("draft")
    expect(page.get_by_text("Shop assistant, always here")).to_be_visible()


def test_new_bubbles_are_announced(stage):
    page = opened(stage.page())
    stage.say("bot", {"text": "读给您听"})
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_contain_text("读给您听")


def test_on_a_phone_it_fills_the_screen(stage):
    page = opened(stage.page(width=390, height=844))
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)


def test_reading_back_is_not_disturbed_by_news(stage):
    for n in range(40):
        stage.say("bot", {"text": f"第 {n} 条"})
    page = opened(stage.page())
    expect(page.get_by_text("第 39 条")).to_be_in_viewport()
    page.locator(".scroller").evaluate("s => { s.scrollTop = 0; }")
    stage.say("bot", {"text": "新的一条"})
    page.get_by_role("button", name="有新消息").click()
    expect(page.get_by_text("新的一条")).to_be_in_viewport()


def test_it_asks_nothing_of_other_hosts(stage):
    """The stage refuses and reports every request to another origin."""
    page = opened(stage.page())
    stage.say(
        "bot",
        {
            "text": "图",
            "image": "https://elsewhere.example/pixel.gif",
            "cards": [CARDS[0] | {"image": "//elsewhere.example/x.svg"}],
        },
    )
    expect(page.locator(".card")).to_be_visible()
    assert page.locator("daogou-chat img").count() == 0

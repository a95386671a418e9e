"""The support team's page in a browser, against answers made by the test."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ME = {"name": "mei", "role": "agent", "csrf": "the-token"}


def row(sender: str, **values: Any) -> dict[str, Any]:
    now = time.time()
    return {
        "sender_id": sender,
        "channel": "web",
        "customer_id": None,
        "customer": None,
        "mode": "bot",
        "mood": 0.0,
        "language": "zh",
        "reason": "",
        "summary": "",
        "operator": "",
        "waiting_since": None,
        "updated_at": now,
        "last": "你好",
    } | values


ROWS = [
    row("chatting", last="**七天**内可以退", updated_at=time.time()),
    row("short", mode="waiting", waiting_since=time.time() - 30, customer={"name": "Emma", "level": "silver"}),
    row(
        "long",
        mode="waiting",
        waiting_since=time.time() - 600,
        mood=-0.8,
        reason="投诉/不满",
        summary="包裹三天没动",
        customer={"name": "林晓", "level": "gold"},
    ),
    row("mine", mode="human", operator="mei", updated_at=time.time() - 9000),
    row("theirs", mode="human", operator="bo", updated_at=time.time() - 9000),
]

PROFILE = {
    "segment": "at_risk",
    "recency_days": 96.4,
    "purchases": 7,
    "spent": 2310.0,
    "price_taste": "thrifty",
    "categories": [["tea", 0.62], ["mugs", 0.2]],
    "categories_zh": ["茶", "杯子"],
    "categories_en": ["Tea", "Mugs"],
    "brands": [["b1", 0.5]],
    "brands_zh": ["云叶"],
    "brands_en": ["Cloudleaf"],
    "churn_risk": 0.71,
    "high_potential": True,
}


@pytest.fixture
def desk(stage):
    """A console with five conversations, signed in as `mei`."""
    rows = {r["sender_id"]: dict(r) for r in ROWS}

    def detail(sender: str) -> Any:
        extra = {
            "orders": [{"number": "DG1", "status": "dispatched", "total": 1899.0, "placed_at": 1.0}],
            "slots": {"focus": "P1", "search": {"price": {"max": 300}}},
            "profile": PROFILE if sender == "long" else None,
        }
        return lambda _: rows[sender] | extra | {"history": stage.history if sender == "long" else []}

    def change(sender: str, mode: str, operator: str) -> Any:
        def act(_: Any) -> dict[str, Any]:
            rows[sender] |= {"mode": mode, "operator": operator, "waiting_since": None}
            stage.push({"type": "conversation"} | rows[sender])
            return rows[sender]

        return act

    def reply(body: dict[str, str]) -> dict[str, Any]:
        return stage.say("agent", {"text": body["text"]}) | {"sender_id": "long"}

    stage.say("customer", {"text": "三天了！"})
    stage.say("bot", {"text": "正在转接", "buttons": [{"title": "查物流", "payload": "/track"}]})
    stage.api |= {
        "/console/api/me": ME,
        "/console/api/conversations": lambda _: list(rows.values()),
        "/console/api/gaps": [],
    }
    for sender in rows:
        stage.api[f"/console/api/conversations/{sender}"] = detail(sender)
    stage.api["/console/api/conversations/long/take"] = change("long", "human", "mei")
    stage.api["/console/api/conversations/long/return"] = change("long", "bot", "")
    stage.api["/console/api/conversations/long/reply"] = reply
    stage.rows = rows
    return stage


def choose(page: Page, sender: str) -> Page:
    page.locator(f'[data-sender="{sender}"]').click()
    expect(page.locator(".talk")).to_be_visible()
    return page


def test_signing_in_and_out(desk):
    del desk.api["/console/api/me"]
    desk.context.route("**/console/api/me", lambda route: route.fulfill(status=401, json={"detail": "please sign in"}))
    given: list[Any] = []

    def login(route):
        given.append(route.request.post_data_json)
        good = given[-1]["password"] == "good"
        route.fulfill(status=200 if good else 401, json=ME if good else {"detail": "name or password is wrong"})

    desk.context.route("**/console/login", login)
    desk.context.route("**/console/logout", lambda route: route.fulfill(status=204))
    page = desk.page("/console")
    page.get_by_label("用户名").fill("mei")
    page.get_by_label("密码").fill("bad")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    page.get_by_label("密码").fill("good")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(5)
    assert given == [{"name": "mei", "password": "bad"}, {"name": "mei", "password": "good"}]
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_those_who_wait_longest_come_first_then_ones_own(desk):
    page = desk.page("/console")
    expect(page.locator(".row")).to_have_count(5)
    assert [r.get_attribute("data-sender") for r in page.locator(".row").all()] == [
        "long",
        "short",
        "mine",
        "chatting",
        "theirs",
    ]
    first = page.locator(".row").first
    expect(first).to_contain_text("林晓")
    expect(first).to_contain_text(re.compile(r"等了 \d+ 分钟"))
    expect(first.get_by_role("img", name="情绪：不满")).to_be_visible()
    expect(page).to_have_title("(2) 客服台")
    expect(page.locator('[data-sender="chatting"] .last')).to_have_text("七天内可以退")


def test_the_profile_stands_beside_the_talk(desk):
    page = choose(desk.page("/console"), "long")
    profile = page.locator("aside section").filter(has=page.get_by_role("heading", name="画像"))
    for said in (
        "可能流失",
        "高潜力",
        "7 次，共 ¥2,310",
        "96 天前",
        "茶 62 %、杯子 20 %",
        "云叶 50 %",
        "偏实惠",
        "71 %",
    ):
        expect(profile).to_contain_text(said)
    choose(page, "short")
    expect(page.get_by_role("heading", name="画像")).to_have_count(0)


def test_a_conversation_shows_all_that_helps(desk):
    page = choose(desk.page("/console"), "long")
    expect(page.locator(".said .text")).to_have_text(["三天了！", "正在转接"])
    expect(page.get_by_text("快捷回复：查物流")).to_be_visible()
    for text in ("投诉/不满", "包裹三天没动", "林晓", "gold", "DG1", "运输中", "¥1,899", "price max 300"):
        expect(page.locator("aside")).to_contain_text(text)


def test_taking_over_answering_and_handing_back(desk):
    page = choose(desk.page("/console"), "long")
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.get_by_role("button", name="接手").click()
    field = page.get_by_role("textbox", name="回复顾客…")
    expect(field).to_be_focused()
    field.fill("我来处理")
    page.keyboard.press("Enter")
    expect(page.locator(".said.agent .text")).to_have_text("我来处理")
    expect(field).to_have_value("")
    page.get_by_role("button", name="交还助手").click()
    expect(page.get_by_role("textbox")).to_have_count(0)
    writes = [path for path, _ in desk.asked if path.startswith("POST /console")]
    assert [path.rsplit("/", 1)[1] for path in writes] == ["take", "reply", "return"]


def test_every_write_carries_the_csrf_token(desk):
    page = choose(desk.page("/console"), "long")
    with page.expect_request("**/long/take") as taken:
        page.get_by_role("button", name="接手").click()
    assert taken.value.headers["x-csrf"] == "the-token"


def test_what_is_said_arrives_live_and_marks_other_conversations(desk):
    page = choose(desk.page("/console"), "long")
    expect(page.locator(".said")).to_have_count(2)
    desk.push(
        {
            "type": "said",
            "id": 90,
            "sender_id": "long",
            "author": "customer",
            "time": time.time(),
            "data": {"text": "还在吗"},
        }
    )
    expect(page.locator(".said .text").last).to_have_text("还在吗")
    desk.push(
        {
            "type": "said",
            "id": 91,
            "sender_id": "mine",
            "author": "customer",
            "time": time.time(),
            "data": {"text": "另一位"},
        }
    )
    expect(page.locator('[data-sender="mine"].unread .last')).to_have_text("另一位")
    desk.push(
        {
            "type": "said",
            "id": 90,
            "sender_id": "long",
            "author": "customer",
            "time": time.time(),
            "data": {"text": "还在吗"},
        }
    )
    expect(page.locator(".said")).to_have_count(3)


def test_a_new_conversation_joins_the_list(desk):
    page = desk.page("/console")
    expect(page.locator(".row")).to_have_count(5)
    desk.rows["new"] = row("new", mode="waiting", waiting_since=time.time())
    desk.push({"type": "conversation"} | desk.rows["new"])
    expect(page.locator(".row.waiting")).to_have_count(3)


def test_what_was_missed_during_a_break_is_read_again(desk):
    page = choose(desk.page("/console"), "long")
    expect(page.locator(".said")).to_have_count(2)
    desk.drop()
    expect(page.get_by_text("连接断开")).to_be_visible()
    desk.say("customer", {"text": "断线时说的"})
    desk.up = True
    expect(page.locator(".said .text").last).to_have_text("断线时说的")
    expect(page.get_by_text("连接断开")).to_be_hidden()


def test_a_refusal_is_shown_and_the_draft_stays(desk):
    page = choose(desk.page("/console"), "mine")
    desk.context.route(
        "**/mine/reply", lambda route: route.fulfill(status=409, json={"detail": "a colleague has it already"})
    )
    page.get_by_role("textbox").fill("我的草稿")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("a colleague has it already")
    expect(page.get_by_role("textbox")).to_have_value("我的草稿")


def test_a_draft_survives_what_the_customer_writes_meanwhile(desk):
    page = choose(desk.page("/console"), "mine")
    page.get_by_role("textbox").fill("写到一半")
    desk.push(
        {
            "type": "said",
            "id": 95,
            "sender_id": "mine",
            "author": "customer",
            "time": time.time(),
            "data": {"text": "喂"},
        }
    )
    desk.push({"type": "conversation"} | desk.rows["mine"])
    expect(page.locator(".said .text").last).to_have_text("喂")
    expect(page.get_by_role("textbox")).to_have_value("写到一半")
    expect(page.get_by_role("textbox")).to_be_focused()


def test_others_conversations_can_be_read_but_not_answered(desk):
    page = choose(desk.page("/console"), "theirs")
    expect(page.get_by_text("bo 正在处理这个会话。")).to_be_visible()
    expect(page.locator(".talk").get_by_role("button")).to_have_count(0)


def test_a_viewer_only_reads(desk):
    desk.api["/console/api/me"] = ME | {"role": "viewer"}
    page = choose(desk.page("/console"), "long")
    expect(page.get_by_text("您的账号只能查看。")).to_be_visible()
    expect(page.locator(".talk").get_by_role("button")).to_have_count(0)


def test_unanswered_questions(desk):
    desk.api["/console/api/gaps"] = [
        {"id": 1, "question": "有低因咖啡吗", "language": "zh", "nearest": "咖啡怎么保存", "score": 0.424, "time": 1.0}
    ]
    page = desk.page("/console")
    page.get_by_role("tab", name="没答上的问题").click()
    expect(page.locator("td").nth(0)).to_have_text("有低因咖啡吗")
    expect(page.locator("td").nth(1)).to_have_text("咖啡怎么保存")
    expect(page.locator("td").nth(2)).to_have_text("0.42")


def test_an_address_leads_back_to_the_open_conversation(desk):
    page = choose(desk.page("/console"), "long")
    expect(page.locator(".said")).to_have_count(2)
    page.reload()
    expect(page.locator(".talk h2")).to_have_text("林晓")

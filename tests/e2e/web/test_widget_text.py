"""How a bubble's text is set, by the script it is in."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("text", "width"),
    [("3 fit “mugs, up to ¥300”:", "proportional-width"), ("“300 元以内的杯子”有 3 款：", "normal")],
)
def test_english_quotes_are_no_wider_than_english(stage, text, width):
    stage.say("bot", {"text": text})
    page = stage.page()
    page.get_by_role("button", name="打开客服对话").click()
    bubble = page.locator(".entry.bot .text").last
    expect(bubble).to_have_text(text)
    assert bubble.evaluate("e => getComputedStyle(e).fontVariantEastAsian") == width

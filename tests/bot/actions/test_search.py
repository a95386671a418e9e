"""Searching on a small shop: filters are hard, refinements keep what was said, nothing found says what to let go of."""

from dataclasses import replace
from datetime import date

import pytest

from bot import training


@pytest.fixture
def shop(shop):
    departments = {key: entry["department"] for key, entry in shop.taxonomy["categories"].items()}
    items = training.items(shop.catalog, departments, None)
    recommender = training.fit_recommender(shop.engine, items, date(2026, 11, 22))
    return replace(shop, current_recommender=lambda: recommender, encode=lambda _: None)


def cards(customer):
    return [card.id for message in customer.messages for card in message.cards]


def search(customer, text, **entities):
    return customer.says(text, "product_search", **entities)


def test_filters_are_hard(talk):
    customer = talk()
    search(customer, "三百以内的", price={"max": 300, "currency": "CNY"})
    assert cards(customer)
    assert all(customer.shop.catalog.get(card).price <= 300 for card in cards(customer))


def test_the_nearest_is_shown_and_what_was_let_go(talk):
    customer = talk()
    said = search(customer, "五十以内的杯子", category="mugs", price={"max": 50, "currency": "CNY"})
    assert "没有完全符合" in said
    assert "50 元以内" in said
    assert cards(customer) == ["P3"]


def test_a_refinement_keeps_what_was_said(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    customer.says("要绿色的", "refine_search", color="green")
    assert customer.slot("search")["wish"] == {"category": ["jackets"], "color": ["green"]}
    assert cards(customer) == ["P7"]


def test_undo(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    customer.says("要绿色的", "refine_search", color="green")
    assert "回到" in customer.says("回到刚才的", "refine_search")
    assert customer.slot("search")["wish"] == {"category": ["jackets"]}


def test_a_sold_out_variant_is_not_found(talk):
    customer = talk()
    said = search(customer, "白色43码跑鞋", category="running_shoes", color="white", size="43")
    assert "没有完全符合" in said


def test_a_brand_the_shop_does_not_carry(talk):
    customer = talk()
    assert "没有" in search(customer, "索尼耳机", category="headphones", brand="sony")
    assert cards(customer) == ["P2"]


def test_why_tells_the_wish(talk):
    customer = talk()
    search(customer, "两千以内的耳机", category="headphones", price={"max": 2000, "currency": "CNY"})
    assert "1899" in customer.says("为什么推荐这个", "why_recommended")


def test_what_was_rejected_does_not_come_again(talk):
    customer = talk()
    customer.says("推荐点什么", "recommend")
    first = cards(customer)
    customer.says("都不喜欢", "reject_suggestion")
    assert not set(first) & set(cards(customer))


def test_dollars_are_understood(talk):
    customer = talk(language="en")
    said = search(customer, "a mug under $10", category="mugs", price={"max": 10, "currency": "USD"})
    assert "¥72" in said
    assert cards(customer) == ["P3"]


def test_looking_at_products_drops_an_order_question_without_a_number(talk):
    customer = talk(None)
    customer.says("我的快递到哪了", "track_order")
    assert customer.loop == "order_form"
    search(customer, "外套", category="jackets")
    assert customer.loop is None


@pytest.mark.parametrize("intent", ["recommend_similar", "product_details", "recommend_bundle", "check_stock"])
def test_which_product_is_asked(talk, intent):
    assert "哪一款" in talk().says("这个", intent)

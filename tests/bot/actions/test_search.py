"""Searching on a small shop: filters are hard, refinements keep what was said, nothing found says what to let go of."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.actions.results import less
from bot.stores.schema import offers


@pytest.fixture
def shop(shop):
    return replace(shop, encode=lambda _: None)


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


def test_cheaper_and_dearer_are_told_in_whole_numbers(talk):
    customer = talk(language="en")
    search(customer, "outdoor things", category=OUTDOORS)
    lowest = min(customer.shop.catalog.get(card).price for card in cards(customer))
    said = customer.says("cheaper", "refine_search")
    assert f"¥{lowest:g} is the lowest there is" in said
    customer = talk(sender="talk-3")
    search(customer, "跑鞋和双肩包", category=["running_shoes", "backpacks"])
    assert "高于 399 元" in customer.says("贵一点的", "refine_search")


@pytest.mark.parametrize(
    ("language", "words", "told", "first"),
    [
        ("zh", "最便宜的", "从低到高", ["P8", "P1", "P7"]),
        ("en", "the cheapest please", "cheapest first", ["P8", "P1", "P7"]),
        ("en", "what's the most expensive?", "dearest first", ["P12", "P7", "P1"]),
    ],
)
def test_the_cheapest_comes_first(talk, language, words, told, first):
    customer = talk(language=language)
    search(customer, "户外用品" if language == "zh" else "outdoor things", category=OUTDOORS)
    assert told in customer.says(words, "refine_search")
    assert cards(customer) == first
    customer.says("要绿色的" if language == "zh" else "in green", "refine_search", color="green")
    assert cards(customer) == [card for card in first if card in ("P7", "P12")] or cards(customer) == ["P7", "P12"]


def test_the_cheapest_on_the_screen_can_be_pointed_at(talk):
    customer = talk()
    search(customer, "户外用品", category=OUTDOORS)
    lowest = min(cards(customer), key=lambda card: customer.shop.catalog.get(card).price)
    assert customer.shop.catalog.get(lowest).name_zh in customer.says("最便宜的那个有货吗", "check_stock")


def test_an_attribute_wished_for_is_no_answer_to_a_question(talk, shop):
    shown = talk()
    search(shown, "耳机", category="headphones", attribute="wireless")
    assert "要无线的" not in shown.buttons


def test_ordinals_reach_back_to_the_list_before(talk):
    customer = talk()
    search(customer, "户外用品", category=OUTDOORS)
    first = cards(customer)
    search(customer, "杯子", category="mugs")
    name = customer.shop.catalog.get(first[1]).name_zh
    assert name in customer.says("上一批的第二个有货吗", "check_stock", ordinal=2)
    search(customer, "杯子", category="mugs")
    assert name in customer.says("第二个有货吗", "check_stock", ordinal=2)  # the list on the screen has only one


def test_a_comparison_keeps_the_numbers_of_the_list(talk):
    customer = talk()
    search(customer, "户外用品", category=OUTDOORS)
    listed = cards(customer)
    said = customer.says("第一个和第三个哪个好", "product_compare", entities=[("ordinal", 1), ("ordinal", 3)])
    assert "①" in said
    assert "③" in said
    assert customer.shop.catalog.get(listed[1]).name_zh in customer.says("那第二个有货吗", "check_stock", ordinal=2)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "第二个怎么样"),
        ("zh", "这款好用吗"),
        ("en", "what about the second one?"),
        ("en", "how is the second one?"),
    ],
)
def test_how_is_it_is_answered_with_the_product(talk, language, words):
    customer = talk(language=language)
    search(customer, "户外用品" if language == "zh" else "outdoor things", category=OUTDOORS)
    listed = cards(customer)
    ordinal = {} if "这款" in words else {"ordinal": 2}
    said = customer.says(words, "product_details", **ordinal)
    product = customer.shop.catalog.get(listed[1 if ordinal else 0])
    assert f"{product.price:g}" in said
    assert "4.5" in said
    assert cards(customer) == [product.product_id]


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


def logged(customer):
    with customer.shop.engine.connect() as connection:
        return [row._mapping for row in connection.execute(select(offers).order_by(offers.c.id))]


OUTDOORS = ["running_shoes", "jackets", "backpacks", "tents"]
"""What a broad word may stand for."""


def test_a_broad_wish_is_shown_and_one_question_asked(talk):
    customer = talk(sender="talk-2")
    said = search(customer, "户外用品", category=OUTDOORS)
    assert len(cards(customer)) == 3
    row = logged(customer)[-1]
    assert row["state"]["decision"].startswith("ask_")
    assert 0 < row["propensity"] < 1
    assert said.count("？") == 1
    search(customer, "户外用品", category=OUTDOORS)
    asked = [r["state"]["decision"] for r in logged(customer) if r["state"]["decision"].startswith("ask_")]
    assert len(set(asked)) == len(asked)


def test_until_the_kind_is_known_only_kind_and_price_are_asked(talk):
    for sender in range(20):
        customer = talk(sender=f"talk-{sender}")
        search(customer, "一千以内的", price={"max": 1000, "currency": "CNY"})
        assert set(logged(customer)[-1]["state"]["allowed"]) <= {"ask_category", "ask_price", "show_3"}


def test_an_angry_customer_gets_the_products_and_no_question(talk):
    customer = talk(sender="talk-2")
    said = customer.says("一千以内的", "product_search", mood="negative", price={"max": 1000, "currency": "CNY"})
    assert cards(customer)
    assert "？" not in said
    assert logged(customer)[-1]["propensity"] == 1
    assert logged(customer)[-1]["state"]["decision"] == "show_3"


def test_the_question_is_answered_by_a_tap(talk):
    customer = talk(language="en", sender="talk-2")
    assert "colour" in search(customer, "outdoor things", category=OUTDOORS, price={"max": 1000, "currency": "CNY"})
    asked = customer.messages[-1]
    assert asked.text
    assert [button.title for button in asked.buttons[-2:]] == ["Show me others", "Why these?"]
    customer.says(asked.buttons[0].title, "refine_search", color=asked.buttons[0].title.lower())
    assert customer.slot("search")["wish"]["color"] == [asked.buttons[0].title.lower()]
    assert logged(customer)[-1]["state"]["matching"] < logged(customer)[-2]["state"]["matching"]
    assert not [m for m in customer.messages if "colour would" in (m.text or "")]


# --- whole exchanges in which a customer was let down


def wish(customer):
    return customer.slot("search")["wish"]


def test_what_was_just_refused_is_not_shown_again(talk):
    customer = talk()
    search(customer, "黑色跑鞋", category="running_shoes", color="black")
    said = customer.says("不要黑色白色", "refine_search", entities=[("color", "white", "exclude")])
    assert cards(customer) == ["P1"]  # black is left
    said = customer.says("也不要灯下优选的", "refine_search", entities=[("brand", "lantern_select", "exclude")])
    assert cards(customer) == []
    assert "只有" in said
    assert customer.slot("shown") == ["P1"]


def test_a_wish_let_go_of_comes_back_once_it_can_be_met(talk):
    customer = talk()
    search(customer, "绿色外套", category="jackets", color="green")
    customer.says("要S码的", "refine_search", size="S")  # sold out in green
    assert "color" not in wish(customer)
    customer.says("那M码呢", "refine_search", size="M")
    assert wish(customer) == {"category": ["jackets"], "size": ["M"], "color": ["green"]}


def test_without_its_price_a_list_begins_at_the_limit(talk):
    customer = talk()
    search(customer, "户外", category=OUTDOORS, price={"max": 20, "currency": "CNY"})
    prices = [customer.shop.catalog.get(card).price for card in cards(customer)]
    assert prices == sorted(prices)
    customer = talk(sender="talk-2")
    search(customer, "户外", category=OUTDOORS, price={"min": 9000, "currency": "CNY"})
    prices = [customer.shop.catalog.get(card).price for card in cards(customer)]
    assert prices == sorted(prices, reverse=True)


def test_undo_of_a_wish_that_could_not_be_met(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    customer.says("要红色的", "refine_search", color="red")
    assert "回到" in customer.says("撤回", "refine_search")
    assert wish(customer) == {"category": ["jackets"]}


def test_only_what_was_let_go_of_is_named():
    full = {
        "attribute": ["silent", "wireless"],
        "color": ["red"],
        "exclude": {"brand": ["a", "b"]},
        "price": {"max": 9},
    }
    assert less(full, full | {"attribute": ["wireless"]}) == {"attribute": ["silent"]}
    assert less(full, {k: v for k, v in full.items() if k != "price"}) == {"price": {"max": 9}}
    assert less(full, full | {"exclude": {"brand": ["a"]}}) == {"exclude": {"brand": ["b"]}}


def test_too_expensive_is_a_reason(talk):
    customer = talk()
    search(customer, "户外最贵的", category=OUTDOORS)
    customer.says("太贵了", "reject_suggestion")
    assert wish(customer)["price"] == {"max": 398.99}
    assert cards(customer) == ["P8"]


def test_a_no_asks_what_was_wrong_with_fitting_answers(talk):
    customer = talk()
    search(customer, "贵的", price={"min": 100, "currency": "CNY"})
    assert "牌子" in customer.says("不喜欢", "reject_suggestion")
    assert customer.buttons == ["便宜点的", "换个牌子"]


def test_dearer_is_fine_lifts_the_limit(talk):
    customer = talk()
    search(customer, "外套一千以内", category="jackets", price={"max": 1000, "currency": "CNY"})
    assert "没有" not in customer.says("贵一点的也行", "refine_search")
    assert wish(customer) == {"category": ["jackets"]}


def test_cheaper_and_another_wish_at_once_claims_no_lowest_price(talk):
    customer = talk()
    search(customer, "三人帐篷", category="tents", size="3-person")
    assert "最低" not in customer.says("便宜点，要静音的", "refine_search", attribute="silent")


def test_back_to_a_kind_that_was_looked_at(talk):
    customer = talk()
    search(customer, "绿色外套", category="jackets", color="green")
    search(customer, "杯子", category="mugs")
    search(customer, "台灯", category="lamps")
    customer.says("回到刚才的外套", "refine_search", category="jackets")
    assert wish(customer) == {"category": ["jackets"], "color": ["green"]}


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [("zh", "送妈妈", "送妈妈"), ("en", "a gift for my mother", "for your mother")],
)
def test_a_gift_may_be_of_any_kind(talk, language, words, told):
    customer = talk(language=language)
    said = search(customer, words, recipient="mother", price={"max": 2000, "currency": "CNY"})
    assert told in said
    customer.says("便宜点" if language == "zh" else "cheaper", "refine_search")
    assert "category" not in wish(customer)
    customer.says(
        "不要茶" if language == "zh" else "no tea", "refine_search", entities=[("category", "tea", "exclude")]
    )
    assert "category" not in wish(customer)


def test_a_gift_for_somebody_else_is_another_search(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    search(customer, "给爸爸买个礼物", recipient="father")
    assert wish(customer) == {"recipient": "father"}


def test_what_she_likes_keeps_the_budget(talk):
    customer = talk()
    search(customer, "送妈妈的礼物三百以内", recipient="mother", price={"max": 300, "currency": "CNY"})
    customer.says("她喜欢看书", "product_search")
    assert wish(customer) == {"recipient": "mother", "price": {"max": 300}}


def test_an_unknown_word_is_no_liking(talk):
    customer = talk()
    search(customer, "送妈妈的礼物三百以内", recipient="mother", price={"max": 300, "currency": "CNY"})
    customer.says("有没有睡袋", "product_search")
    assert "没对上店里的品类" in customer.messages[0].text
    assert wish(customer) == {"recipient": "mother"}


def test_something_unknown_is_not_taken_for_more_of_the_list(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    assert "没对上店里的品类" in customer.says("有没有睡袋", "product_search")
    assert wish(customer) == {}


@pytest.mark.parametrize(("language", "told"), [("zh", "3 人"), ("en", "3-person")])
def test_people_are_no_shoe_size(talk, language, told):
    customer = talk(language=language)
    said = search(customer, "三人帐篷" if language == "zh" else "tent for three", category="tents", size="3-person")
    assert told in said
    assert "size 3" not in said
    reasons = [card.reason for message in customer.messages for card in message.cards]
    assert any(told in reason for reason in reasons)


def test_dollars_stand_beside_a_limit(talk):
    customer = talk(language="en")
    said = search(customer, "under 50 dollars", price={"max": 50, "currency": "USD"})
    assert "¥360 (about $50)" in said


def test_other_colours_are_asked_of_the_product(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    assert "黑色" in customer.says("还有别的颜色吗", "refine_search")
    search(customer, "跑鞋和杯子", category=["running_shoes", "mugs"])
    said = customer.says("第一个有白色的吗", "refine_search", ordinal=1, color="white")
    assert "库存" in said


def test_bare_numbers_are_places(talk):
    customer = talk()
    search(customer, "户外", category=OUTDOORS)
    first, second, _ = cards(customer)
    customer.says("1和2有什么区别", "product_compare")
    assert cards(customer) == [first, second]


def test_another_kind_is_of_the_list_before(talk):
    customer = talk()
    search(customer, "外套", category="jackets")
    search(customer, "杯子", category="mugs")
    assert "苔峰外套" in customer.says("那个外套多少钱", "product_details", category="jackets")

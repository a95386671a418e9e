"""What short words mean where they are said: yes, no, a number, a sign, "no person"."""

from dataclasses import dataclass, replace

import pytest

from bot.actions.wish_words import size_name
from knowledge.answer import Answer, Source


@dataclass
class Articles:
    """One article that answers everything."""

    asked: list[str]

    def answer(self, text, *, vector, language):
        self.asked.append(text)
        return Answer("这是规则。", (Source("怎么退货", "/a"),), 0.9, True, ())


@pytest.fixture
def shop(shop):
    return replace(shop, encode=lambda _: None, answerer=Articles([]))


def looks(customer):
    customer.says("跑鞋和杯子", "product_search", category=["running_shoes", "mugs"])


def cards(customer):
    return [card.id for message in customer.messages for card in message.cards]


def held(customer):
    return {line.sku: line.quantity for line in customer.shop.carts.lines("C0001")}


def test_a_no_after_something_else_brings_no_products(talk):
    customer = talk()
    customer.says("一百以上的", "product_search", price={"min": 100, "currency": "CNY"})
    customer.says("发到成都几天", "delivery_period")
    customer.says("不用了", "deny")
    assert cards(customer) == []
    for words, brings_more in (("都不要", True), ("不要了谢谢", False), ("no thanks, something else", True)):
        customer = talk(sender=words)
        customer.says("户外的", "product_search", category=["running_shoes", "jackets", "backpacks", "tents"])
        customer.says(words, "deny")
        assert bool(cards(customer)) is brings_more


def test_not_liking_an_order_is_no_word_about_the_list(talk, order):
    order("10086", "delivered")
    customer = talk()
    looks(customer)
    customer.says("10086到哪了", "track_order", order_number="10086")
    customer.says("不喜欢", "reject_suggestion")
    assert cards(customer) == []


@pytest.mark.parametrize(
    "words",
    [
        "不用人工",
        "不要转人工",
        "别转人工",
        "我不需要客服",
        "no I dont want a human",
        "I don't want to talk to a person",
        "no humans",
    ],
)
def test_no_person_is_a_no(talk, words):
    customer = talk(language="zh" if words[0] > "z" else "en")
    customer.says(words, "contact_human_agent")
    row = customer.shop.conversations.get("talk-1")
    assert row is None or row.mode == "bot"


@pytest.mark.parametrize(
    "words", ["不要机器人，转人工", "转人工", "I don't want a bot, get me a human", "no one answers, get me a person"]
)
def test_a_person_asked_for_is_given(talk, words):
    customer = talk()
    customer.says(words, "contact_human_agent")
    assert customer.shop.conversations.get("talk-1").mode == "waiting"


def test_who_is_in_line_may_step_out_of_it(talk):
    customer = talk()
    customer.says("转人工", "contact_human_agent")
    customer.says("算了，不用人工了", "contact_human_agent")
    assert customer.shop.conversations.get("talk-1").mode == "bot"


@pytest.mark.parametrize("signs", ["🙂", "???", "……"])
def test_signs_alone_are_answered(talk, signs):
    assert "没太明白" not in talk().says(signs, "nlu_fallback")


def test_yes_the_first_one_is_a_pick(talk):
    customer = talk()
    looks(customer)
    first = cards(customer)[0]
    customer.says("可以，就第一个", "affirm", ordinal=1)
    assert cards(customer) == [first]


def test_which_one_is_asked_and_the_answer_puts_it_in(talk):
    customer = talk()
    customer.says("杯子和咖啡", "product_search", category=["coffee", "mugs"])
    first = cards(customer)[0]
    customer.says("加入购物车", "add_to_cart")
    assert held(customer) == {}
    assert len(customer.buttons) == 2
    customer.says("第一个", "inform", ordinal=1)
    assert [sku.split("-")[0] for sku in held(customer)] == [first]


def test_a_bare_quantity_is_of_the_piece_spoken_of(talk):
    customer = talk()
    customer.says("杯子", "product_search", category="mugs")
    customer.says("两个", "inform", quantity=2)
    assert held(customer) == {"P3-white": 2}
    customer.says("三个", "inform", quantity=3)
    assert held(customer) == {"P3-white": 3}
    customer.says("make it 2", "nlu_fallback", entities=[("quantity", 2, "to")])
    assert held(customer) == {"P3-white": 2}


@pytest.mark.parametrize("words", ["再来一个", "再加一个吧", "one more"])
def test_more_of_the_same(talk, words):
    customer = talk()
    customer.says("黑色42跑鞋加购物车", "add_to_cart", product="P1", color="black", size="42")
    customer.says(words, "add_to_cart", quantity=1)
    assert held(customer) == {"P1-black-42": 2}


def test_a_change_of_mind_takes_the_piece_out_again(talk, order):
    order("10086", "paid")
    customer = talk()
    customer.says("杯子加购物车", "add_to_cart", product="P3")
    customer.says("我改主意了，不要了", "cancel_order")
    assert held(customer) == {}
    assert customer.loop is None
    customer.says("杯子加购物车", "add_to_cart", product="P3")
    customer.says("10086这单取消", "cancel_order", order_number="10086")
    assert held(customer) == {"P3-white": 1}
    assert customer.loop == "order_form"


def test_a_placed_order_is_cancelled_and_no_basket_undone(talk):
    customer = talk()
    customer.says("杯子加购物车", "add_to_cart", product="P3")
    customer.says("结算", "place_order")
    while customer.loop == "checkout_form" and "确认下单" not in customer.buttons:
        customer.says("林晓 13800006688" if "姓名" in customer.messages[-1].text else "上海市张江路 88 号", "inform")
    customer.taps("确认下单")
    assert "取消" in customer.says("取消", "cancel_order")
    assert customer.loop == "order_form"


def test_checking_out_with_an_open_choice_goes_on_with_it(talk):
    customer = talk()
    customer.says("跑鞋加购物车", "add_to_cart", product="P1")
    said = customer.says("结算", "place_order")
    assert "空" not in said
    assert "颜色" in said


def test_not_put_in_is_said_so(talk):
    customer = talk(language="en")
    customer.says("add the runners", "add_to_cart", product="P1")
    said = customer.says("take it out again", "remove_from_cart")
    assert "leave it there" not in said


def test_an_invoice_is_explained_before_an_order_is_asked_for_and_its_name_kept(talk):
    customer = talk(None)
    assert "24 小时" in customer.says("可以开发票吗", "get_invoice")
    said = customer.says("个人的", "inform")
    assert "没太明白" not in said
    assert customer.slot("order_detail") == {"title": "personal"}
    assert "24 小时" not in customer.says("能开发票吗", "get_invoice")


@pytest.mark.parametrize("intent", ["inform", "contact_human_agent"])
def test_personal_after_a_refused_invoice(talk, order, intent):
    order("10086", "cancelled")
    customer = talk(language="en")
    customer.says("invoice for 10086", "get_invoice", order_number="10086")
    assert "another" in customer.says("personal", intent)
    assert customer.shop.conversations.get("talk-1") is None


def test_traditional_characters_name_the_invoice(talk, order):
    order("10086", "paid")
    customer = talk()
    customer.says("10086開發票", "get_invoice", order_number="10086")
    customer.says("抬頭寫燈塔科技有限公司", "nlu_fallback")
    assert customer.slot("order_detail")["title"] == "燈塔科技有限公司"


def test_the_basket_ends_the_question_which_order(talk):
    customer = talk(None)
    customer.says("可以开发票吗", "get_invoice")
    customer.says("看购物车", "view_cart")
    assert customer.loop is None


def test_a_form_ends_when_other_things_are_asked_again_and_again(talk):
    customer = talk(None)
    customer.says("订单10099到哪了", "track_order", order_number="10099")
    said = [customer.says("谢谢", "thank") for _ in range(3)]
    assert "四位" in said[0]
    assert "四位" not in said[2]
    assert customer.loop is None


def test_how_it_is_done_needs_no_proof(talk, order):
    order("10086", "delivered")
    customer = talk(None)
    said = customer.says("怎么退货，我的订单10086", "return_item", order_number="10086")
    assert "这是规则" in said
    assert "四位" in said


def test_a_fact_that_the_data_lack_is_looked_up_in_the_articles(talk):
    customer = talk()
    customer.says("杯子", "product_search", category="mugs")
    assert "这是规则" in customer.says("能包装吗", "product_details", confidence=0.8)
    assert "这是规则" not in customer.says("适合泡茶吗", "product_details")


@pytest.mark.parametrize(
    ("words", "told"),
    [("寄到新疆运费多少", "运费 20 元；"), ("運費多少，寄到台灣", "运费 68 元"), ("退货寄到新疆运费谁出", "这是规则")],
)
def test_postage_to_a_place_is_told_by_the_rules(talk, words, told):
    assert told in talk().says(words, "faq")


def test_no_rating_is_asked_of_who_waits_for_a_person(talk):
    customer = talk()
    for _ in range(4):
        customer.says("谢谢", "thank", mood="positive")
    customer.says("转人工", "contact_human_agent")
    assert "打个分" not in customer.says("再见", "goodbye", mood="positive")


def test_the_number_of_a_piece_that_is_being_put_in(talk):
    customer = talk()
    customer.says("跑鞋加购物车", "add_to_cart", product="P1", color="black")
    customer.says("数量改成2个", "change_order", entities=[("quantity", 2, "to")])
    customer.taps("42")
    assert held(customer) == {"P1-black-42": 2}


def test_what_is_not_in_the_basket_takes_nothing_out(talk):
    customer = talk()
    customer.says("杯子加购物车", "add_to_cart", product="P3")
    customer.says("手机删了", "remove_from_cart", category="phones")
    assert held(customer) == {"P3-white": 1}
    assert customer.buttons == ["陶瓷杯"]


def test_another_kind_is_not_the_piece_that_is_put_in(talk):
    customer = talk()
    customer.says("跑鞋加购物车", "add_to_cart", product="P1")
    customer.says("手机删了", "remove_from_cart", category="phones")
    assert customer.slot("cart_product") == "P1"
    customer.says("鞋不要了", "remove_from_cart", category="footwear")
    assert customer.loop is None


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("1 Raffles Place, Singapore 048616", "1 Raffles Place, Singapore", "1 Raffles Place, Singapore 048616"),
        ("12 Baker Street, London NW1 6XE", "12 Baker Street, London", "12 Baker Street, London NW1 6XE"),
        ("5 Main St, Boston, MA 02110", "5 Main St, Boston", "5 Main St, Boston, MA 02110"),
        ("5 Main St, Boston and call 98765432", "5 Main St, Boston", "5 Main St, Boston"),
    ],
)
def test_a_postcode_is_of_the_address(talk, text, found, whole):
    customer = talk(None, language="en")
    customer.says("add the mug", "add_to_cart", product="P3")
    customer.says("check out", "place_order")
    customer.says("Tom 98765432", "inform", phone="98765432")
    customer.says(text, "inform", address=found)
    assert customer.slot("checkout_address") == whole


def test_a_piece_that_is_dropped_is_said_so(talk):
    customer = talk()
    customer.says("跑鞋加购物车", "add_to_cart", product="P1")
    customer.says("谢谢", "thank")
    assert "云感跑鞋" in customer.says("谢谢", "thank")
    assert customer.loop is None


def test_a_pick_with_a_colour_is_a_question_of_stock(talk):
    customer = talk()
    looks(customer)
    assert "库存" in customer.says("第一个要白色的", "inform", ordinal=1, color="white")


def test_that_one_is_the_one_on_the_screen(talk):
    customer = talk()
    customer.says("杯子", "product_search", category="mugs")
    customer.says("好，就那个", "affirm")
    assert cards(customer) == ["P3"]


def test_that_one_is_what_the_comparison_came_to(talk):
    customer = talk()
    looks(customer)
    customer.says("哪个好", "product_compare")
    customer.says("那就那个", "inform")
    assert cards(customer) == ["P3"]  # the cheapest of equally rated ones
    customer.says("加购物车", "add_to_cart")
    assert held(customer) == {"P3-white": 1}


def test_a_phone_number_is_no_order(talk):
    customer = talk()
    customer.says("my name is Tom, phone 98765432", "inform", order_number="98765432")
    assert customer.loop is None


def test_the_reason_for_a_proof_is_given_once_and_the_question_ends(talk):
    customer = talk(None)
    customer.says("订单10099到哪了", "track_order", order_number="10099")
    said = [customer.says("嗯嗯", "affirm") for _ in range(6)]
    asked = [text for text in said if text]
    assert sum("没登录的时候" in text for text in asked) == 1
    assert customer.loop is None
    assert len(set(asked)) >= 3


def test_a_wish_at_checkout_does_not_end_it(talk):
    customer = talk()
    customer.says("杯子加购物车", "add_to_cart", product="P3")
    customer.says("结算", "place_order")
    customer.says("备注送货前打电话", "change_order")
    assert customer.loop == "checkout_form"


def test_a_comparison_answers_what_was_asked(talk):
    customer = talk()
    looks(customer)
    assert "静音：① 没有标；② 没有标" in customer.says("哪个更静音", "product_compare", attribute="silent")


def test_a_price_said_is_the_limit_whatever_is_on_the_screen(talk):
    customer = talk()
    customer.says("外套", "product_search", category="jackets")
    customer.says("便宜点的，一百多", "refine_search", price={"min": 100, "max": 199, "currency": "CNY"})
    assert customer.slot("search")["asked"]["price"] == {"min": 100, "max": 199}


def test_inches_are_told_as_the_reader_says_them():
    turn = type("Turn", (), {"pick": lambda _self, zh, _en: zh})()
    assert [size_name(turn, size) for size in ("20in", "3-person", "XL", "42")] == ["20 寸", "3 人", "XL", "42"]


def test_a_number_without_an_order_is_of_the_basket(talk):
    customer = talk(None)
    looks(customer)
    assert "购物车" in customer.says("数量改成1个", "change_order", entities=[("quantity", 1, "to")])
    assert customer.loop is None
    assert "订单" in customer.says("订单数量改成1个", "change_order", entities=[("quantity", 1, "to")])


def test_a_number_after_an_order_was_looked_after_is_of_that_order(talk, order):
    order("10086", "paid")
    customer = talk(None)
    looks(customer)
    customer.says("10086到哪了", "track_order", order_number="10086")
    customer.says("lin@example.com", "inform", email="lin@example.com")
    assert "10086" in customer.says("数量改成3个", "change_order", entities=[("quantity", 3, "to")])

"""The basket: asked once for what is open, never more than there is."""

import pytest


def test_a_piece_without_variants_goes_in_at_once(talk, shop):
    assert "59 元" in talk().says("加入购物车", "add_to_cart", product_id="P3")
    assert [(line.sku, line.quantity) for line in shop.carts.lines("C0001")] == [("P3-white", 1)]


def test_colour_and_size_are_asked_one_after_the_other(talk, shop):
    customer = talk()
    assert "颜色" in customer.says("加入购物车", "add_to_cart", product_id="P1")
    assert customer.buttons == ["黑色", "白色"]
    assert "尺码" in customer.taps("黑色")
    assert customer.buttons == ["41", "42", "43"]
    customer.taps("42")
    assert [line.sku for line in shop.carts.lines("C0001")] == ["P1-black-42"]
    assert customer.loop is None


def test_a_sold_out_variant_is_not_offered(talk):
    customer = talk()
    customer.says("白色的加入购物车", "add_to_cart", product_id="P1", color="white")
    assert customer.buttons == ["41", "42"]


def test_a_size_that_is_not_made_is_said(talk):
    customer = talk()
    said = customer.says("加入购物车 黑色50码", "add_to_cart", product_id="P1", color="black", size="50")
    assert "没有50" in said
    assert customer.buttons == ["41", "42", "43"]


def test_another_question_is_answered_and_the_form_goes_on(talk):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1")
    said = customer.says("看下购物车", "view_cart")
    assert "空" in said
    assert "颜色" in said
    assert customer.loop == "cart_form"


def test_the_question_is_dropped_when_the_customer_moves_on(talk):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1")
    customer.says("看下购物车", "view_cart")
    assert "颜色" not in customer.says("看下购物车", "view_cart")
    assert customer.loop is None


def test_nothing_is_asked_about_a_question_that_was_dropped(talk):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1")
    customer.says("看下购物车", "view_cart")
    assert "哪一款" not in customer.says("看下购物车", "view_cart")


def test_each_question_has_its_own_patience(talk, shop):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1")
    customer.taps("黑色")
    assert "尺码" in customer.says("看下购物车", "view_cart")
    customer.taps("42")
    assert [line.sku for line in shop.carts.lines("C0001")] == ["P1-black-42"]


def test_never_mind_ends_the_form(talk):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1")
    customer.says("算了", "deny")
    assert (customer.loop, customer.slot("cart_product")) == (None, None)


def test_no_more_than_there_is(talk, shop):
    assert "库存" in talk().says("来15个", "add_to_cart", product_id="P3", quantity=15)
    assert [line.quantity for line in shop.carts.lines("C0001")] == [10]


def test_what_was_asked_about_before_is_known(talk, shop):
    customer = talk()
    customer.says("黑色42有货吗", "check_stock", product_id="P1", color="black", size="42")
    customer.says("加入购物车", "add_to_cart")
    assert [line.sku for line in shop.carts.lines("C0001")] == ["P1-black-42"]


@pytest.mark.parametrize(("quantity", "left"), [(None, []), (1, [("P3-white", 1)]), (9, [])])
def test_taking_out(talk, shop, quantity, left):
    shop.carts.put("C0001", "P3-white", 2)
    talk().says("删掉", "remove_from_cart", **({"quantity": quantity} if quantity else {}))
    assert [(line.sku, line.quantity) for line in shop.carts.lines("C0001")] == left


def test_which_one_to_take_out_is_asked(talk, shop):
    shop.carts.put("C0001", "P3-white", 1)
    shop.carts.put("C0001", "P4", 1)
    customer = talk()
    customer.says("删掉一件", "remove_from_cart")
    customer.taps("焙火咖啡豆")
    assert [line.sku for line in shop.carts.lines("C0001")] == ["P3-white"]


def test_free_shipping_is_told(talk, shop):
    shop.carts.put("C0001", "P3-white", 1)
    customer = talk()
    assert "再买 40 元" in customer.says("看下购物车", "view_cart")
    shop.carts.put("C0001", "P3-white", 2)
    assert "包邮" in customer.says("看下购物车", "view_cart")


def test_make_it_three_changes_what_is_in_there(talk, shop):
    customer = talk()
    customer.says("加入购物车", "add_to_cart", product_id="P1", color="black", size="42")
    customer.says("改成三个", "add_to_cart", entities=[("quantity", 3, "to")])
    assert [(line.sku, line.quantity) for line in shop.carts.lines("C0001")] == [("P1-black-42", 3)]


def filled(talk, language="zh"):
    customer = talk(language=language)
    customer.says("杯子加购物车" if language == "zh" else "add the mug", "add_to_cart", product="P3")
    return customer


def held(customer):
    return {line.sku: line.quantity for line in customer.shop.carts.lines("C0001")}


@pytest.mark.parametrize(("language", "words"), [("zh", "不删了"), ("zh", "先别删"), ("en", "don't remove it")])
def test_what_is_not_to_be_removed_stays(talk, language, words):
    customer = filled(talk, language)
    assert "59" in customer.says(words, "remove_from_cart")
    assert held(customer) == {"P3-white": 1}


@pytest.mark.parametrize(("language", "words"), [("zh", "撤销"), ("en", "undo that")])
def test_undo_takes_the_last_change_back(talk, language, words):
    customer = filled(talk, language)
    customer.says("改成三个" if language == "zh" else "make it three", "add_to_cart", entities=[("quantity", 3, "to")])
    assert held(customer) == {"P3-white": 3}
    customer.says(words, "refine_search")
    assert held(customer) == {"P3-white": 1}
    customer.says("删了" if language == "zh" else "remove it", "remove_from_cart")
    assert held(customer) == {}
    customer.says(words, "refine_search")
    assert held(customer) == {"P3-white": 1}


def test_undo_after_a_search_is_of_the_search(talk):
    customer = filled(talk)
    customer.says("外套", "product_search", category="jackets")
    customer.says("要绿色的", "refine_search", color="green")
    assert "回到" in customer.says("回到刚才的", "refine_search")
    assert held(customer) == {"P3-white": 1}


def test_take_it_off_while_the_colour_is_asked(talk):
    customer = talk()
    customer.says("跑鞋加购物车", "add_to_cart", product="P1")
    assert customer.loop == "cart_form"
    customer.says("把它删了吧", "remove_from_cart")
    assert customer.loop is None
    assert held(customer) == {}

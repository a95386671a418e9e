"""Checking out: one confirmation, one order, nothing sold that is not there."""

import re

import pytest

ADDRESS = "上海市静安区南京西路 100 号 5 楼"


@pytest.fixture
def basket(shop):
    shop.carts.put("C0001", "P7-green-M", 1)
    shop.carts.put("C0001", "P3-white", 2)
    return shop


def test_a_known_customer_only_confirms(talk, basket):
    customer = talk()
    summary = customer.says("结算", "place_order")
    # 699 + 2 × 59 = 817; gold 5 % = 40.85 is better than LANTERN30
    assert "776.15 元" in summary
    assert "张江路 88 号" in summary
    assert re.search(r"订单号 \d{8}", customer.taps("确认下单"))
    (order,) = basket.orders.of_customer("C0001")
    assert (order.status, order.total, order.discount) == ("pending_payment", 776.15, 40.85)
    assert {(line.sku, line.quantity) for line in order.lines} == {("P7-green-M", 1), ("P3-white", 2)}
    assert basket.carts.lines("C0001") == []
    assert basket.ledger.available("P3-white") == 8


def test_a_guest_gives_name_and_address(talk, shop):
    shop.carts.put("~talk-1", "P3-white", 1)
    guest = talk(None)
    assert "手机号" in guest.says("结算", "place_order")
    assert "手机号" in guest.says("王小雨", "inform")
    assert "哪里" in guest.says("王小雨 13800001234", "inform")
    assert "完整" in guest.says("上海", "inform")
    summary = guest.says(ADDRESS, "inform")
    assert "69 元" in summary  # 59 + 10 shipping
    guest.says("对", "affirm")
    (order,) = shop.orders.of_customer("~talk-1")
    assert (order.recipient, order.phone, order.address) == ("王小雨", "13800001234", ADDRESS)


def test_a_double_tap_buys_once(talk, basket):
    customer = talk()
    customer.says("结算", "place_order")
    confirm = customer.payload("确认下单")
    customer.says(confirm)
    customer.says(confirm)
    assert len(basket.orders.of_customer("C0001")) == 1


def test_a_summary_that_is_out_of_date_does_not_count(talk, basket):
    customer = talk()
    customer.says("结算", "place_order")
    old = customer.payload("确认下单")
    customer.taps("换地址")
    customer.says(ADDRESS, "inform")
    said = customer.says(old)
    assert "过期" in said
    assert ADDRESS in said
    assert basket.orders.of_customer("C0001") == []
    customer.taps("确认下单")
    assert basket.orders.of_customer("C0001")[0].address == ADDRESS


def test_another_address_said_in_words_brings_a_new_summary(talk, basket):
    customer = talk()
    customer.says("结算", "place_order")
    old = customer.payload("确认下单")
    place = "杭州市西湖区文三路 20 号"
    said = customer.says(f"地址改成{place}", "change_shipping_address", entities=[("address", place, "to")])
    assert place in said
    assert customer.loop == "checkout_form"
    assert "过期" in customer.says(old)
    customer.says("对", "affirm")
    assert [o.address for o in basket.orders.of_customer("C0001")] == [place]


def test_a_question_in_between_leaves_the_summary_valid(talk, basket):
    customer = talk()
    customer.says("结算", "place_order")
    confirm = customer.payload("确认下单")
    assert "确认下单吗" in customer.says("能用支付宝吗", "payment_methods")
    customer.says(confirm)
    assert len(basket.orders.of_customer("C0001")) == 1


def test_no_keeps_the_basket_and_frees_the_stock(talk, basket):
    customer = talk()
    customer.says("结算", "place_order")
    assert basket.ledger.available("P3-white") == 8
    customer.taps("先不买")
    assert basket.ledger.available("P3-white") == 10
    assert len(basket.carts.lines("C0001")) == 2
    assert basket.orders.of_customer("C0001") == []


def test_what_another_one_bought_meanwhile_is_said(talk, basket):
    basket.ledger.reserve({"P3-white": 9}, key="somebody", ttl_seconds=999)
    customer = talk()
    said = customer.says("结算", "place_order")
    assert "库存不足" in said
    assert customer.loop is None
    assert basket.orders.of_customer("C0001") == []


@pytest.mark.parametrize(
    ("address", "shipping"),
    [
        ("新疆乌鲁木齐市天山区解放路 1 号", 20.0),
        ("12 Baker Street, London, United Kingdom", 0.0),
        ("上海市静安区南京西路 100 号", 0.0),
    ],
)
def test_shipping_by_address(talk, basket, address, shipping):
    customer = talk()
    customer.says("结算", "place_order")
    customer.taps("换地址")
    customer.says(address, "inform")
    customer.taps("确认下单")
    assert basket.orders.of_customer("C0001")[0].shipping_fee == shipping


def test_unpaid_orders_close_and_free_the_stock(talk, basket, clock):
    customer = talk()
    customer.says("结算", "place_order")
    customer.taps("确认下单")
    clock.now += 31 * 60
    for key in basket.orders.close_unpaid(clock.now - 30 * 60):
        basket.ledger.release(key)
    assert basket.orders.of_customer("C0001")[0].status == "cancelled"
    assert basket.ledger.available("P3-white") == 10


def test_an_empty_basket_is_told(talk):
    customer = talk()
    assert "空" in customer.says("结算", "place_order")
    assert customer.loop is None

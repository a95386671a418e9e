"""Where an order is, and what can still be changed of it; every figure is the rules'."""

import pytest

HOUR = 3600.0


class TestTracking:
    @pytest.mark.parametrize(
        ("status", "days", "told"),
        [
            ("paid", 0.01, "最晚 11月22日发出"),
            ("packed", 0.01, "已打包"),
            ("paid", 3, "是我们晚了"),
            ("dispatched", 1, "预计 11月23日–11月25日送到"),
            ("dispatched", 5, "晚了，抱歉"),
            ("dispatched", 11, "按丢件处理"),
            ("delivered", 3, "11月19日 12:00 显示已送达"),
            ("cancelled", 3, "已取消"),
            ("return_requested", 3, "退货处理中"),
        ],
    )
    def test_states(self, talk, order, status, days, told):
        order("10086", status, days=days)
        assert told in talk().says("10086 到哪了", "track_order", order_number="10086")

    def test_remote_places_take_longer(self, talk, order):
        order("10086", "dispatched", days=1, address="新疆乌鲁木齐市天山区解放路 8 号")
        assert "预计 11月26日–11月29日送到" in talk().says("到哪了", "track_order")

    def test_an_unpaid_order_is_kept_for_a_while_and_then_lapses(self, talk, order, clock, policies):
        order("10086", "pending_payment", placed_at=clock())
        assert "12:30" in talk().says("到哪了", "track_order")
        clock.now += (policies.payment.unpaid_order_minutes + 1) * 60
        assert "过了保留时间" in talk(sender="later").says("到哪了", "track_order")

    def test_a_parcel_that_stands_still_is_traced_once(self, talk, order, shop, clock):
        old = {"time": clock() - 80 * HOUR, "zh": "已揽收", "en": "picked up"}
        order("10086", "dispatched", days=4, tracking_events=(old,))
        first = talk().says("一直不动", "track_order")
        assert "72 小时" in first
        assert "已揽收" in first
        talk(sender="again").says("还是不动", "track_order")
        [case] = shop.orders.cases_of("10086")
        assert case.kind == "trace"
        assert case.case_id in first

    def test_delivered_but_not_received(self, talk, order, shop):
        order("10090", "delivered", days=1)
        said = talk().says("显示签收但我没收到", "track_order")
        assert "补发或全额退款" in said
        assert shop.orders.cases_of("10090")[0].case_id in said

    def test_the_button_for_not_received_means_the_same(self, talk, order, shop):
        order("10090", "delivered", days=1)
        customer = talk()
        customer.says("10090 到哪了", "track_order", order_number="10090")
        assert "补发或全额退款" in customer.taps("没收到")

    def test_a_lost_parcel_is_sent_again_and_the_piece_kept_for_it(self, talk, order, shop):
        order("10086", "dispatched", days=11)
        customer = talk()
        customer.says("怎么还没到", "track_order")
        assert "不收任何费用" in customer.taps("补发一份")
        customer.taps("确认")
        assert shop.ledger.stock(["P1-black-42"])["P1-black-42"].reserved == 1
        assert "已经在处理" in customer.says("10086 呢", "track_order", order_number="10086")

    def test_a_lost_parcel_that_is_sold_out_is_refunded(self, talk, order, shop):
        order("10086", "dispatched", days=11, lines=[("P1-white-43", 1)])
        customer = talk()
        assert "没货补发" in customer.says("怎么还没到", "track_order")
        assert "退款 399 元" in customer.taps("全额退款")


class TestCancelling:
    def test_before_dispatch_with_the_stock_given_back(self, talk, order, shop):
        order("10086", "paid", lines=[("P1-black-42", 2)])
        before = shop.ledger.available("P1-black-42")
        customer = talk()
        assert "退款 798 元，原路退回支付宝，1–3 天到账" in customer.says("取消订单", "cancel_order")
        customer.taps("确认")
        assert shop.orders.get("10086").status == "cancelled"
        assert shop.ledger.available("P1-black-42") == before + 2
        assert shop.orders.cases_of("10086")[0].status == "approved"
        assert shop.ledger.differences() == {}

    def test_an_unpaid_one_lets_go_of_what_it_holds(self, talk, order, shop, clock):
        shop.ledger.reserve({"P1-black-42": 1}, key="nonce", ttl_seconds=1800)
        order("10086", "pending_payment", placed_at=clock(), placed_key="nonce")
        before = shop.ledger.available("P1-black-42")
        customer = talk()
        assert "没有付过款" in customer.says("取消订单", "cancel_order")
        customer.taps("确认")
        assert shop.ledger.available("P1-black-42") == before + 1
        assert shop.ledger.stock(["P1-black-42"])["P1-black-42"].on_hand == 10

    def test_large_refunds_wait_for_approval(self, talk, order, shop, policies):
        order("10086", "paid", lines=[("P2-black", 1)])
        customer = talk()
        assert "超过 1,000 元的退款由同事审核" in customer.says("取消订单", "cancel_order")
        customer.taps("确认")
        [case] = shop.orders.cases_of("10086")
        assert case.data["refund"] > policies.refunds.approval_above
        assert case.status == "open"
        assert "审核" in customer.says("退款呢", "track_refund")

    def test_a_card_takes_longer(self, talk, order):
        order("10086", "paid", payment_method="Visa")
        assert "退回 Visa，3–7 天" in talk().says("取消订单", "cancel_order")

    @pytest.mark.parametrize(
        ("status", "told"), [("dispatched", "拒收"), ("delivered", "7 天内"), ("cancelled", "已经取消了")]
    )
    def test_too_late(self, talk, order, shop, status, told):
        order("10086", status, days=1)
        customer = talk()
        assert told in customer.says("取消 10086", "cancel_order", order_number="10086")
        assert customer.loop is None
        assert shop.orders.get("10086").status == status


class TestChanging:
    def test_another_size_moves_the_stock(self, talk, order, shop):
        order("10091", "paid", lines=[("P1-black-42", 1)])
        customer = talk()
        assert "价格不变" in customer.says("改成43码", "change_order", entities=[("size", "43", "to")])
        customer.taps("确认")
        [line] = shop.orders.get("10091").lines
        assert (line.sku, line.quantity, line.unit_price) == ("P1-black-43", 1, 399)
        assert (shop.ledger.available("P1-black-43"), shop.ledger.available("P1-black-42")) == (9, 11)

    def test_an_unpaid_order_keeps_its_hold_on_the_new_piece(self, talk, order, shop, clock):
        shop.ledger.reserve({"P1-black-42": 1}, key="nonce", ttl_seconds=1800)
        order("10091", "pending_payment", placed_at=clock(), placed_key="nonce")
        customer = talk()
        assert "应付变为 798 元" in customer.says("改成两双", "change_order", entities=[("quantity", 2, "to")])
        customer.taps("确认")
        assert shop.orders.get("10091").total == 798
        assert shop.ledger.available("P1-black-42") == 8

    def test_fewer_pieces_give_back_their_share(self, talk, order, shop):
        order("10091", "paid", lines=[("P3-white", 2)], goods_total=118.0, discount=18.0, total=100.0)
        customer = talk()
        assert "退款 50 元" in customer.says("改成一个", "change_order", entities=[("quantity", 1, "to")])
        customer.taps("确认")
        changed = shop.orders.get("10091")
        assert (changed.goods_total, changed.discount, changed.total) == (59, 9, 50)

    def test_more_pieces_of_a_paid_order_wait_for_the_rest_of_the_money(self, talk, order, shop):
        order("10091", "paid", lines=[("P3-white", 1)])
        customer = talk()
        assert "需补 59 元" in customer.says("改成两个", "change_order", entities=[("quantity", 2, "to")])
        customer.taps("确认")
        assert shop.orders.get("10091").lines[0].quantity == 1
        assert shop.orders.cases_of("10091")[0].data["due"] == 59

    def test_what_is_sold_out_is_not_promised(self, talk, order):
        order("10091", "paid", lines=[("P1-white-42", 1)])
        customer = talk()
        assert "只剩 0 件" in customer.says("改成43码", "change_order", entities=[("size", "43", "to")])
        assert "白色 41" in customer.buttons
        assert "白色 43" not in customer.buttons
        assert "白色 41" in customer.taps("白色 41")

    def test_taking_out_one_of_two(self, talk, order, shop):
        order("10091", "paid", lines=[("P3-white", 1), ("P4", 1)])
        customer = talk()
        customer.says("咖啡豆不要了", "change_order", category="coffee")
        customer.taps("确认")
        assert [line.product_id for line in shop.orders.get("10091").lines] == ["P3"]

    def test_what_is_not_said_is_asked_and_other_wishes_go_to_a_person(self, talk, order, shop):
        order("10091", "paid")
        customer = talk()
        customer.says("我要改订单", "change_order")
        assert "加个贺卡" in customer.says("加个贺卡写生日快乐", "change_order")
        customer.taps("确认")
        assert shop.orders.cases_of("10091")[0].data["note"] == "加个贺卡写生日快乐"

    def test_not_after_dispatch(self, talk, order):
        order("10086", "dispatched")
        assert "15 天内没用过可以换" in talk().says("改成43码", "change_order", entities=[("size", "43", "to")])


class TestAddress:
    NEW = "北京市朝阳区望京街 10 号 3 栋 201"

    def test_is_asked_shown_and_written(self, talk, order, shop):
        order("10091", "paid")
        customer = talk()
        question = customer.says("地址填错了，帮我改下", "change_shipping_address")
        assert "张江路" not in question
        assert self.NEW in customer.says(f"{self.NEW} 13911112222", "inform", address=self.NEW)
        customer.taps("确认")
        changed = shop.orders.get("10091")
        assert (changed.address, changed.phone, changed.recipient) == (self.NEW, "13911112222", "林晓")

    @pytest.mark.parametrize(
        ("text", "field", "value"),
        [
            ("收件人改成李雷", "recipient", "李雷"),
            ("手机号改成13911112222", "phone", "13911112222"),
            ("change the address to 12 High Street, Leeds LS1 4AB", "address", "12 High Street, Leeds LS1 4AB"),
        ],
    )
    def test_in_one_message(self, talk, order, shop, text, field, value):
        order("10091", "pending_payment", placed_at=shop.clock())
        customer = talk()
        customer.says(text, "change_shipping_address")
        assert customer.slot("order_detail") == {field: value}

    @pytest.mark.parametrize(
        "text",
        [
            "广州市天河区体育西路100号 王芳 13912345678",
            "王芳 13912345678 广州市天河区体育西路100号",
            "13912345678，王芳，广州市天河区体育西路100号",
            "地址改成广州市天河区体育西路100号 王芳 13912345678",
            "收件人王芳 13912345678 广州市天河区体育西路100号",
        ],
    )
    def test_a_name_beside_phone_and_address_is_the_recipient(self, talk, order, text):
        order("10091", "paid")
        customer = talk()
        customer.says(text, "change_shipping_address", address="广州市天河区体育西路100号")
        assert customer.slot("order_detail") == {
            "recipient": "王芳",
            "phone": "13912345678",
            "address": "广州市天河区体育西路100号",
        }

    @pytest.mark.parametrize(
        ("text", "recipient"),
        [
            ("John Smith, 12 Baker Street, London NW1 6XE, +447700900123", "John Smith"),
            ("12 Baker Street, London, NW1 6XE, John Smith, +447700900123", "John Smith"),
            ("12 Main Street, New York, +12125550123", None),
        ],
    )
    def test_an_english_name_too(self, talk, order, text, recipient):
        order("10091", "paid")
        customer = talk(language="en")
        customer.says("change the address", "change_shipping_address")
        customer.says(text, "inform")
        detail = customer.slot("order_detail")
        assert detail.get("recipient") == recipient
        assert detail["address"].startswith("12 ")
        assert "Smith" not in detail["address"]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("12 Baker Street, London NW1 6XE, United Kingdom", "12 Baker Street, London NW1 6XE"),
            ("Flat 3, 12 Baker Street, London NW1 6XE, UK", "12 Baker Street, London NW1 6XE"),
            ("12 Baker Street, London NW1 6XE, united kingdom", "12 Baker Street, London"),
        ],
    )
    def test_flat_and_country_belong_to_the_address(self, talk, order, text, found):
        order("10091", "paid")
        customer = talk(language="en")
        customer.says("change the address", "change_shipping_address")
        customer.says(f"{text}, thanks", "inform", address=found)
        assert customer.slot("order_detail")["address"].casefold() == text.casefold()

    def test_the_proof_still_counts_after_another_phone_was_given(self, talk, order):
        order("10091", "paid")
        guest = talk(None)
        found = {"order_number": "10091", "phone": "13912345678"}
        guest.says("10091 6688 手机号改成13912345678", "change_shipping_address", **found)
        guest.taps("确认")
        for words in ("10091 发货了吗", "10091 6688 发货了吗"):
            assert "云感跑鞋" in guest.says(words, "track_order", order_number="10091")

    def test_without_a_door_it_is_asked_again(self, talk, order):
        order("10091", "paid")
        customer = talk()
        customer.says("改地址", "change_shipping_address")
        assert "还不够快递找到" in customer.says("北京市朝阳区", "inform", address="北京市朝阳区")

    def test_a_remote_place_costs_more_and_waits_for_the_money(self, talk, order, shop, policies):
        order("10091", "paid")
        customer = talk()
        customer.says("改地址", "change_shipping_address")
        said = customer.says("新疆乌鲁木齐市天山区解放路 8 号", "inform")
        assert f"补运费 {policies.shipping.remote_fee:.0f} 元" in said
        customer.taps("确认")
        assert "张江路" in shop.orders.get("10091").address

    def test_not_after_dispatch(self, talk, order, shop):
        order("10086", "dispatched")
        assert "改不了地址" in talk().says("改地址", "change_shipping_address")


class TestWithOtherRules:
    @pytest.fixture
    def policies(self, changed):
        return changed(
            shipping={"days": (3, 6), "no_tracking_update_hours": 96, "lost_after_days": 20},
            refunds={"to_wallet_days": (2, 5), "approval_above": 300.0},
        )

    def test_the_figures_follow(self, talk, order):
        order("10086", "dispatched", days=11, customer="C0002")
        assert "sorry it's late" in talk("C0002", language="en").says("where is my parcel", "track_order")
        order("10087", "dispatched", days=1)
        assert "预计 11月24日–11月27日" in talk(sender="b").says("到哪了", "track_order")
        order("10091", "paid")
        said = talk(sender="c").says("取消 10091", "cancel_order", order_number="10091")
        assert "2–5 天" in said
        assert "超过 300 元" in said


def test_cash_on_delivery_stays_on_the_mainland(talk, order):
    order("10091", "paid", payment_method="货到付款", paid_at=None)
    said = talk().says("地址改成新疆乌鲁木齐市天山区解放路 8 号", "change_shipping_address")
    assert "货到付款" in said

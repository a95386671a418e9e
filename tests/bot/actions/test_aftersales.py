"""Returns, exchanges, refunds, damage, warranty, invoices, price protection and payments, by the shop's rules."""

from dataclasses import replace

import pytest


class TestReturning:
    def test_unwanted_within_the_days(self, talk, order, shop):
        order("10090", "delivered", days=3)
        customer = talk()
        customer.says("我要退货", "return_item")
        said = customer.taps("不喜欢/不合适")
        assert "退款 389 元（已扣寄回运费 10 元）" in said
        assert "没用过" in said
        customer.taps("确认")
        assert shop.orders.get("10090").status == "return_requested"
        [case] = shop.orders.cases_of("10090", "return")
        assert (case.data["refund"], case.data["reason"], case.status) == (389, "unwanted", "open")

    def test_our_fault_costs_the_customer_nothing(self, talk, order):
        order("10090", "delivered", days=3, shipping_fee=10.0, total=409.0)
        said = talk().says("鞋子开胶了，我要退货", "return_item")
        assert "退款 409 元（寄回运费我们出）" in said

    @pytest.mark.parametrize(
        ("days", "words", "told"),
        [
            (8, "不喜欢，想退", "无理由退货的时间过了"),
            (8, "质量有问题，想退", "退款 399 元"),
            (31, "质量有问题，想退", "退货期（质量问题 30 天）已经过了"),
        ],
    )
    def test_the_days_depend_on_the_reason(self, talk, order, days, words, told):
        order("10090", "delivered", days=days)
        assert told in talk().says(words, "return_item")

    @pytest.mark.parametrize("sku", ["P5-black", "P4", "P6"])
    def test_opened_goods_that_do_not_come_back(self, talk, order, sku):
        order("10090", "delivered", days=2, lines=[(sku, 1)])
        assert "不支持无理由退" in talk().says("拆开用过，不喜欢，想退", "return_item")

    def test_a_coupon_counts_against_the_refund(self, talk, order):
        order("10090", "delivered", days=2, discount=99.0, total=300.0)
        assert "退款 290 元" in talk().says("不喜欢想退", "return_item")

    def test_one_of_two_pieces(self, talk, order, shop):
        order("10090", "delivered", days=2, lines=[("P1-black-42", 1), ("P3-white", 1)])
        customer = talk()
        assert "哪一件" in customer.says("不喜欢，想退", "return_item")
        assert customer.buttons == ["云感跑鞋（黑色 42）", "陶瓷杯（白色）", "全部"]
        assert "退货：陶瓷杯（白色），退款 49 元" in customer.taps("陶瓷杯（白色）")
        customer.taps("确认")
        assert shop.orders.cases_of("10090", "return")[0].data["skus"] == ["P3-white"]

    @pytest.mark.parametrize(
        ("status", "told"),
        [("paid", "直接取消更快"), ("dispatched", "拒收"), ("return_requested", "不用再申请")],
    )
    def test_other_states(self, talk, order, status, told):
        order("10090", status, days=1)
        assert told in talk().says("10090 我要退货", "return_item", order_number="10090")


class TestExchanging:
    def test_the_next_size_up_is_held(self, talk, order, shop):
        order("10090", "delivered", days=3)
        customer = talk()
        said = customer.says("小了，换大一码", "exchange_item", entities=[("size", "larger", "relative")])
        assert "换成 云感跑鞋（黑色 43）" in said
        assert "寄回运费 10 元" in said
        customer.taps("确认")
        assert shop.orders.get("10090").status == "exchange_requested"
        assert shop.ledger.available("P1-black-43") == 9

    def test_sold_out_offers_what_there_is(self, talk, order):
        order("10090", "delivered", days=3, lines=[("P1-white-42", 1)])
        customer = talk()
        assert "没货了" in customer.says("换43码", "exchange_item", entities=[("size", "43", "to")])
        assert "白色 43" not in customer.buttons
        assert "换成 云感跑鞋（黑色 43）" in customer.taps("黑色 43")

    def test_faulty_goes_for_the_same_again_at_our_cost(self, talk, order):
        order("10090", "delivered", days=20)
        assert "往返运费我们出" in talk().says("鞋底开胶了，换双新的", "exchange_item")

    def test_no_larger_size(self, talk, order):
        order("10090", "delivered", days=3, lines=[("P1-black-43", 1)])
        said = talk().says("换大一码", "exchange_item", entities=[("size", "larger", "relative")])
        assert "没有这个规格" in said

    def test_too_late(self, talk, order):
        order("10090", "delivered", days=16)
        assert "15 天的换货期过了" in talk().says("换43码", "exchange_item", entities=[("size", "43", "to")])


class TestRefunds:
    @pytest.mark.parametrize(
        ("status", "told"),
        [
            ("return_requested", "还在等包裹寄回"),
            ("returned", "2 天内检查完"),
            ("refunded", "退款已经处理"),
            ("cancelled", "退款原路退回支付宝"),
            ("delivered", "没有退款在处理"),
        ],
    )
    def test_states(self, talk, order, status, told):
        order("10090", status, days=1)
        assert told in talk().says("退款到哪了", "track_refund", order_number="10090")

    def test_after_a_cancellation_with_its_last_day(self, talk, order, clock):
        order("10086", "paid")
        customer = talk()
        customer.says("取消订单", "cancel_order")
        customer.taps("确认")
        assert "最晚 11月25日" in customer.says("退款什么时候到", "track_refund")
        clock.now += 5 * 86_400
        assert "晚了，抱歉" in customer.says("退款还没到", "track_refund")


class TestDamage:
    def test_a_new_one_is_held(self, talk, order, shop):
        order("20090", "delivered", days=1, customer="C0002", lines=[("P3-white", 2)])
        customer = talk("C0002", language="en")
        assert "A new one, or a full refund?" in customer.says("the mugs arrived cracked", "report_damage")
        customer.taps("Send a new one")
        assert "help@lanternlane.example" in customer.taps("Confirm")
        assert shop.ledger.available("P3-white") == 8
        [case] = shop.orders.cases_of("20090", "damage")
        assert (case.data["problem"], case.data["words"]) == ("broken", "the mugs arrived cracked")

    @pytest.mark.parametrize(
        ("language", "words", "intent"),
        [
            ("zh", "不要换了，还是退钱吧", "return_item"),
            ("zh", "不用补发了，退款", "report_damage"),
            ("en", "actually I'd rather have my money back", "return_item"),
        ],
    )
    def test_the_money_instead_of_the_new_one(self, talk, order, shop, language, words, intent):
        order("10090", "delivered", days=1, lines=[("P3-white", 2)])
        customer = talk(language=language)
        customer.says("收到是碎的", "report_damage")
        customer.taps(customer.buttons[0])
        customer.taps(customer.buttons[0])
        assert shop.ledger.available("P3-white") == 8
        assert "118" in customer.says(words, intent)
        customer.taps(customer.buttons[0])
        assert shop.ledger.available("P3-white") == 10
        new, old = shop.orders.cases_of("10090", "damage")
        assert (new.data["remedy"], new.data["refund"], new.status) == ("refund", 118, "approved")
        assert old.status == "withdrawn"
        assert shop.orders.get("10090").status == "delivered"
        assert new.case_id in customer.says("我要退货", "return_item")  # nothing is paid back twice

    def test_another_piece_goes_back_all_the_same(self, talk, order):
        order("10090", "delivered", days=1, lines=[("P3-white", 2), ("P4", 1)])
        customer = talk()
        customer.says("杯子碎了", "report_damage", category="mugs")
        customer.taps("补发/换新")
        customer.taps("确认")
        assert "退货：焙火咖啡豆" in customer.says("咖啡豆不喜欢，想退", "return_item", category="coffee")

    def test_the_money_back(self, talk, order, shop):
        order("10090", "delivered", days=1)
        customer = talk()
        customer.says("发错货了", "report_damage")
        assert "退款 399 元" in customer.taps("全额退款")
        customer.taps("确认")
        assert shop.orders.cases_of("10090", "damage")[0].status == "approved"
        assert "已经登记" in customer.says("少了一只鞋", "report_damage")

    def test_what_is_wrong_is_asked_when_it_was_not_said(self, talk, order):
        order("10090", "delivered", days=1)
        customer = talk()
        customer.says("收到的有问题", "report_damage")
        assert customer.buttons == ["坏了/破了", "发错了", "少了东西"]
        assert "补发换新" in customer.taps("少了东西")

    def test_past_the_hours_a_colleague_looks_first(self, talk, order, shop, policies):
        order("10090", "delivered", days=4)
        customer = talk()
        assert f"已过 {policies.returns.damage_report_hours} 小时" in customer.says("收到是坏的", "report_damage")
        customer.taps("全额退款")
        customer.taps("确认")
        assert shop.orders.cases_of("10090", "damage")[0].status == "open"

    def test_sold_out_is_not_offered_again(self, talk, order):
        order("10090", "delivered", days=1, lines=[("P1-white-43", 1)])
        customer = talk()
        assert "没货补发" in customer.says("收到是坏的", "report_damage")
        assert "补发/换新" not in customer.buttons


class TestWarranty:
    @pytest.mark.parametrize(
        ("sku", "days", "words", "told"),
        [
            ("P2-black", 300, "没声音了", "在保修期内（到 2028-01-26）"),  # 24 months of the product
            ("P8-navy", 300, "拉链坏了", "在保修期内（到 2027-01-26）"),  # 12 months of the rules
            ("P1-black-42", 300, "开胶了", "保修 6 个月，已在"),
            ("P2-black", 300, "电池充不进电", "保修 6 个月，已在"),
            ("P4", 20, "质量不好坏了", "没有保修"),
        ],
    )
    def test_months(self, talk, order, sku, days, words, told):
        order("10090", "delivered", days=days, lines=[(sku, 1)])
        assert told in talk().says(words, "warranty_claim")

    def test_the_fault_is_asked_and_written_down(self, talk, order, shop):
        order("10090", "delivered", days=100, lines=[("P2-black", 1)])
        customer = talk()
        assert "什么问题" in customer.says("想保修", "warranty_claim")
        assert "左耳没声" in customer.says("左耳没声", "report_damage")
        customer.taps("确认")
        assert shop.orders.cases_of("10090", "warranty")[0].data["words"] == "左耳没声"


class TestInvoice:
    def test_for_a_company(self, talk, order, shop):
        order("10090", "delivered", days=3)
        customer = talk()
        customer.says("帮我开发票", "get_invoice")
        assert "税号" in customer.says("上海灯火科技有限公司", "inform")
        said = customer.says("91310000MA1FL3AB2X", "inform")
        assert "上海灯火科技有限公司 (91310000MA1FL3AB2X)，399 元，发到 li***@example.com" in said
        assert "24 小时内" in customer.taps("确认")
        assert shop.orders.cases_of("10090", "invoice")[0].data["email"] == "lin@example.com"

    @pytest.mark.parametrize(
        "text",
        ["抬头：上海灯火科技有限公司，税号 91310000MA1FL3AB2X", "上海灯火科技有限公司 91310000MA1FL3AB2X a@b.cn"],
    )
    def test_all_at_once(self, talk, order, text):
        order("10090", "delivered", days=3)
        customer = talk()
        customer.says("帮我开发票", "get_invoice")
        assert "上海灯火科技有限公司 (91310000MA1FL3AB2X)" in customer.says(text, "inform")

    def test_personal(self, talk, order):
        order("20090", "delivered", days=3, customer="C0002")
        customer = talk("C0002", language="en")
        customer.says("an invoice please", "get_invoice")
        assert "E-invoice: personal, ¥399" in customer.taps("Personal")

    def test_special_ones_go_to_a_person(self, talk, order):
        order("10090", "delivered", days=3)
        customer = talk()
        assert "由同事办" in customer.says("开专票", "get_invoice")
        assert "转人工" in customer.buttons

    @pytest.mark.parametrize(
        ("status", "days", "told"),
        [("delivered", 400, "超过了 12 个月"), ("refunded", 3, "不能开票"), ("pending_payment", 0, "还没付款")],
    )
    def test_refusals(self, talk, order, status, days, told):
        order("10090", status, days=days)
        assert told in talk().says("开发票", "get_invoice", order_number="10090")


class TestPriceProtection:
    def test_the_difference_for_every_piece(self, talk, shop, order, clock):
        _bought_dearer(shop, order)
        customer = talk()
        said = customer.says("刚买就降价，能补差价吗", "price_protection")
        assert "459 元 → 399 元" in said
        assert "退款 120 元" in said
        customer.taps("确认")
        assert shop.orders.cases_of("10090", "price")[0].data["refund"] == 120
        assert "没有低于" in customer.says("能补差价吗", "price_protection")

    def test_the_price_has_not_fallen(self, talk, order):
        order("10090", "delivered", days=3)
        assert "没有低于您买的价格" in talk().says("能补差价吗", "price_protection")

    @pytest.mark.parametrize(
        ("status", "days", "told"), [("delivered", 12, "价保 15 天，已经过期"), ("return_requested", 1, "不能申请价保")]
    )
    def test_refusals(self, talk, order, status, days, told):
        order("10090", status, days=days)  # paid four days before it was delivered
        assert told in talk().says("能补差价吗", "price_protection", order_number="10090")


class TestPayments:
    def test_charged_twice(self, talk, order, shop):
        order("10086", "paid")
        customer = talk()
        assert "1–3 天原路退回" in customer.says("被扣了两次钱", "payment_issue")
        customer.taps("确认")
        assert shop.orders.cases_of("10086", "payment")[0].data["kind"] == "twice"

    def test_it_has_come_in(self, talk, order):
        order("10086", "paid")
        customer = talk()
        assert "399 元已收到" in customer.says("刚才付款成功了吗", "payment_issue")
        assert "1–3 天原路退回" in customer.taps("被扣了两次")

    def test_it_has_not(self, talk, order, clock):
        order("10086", "pending_payment", placed_at=clock())
        assert "给您留到 12:30" in talk().says("付款失败", "payment_issue")

    def test_a_failure_needs_no_order(self, talk):
        guest = talk(None)
        assert "订单会留 30 分钟" in guest.says("付款失败怎么办", "payment_issue")
        assert guest.loop is None

    def test_money_taken_does(self, talk):
        guest = talk(None)
        guest.says("被扣了两次钱", "payment_issue")
        assert guest.slot("requested_slot") == "order_number"


class TestWithOtherRules:
    @pytest.fixture
    def policies(self, changed):
        return changed(
            returns={"days": 30, "quality_days": 60, "exchange_days": 45, "postage": 25.0},
            invoice={"electronic_hours": 6},
            price_protection={"days": 40},
        )

    def test_the_figures_follow(self, talk, order):
        order("10090", "delivered", days=20)
        customer = talk()
        assert "已扣寄回运费 25 元" in customer.says("不喜欢想退", "return_item")
        customer.taps("不用了")
        assert "寄回运费 25 元" in customer.says("换43码", "exchange_item", entities=[("size", "43", "to")])
        customer.taps("不用了")
        assert "40 天内再降" in customer.says("能补差价吗", "price_protection")
        customer.says("开发票，个人", "get_invoice")
        assert "6 小时内" in customer.taps("确认")


def _bought_dearer(shop, order):
    """Two pairs at 459 each; the catalogue now says 399."""
    bought = order("10090", "delivered", days=3, lines=[("P1-black-42", 2)], goods_total=918.0, total=918.0)
    dearer = replace(bought, lines=(replace(bought.lines[0], unit_price=459.0),))
    with shop.engine.begin() as connection:
        shop.orders.replace_lines(dearer, connection)


def test_the_piece_is_asked_for_once(talk, order, shop):
    order("10090", "delivered", days=1, lines=[("P3-white", 1), ("P9-silver", 1)])
    customer = talk()
    customer.says("收到就是坏的", "report_damage")
    customer.taps("铜釜水壶（银色）")
    customer.taps("全额退款")
    customer.taps("确认")
    [case] = shop.orders.cases_of("10090")
    assert case.data["refund"] == 189

"""Which order, whose it is, one confirmation, done once."""

import pytest

from bot.actions.order_access import ELSEWHERE
from bot.actions.order_completion import order_task
from bot.actions.turn import Turn
from bot.calls import ActionCall

NOT_FOUND = ("用这些信息没查到订单", "这些信息没有对上能查的订单")


def not_found(said: str) -> bool:
    return any(line.startswith(NOT_FOUND) for line in said.splitlines())


def test_the_only_order_that_fits_is_taken(talk, order):
    order("10086", "dispatched")
    order("10090", "delivered", days=3)
    assert "10086" in talk().says("我的快递到哪了", "track_order")


def test_several_that_fit_are_offered_with_their_state(talk, order):
    order("10086", "dispatched")
    order("10091", "paid", lines=[("P7-green-M", 1)])
    customer = talk()
    customer.says("我的快递到哪了", "track_order")
    assert customer.buttons == ["10086 · 云感跑鞋 · 运输中", "10091 · 苔峰外套 · 已付款，待发货"]
    assert "杭州转运中心" in customer.taps("10086 · 云感跑鞋 · 运输中")
    assert customer.loop is None


def test_the_order_with_the_piece_that_is_named_is_meant(talk, order):
    order("10086", "paid")
    order("10091", "paid", lines=[("P7-green-M", 1)])
    assert "10091" in talk().says("外套那单取消", "cancel_order", category="jackets")


def test_the_order_spoken_of_stays_the_one_meant(talk, order):
    order("10086", "paid")
    order("10091", "paid")
    customer = talk()
    customer.says("10091 发了吗", "track_order", order_number="10091")
    assert "取消订单 10091" in customer.says("那取消吧", "cancel_order")


def test_another_order_is_not_cancelled_in_place_of_the_one_spoken_of(talk, order):
    order("10086", "dispatched")
    order("10091", "paid")
    customer = talk()
    customer.says("10086 到哪了", "track_order", order_number="10086")
    customer.says("取消订单", "cancel_order")
    assert customer.slot("requested_slot") == "order_number"


@pytest.mark.parametrize("proof", ["6688", "尾号 6688", "13800006688", "LIN@example.com"])
def test_a_guest_proves_an_order_with_phone_or_mail(talk, order, proof):
    order("10086", "dispatched")
    guest = talk(None)
    assert "后四位" in guest.says("10086 到哪了", "track_order", order_number="10086")
    assert "杭州转运中心" in guest.says(proof, "inform")


@pytest.mark.parametrize("proof", ["6687", "13900006688", "emma@example.com", "8"])
def test_a_wrong_proof_shows_nothing(talk, order, proof):
    order("10086", "dispatched")
    guest = talk(None)
    guest.says("10086 到哪了", "track_order", order_number="10086")
    said = guest.says(proof, "inform")
    assert "转运" not in said
    assert "云感" not in said


def test_unknown_foreign_and_unproven_get_the_same_answer(talk, order):
    order("20086", "dispatched", customer="C0002")
    answers = []
    for number in ("20086", "99999"):
        guest = talk(None, sender=f"guest-{number}")
        first = guest.says(f"{number} 到哪了", "track_order", order_number=number)
        second = guest.says("1234", "inform")
        answers.append((first, second, guest.buttons, guest.slot("requested_slot")))
    assert answers[0] == answers[1]
    assert not_found(answers[0][1])


@pytest.mark.parametrize("number", ["20086", "99999"])
def test_a_verified_customer_gets_it_too_for_an_order_of_another(talk, order, number):
    order("20086", "dispatched", customer="C0002")
    order("10086", "dispatched")
    said = talk().says(f"{number} 到哪了", "track_order", order_number=number)
    assert not_found(said)
    assert "Emma" not in said


def test_number_and_proof_may_be_corrected_in_one_message(talk, order):
    order("10086", "dispatched")
    guest = talk(None)
    guest.says("10068 到哪了", "track_order", order_number="10068")
    guest.says("6688", "inform")
    assert "杭州转运中心" in guest.says("10086 6688", "inform", order_number="10086")


def test_five_misses_lock_the_conversation_but_not_the_owner(talk, order, policies):
    order("10086", "dispatched")
    guest = talk(None, sender="guest")
    guest.says("10086 到哪了", "track_order", order_number="10086")
    for attempt in range(policies.orders.bad_misses - 1):
        assert not_found(guest.says(f"000{attempt}", "inform"))
    assert "锁一小时" in guest.says("0009", "inform")
    assert guest.buttons == ["转人工"]
    assert guest.loop is None
    assert "锁一小时" in guest.says("10086 到哪了 尾号6688", "track_order", order_number="10086")
    proven = [("order_number", "10086"), ("phone", "6688", "last4")]
    assert "杭州转运中心" in talk(None, sender="owner").says("10086 尾号6688", "track_order", entities=proven)
    assert "杭州转运中心" in talk(sender="home").says("10086 到哪了", "track_order", order_number="10086")


@pytest.mark.parametrize("number", ["10086", "99999"])
def test_four_digits_cannot_be_guessed_from_many_conversations(talk, order, policies, number):
    order("10086", "dispatched")
    for stranger in range(ELSEWHERE):
        guest = talk(None, sender=f"guest-{stranger}")
        guest.says(f"{number} 到哪了", "track_order", order_number=number)
        for attempt in range(policies.orders.bad_misses):
            guest.says(f"{stranger}00{attempt}", "inform")
    late = talk(None, sender="late")
    proven = [("order_number", number), ("phone", "6688", "last4")]
    assert "全号或邮箱" in late.says(f"{number} 尾号6688", "track_order", entities=proven)
    assert ("杭州转运中心" in late.says("lin@example.com", "inform")) == (number == "10086")


def test_a_conversation_that_bears_a_customers_id_owns_nothing(talk, order):
    order("10086", "dispatched")
    thief = talk(None, sender="C0001")
    assert "订单号" in thief.says("我的快递到哪了", "track_order")
    assert "后四位" in thief.says("10086", "inform", order_number="10086")


def test_a_guests_own_order_of_this_conversation_needs_no_proof(talk, order):
    order("30001", "paid", customer="~guest")
    assert "30001" in talk(None, sender="guest").says("发货了吗", "track_order")
    assert "订单号" in talk(None, sender="another").says("发货了吗", "track_order")


def test_nothing_happens_without_the_confirmation(talk, order, shop):
    order("10086", "paid")
    customer = talk()
    assert "取消订单 10086" in customer.says("取消订单", "cancel_order")
    assert "没有任何改动" in customer.taps("不用了")
    assert shop.orders.get("10086").status == "paid"


def test_a_stale_button_confirms_nothing(talk, order, shop):
    order("10086", "paid")
    customer = talk()
    customer.says("取消订单", "cancel_order")
    stale = customer.payload("确认")
    customer.taps("不用了")
    customer.says("还是取消订单吧", "cancel_order")
    said = customer.says(stale)
    assert "过期" in said
    assert "取消订单 10086" in said
    assert shop.orders.get("10086").status == "paid"
    customer.taps("确认")
    assert shop.orders.get("10086").status == "cancelled"


def test_what_has_changed_since_is_confirmed_again(talk, order, shop):
    order("10086", "paid")
    customer = talk()
    customer.says("取消订单", "cancel_order")
    shop.orders.change("10086", only_if=("paid",), total=299.0)
    assert "退款 299 元" in customer.taps("确认")
    assert shop.orders.get("10086").status == "paid"


@pytest.mark.parametrize(
    ("language", "request_", "yes"),
    [("zh", "取消订单", "对，取消"), ("zh", "取消订单", "确认取消订单"), ("en", "cancel it", "yes, cancel it")],
)
def test_the_yes_may_name_the_task(talk, order, shop, language, request_, yes):
    order("10086", "paid")
    customer = talk(language=language)
    customer.says(request_, "cancel_order")
    customer.says(yes, "cancel_order")
    assert shop.orders.get("10086").status == "cancelled"
    assert (customer.loop, customer.slot("order_confirm")) == (None, None)


@pytest.mark.parametrize(("said", "number"), [("取消订单", None), ("对，还有取消10087", "10087")])
def test_a_request_without_a_yes_or_for_another_order_confirms_nothing(talk, order, shop, said, number):
    order("10086", "paid")
    order("10087", "paid")
    customer = talk()
    customer.says("取消10086", "cancel_order", order_number="10086")
    customer.says(said, "cancel_order", **({"order_number": number} if number else {}))
    assert {shop.orders.get(n).status for n in ("10086", "10087")} == {"paid"}


def test_a_change_is_begun_without_leading_back_to_it(talk, order):
    order("10086", "paid")
    assert "回到刚才" not in talk().says("颜色想换一个", "change_order")


def test_an_order_that_left_meanwhile_is_not_cancelled(talk, order, shop, clock):
    order("10086", "paid")
    customer = talk()
    customer.says("取消订单", "cancel_order")
    shop.orders.change("10086", only_if=("paid",), status="dispatched", dispatched_at=clock())
    assert "取消不了" in customer.taps("确认")
    assert shop.orders.get("10086").status == "dispatched"


def test_a_repeated_yes_does_it_once_and_says_the_same(talk, order, shop):
    order("10086", "paid")
    customer = talk()
    customer.says("取消订单", "cancel_order")
    nonce = customer.slot("order_nonce")
    done = customer.taps("确认")
    stock = shop.ledger.available("P1-black-42")
    # The same turn once more, as after a lost update: the slots are those before the yes was answered.
    slots = {
        "language": "zh",
        "customer_id": "C0001",
        "order_task": "cancel_order",
        "order_number": "10086",
        "order_nonce": nonce,
        "order_confirm": True,
    }
    again = Turn(ActionCall("action_order_task", "talk-1", slots, {"text": "确认"}), shop)
    order_task(again)
    [said] = again.messages
    assert said.response == "utter_done_cancel"
    assert done.startswith("订单 10086 已取消")
    assert len(shop.orders.cases_of("10086")) == 1
    assert shop.ledger.available("P1-black-42") == stock


def test_an_interruption_is_answered_and_the_question_comes_back(talk, order):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要退货", "return_item")
    said = customer.says("可以用花呗吗", "payment_methods")
    assert said.startswith("可以的，花呗没问题")
    assert "原因" in said.splitlines()[-1]
    assert ("接着刚才" in said) or ("回到刚才" in said)
    assert customer.loop == "order_form"


def test_never_mind_ends_the_form(talk, order):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要退货", "return_item")
    customer.says("算了", "deny")
    assert customer.loop is None


def test_change_it_asks_for_the_detail_again(talk, order, shop):
    order("10091", "paid", lines=[("P7-green-M", 1)])
    customer = talk()
    customer.says("改成L码", "change_order", entities=[("size", "L", "to")])
    customer.taps("改一下")
    assert customer.slot("requested_slot") == "order_detail"
    assert "黑色 M" in customer.says("换成黑色", "change_order", entities=[("color", "black", "to")])
    customer.taps("确认")
    assert [line.sku for line in shop.orders.get("10091").lines] == ["P7-black-M"]


def test_another_task_takes_the_place_of_the_open_one(talk, order):
    order("10091", "paid")
    customer = talk()
    customer.says("取消订单", "cancel_order")
    assert "10091" in customer.says("先查下到哪了", "track_order")
    assert customer.loop is None


def test_regret_is_said_once_for_a_task(talk, order):
    order("10086", "dispatched")
    customer = talk()
    regret = ("抱歉", "不好意思")
    assert any(word in customer.says("怎么还没到！", "track_order", mood="negative") for word in regret)
    assert not any(word in customer.says("到底到哪了！", "track_order", mood="negative") for word in regret)


def test_the_language_is_followed(talk, order):
    order("20086", "dispatched", customer="C0002")
    customer = talk("C0002", language="en")
    assert "Hangzhou hub" in customer.says("where's my parcel?", "track_order")
    assert "杭州转运中心" in customer.says("现在到哪了呢", "track_order")


def test_another_request_is_not_taken_for_an_answer(talk, order):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要换货", "exchange_item")
    assert "什么原因" in customer.says("我要退货", "return_item")
    assert customer.slot("order_task") == "return_item"


def test_nor_for_a_proof(talk, order):
    order("10086", "paid")
    guest = talk(None)
    guest.says("10086 到哪了", "track_order", order_number="10086")
    guest.says("地址也帮我改下", "change_shipping_address")
    assert "上海市浦东新区…" in guest.says("6688", "inform")


def test_a_curse_is_no_reason(talk, order):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要退货", "return_item")
    assert "原因" in customer.says("你们真行", "complaint", mood="negative")
    assert customer.slot("requested_slot") == "order_detail"


def test_a_new_phone_is_no_proof(talk, order):
    order("10086", "paid")
    guest = talk(None)
    guest.says("10086 到哪了", "track_order", order_number="10086")
    guest.says("6688", "inform")
    assert "13911112222" in guest.says("手机号改成 13911112222", "change_shipping_address", phone="13911112222")


@pytest.mark.parametrize(
    ("words", "intent"),
    [("10086 6688", "inform"), ("订单查询 10086 6688", "track_order"), ("订单10086 phone 6688", "track_order")],
)
def test_number_and_proof_may_come_in_one_message(talk, order, words, intent):
    order("10086", "dispatched")
    assert "杭州转运中心" in talk(None).says(words, intent, order_number="10086")


def test_they_may_come_with_the_request_too(talk, order):
    order("10087", "delivered", days=2)
    guest = talk(None)
    found = [("order_number", "10087"), ("size", "smaller", "relative")]
    guest.says("10087 6688 衣服大了想换小一码", "exchange_item", entities=found)
    assert guest.slot("requested_slot") in ("order_detail", "order_confirm")


def test_a_wrong_proof_beside_the_number_is_a_miss(talk, order):
    order("10086", "dispatched")
    guest = talk(None)
    assert not_found(guest.says("10086 6687", "inform", order_number="10086"))
    assert guest.slot("order_proof") is False


@pytest.mark.parametrize("words", ["10086 是2025年买的", "10086 花了1200元"])
def test_a_year_or_a_price_is_no_proof(talk, order, words):
    order("10086", "dispatched")
    assert not not_found(talk(None).says(words, "track_order", order_number="10086"))


def test_a_mail_for_the_invoice_proves_the_order_too(talk, order):
    order("10086", "delivered", days=2)
    said = talk(None).says(
        "我要开发票 10086 lin@example.com 个人", "get_invoice", order_number="10086", email="lin@example.com"
    )
    assert "个人" in said
    assert "后四位" not in said


def test_contacts_cannot_be_tried_at_will(talk, order, policies):
    order("10086", "delivered", days=2)
    guest = talk(None)
    for attempt in range(policies.orders.bad_misses):
        guest.says(f"10086 开票到 a{attempt}@example.com", "get_invoice", order_number="10086")
    assert "锁一小时" in guest.says("10086 开票到 lin@example.com", "get_invoice", order_number="10086")


def test_what_is_broken_is_reported_even_when_not_asked_in_so_many_words(talk, order):
    order("10087", "delivered", days=0.5)
    guest = talk(None)
    found = [("order_number", "10087"), ("phone", "6688", "last4")]
    guest.says("订单10087收到是坏的 尾号6688", "inform", entities=found)
    assert guest.slot("order_task") == "report_damage"
    assert "退款" in "".join(guest.buttons)


def test_regret_is_for_the_upset(talk, order):
    order("10090", "delivered", days=3)
    order("10091", "delivered", days=3)
    customer = talk()
    assert "抱歉" not in customer.says("10090 我要退货", "return_item", order_number="10090")
    customer.says("算了", "deny")
    assert "抱歉" in customer.says("10091 也要退！", "return_item", mood="negative", order_number="10091")
    customer.says("算了", "deny")
    customer.says("10090 到哪了", "track_order", order_number="10090")
    assert "抱歉" not in customer.says("那就退 10090！", "return_item", mood="negative", order_number="10090")


def test_the_question_for_a_proof_has_a_way_out_and_a_reason(talk, order):
    order("10086", "dispatched")
    guest = talk(None)
    first = guest.says("10086 到哪了", "track_order", order_number="10086")
    assert guest.buttons == ["转人工", "算了"]
    second = guest.says("在吗", "greet").splitlines()[-1]
    third = guest.says("可以用花呗吗", "payment_methods").splitlines()[-1]
    assert "只给本人看" in third
    assert len({first, second, third}) == 3
    guest.taps("算了")
    assert guest.loop is None


def test_many_guesses_in_one_message_are_not_tried(talk, order):
    order("10086", "delivered", days=2)
    guest = talk(None)
    guest.says("10086 开票 0001 0002 0003 0004 6688 0005 0006 0007", "get_invoice", order_number="10086")
    assert guest.slot("requested_slot") == "order_proof"


@pytest.mark.parametrize("mood", ["neutral", "negative"])
def test_a_complaint_that_tells_the_reason_is_the_answer(talk, order, mood):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要退货", "return_item")
    assert "退货：云感跑鞋" in customer.says("鞋底都开胶了", "complaint", mood=mood)


def test_a_mild_complaint_is_a_reason(talk, order):
    order("10090", "delivered", days=3)
    customer = talk()
    customer.says("我要退货", "return_item")
    assert "退货：云感跑鞋" in customer.says("穿着不舒服", "complaint")


def test_a_question_comes_back_in_other_words(talk, order):
    order("10090", "delivered", days=2, lines=[("P1-black-42", 1), ("P3-white", 1)])
    customer = talk()
    first = customer.says("我要退货", "return_item")
    second = customer.says("两件都退", "return_item")
    assert customer.slot("requested_slot") == "order_detail"
    assert first != second
    assert len(customer.buttons) == 3


@pytest.mark.parametrize("status", ["dispatched", "delivered", "cancelled"])
def test_what_cannot_be_cancelled_is_told_in_other_words_the_second_time(talk, order, status):
    order("10086", status)
    customer = talk()
    assert customer.says("取消订单", "cancel_order") != customer.says("就要取消", "cancel_order")


@pytest.mark.parametrize(
    ("language", "words", "told"),
    [("zh", "改变主意了，不想要了", "389"), ("en", "changed my mind", "389"), ("en", "no, it doesn't fit", "389")],
)
def test_a_reason_that_sounds_like_a_no_is_the_reason(talk, order, language, words, told):
    order("10090", "delivered", days=2)
    customer = talk(language=language)
    customer.says("我要退货", "return_item")
    said = customer.says(words, "deny")
    assert told in said
    assert "Back to" not in said
    assert customer.slot("requested_slot") == "order_confirm"


@pytest.mark.parametrize(("language", "words"), [("zh", "算了，不退了"), ("en", "never mind, I changed my mind")])
def test_never_mind_ends_it_whatever_the_reason(talk, order, language, words):
    order("10090", "delivered", days=2)
    customer = talk(language=language)
    customer.says("我要退货", "return_item")
    customer.says(words, "deny")
    assert customer.loop is None
    assert customer.slot("order_task") is None


@pytest.mark.parametrize(("language", "words"), [("en", "personal"), ("en", "make it personal"), ("zh", "开个人的")])
def test_personal_is_a_title_and_no_wish_for_a_person(talk, order, language, words):
    order("10090", "delivered", days=2)
    customer = talk(language=language)
    customer.says("invoice please", "get_invoice")
    customer.says(words, "contact_human_agent")
    assert customer.slot("requested_slot") == "order_confirm"
    assert customer.slot("order_detail")["title"] == "personal"


@pytest.mark.parametrize("words", ["给我找个人", "I want to talk to a person", "转人工"])
def test_who_wants_a_person_in_the_middle_of_an_invoice_gets_one(talk, order, words):
    order("10090", "delivered", days=2)
    customer = talk()
    customer.says("开发票", "get_invoice")
    customer.says(words, "contact_human_agent")
    assert customer.loop is None
    assert "同事" in customer.says("在吗", "greet")

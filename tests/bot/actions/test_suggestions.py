"""What nobody asked for: one piece beside what was taken, logged, and never to who does not want it."""

import pytest
from sqlalchemy import select

from bot.offers import MOST_UNASKED
from bot.stores.schema import offers


def logged(customer):
    with customer.shop.engine.connect() as connection:
        rows = [row._mapping for row in connection.execute(select(offers).order_by(offers.c.id))]
    return [row for row in rows if row["action"].startswith("suggest_")]


def takes_a_tent(customer, mood="neutral"):
    words = "两人帐篷加购物车" if customer.language == "zh" else "put the tent for two in my cart"
    return customer.says(words, "add_to_cart", mood=mood, entities=[("product", "P12"), ("size", "2-person")])


@pytest.fixture
def welcome(talk):
    """A conversation in which the draw falls on the usual suggestion."""

    def begin(**values):
        for n in range(50):
            customer = talk(sender=f"welcome-{n}", **values)
            takes_a_tent(customer)
            if logged(customer)[-1]["state"]["decision"] == "show_1":
                return customer
        raise AssertionError("no draw fell on the usual suggestion")

    return begin


@pytest.mark.parametrize(("language", "told"), [("zh", "两样一共"), ("en", "the two come to")])
def test_one_piece_that_completes_the_basket_with_the_price_of_both(welcome, language, told):
    customer = welcome(language=language)
    text = "\n".join(m.text or "" for m in customer.messages)
    assert told in text
    other = next(card for m in customer.messages for card in m.cards)
    assert other.id in ("P8", "P10")
    assert f"{899 + customer.shop.catalog.get(other.id).price:,g}" in text
    assert other.reason
    row = logged(customer)[-1]
    assert row["products"] == [other.id]
    assert 0 < row["propensity"] < 1
    assert set(row["state"]["allowed"]) == {"stop", "show_1"}


def test_a_yes_puts_it_in(welcome):
    customer = welcome()
    other = logged(customer)[-1]["products"][0]
    customer.says("好啊", "affirm")
    inside = {customer.shop.catalog.variants[line.sku].product_id for line in customer.shop.carts.lines("C0001")}
    assert inside == {"P12", other}


def test_a_no_is_the_last_word(welcome):
    customer = welcome()
    customer.says("不用了", "deny")
    before = len(logged(customer))
    takes_a_tent(customer)
    assert len(logged(customer)) == before


def test_suggestions_are_few(talk):
    customer = talk()
    for n in range(12):
        customer.says(
            "加购物车", "add_to_cart", entities=[("product", ("P12", "P11", "P3")[n % 3]), ("size", "2-person")]
        )
        customer.says("购物车", "view_cart")
    made = [row for row in logged(customer) if row["state"]["decision"] != "stop"]
    assert len(made) == MOST_UNASKED


def test_the_same_is_not_suggested_twice(welcome):
    customer = welcome()
    first = logged(customer)[-1]["products"]
    takes_a_tent(customer)
    assert "顺便" not in takes_a_tent(customer)
    assert [row["products"] for row in logged(customer)].count(first) == 1


def test_an_angry_customer_gets_none(talk):
    for n in range(10):
        customer = talk(sender=f"angry-{n}")
        takes_a_tent(customer, mood="negative")
        assert not logged(customer)
        assert customer.slot("pending") is None


def test_silence_is_a_decision_and_logged(talk):
    decisions = set()
    for n in range(60):
        customer = talk(sender=f"many-{n}")
        takes_a_tent(customer)
        decisions.add(logged(customer)[-1]["state"]["decision"])
    assert decisions == {"stop", "show_1"}


def test_nothing_is_suggested_that_is_in_the_basket(talk, shop):
    customer = talk()
    for sku in ("P8-navy", "P10-white"):
        shop.carts.put("C0001", sku, 1)
    takes_a_tent(customer)
    assert not logged(customer)


def test_a_conversation_begins_anew_after_hours(welcome, clock):
    customer = welcome()
    customer.says("不用了", "deny")
    before = len(logged(customer))
    clock.now += 7 * 3600
    takes_a_tent(customer)
    assert len(logged(customer)) == before + 1


def test_what_goes_with_it_is_offered_as_a_set(talk):
    customer = talk()
    said = customer.says("配帐篷还要什么", "recommend_bundle", product="P12")
    ids = [card.id for m in customer.messages for card in m.cards]
    assert set(ids) == {"P8", "P10"}
    assert f"整套一起 {899 + 259 + 149:,} 元" in said

"""A wish keeps what was said until it is taken back."""

import pytest

from bot.actions import wishes

HEADPHONES = {"category": ["headphones"], "price": {"max": 300, "currency": "CNY"}}


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        (HEADPHONES, {"color": ["black"]}, HEADPHONES | {"color": ["black"]}),
        (HEADPHONES, {"price": {"max": 200}}, {"category": ["headphones"], "price": {"max": 200}}),
        ({"attribute": ["wireless"]}, {"attribute": ["foldable"]}, {"attribute": ["foldable", "wireless"]}),
        ({"color": ["red"]}, {"exclude": {"color": ["red"]}}, {"exclude": {"color": ["red"]}}),
        ({"exclude": {"brand": ["sony"]}}, {"brand": ["sony"]}, {"brand": ["sony"]}),
        (
            HEADPHONES | {"recipient": "mother"},
            {"category": ["speakers"]},
            {"category": ["speakers"], "recipient": "mother"},
        ),
    ],
)
def test_merge(old, new, merged):
    assert wishes.merge(old, new) == merged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("便宜点的", {"category": ["headphones"], "price": {"max": 198.99}}),
        ("something less expensive", {"category": ["headphones"], "price": {"max": 198.99}}),
        ("不要太贵的", {"category": ["headphones"], "price": {"max": 198.99}}),
        ("更高端一点的", {"category": ["headphones"], "price": {"min": 298.01}}),
        ("any price", {"category": ["headphones"]}),
        ("换个牌子", HEADPHONES | {"exclude": {"brand": ["auralis", "pebbletone"]}}),
        ("another brand please", HEADPHONES | {"exclude": {"brand": ["auralis", "pebbletone"]}}),
        ("not this brand", HEADPHONES | {"exclude": {"brand": ["auralis", "pebbletone"]}}),
        ("不要这个牌子", HEADPHONES | {"exclude": {"brand": ["auralis", "pebbletone"]}}),
        ("太貴了", {"category": ["headphones"], "price": {"max": 198.99}}),
        ("便誼一点", {"category": ["headphones"], "price": {"max": 198.99}}),
        ("贵一点也行", {"category": ["headphones"]}),
        ("I can spend a bit more", {"category": ["headphones"]}),
        ("show me more", HEADPHONES),
    ],
)
def test_criticise(text, expected):
    made = wishes.criticise(HEADPHONES, text, [198.99 + 0.01, 298.0], ["auralis", "pebbletone"])
    assert made == expected


def test_a_dropped_colour_leaves_the_rest():
    assert wishes.criticise(HEADPHONES | {"color": ["red"]}, "颜色无所谓", [], []) == HEADPHONES


@pytest.mark.parametrize(
    ("wish", "kind", "value", "rest"),
    [
        ({"attribute": ["a", "b"]}, "attribute", "a", {"attribute": ["b"]}),
        ({"color": ["red"]}, "color", "red", {}),
        ({"exclude": {"brand": ["sony"]}, "size": ["M"]}, "exclude.brand", "sony", {"size": ["M"]}),
        (HEADPHONES, "price", None, {"category": ["headphones"]}),
    ],
)
def test_without(wish, kind, value, rest):
    assert wishes.without(wish, kind, value) == rest


def test_dollars_become_the_shops_money():
    made = wishes.in_shop_currency(
        {"price": {"max": 50, "currency": "USD"}}, shop="CNY", rates={"USD": 7.2, "GBP": 9.2}
    )
    assert made == {"price": {"max": 360.0}}
    same = wishes.in_shop_currency(HEADPHONES, shop="CNY", rates={"USD": 7.2, "GBP": 9.2})
    assert same == {"category": ["headphones"], "price": {"max": 300.0}}


@pytest.mark.parametrize(("text", "undo"), [("回到刚才的", True), ("undo that", True), ("要黑色的", False)])
def test_undo(text, undo):
    assert wishes.is_undo(text) is undo


@pytest.mark.parametrize(
    ("text", "order"),
    [("要评分高的", "best_rated"), ("口碑好的", "best_rated"), ("这个评分高吗", None), ("最便宜的", "cheapest")],
)
def test_ordering(text, order):
    assert wishes.ordering(text) == order

import numpy as np
import pytest

from recommender.constraints import Constraints
from recommender.data import Items
from recommender.errors import RecommenderError
from recommender.loosening import Narrowing, Relaxation, fewest_relaxations, narrowings, relaxations

ROWS = [
    {"product_id": "shoe", "category": "boots", "department": "footwear", "brand": "x", "price": 300, "attributes": "warm|waterproof", "materials": "leather"},
    {"product_id": "run", "category": "running_shoes", "department": "footwear", "brand": "y", "price": 500, "attributes": "warm", "materials": "mesh"},
    {"product_id": "cup", "category": "mugs", "department": "kitchen", "brand": "x", "price": 30, "attributes": ""},
]  # fmt: skip
VARIANTS = [
    ("shoe", "black", "42"), ("shoe", "red", "43"), ("run", "black", "43"), ("run", "white", "42"), ("cup", "", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def items() -> Items:
    variants = [{"sku": f"{p}-{c}-{s}", "product_id": p, "color": c, "size": s} for p, c, s in VARIANTS]
    return Items.from_rows(ROWS, variants=variants)


def left(wish: dict, items: Items, available: list[bool] | None = None) -> list[str]:
    mask = Constraints.from_wish(wish).mask(items, None if available is None else np.array(available))
    return [items.ids[n] for n in np.flatnonzero(mask)]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, ["shoe", "run", "cup"]),
        ({"category": ["footwear"]}, ["shoe", "run"]),
        ({"category": ["boots", "mugs"]}, ["shoe", "cup"]),
        ({"brand": ["x"], "attribute": ["warm"]}, ["shoe"]),
        ({"attribute": ["warm", "waterproof"]}, ["shoe"]),
        ({"material": ["leather", "mesh"]}, ["shoe", "run"]),
        ({"attribute": ["nobody_has_this"]}, []),
        ({"color": ["black"], "size": ["43"]}, ["run"]),
        ({"color": ["black", "white"], "size": ["42"]}, ["shoe", "run"]),
        ({"price": {"max": 300}}, ["shoe", "cup"]),
        ({"price": {"min": 300, "max": 500}}, ["shoe", "run"]),
        ({"price": {"min": 500, "max": 300}}, ["shoe", "run"]),
        ({"price": {"about": 420}}, ["run"]),
        ({"price": {"about": 0}}, []),
        ({"exclude": {"brand": ["x"]}}, ["run"]),
        ({"exclude": {"color": ["black"]}}, ["shoe", "run", "cup"]),
        ({"exclude": {"color": ["black"]}, "size": ["42"]}, ["run"]),
        ({"exclude": {"category": ["footwear"]}}, ["cup"]),
        ({"exclude": {"material": ["leather"], "attribute": ["nothing"]}}, ["run", "cup"]),
        ({"recipient": "friend", "quantity": 2, "occasion": "birthday"}, ["shoe", "run", "cup"]),
    ],
)
def test_hard_filters(items: Items, wish: dict, expected: list[str]) -> None:
    assert left(wish, items) == expected


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        ([True, True, True, True, True], ["shoe"]),
        ([False, True, True, True, True], []),
        ([True, False, False, False, False], ["shoe"]),
    ],
)
def test_colour_and_size_meet_in_one_variant_that_can_be_had(
    items: Items, available: list[bool], expected: list[str]
) -> None:
    assert left({"color": ["black"], "size": ["42"]}, items, available) == expected


def test_sold_out_items_are_never_left(items: Items) -> None:
    assert left({}, items, [False, False, False, True, False]) == ["run"]


def test_a_mask_and_the_violations_say_the_same(items: Items) -> None:
    wishes = [{"brand": ["x"], "color": ["red"]}, {"price": {"max": 299}}, {"attribute": ["warm"], "size": ["42"]}, {}]
    stock = np.array([True, False, False, True, True])
    for wish in map(Constraints.from_wish, wishes):
        for available in (None, stock):
            mask = wish.mask(items, available)
            assert [not wish.violations(items, i, available) for i in items.ids] == mask.tolist()


def test_violations_are_named(items: Items) -> None:
    wish = Constraints.from_wish(
        {
            "brand": ["y"],
            "attribute": ["warm"],
            "exclude": {"material": ["leather"]},
            "price": {"max": 100},
            "size": ["44"],
        }
    )
    assert wish.violations(items, "shoe") == ["brand", "exclude.material", "price", "size"]
    assert Constraints().violations(items, "cup", np.zeros(5, dtype=bool)) == ["stock"]


WISH = {"brand": ["x", "y"], "size": ["xl"], "price": {"min": 1.0, "max": 9.0}, "exclude": {"color": ["red"]}}


def test_a_wish_comes_back_as_it_was() -> None:
    assert Constraints.from_wish(WISH).as_wish() == WISH
    assert not Constraints.from_wish({"price": {"currency": "CNY"}})


@pytest.mark.parametrize(
    ("critique", "expected"),
    [
        (lambda c: c.with_wish("attribute", "warm"), {**WISH, "attribute": ["warm"]}),
        (
            lambda c: c.with_wish("color", "red"),
            {k: v for k, v in {**WISH, "color": ["red"]}.items() if k != "exclude"},
        ),
        (lambda c: c.replaced("brand", "z"), {**WISH, "brand": ["z"]}),
        (lambda c: c.without("brand", "x"), {**WISH, "brand": ["y"]}),
        (lambda c: c.without("price"), {k: v for k, v in WISH.items() if k != "price"}),
        (lambda c: c.without("exclude.color", "red"), {k: v for k, v in WISH.items() if k != "exclude"}),
        (lambda c: c.without("size", "XL"), {k: v for k, v in WISH.items() if k != "size"}),
        (lambda c: c.refusing("brand", "x"), {**WISH, "brand": ["y"], "exclude": {"color": ["red"], "brand": ["x"]}}),
        (
            lambda c: c.other_brand("z"),
            {
                **{k: v for k, v in WISH.items() if k != "brand"},
                "exclude": {"color": ["red"], "brand": ["x", "y", "z"]},
            },
        ),
    ],
)
def test_critiques_make_a_new_wish(critique, expected: dict) -> None:
    before = Constraints.from_wish(WISH)
    assert critique(before).as_wish() == expected
    assert before.as_wish() == WISH


def test_cheaper_and_dearer_are_strict(items: Items) -> None:
    base = Constraints.from_wish({"price": {"min": 100, "max": 300}})
    assert [items.ids[n] for n in np.flatnonzero(base.cheaper_than(300).mask(items))] == []
    assert [items.ids[n] for n in np.flatnonzero(base.cheaper_than(31).mask(items))] == ["cup"]
    assert [items.ids[n] for n in np.flatnonzero(base.dearer_than(300).mask(items))] == ["run"]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"price": {"max": "cheap"}}, "price max 'cheap' is not a number from 0"),
        ({"price": {"min": -1}}, "price min -1"),
        ({"brand": [1]}, r"brand \[1\] is not a list of ids"),
        ({"brand": 5}, "brand 5 is not a list of ids"),
    ],
)
def test_wrong_wishes_are_told(wish: dict, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        Constraints.from_wish(wish)


def test_unknown_kind_is_told() -> None:
    with pytest.raises(RecommenderError, match="'smell' is not a kind of wish"):
        Constraints().without("smell")


def test_relaxations_name_the_single_wish_to_drop(items: Items) -> None:
    wish = Constraints.from_wish(
        {"category": ["footwear"], "color": ["white"], "price": {"max": 450}, "attribute": ["warm"]}
    )
    assert relaxations(wish, items, None) == [
        Relaxation("price", None, 1, price=500.0),  # 11 % more: a small step
        Relaxation("color", None, 1),
    ]
    assert relaxations(wish, items, np.array([True, False, False, False, True])) == [Relaxation("color", None, 1)]
    assert relaxations(wish, items, None, np.array([False, True, True])) == [Relaxation("price", None, 1, price=500.0)]


def test_an_exclusion_can_be_dropped(items: Items) -> None:
    wish = Constraints.from_wish({"category": ["mugs"], "exclude": {"brand": ["x"]}})
    assert relaxations(wish, items, None) == [Relaxation("exclude.brand", "x", 1)]


def test_the_fewest_to_drop_when_one_is_not_enough(items: Items) -> None:
    wish = Constraints.from_wish(
        {"category": ["boots"], "color": ["white"], "price": {"max": 20}, "attribute": ["warm"]}
    )
    assert relaxations(wish, items, None) == []
    assert fewest_relaxations(wish, items, None) == [
        Relaxation("color", None, 1),
        Relaxation("price", None, 1, price=300.0),
    ]


def test_narrowing_splits_evenly_and_not_by_what_was_said(items: Items) -> None:
    wish = Constraints.from_wish({"category": ["footwear"]})
    found = narrowings(wish, items, wish.mask(items), 9)
    assert {n.kind for n in found} == {"category", "brand", "attribute", "color", "material", "price"}
    assert Narrowing("attribute", "waterproof", 1) in found
    assert Narrowing("price", 400.0, 1) in found
    said = Constraints.from_wish(
        {"brand": ["x", "y"], "attribute": ["warm"], "color": ["black"], "price": {"max": 900}}
    )
    assert {(n.kind, n.count) for n in narrowings(said, items, said.mask(items), 9)} == {
        ("category", 1),
        ("attribute", 1),
        ("material", 1),
    }

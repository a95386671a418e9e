import json

import pytest

from recommender.constraints import Constraints
from recommender.data import Query
from recommender.explain import CODES, Reason, sentence
from recommender.recommend import Recommender

NAMES = {"h1": "Stillroom"}
WORDS = {"noise_cancelling": "降噪", "auralis": "澜音", "headphones": "耳机"}


def label(kind: str, value: str, language: str) -> str:
    return WORDS[value] if language == "zh" else value.replace("_", " ")


CASES = [
    (Reason("matches_wish", ["attribute", "noise_cancelling"]), "降噪", "noise cancelling"),
    (Reason("matches_wish", ["size", "xl"]), "有 XL 码", "comes in XL"),
    (Reason("matches_wish", ["brand", "auralis"]), "澜音的", "by auralis"),
    (Reason("under_budget", [298.0, 300.0]), "298 元，比您说的 300 元还低一点", "¥298, just under your ¥300"),
    (Reason("under_budget", [240.0, 300.0]), "240 元，在您说的 300 元以内", "¥240, within your ¥300"),
    (Reason("under_budget", [99.5, 300.0]), "99.5 元，比您说的 300 元低不少", "¥99.5, well under your ¥300"),
    (Reason("under_budget", [300.0, 300.0]), "正好 300 元", "exactly your ¥300"),
    (Reason("near_price", [110.0, 100.0]), "110 元，接近您说的 100 元", "¥110, close to your ¥100"),
    (Reason("like_viewed", "h1"), "和您看过的Stillroom相似", "like the Stillroom you looked at"),
    (Reason("similar_to", "h1"), "和Stillroom相似", "similar to Stillroom"),
    (Reason("in_stock_substitute", "h1"), "可以代替Stillroom，现在有货", "in stock now, in place of Stillroom"),
    (Reason("goes_with", "h1"), "和Stillroom搭配使用", "goes with Stillroom"),
    (Reason("bought_together", "h1"), "常和Stillroom一起买", "often bought with Stillroom"),
    (
        Reason("bought_with_all", ["h1", "h1"]),
        "买了Stillroom和Stillroom的人常一起买",
        "often bought with Stillroom and Stillroom",
    ),
    (Reason("favourite_category", "headphones"), "您常看耳机", "you often look at headphones"),
    (Reason("favourite_brand", "auralis"), "您常看的品牌澜音", "from auralis, a brand you often look at"),
    (Reason("popular_in_category", "headphones"), "在耳机里很受欢迎", "popular among headphones"),
    (Reason("well_rated", [4.8, 326]), "评分 4.8（326 条评价）", "rated 4.8 (326 reviews)"),
    (Reason("new", "2026-10-01"), "新品", "new in"),
    (Reason("on_sale", [450.0, 520.0]), "比原价省 70 元", "¥70 off its usual price"),
]


@pytest.mark.parametrize(("reason", "zh", "en"), CASES)
def test_sentences(reason: Reason, zh: str, en: str) -> None:
    again = Reason(*json.loads(json.dumps([reason.code, reason.value])))
    assert sentence(again, NAMES, "zh", label=label) == zh
    assert sentence(again, NAMES, "en", label=label) == en


def test_every_code_has_a_case() -> None:
    assert {reason.code for reason, _, _ in CASES} == set(CODES)


@pytest.mark.parametrize("reason", [Reason("like_viewed", "gone"), Reason("of_an_older_version", 1)])
def test_what_cannot_be_said_is_not(reason: Reason) -> None:
    assert sentence(reason, NAMES, "en") == ""


def test_ids_are_shown_readable_without_a_dictionary() -> None:
    assert sentence(Reason("matches_wish", ["attribute", "noise_cancelling"]), {}, "en") == "noise cancelling"


@pytest.mark.parametrize(
    ("item", "history", "said", "expected"),
    [
        ("h1", (), {}, [Reason("well_rated", [4.8, 100])]),
        (
            "h1",
            (),
            {"attribute": ["noise_cancelling"], "color": ["black", "red"], "price": {"max": 300}},
            [
                Reason("matches_wish", ["attribute", "noise_cancelling"]),
                Reason("matches_wish", ["color", "black"]),
                Reason("under_budget", [298.0, 300.0]),
                Reason("well_rated", [4.8, 100]),
            ],
        ),
        ("h1", (), {"price": {"max": 297.99}}, [Reason("well_rated", [4.8, 100])]),  # "cheaper": nobody said 297.99
        ("h2", (), {}, [Reason("on_sale", [450.0, 520.0])]),
        ("h4", ("h1",), {}, [Reason("like_viewed", "h1"), Reason("new", "2026-10-01")]),
        ("t2", (), {}, []),  # 4.9 stars of three people
        (
            "c1",
            ("c2", "c3", "c1", "t1"),
            {"size": ["250G"]},
            [
                Reason("like_viewed", "c3"),
                Reason("favourite_brand", "ember"),
                Reason("favourite_category", "coffee"),
                Reason("matches_wish", ["size", "250g"]),
            ],
        ),
    ],
)
def test_reasons_are_true_of_the_item(
    shop: Recommender, item: str, history, said: dict, expected: list[Reason]
) -> None:
    found = shop.reasons_for(item, Query(None, history), Constraints.from_wish(said))
    assert [r for r in found if r.code != "popular_in_category"] == expected


def test_popular_is_the_first_of_a_category_by_events(shop: Recommender) -> None:
    popular = [i for i in shop.items.ids if any(r.code == "popular_in_category" for r in shop.reasons_for(i, Query()))]
    events = {i: int((shop.interactions.item == n).sum()) for i, n in shop.items.index.items()}
    firsts = {
        max((i for i in events if i[0] == group), key=lambda i: (events[i], -shop.items.index[i])) for group in "hect"
    }
    assert set(popular) == {i for i in firsts if events[i] >= 10}

import numpy as np
import pytest

from recommender.data import Interactions, Items
from recommender.segments import DAY, HORIZON, Segments, shares

NOW = 1e9 + 800 * DAY


def event(user: str, item: str, days_ago: float, kind: str = "purchase") -> dict[str, object]:
    return {"customer_id": user, "product_id": item, "kind": kind, "time": NOW - days_ago * DAY}


def made(items: Items, *rows: dict[str, object]) -> Segments:
    return Segments(Interactions.from_rows(rows, items=items.ids), items, now=NOW)


def test_recency_frequency_and_money_in_fifths(items: Items) -> None:
    # Five buyers: each a purchase more, more lately and dearer than the one before.
    rows = [
        event(f"u{n}", "h2" if n == 4 else "t3", 100 - 20 * n + 3 * step) for n in range(5) for step in range(n + 1)
    ]
    segments = made(items, *rows, event("viewer", "h1", 1, "view"))
    assert [tuple(int(s[n]) for s in segments.scores) for n in range(5)] == [(n + 1, n + 1, n + 1) for n in range(5)]
    best, worst, viewer = (segments.profile(user) for user in ("u4", "u0", "viewer"))
    assert best is not None
    assert worst is not None
    assert viewer is not None
    assert (best.segment, worst.segment, viewer.segment) == ("champion", "lost", "looking")
    assert (best.purchases, best.spent, best.recency_days) == (5, 5 * 450, 20)
    assert (viewer.recency_days, viewer.recency_score, viewer.churn_risk) == (None, 0, None)
    assert sum(shares(segments).values()) == 6
    assert segments.profile("nobody") is None


def test_two_things_bought_on_one_day_are_one_purchase(items: Items) -> None:
    profile = made(items, event("u", "h1", 5.1), event("u", "t1", 5.1)).profile("u")
    assert profile is not None
    assert (profile.purchases, profile.spent) == (1, 298 + 80)


def test_favourites_fade(items: Items) -> None:
    rows = [event("u", "h1", 0), event("u", "t1", 120), event("u", "c1", 240)]
    profile = made(items, *rows).profile("u")
    assert profile is not None
    assert profile.categories == (("headphones", 0.57), ("tea", 0.29), ("coffee", 0.14))  # 4 : 2 : 1
    assert profile.brands == (("auralis", 0.57), ("cloudleaf", 0.29), ("ember", 0.14))


def test_thrifty_and_choosy(items: Items) -> None:
    rows = [event("thrifty", "h3", n) for n in range(6)] + [event("choosy", "h2", n) for n in range(6)]
    segments = made(items, *rows)
    assert [segments.profile(user).price_taste for user in ("thrifty", "choosy")] == ["thrifty", "choosy"]  # type: ignore[union-attr]


def test_churn_is_the_share_that_stayed_away_before(items: Items) -> None:
    """Half buy every 30 days for two years, half did so only in the first year."""
    rows = [event(f"stay{n}", "t1", 700 - 30 * k + n) for n in range(20) for k in range(24) if 700 - 30 * k + n > 0]
    rows += [event(f"gone{n}", "t1", 700 - 30 * k + n) for n in range(20) for k in range(10)]
    segments = made(items, *rows)
    stay, gone = segments.profile("stay3"), segments.profile("gone3")
    assert stay is not None
    assert gone is not None
    assert stay.churn_risk is not None
    assert stay.churn_risk < 0.2
    assert gone.churn_risk == pytest.approx(1, abs=0.1)
    risk = segments.churn
    assert risk is not None
    order = np.argsort(segments._absence(NOW))
    assert (np.diff(risk[order]) >= -1e-9).all()


def test_a_young_shop_does_not_know_who_leaves(items: Items) -> None:
    profile = made(items, event("u", "t1", 10), event("u", "t1", HORIZON + 5)).profile("u")
    assert profile is not None
    assert profile.churn_risk is None


def test_somebody_lively_who_has_spent_little_has_potential(items: Items) -> None:
    rows = [event(f"u{n}", "h1", 40 + n) for n in range(8)]
    rows += [event("keen", "t3", 3), *(event("keen", i, 2 + n, "cart") for n, i in enumerate(("h1", "h2", "e1", "e2")))]
    profile = made(items, *rows).profile("keen")
    assert profile is not None
    assert profile.high_potential
    assert not made(items, *rows).profile("u7").high_potential  # type: ignore[union-attr]

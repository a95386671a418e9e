"""What kind of customer somebody is: recency, frequency and money, favourites, price level, the risk of not coming back.

R, F and M are scored 1 to 5 by fifths of all customers with a purchase (Hughes, "Strategic Database Marketing", 1994),
5 the best. A purchase is all that is bought on one day (UTC). The risk of churn is the share of customers, at past moments
of this shop, who bought nothing in the following `HORIZON` days though their last purchase lay as many of their usual
intervals back: the usual interval is shrunk to that of all, the share made monotonous by isotonic regression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from recommender.columns import Codes
from recommender.data import Interactions, Items
from recommender.features import price_level
from recommender.interactions import KINDS

DAY = 86_400.0
HORIZON = 90.0
"""Days without a purchase that count as churn."""
HALF_LIFE = 120.0
"""Days after which an event says half as much about favourites."""
LIVELY = 60.0
"""Days that recent interest is counted over."""
_PRIOR_GAPS, _PRIOR_PIECES = 2.0, 4.0
_MOMENTS = 4  # past moments that churn is learned from, HORIZON apart
_NEVER = 20.0  # intervals; beyond, longer absence tells nothing more
_TOP = 3
_LEVEL = 0.3  # standard deviations of price inside a category that make somebody thrifty or choosy

Segment = Literal["champion", "loyal", "promising", "new", "at_risk", "lost", "occasional", "looking"]
PriceTaste = Literal["thrifty", "average", "choosy"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """`recency_days` is None and the scores 0 without a purchase; `spent` one piece of each purchase at today's price;
    `price_level` standard deviations from the mean price of the categories bought from; favourites with their share of
    all interest; `churn_risk` None where the shop is too young to know."""

    user: str
    segment: Segment
    recency_days: float | None
    purchases: int
    spent: float
    recency_score: int
    frequency_score: int
    money_score: int
    price_level: float
    price_taste: PriceTaste
    categories: tuple[tuple[str, float], ...]
    brands: tuple[tuple[str, float], ...]
    churn_risk: float | None
    high_potential: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Segments:
    """Profiles of all customers of `interactions` at the moment `now` (unix seconds, default the newest event)."""

    def __init__(self, interactions: Interactions, items: Items, *, now: float | None = None) -> None:
        self.items, self.interactions = items, interactions.over(items.ids)
        self.now = float(now if now is not None else self.interactions.time.max(initial=0.0))
        data = self.interactions
        bought = (data.kind == KINDS.index("purchase")) & (data.time > 0) & (data.time <= self.now)
        self._user, self._time, self._item = data.user[bought], data.time[bought], data.item[bought]
        users = len(data.users)
        self.orders = _orders(self._user, self._time)
        self.frequency = np.bincount(self.orders[0], minlength=users)
        self.money = np.bincount(self._user, weights=items.price[self._item], minlength=users)
        self.last = np.full(users, -np.inf)
        np.maximum.at(self.last, self._user, self._time)
        level = np.bincount(self._user, weights=price_level(items)[self._item], minlength=users)
        self.level: Floats = level / (np.bincount(self._user, minlength=users) + _PRIOR_PIECES)
        recent = (data.time > self.now - LIVELY * DAY) & (data.time <= self.now)
        self.lively = np.bincount(data.user[recent], weights=np.maximum(data.weight[recent], 0), minlength=users)

    def profile(self, user: str) -> Profile | None:
        """None for somebody without any event."""
        place = self.interactions.user_index.get(user)
        if place is None:
            return None
        r, f, m = (int(score[place]) for score in self.scores)
        bought = bool(self.frequency[place])
        risk = float(self.churn[place]) if self.churn is not None and bought else None
        return Profile(
            user=user,
            segment=_segment(r, f, m) if bought else "looking",
            recency_days=round(float(self.now - self.last[place]) / DAY, 1) if bought else None,
            purchases=int(self.frequency[place]),
            spent=round(float(self.money[place]), 2),
            recency_score=r,
            frequency_score=f,
            money_score=m,
            price_level=round(float(self.level[place]), 2),
            price_taste="thrifty"
            if self.level[place] < -_LEVEL
            else "choosy"
            if self.level[place] > _LEVEL
            else "average",
            categories=self._favourites(place, self.items.category),
            brands=self._favourites(place, self.items.brand),
            churn_risk=None if risk is None else round(risk, 2),
            high_potential=bool(self._interest[place] >= 4 and m <= 3 and (risk is None or risk < 0.5)),
        )

    @cached_property
    def scores(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """R, F and M (users,), 0 without a purchase."""
        buyers = self.frequency > 0
        return _fifths(self.last, buyers), _fifths(self.frequency, buyers), _fifths(self.money, buyers)

    @cached_property
    def churn(self) -> Floats | None:
        """(users,) the chance of no purchase within HORIZON days; None when the shop is younger than two horizons."""
        absence, stayed_away = [], []
        first = self._time.min(initial=self.now)
        for back in range(1, _MOMENTS + 1):
            moment = self.now - back * HORIZON * DAY
            if moment - first < HORIZON * DAY:
                break
            before = self._absence(moment)
            known = ~np.isnan(before)
            until = (self._time > moment) & (self._time <= moment + HORIZON * DAY)
            came = np.bincount(self._user[until], minlength=len(before)) > 0
            absence.append(before[known])
            stayed_away.append(~came[known])
        if not absence or not len(np.concatenate(absence)):
            return None
        learned = IsotonicRegression(out_of_bounds="clip")
        learned.fit(np.concatenate(absence), np.concatenate(stayed_away).astype(np.float64))
        now = self._absence(self.now)
        return np.asarray(learned.predict(np.nan_to_num(now, nan=_NEVER)), dtype=np.float64)

    @cached_property
    def _interest(self) -> NDArray[np.int64]:
        return _fifths(self.lively, self.lively > 0)

    def _absence(self, moment: float) -> Floats:
        """(users,) time since the last purchase before `moment` in usual intervals, NaN without a purchase."""
        kept = self.orders[1] <= moment
        user, time = self.orders[0][kept], self.orders[1][kept]
        count, users = np.bincount(user, minlength=len(self.frequency)), len(self.frequency)
        first, last = np.full(users, np.inf), np.full(users, -np.inf)
        np.minimum.at(first, user, time)
        np.maximum.at(last, user, time)
        several = count > 1
        span = np.where(several, last - first, 0.0)
        usual = span.sum() / max(int((count[several] - 1).sum()), 1) or HORIZON * DAY
        interval = (span + _PRIOR_GAPS * usual) / (np.maximum(count - 1, 0) + _PRIOR_GAPS)
        gone = np.where(count > 0, moment - last, 0.0)
        return np.where(count > 0, np.minimum(gone / interval, _NEVER), np.nan)

    def _favourites(self, place: int, column: Codes) -> tuple[tuple[str, float], ...]:
        own = (self.interactions.user == place) & (self.interactions.weight > 0)
        age = np.maximum(self.now - self.interactions.time[own], 0) / DAY
        weight = self.interactions.weight[own] * 0.5 ** (age / HALF_LIFE)
        total = np.bincount(column.codes[self.interactions.item[own]], weights=weight, minlength=len(column.names))
        order = np.argsort(-total, kind="stable")[:_TOP]
        found = [(column.names[n], round(float(total[n] / total.sum()), 2)) for n in order if total[n] > 0]
        return tuple((name, share) for name, share in found if name)


def shares(segments: Segments) -> Mapping[str, int]:
    """How many customers each segment has."""
    found = [profile.segment for user in segments.interactions.users if (profile := segments.profile(user))]
    names, counts = np.unique(found, return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _orders(user: NDArray[np.int32], time: Floats) -> tuple[NDArray[np.int64], Floats]:
    """User and time of each day with a purchase."""
    pairs = np.unique(np.stack([user.astype(np.int64), (time // DAY).astype(np.int64)]), axis=1)
    return pairs[0], pairs[1] * DAY


def _fifths(values: NDArray[Any], among: NDArray[np.bool_]) -> NDArray[np.int64]:
    """1 to 5 by the share of those `among` with a smaller value, 0 for others; equal values score alike."""
    found = np.zeros(len(values), dtype=np.int64)
    own = np.sort(values[among])
    if len(own):
        below = np.searchsorted(own, values[among], side="left") / len(own)
        found[among] = 1 + np.minimum((below * 5).astype(np.int64), 4)
    return found


def _segment(recency: int, frequency: int, money: int) -> Segment:
    worth = max(frequency, money)
    if recency >= 4:
        return (
            "champion"
            if min(frequency, money) >= 4
            else "loyal"
            if worth >= 4
            else "new"
            if frequency <= 1
            else "promising"
        )
    if recency == 3:
        return "loyal" if worth >= 4 else "occasional"
    return "at_risk" if worth >= 4 else "lost" if recency == 1 else "occasional"

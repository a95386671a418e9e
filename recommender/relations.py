"""What stands in a relation to an item or a basket: the like of it, what goes with it, what can stand in for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.baskets import bought_together
from recommender.bundles import Bundles
from recommender.data import Interactions, Items, Query
from recommender.explain import Reason

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Scores = NDArray[np.float32]

SUBSTITUTE_PRICE = 0.2
"""A substitute costs at most so much more or less."""


@dataclass(frozen=True)
class Related:
    """The items that may be shown (items,), how the places of some of them score (len(places),), and what relates one
    of them."""

    allowed: Mask
    rank: Callable[[Places], Scores]
    why: Callable[[int], Sequence[Reason]]


class Relations:
    """`features` (items, d) and `quality` (items,) are those of the recommender. Everything raises RecommenderError for an
    unknown item, and stays within the mask `allowed` (items,)."""

    def __init__(
        self,
        items: Items,
        interactions: Interactions,
        features: NDArray[np.float32],
        quality: Scores,
    ) -> None:
        self._items = items
        self._features = features
        self._quality = quality
        self._bundles = Bundles(items, interactions)
        self._together = bought_together(interactions)

    def similar(
        self, item_id: str, allowed: Mask, *, taste: Callable[[Query, Places], Scores], available: Mask | None, k: int
    ) -> Related:
        """Of its category; of its department when fewer than k of those can be had. `taste` scores a query at places."""
        items, features = self._items, self._features
        item = items.position(item_id)
        kin = allowed & (items.category.codes == items.category.codes[item])
        if (kin & items.in_stock(available)).sum() < k:
            kin = allowed & (items.department.codes == items.department.codes[item])

        def rank(places: Places) -> Scores:
            liked_by_the_same = taste(Query(None, (item_id,)), places)
            likeness: Scores = features[places] @ features[item]
            scores: Scores = likeness + 0.1 * liked_by_the_same + 0.1 * self._quality[places]
            return scores

        def why(place: int) -> list[Reason]:
            return [Reason("similar_to", item_id)] if features[place] @ features[item] > 0 else []

        return Related(kin, rank, why)

    def complements(self, item_id: str, allowed: Mask) -> Related:
        """The shop's own pairs, and what is bought with it, of other categories."""
        items = self._items
        item = items.position(item_id)
        paired = np.zeros(len(items), dtype=np.bool_)
        paired[list(items.goes_with[item])] = True
        together = self._together[item].toarray().ravel()
        allowed = allowed & (paired | (together > 0))
        allowed &= paired | (items.category.codes != items.category.codes[item])

        def rank(places: Places) -> Scores:
            scores: Scores = paired[places] + together[places] + 0.1 * self._quality[places]
            return scores

        def why(place: int) -> list[Reason]:
            codes = [("goes_with", paired[place]), ("bought_together", together[place] > 0)]
            return [Reason(code, item_id) for code, holds in codes if holds]

        return Related(allowed, rank, why)

    def for_basket(self, basket: Sequence[str], allowed: Mask) -> Related:
        """What completes it, of categories that are not in it yet unless the shop pairs them."""
        items = self._items
        inside = [items.position(item_id) for item_id in basket]
        scores, reasons = self._bundles.score(basket)
        kinds = np.isin(items.category.codes, items.category.codes[inside])
        paired = [p for p, why in reasons.items() if any(r.code == "goes_with" for r in why)]
        kinds[paired] = False

        def rank(places: Places) -> Scores:
            found: Scores = scores[places] + 0.1 * self._quality[places]
            return found

        return Related(allowed & (scores > 0) & ~kinds, rank, lambda place: reasons.get(place, ()))

    def substitutes(self, item_id: str, allowed: Mask) -> Related:
        """Of its category, with an attribute in common where it has any, at a price within SUBSTITUTE_PRICE."""
        items = self._items
        item = items.position(item_id)
        own = items.attributes.has[:, item]
        shared = items.attributes.has[own].sum(axis=0) / max(int(own.sum()), 1)
        allowed = allowed & (items.category.codes == items.category.codes[item])
        allowed &= np.abs(items.price - items.price[item]) <= SUBSTITUTE_PRICE * items.price[item] + 1e-9
        if own.any():
            allowed &= shared > 0

        def rank(places: Places) -> Scores:
            likeness = self._features[places] @ self._features[item]
            scores: Scores = (shared[places] + likeness + 0.1 * self._quality[places]).astype(np.float32)
            return scores

        def why(_place: int) -> list[Reason]:
            return [Reason("in_stock_substitute", item_id)]

        return Related(allowed, rank, why)

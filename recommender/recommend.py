"""The recommender of a shop: hard filters first, then ranking by taste, words and quality, and a reason for each item."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from recommender import storage
from recommender.comparison import Comparison, Difference, compare
from recommender.constraints import Constraints
from recommender.data import Interactions, Items, Query
from recommender.errors import RecommenderError
from recommender.explain import Reason
from recommender.features import item_features
from recommender.loosening import Narrowing, Relaxation, fewest_relaxations, narrowings, relaxations
from recommender.newcomers import Newcomers
from recommender.quality import quality, standardised, text_spread
from recommender.reasons import Reasons, Taste
from recommender.registry import shop_blend
from recommender.relations import Related, Relations
from recommender.scorer import Scorer, profiles
from recommender.scorers.popularity import Popularity
from recommender.segments import Segments
from recommender.slates import ORDERS, Order, Recommendation, Slate, best, in_order

__all__ = [
    "GOALS",
    "Comparison",
    "Difference",
    "Narrowing",
    "Recommendation",
    "Recommender",
    "Relaxation",
    "Slate",
]

Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]
Goal = Literal["for_you", "new", "popular", "sale"]
GOALS: tuple[Goal, ...] = ("for_you", "new", "popular", "sale")

TEXT, TASTE, QUALITY, CLOSENESS = 1.0, 0.35, 0.2, 0.3
"""What a search is ranked by: the customer's words, then taste, then what others think; nearness to a price said."""
DIVERSITY = 0.2
RECENT = 20
"""So many of the latest items may be named in a reason."""
_FEW = 0.25
"""Below this share of the catalogue, rows are gathered before they are multiplied."""
SAMPLE = 2000
"""So many items, evenly taken, stand for a larger catalogue when only some are scored."""

SEGMENTS_KEPT = 3600.0
"""Seconds."""


class Recommender:
    """Reads may come from several threads; `fit` belongs to one, before. `available` is a mask over the variants of
    `items` (see `availability`), None when everything can be had. Item ids in `exclude` are never shown."""

    def __init__(
        self,
        items: Items,
        interactions: Interactions,
        *,
        scorer: Scorer | None = None,
        traits: Mapping[str, Sequence[str]] | None = None,
        today: date | None = None,
    ) -> None:
        if not len(items):
            raise RecommenderError("the catalogue is empty; a recommender needs at least one item")
        self.items = items
        self.interactions = interactions.over(items.ids)
        self.features = item_features(items)
        self._scorer = scorer or shop_blend(self.features)
        if traits is not None:
            self._scorer = Newcomers(self._scorer, traits)
        self._skus = {sku: n for n, sku in enumerate(items.variants.skus)}
        self._quality = quality(items)
        self._text_spread = text_spread(items)
        self._relations = Relations(items, self.interactions, self.features, self._quality)
        events = np.bincount(self.interactions.item, minlength=len(items)).astype(np.float32)
        self._reasons = Reasons(items, self.features, events, today or date.today())
        self._popular = Popularity().fit(self.interactions).weight
        self._sample = np.linspace(0, len(items) - 1, SAMPLE).astype(np.intp)
        self._live: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._segments: Segments | None = None

    def fit(self) -> Self:
        self._scorer.fit(self.interactions)
        return self

    def save(self, folder: Path) -> None:
        """Arrays and JSON only, in one file that replaces the old one at once."""
        history = self.interactions
        events = {k: getattr(history, k) for k in ("user", "item", "kind", "weight", "time")}
        arrays = {**{f"events.{k}": v for k, v in events.items()}, **self._scorer.arrays()}
        storage.write(folder / "recommender.safetensors", arrays, {"users": history.users, "items": self.items.ids})

    @classmethod
    def load(
        cls,
        folder: Path,
        items: Items,
        *,
        scorer: Scorer | None = None,
        traits: Mapping[str, Sequence[str]] | None = None,
        today: date | None = None,
    ) -> Recommender:
        """`scorer`: an unfitted one of the kind that was saved, when it was not the default. Raises RecommenderError
        when the catalogue has other items now."""
        arrays, about = storage.read(folder / "recommender.safetensors")
        if tuple(about["items"]) != items.ids:
            raise RecommenderError(f"the model in {str(folder)!r} was made for another catalogue; train again")
        events: dict[str, Any] = {k.removeprefix("events."): v for k, v in arrays.items() if k.startswith("events.")}
        history = Interactions(users=tuple(about["users"]), items=items.ids, **events)
        made = cls(items, history, scorer=scorer, traits=traits, today=today)
        made._scorer.restore(arrays, made.interactions)
        return made

    def availability(self, available_map: Mapping[str, int]) -> Mask:
        """(variants,) True where at least one piece can be had; skus that the map does not name cannot."""
        skus = self.items.variants.skus
        return np.fromiter((available_map.get(sku, 0) > 0 for sku in skus), dtype=np.bool_, count=len(skus))

    def update(self, events: Iterable[tuple[str, str]]) -> None:
        """New (user, item) events, oldest first: from now on they count in the user's history, without retraining."""
        with self._lock:
            live = dict(self._live)
            for user, item in events:
                live[user] = (*live.get(user, ()), item)
            self._live = live

    def recommend(
        self,
        query: Query,
        *,
        k: int = 3,
        constraints: Constraints | None = None,
        text_vector: NDArray[np.float32] | None = None,
        available: Mask | None = None,
        exclude: Collection[str] = (),
        diversity: float = DIVERSITY,
        goal: Goal = "for_you",
    ) -> Slate:
        """What this customer may like and has not seen yet. Goals: for_you; new (launched lately), sale (reduced),
        both by taste; popular, the same for everyone."""
        if goal not in GOALS:
            raise RecommenderError(f"goal {goal!r} is not one of {', '.join(GOALS)}")
        wish = constraints or Constraints()
        query = self._with_live(query)
        allowed = self._allowed({*exclude, *query.history})
        if not allowed.any():
            allowed = self._allowed(exclude)  # who has seen everything sees it again
        if goal == "new":
            allowed &= self._reasons.new
        elif goal == "sale":
            allowed &= self._reasons.on_sale

        def rank(places: NDArray[np.intp]) -> Scores:
            if goal == "popular":
                return standardised(self._popular[places])
            scores: Scores = self._taste(query, places) + QUALITY * self._quality[places]
            return scores + self._words(text_vector, places)

        return self._slate(wish, available, allowed, rank, query=query, k=k, diversity=diversity)

    def search(
        self,
        *,
        wish: Constraints,
        text_vector: NDArray[np.float32] | None = None,
        query: Query | None = None,
        k: int = 3,
        available: Mask | None = None,
        exclude: Collection[str] = (),
        diversity: float = DIVERSITY,
        order: Order | None = None,
    ) -> Slate:
        """Items that meet every wish, by the customer's words (`text_vector` (d,) of the same encoder as the items'),
        taste and quality; or strictly in the `order` asked for, quality deciding between equals."""
        if order is not None and order not in ORDERS:
            raise RecommenderError(f"order {order!r} is not one of {', '.join(ORDERS)}")
        asked = self._with_live(query or Query())

        def rank(places: NDArray[np.intp]) -> Scores:
            if order is not None:
                return in_order(self.items, self._quality, places, order)
            scores = TASTE * self._taste(asked, places) + QUALITY * self._quality[places]
            if wish.price_about:
                off = np.abs(self.items.price[places] / wish.price_about - 1) / wish.about_share
                scores -= CLOSENESS * off.astype(np.float32)
            return scores + self._words(text_vector, places)

        diversity = diversity if order is None else 0.0
        return self._slate(wish, available, self._allowed(exclude), rank, query=asked, k=k, diversity=diversity)

    def similar(
        self,
        item_id: str,
        *,
        k: int = 3,
        constraints: Constraints | None = None,
        available: Mask | None = None,
        exclude: Collection[str] = (),
    ) -> Slate:
        """Others of its kind (of its department when there are too few), by likeness and by who else likes both."""
        allowed = self._allowed({*exclude, item_id})
        found = self._relations.similar(item_id, allowed, taste=self._taste, available=available, k=k)
        return self._related(found, available, k=k, wish=constraints, diversity=0.0)

    def complements(
        self, item_id: str, *, k: int = 3, available: Mask | None = None, exclude: Collection[str] = ()
    ) -> Slate:
        """What is used or bought with it, of other categories: the shop's own pairs first, then common baskets."""
        found = self._relations.complements(item_id, self._allowed({*exclude, item_id}))
        return self._related(found, available, k=k)

    def for_basket(
        self, basket: Sequence[str], *, k: int = 3, available: Mask | None = None, exclude: Collection[str] = ()
    ) -> Slate:
        """What completes a basket: the shop's own pairs and what customers take together (`recommender.association`), of
        categories that are not in it yet unless the shop pairs them. Raises RecommenderError for an unknown item."""
        found = self._relations.for_basket(basket, self._allowed({*exclude, *basket}))
        return self._related(found, available, k=k)

    def substitutes(self, item_id: str, *, k: int = 3, available: Mask | None = None) -> Slate:
        """What can stand in for it: the same category, at least one attribute in common (where it has any), a price
        within `relations.SUBSTITUTE_PRICE`, in stock."""
        found = self._relations.substitutes(item_id, self._allowed({item_id}))
        return self._related(found, available, k=k, diversity=0.0)

    def reasons_for(self, item_id: str, query: Query, wish: Constraints | None = None) -> tuple[Reason, ...]:
        """Every reason that holds for one item, strongest first."""
        known = self._known(self._with_live(query))
        return self._reasons.of(self.items.position(item_id), wish or Constraints(), known)

    def segments(self, now: float) -> Segments:
        """Profiles of the customers at this moment (unix seconds), worked out at most once an hour."""
        kept = self._segments
        if kept is None or not 0 <= now - kept.now < SEGMENTS_KEPT:
            kept = self._segments = Segments(self.interactions, self.items, now=now)
        return kept

    def compare(self, ids: Sequence[str]) -> Comparison:
        return compare(self.items, ids)

    def nearest(
        self, wish: Constraints, *, available: Mask | None, exclude: Collection[str] = ()
    ) -> tuple[Relaxation, ...]:
        """The fewest wishes that must be dropped together to leave something, for when no single one is enough."""
        return tuple(fewest_relaxations(wish, self.items, available, self._allowed(exclude)))

    def narrowing(self, wish: Constraints, *, available: Mask | None, most: int = 3) -> tuple[Narrowing, ...]:
        """The questions that split what matches most evenly, at most one of a kind."""
        return tuple(narrowings(wish, self.items, wish.mask(self.items, available), most))

    def _slate(
        self,
        wish: Constraints,
        available: Mask | None,
        allowed: Mask,
        rank: Callable[[NDArray[np.intp]], Scores],
        *,
        k: int,
        query: Query | None = None,
        why: Callable[[int], Sequence[Reason]] = lambda _place: (),
        diversity: float = DIVERSITY,
    ) -> Slate:
        if k < 1:
            raise RecommenderError(f"k {k!r} is not a number from 1")
        places = np.flatnonzero(wish.mask(self.items, available) & allowed)
        if not len(places):
            return Slate((), 0, tuple(relaxations(wish, self.items, available, allowed)))
        chosen = best(places, rank(places), self.features, k=k, diversity=diversity)
        taste = self._known(query) if query else Taste()
        found = (
            Recommendation(self.items.ids[place], score, self._reasons.of(place, wish, taste, why(place)))
            for place, score in chosen
        )
        return Slate(tuple(found), len(places))

    def _related(
        self,
        found: Related,
        available: Mask | None,
        *,
        k: int,
        wish: Constraints | None = None,
        diversity: float = DIVERSITY,
    ) -> Slate:
        wish = wish or Constraints()
        return self._slate(wish, available, found.allowed, found.rank, k=k, why=found.why, diversity=diversity)

    def _allowed(self, exclude: Collection[str]) -> Mask:
        allowed = np.ones(len(self.items), dtype=np.bool_)
        allowed[[self.items.index[i] for i in exclude if i in self.items.index]] = False
        return allowed

    def _taste(self, query: Query, places: NDArray[np.intp]) -> Scores:
        """(len(places),) in units of mean 0 and spread 1 over the catalogue; over a sample of it where places are few."""
        if len(places) > _FEW * len(self.items) or len(self.items) <= SAMPLE:
            return standardised(self._scorer.score([query])[0])[places]
        scores = self._scorer.score([query], np.concatenate([self._sample, places]))[0]
        return standardised(scores)[len(self._sample) :]

    def _words(self, text_vector: NDArray[np.float32] | None, places: NDArray[np.intp]) -> Scores:
        """(len(places),) nearness of the text in units of its usual spread over the catalogue."""
        vectors = self.items.vectors
        if text_vector is None or vectors is None:
            return np.zeros(len(places), dtype=np.float32)
        if text_vector.shape != vectors.shape[1:]:
            raise RecommenderError(f"text_vector has shape {text_vector.shape}; the items' need {vectors.shape[1:]}")
        few = len(places) < _FEW * len(vectors)
        near: Scores = vectors[places] @ text_vector if few else (vectors @ text_vector)[places]
        scores: Scores = TEXT * (near - near.mean()) / self._text_spread
        return scores

    def _with_live(self, query: Query) -> Query:
        live = self._live.get(query.user, ()) if query.user is not None else ()
        return replace(query, history=(*query.history, *live)) if live else query

    def _known(self, query: Query) -> Taste:
        row = profiles([query], self.interactions)
        recent = [self.items.index[i] for i in reversed(query.history) if i in self.items.index][:RECENT]
        viewed = recent or [int(i) for i in row.indices[np.argsort(-row.data)][:RECENT]]
        return Taste.of(self.items, row.indices, row.data, viewed)

"""What a recommender is given: the catalogue, what customers did, and who asks."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.interactions import Cleaning, Interactions
from recommender.items import Items, Variants

__all__ = ["Cleaning", "Interactions", "Items", "Query", "Variants"]


@dataclass(frozen=True, slots=True)
class Query:
    """Who asks: a known user, or anyone by what they looked at (item ids, oldest first), or both. `traits` (as
    `level=gold`) and `friends` (users) count where the scorer is a `recommender.newcomers.Newcomers`."""

    user: str | None = None
    history: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    friends: tuple[str, ...] = ()

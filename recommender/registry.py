"""The scorers by name, as the command line builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.data import Items
from recommender.errors import RecommenderError
from recommender.features import item_features
from recommender.scorer import Scorer
from recommender.scorers.biased_mf import BiasedMf
from recommender.scorers.blend import Blend
from recommender.scorers.content import Content
from recommender.scorers.ease import Ease
from recommender.scorers.graph import Graph
from recommender.scorers.ials import Ials
from recommender.scorers.item_knn import ItemKnn
from recommender.scorers.mixture import Mixture
from recommender.scorers.popularity import Popularity
from recommender.scorers.q_learning import QLearning
from recommender.scorers.sequence import Sequence
from recommender.scorers.user_knn import UserKnn

Maker = Callable[[str, Items | None], Scorer]
"""(device, the catalogue where there is one) -> an unfitted scorer."""


def _content(_device: str, items: Items | None) -> Content:
    if items is None:
        raise RecommenderError("content compares products; give the catalogue with --products")
    return Content(item_features(items))


def shop_blend(features: NDArray[np.float32], *, device: str = "cpu") -> Blend:
    """What a shop ranks with. Its catalogue is small and its customers come back in sessions: what they did not take
    says more than in the large sets that `ials` has its defaults from."""
    return Blend(Ials(unobserved=2000.0, device=device), Content(features), Popularity())


def _blend(device: str, items: Items | None) -> Scorer:
    """With the catalogue what a shop ranks with, without it what ids alone can tell."""
    if items is None:
        return Mixture(Graph(device=device), Ials(dim=512, epochs=5, l2=0.15, device=device), Popularity())
    return shop_blend(_content(device, items).features, device=device)


SCORERS: Mapping[str, Maker] = {
    "popularity": lambda _device, _items: Popularity(),
    "item_knn": lambda _device, _items: ItemKnn(),
    "user_knn": lambda _device, _items: UserKnn(),
    "ease": lambda device, _items: Ease(device=device),
    "ials": lambda device, _items: Ials(device=device),
    "graph": lambda device, _items: Graph(device=device),
    "sequence": lambda device, _items: Sequence(device=device),
    "biased_mf": lambda _device, _items: BiasedMf(),
    "q_learning": lambda device, _items: QLearning(device=device),
    "content": _content,
    "blend": _blend,
}


def make_scorer(
    name: str,
    *,
    device: str = "cpu",
    items: Items | None = None,
    settings: Mapping[str, float] | None = None,
) -> Scorer:
    """`settings` are numbers of the scorer's own fields (`dim`, `l2` …) that differ from its defaults."""
    if name not in SCORERS:
        raise RecommenderError(f"scorer {name!r} is not one of {', '.join(SCORERS)}")
    made: Any = SCORERS[name](device, items)
    defaults = {f.name: f.default for f in fields(made) if f.init and isinstance(f.default, int | float | None)}
    numbers = {key: int if isinstance(value, int) else float for key, value in defaults.items()}
    unknown = [key for key in settings or {} if key not in numbers]
    if unknown:
        raise RecommenderError(f"{name} has no setting {unknown[0]!r}; it has {', '.join(numbers) or 'none'}")
    changed: Scorer = replace(made, **{key: numbers[key](value) for key, value in (settings or {}).items()})
    return changed

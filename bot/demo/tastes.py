"""What the simulated customers like: the hidden truth that a recommender may find.

Every customer belongs to one of the personas below (the latent groups) and leans a little to a second one. The utility of
product i for customer u is

    U[u, i] = 0.7 v_u · z_i + a_u · x_i + b_u,brand(i) + 0.6 c_u · colours_i − s_u (p_i − t_u)² + 0.5 q_i

- v_u (6 factors) is the persona's centre plus noise, z_i ~ N(0, 1) is nowhere in the catalogue: only behaviour shows it.
- a_u weighs the attributes x_i: the persona's own weights plus noise.
- b_u,brand is loyalty to a brand, c_u the taste in colours.
- p_i is the product's place on its category's price ladder in [0, 1]; t_u the place the customer is used to, s_u how strict
  they are about it.
- q_i is popularity: standardised log of reviews and rating.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FACTORS = 6
ELSEWHERE = 0.12
"""Interest of a persona in a category it does not name, against 1 to 6 for those it does."""


@dataclass(frozen=True, slots=True)
class Persona:
    name: str
    categories: Mapping[str, float]
    attributes: Mapping[str, float]


def _persona(name: str, categories: str, attributes: str) -> Persona:
    def weights(text: str) -> dict[str, float]:
        return {key: float(value) for key, _, value in (part.partition(":") for part in text.split())}

    return Persona(name, weights(categories), weights(attributes))


PERSONAS = (
    _persona(
        "commuter",
        "headphones:4 earbuds:5 phones:3 power_banks:4 chargers:4 phone_cases:3 smartwatches:3 backpacks:4 laptops:2 "
        "suitcases:2 coffee:3 mugs:2 sneakers:2",
        "noise_cancelling:1.2 for_commuting:1 fast_charging:.5 lightweight:.4 for_travel:.6 for_office:.5",
    ),
    _persona(
        "player",
        "keyboards:6 mice:5 monitors:4 headphones:3 laptops:3 building_sets:4 board_games:4 snacks:3 speakers:2 phones:1",
        "for_gaming:1.3 mechanical:.9 hot_swappable:.7 backlit:.5 collectible:.6 spicy:.5",
    ),
    _persona(
        "cook",
        "pans:6 kettles:4 mugs:4 coffee:5 tea:3 snacks:3 bedding:3 lamps:2 water_bottles:2",
        "induction:.8 dishwasher_safe:.6 dark_roast:.5 organic:.6 machine_washable:.4 non_stick:.5",
    ),
    _persona(
        "outdoors",
        "running_shoes:6 tents:4 water_bottles:4 jackets:4 boots:3 backpacks:3 smartwatches:3 sunscreen:2 power_banks:2 "
        "t_shirts:3 speakers:1 cameras:2",
        "for_hiking:1.1 for_running:1 waterproof:.7 for_camping:.9 lightweight:.5 gps:.6 cushioned:.4",
    ),
    _persona(
        "parent",
        "baby_care:6 strollers:3 building_sets:4 puzzles:3 tablets:2 water_bottles:2 t_shirts:2 lamps:2 skincare:2 gift_sets:2",
        "for_kids:1.4 educational:.9 hypoallergenic:.6 machine_washable:.5 for_sensitive_skin:.4",
    ),
    _persona(
        "beauty",
        "skincare:6 lipsticks:6 sunscreen:4 handbags:4 sneakers:2 jackets:2 t_shirts:2 boots:3 phone_cases:2 gift_sets:2",
        "for_women:1 moisturizing:.7 matte:.6 for_sensitive_skin:.6 fragrance_free:.5 vegan:.3",
    ),
    _persona(
        "pets",
        "cat_supplies:6 dog_supplies:5 snacks:2 bedding:2 mugs:2 puzzles:1.5 t_shirts:1.5 boots:1 water_bottles:1",
        "grain_free:.9 machine_washable:.5 silent:.4 leakproof:.3",
    ),
    _persona(
        "reader",
        "notebooks:5 pens:5 tea:5 lamps:4 puzzles:3 tablets:3 bedding:2 gift_sets:3 mugs:2 cameras:2 speakers:2",
        "eye_care:1 refillable:.8 engraving:.8 collectible:.5 organic:.3 for_students:.6",
    ),
)
YOUNG = "for_kids"
"""Products for children leave everybody but parents cold, whatever else they offer."""


@dataclass(frozen=True, slots=True)
class Tastes:
    """`persona` (n,) positions in PERSONAS; `interest` (n, categories) adds up to 1 in each row; `utility` (n, products);
    `colors` (n, colours); `pace` (n,) sessions a year relative to the mean."""

    persona: NDArray[np.int64]
    interest: Floats
    utility: Floats
    colors: Floats
    pace: Floats


def draw_tastes(
    products: Sequence[Mapping[str, str]],
    categories: Sequence[str],
    colors: Sequence[str],
    n: int,
    rng: np.random.Generator,
) -> Tastes:
    """Tastes of `n` customers for `products` (rows of products.csv)."""
    persona = rng.permutation(np.arange(n) % len(PERSONAS))
    second = rng.integers(0, len(PERSONAS), n)
    lean = rng.uniform(0.0, 0.35, n)[:, None]

    wants = np.array([[p.categories.get(c, ELSEWHERE) for c in categories] for p in PERSONAS])
    interest = (1 - lean) * wants[persona] + lean * wants[second]
    interest *= rng.gamma(2.0, 0.5, interest.shape)
    interest /= interest.sum(axis=1, keepdims=True)

    color_taste = rng.normal(0.0, 1.0, (n, len(colors)))
    has_color = _flags(products, "colors", colors)
    utility = (
        0.7 * _hidden(persona, len(products), rng)
        + _attribute_part(products, persona, rng)
        + _brand_part(products, persona, rng)
        + 0.6 * (color_taste @ has_color.T) / np.maximum(1.0, has_color.sum(axis=1))
        - _price_part(products, persona, rng)
        + 0.5 * _popularity(products)
    )
    return Tastes(persona, interest, utility, color_taste, rng.lognormal(-0.18, 0.6, n))


def _hidden(persona: NDArray[np.int64], items: int, rng: np.random.Generator) -> Floats:
    centres = rng.normal(0.0, 0.8, (len(PERSONAS), FACTORS))
    tastes = centres[persona] + rng.normal(0.0, 0.45, (len(persona), FACTORS))
    return np.asarray(tastes @ rng.normal(0.0, 1.0, (items, FACTORS)).T)


def _attribute_part(
    products: Sequence[Mapping[str, str]], persona: NDArray[np.int64], rng: np.random.Generator
) -> Floats:
    names = sorted({a for p in products for a in _ids(p["attributes"])})
    if not names:
        return np.zeros((len(persona), len(products)))
    own = np.array([[p.attributes.get(a, -2.0 if a == YOUNG else 0.0) for a in names] for p in PERSONAS])
    return np.asarray(
        (own[persona] + rng.normal(0.0, 0.25, (len(persona), len(names)))) @ _flags(products, "attributes", names).T
    )


def _brand_part(products: Sequence[Mapping[str, str]], persona: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    brands = sorted({p["brand"] for p in products})
    shared = rng.normal(0.0, 0.3, (len(PERSONAS), len(brands)))
    loyalty = shared[persona] + rng.normal(0.0, 0.4, (len(persona), len(brands)))
    return np.asarray(loyalty[:, [brands.index(p["brand"]) for p in products]])


def _price_part(products: Sequence[Mapping[str, str]], persona: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    centre = rng.uniform(0.25, 0.7, len(PERSONAS))
    used_to = np.clip(centre[persona] + rng.normal(0.0, 0.2, len(persona)), 0.0, 1.0)
    strict = rng.gamma(3.0, 0.9, len(persona))
    return np.asarray(strict[:, None] * (price_ladder(products)[None, :] - used_to[:, None]) ** 2)


def price_ladder(products: Sequence[Mapping[str, str]]) -> Floats:
    """(m,) rank of each price inside its category, 0 the cheapest and 1 the dearest."""
    prices = np.array([float(p["price"]) for p in products])
    kinds = np.array([p["category"] for p in products])
    ladder = np.full(len(products), 0.5)
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        if len(members) > 1:
            ladder[members] = np.argsort(np.argsort(prices[members], kind="stable"), kind="stable") / (len(members) - 1)
    return ladder


def _popularity(products: Sequence[Mapping[str, str]]) -> Floats:
    known = np.log1p([float(p["reviews"] or 0) for p in products])
    good = np.array([float(p["rating"] or 4.0) for p in products])
    both = known + 2.0 * good
    return np.asarray((both - both.mean()) / max(float(both.std()), 1e-9))


def _flags(products: Sequence[Mapping[str, str]], column: str, names: Sequence[str]) -> Floats:
    return np.array([[float(name in _ids(p[column])) for name in names] for p in products])


def _ids(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]

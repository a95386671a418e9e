"""How long one customer's constrained, explained slate takes over 50,000 items, one thread.

OMP_NUM_THREADS=1 python tests/benchmarks/slates.py
"""

import time
from collections.abc import Callable

import numpy as np

from recommender.constraints import Constraints
from recommender.data import Interactions, Items, Query
from recommender.features import item_features
from recommender.recommend import Recommender
from recommender.scorers.blend import Blend
from recommender.scorers.content import Content
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity

ITEMS, USERS, EVENTS, SEED = 50_000, 5_000, 300_000, 0


def main() -> None:
    rng = np.random.default_rng(SEED)
    vectors = rng.normal(size=(ITEMS, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        {
            "product_id": f"P{n}",
            "category": f"c{n % 100}",
            "department": f"d{n % 20}",
            "brand": f"b{n % 300}",
            "price": float(rng.integers(10, 2000)),
            "colors": "black|white",
            "sizes": "S|M",
            "attributes": "|".join(f"a{a}" for a in rng.choice(60, 5, replace=False)),
            "rating": 4.5,
            "reviews": 50,
        }
        for n in range(ITEMS)
    ]
    items = Items.from_rows(rows, vectors=vectors)
    events = Interactions(
        users=tuple(f"u{n}" for n in range(USERS)),
        items=items.ids,
        user=rng.integers(0, USERS, EVENTS).astype(np.int32),
        item=(rng.zipf(1.2, EVENTS) % ITEMS).astype(np.int32),
        kind=np.zeros(EVENTS, np.int8),
        weight=np.ones(EVENTS, np.float32),
        time=np.zeros(EVENTS),
    )
    ials = Ials(epochs=1)  # the factors' values do not change the time
    shop = Recommender(items, events, scorer=Blend(ials, Content(item_features(items)), Popularity())).fit()
    available = rng.random(len(items.variants)) < 0.9
    asker = Query("u5", tuple(f"P{n}" for n in range(20)))
    wish = {"category": ["d3"], "attribute": ["a5"], "color": ["black"], "price": {"max": 900}}
    said = Constraints.from_wish(wish)
    timed(
        "search, four wishes", lambda: shop.search(wish=said, query=asker, text_vector=vectors[0], available=available)
    )
    timed("recommend, four wishes", lambda: shop.recommend(asker, constraints=said, available=available))
    timed(
        "search, no wish",
        lambda: shop.search(wish=Constraints(), query=asker, text_vector=vectors[0], available=available),
    )
    timed("fold-in of a history of 20", lambda: ials.fold_in([asker]))


def timed(name: str, run: Callable[[], object], repeats: int = 200) -> None:
    run()
    wall, cpu = np.empty(repeats), np.empty(repeats)
    for n in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        run()
        wall[n], cpu[n] = time.perf_counter() - started, time.process_time() - used
    figures = [1e3 * np.percentile(values, q) for values in (wall, cpu) for q in (50, 95)]
    print("{:28} wall p50 {:.2f} p95 {:.2f} ms, CPU p50 {:.2f} p95 {:.2f} ms".format(name, *figures))


if __name__ == "__main__":
    main()

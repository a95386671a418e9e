"""Dialogue policies against a simulated customer: success@5, turns and reward, each over five seeds.

    python tests/benchmarks/offers.py [--seeds 5] [--talks 1000] [--grown 10] [--json FILE]

The catalogue is the demo shop's, grown: each product gets `--grown` - 1 relatives of its category with another brand,
price, colours and attributes of that category, by a seeded generator. 85 in 100 variants can be had.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np

from recommender.dqn import DoubleDqn
from recommender.items import Items
from recommender.policy_evaluation import evaluate_policy, of_whole_talks
from recommender.rows import read_csv
from recommender.simulate import Places, Policy, ShopTalk, always_show, at_random, most_informative, play
from recommender.situation import ACTIONS, STOP
from recommender.values import Rule, ValueTable

SHOP = Path("bot/demo")
T_975 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 8: 2.365, 10: 2.262}
"""Student's t for the half width of a 95 % interval of so many means."""


def grown(times: int, seed: int) -> Items:
    """The demo catalogue and its relatives; sizes, which need a variant each, are those of the demo's stock."""
    random = np.random.default_rng(seed)
    rows = [dict(row) for row in read_csv(SHOP / "products.csv", ("product_id", "category", "price"))]
    sizes: dict[str, set[str]] = {}
    for piece in read_csv(SHOP / "stock.csv", ("sku", "product_id")):
        sizes.setdefault(str(piece["product_id"]), set()).add(str(piece["size"]))
    kin: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        row["sizes"] = "|".join(sorted(sizes.get(str(row["product_id"]), set()) - {""}))
        kin.setdefault(str(row["category"]), []).append(row)
    made = list(rows)
    for row in rows:
        near = kin[str(row["category"])]

        def pool(column: str, near: list[dict[str, Any]] = near) -> list[str]:
            return sorted({value for other in near for value in str(other[column]).split("|") if value})

        for n in range(1, times):
            new = {**row, "product_id": f"{row['product_id']}-{n}", "goes_with": "", "list_price": ""}
            new["brand"] = str(random.choice(pool("brand")))
            new["price"] = str(max(5, round(float(row["price"]) * math.exp(random.normal(0, 0.4)))))
            for column in ("colors", "attributes", "material"):
                values, own = pool(column), str(row[column]).split("|")
                if values and own != [""]:
                    count = min(len(values), max(1, len(own) + int(random.integers(-1, 2))))
                    new[column] = "|".join(sorted(random.choice(values, size=count, replace=False)))
            made.append(new)
    return Items.from_rows(made)


def shop_talk(items: Items, seed: int) -> ShopTalk:
    """Popularity is log-normal, as sales are; the ranking knows it but for a noise as large."""
    random = np.random.default_rng(seed)
    logs = random.normal(0, 1, len(items))
    available = random.random(len(items.variants)) < 0.85
    in_reach = items.in_stock(available)  # what is sold out is not looked for: nobody could end with it
    return ShopTalk(
        items,
        popularity=np.exp(logs) * in_reach,
        scores=logs + random.normal(0, 1, len(items)),
        available=available,
        seed=seed,
    )


def tabular(rule: Rule, talk: ShopTalk, seed: int, episodes: int) -> Policy:
    table = ValueTable(len(ACTIONS), rule, discount=1.0, rate=0.3, decay=0.02, seed=seed)
    table.fit(Places(talk), episodes=episodes, explore=(0.5, 0.05))
    return lambda situation, mask: table.best(situation.place(), mask)


def network(talk: ShopTalk, seed: int, steps: int) -> Policy:
    learned = DoubleDqn(seed=seed, **DQN).fit(talk, steps=steps)
    return lambda situation, mask: learned.best(situation.numbers(), mask)


DQN: dict[str, Any] = {
    "discount": 1.0,
    "hidden": (128, 64),
    "rate": 1e-3,
    "batch": 256,
    "every": 4,
    "n_step": 2,
    "explore": (0.6, 0.05),
}


def half_width(values: list[float]) -> float:
    if len(values) < 2:
        return float("nan")
    return T_975.get(len(values), 1.96) * float(np.std(values, ddof=1)) / math.sqrt(len(values))


def compare(
    items: Items, seeds: range, talks: int, episodes: int, steps: int, leave_out: list[str]
) -> dict[str, dict[str, Any]]:
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in seeds:
        makers: dict[str, Any] = {
            "always recommend": lambda talk, seed: always_show,
            "max-entropy asking": lambda talk, seed: most_informative,
            "random": lambda talk, seed: at_random(seed),
            "Q-learning (table)": lambda talk, seed: tabular("q_learning", talk, seed, episodes),
            "SARSA (table)": lambda talk, seed: tabular("sarsa", talk, seed, episodes),
            "double DQN": lambda talk, seed: network(talk, seed, steps),
        }
        for name, make in makers.items():
            if name in leave_out:
                continue
            started = time.process_time()
            policy = make(shop_talk(items, seed), seed)
            spent = time.process_time() - started
            started = time.process_time()
            found = play(shop_talk(items, seed), policy, talks=talks, seed=1000 + seed)
            rate = found.played / (time.process_time() - started)
            runs.setdefault(name, []).append(
                {
                    "success@5": found.success_at_5,
                    "turns": found.turns,
                    "reward": found.reward,
                    "violations": found.violations,
                    "played": found.played,
                    "fit_seconds": spent,
                    "turns_per_second": rate,
                }
            )
            print(f"seed {seed} {name:20s} {found} fit {spent:.0f} s, {rate:.0f} turns/s", flush=True)
    return {name: {key: [run[key] for run in own] for key in own[0]} for name, own in runs.items()}


def coverage(items: Items, runs: int, talks: int) -> tuple[float, dict[str, float]]:
    """How often the interval of an off-policy estimate holds the truth: a policy that shows in one more case of five than
    chance does is judged from the logs of chance, over whole talks."""
    talk = shop_talk(items, 0)
    random = np.random.default_rng(0)
    target = soft(always_show, 0.8)
    truth = _mean_reward(talk, target, random, 10_000)
    hits: dict[str, int] = {}
    for run in range(runs):
        rows = logged(talk, soft(always_show, 1.0), np.random.default_rng(run + 1), talks, target)
        log, wanted = of_whole_talks(**rows)
        for name, found in evaluate_policy(log, wanted, seed=run, rounds=500).items():
            hits[name] = hits.get(name, 0) + (found.low <= truth <= found.high)
    return truth, {name: count / runs for name, count in hits.items()}


def soft(policy: Policy, share: float) -> Any:
    """The probabilities (actions,) of a policy that takes any allowed action but to stop in `share` of cases."""

    def chances(situation: Any, mask: Any) -> Any:
        allowed = mask.copy()
        allowed[STOP] = False
        found = share * allowed / allowed.sum()
        found[policy(situation, mask)] += 1 - share
        return found

    return chances


def logged(talk: ShopTalk, behaviour: Any, random: Any, talks: int, target: Any) -> dict[str, Any]:
    rows: dict[str, list[Any]] = {"chance": [], "propensity": [], "reward": [], "group": []}
    for number in range(talks):
        talk.reset(seed=int(random.integers(2**31)))
        ended = False
        while not ended:
            chances = behaviour(talk.situation, talk.mask)
            action = int(random.choice(len(chances), p=chances))
            rows["chance"].append(target(talk.situation, talk.mask)[action])
            rows["propensity"].append(chances[action])
            _, reward, terminated, truncated, _ = talk.step(action)
            rows["reward"].append(reward)
            rows["group"].append(number)
            ended = terminated or truncated
    return rows


def _mean_reward(talk: ShopTalk, policy: Any, random: Any, talks: int) -> float:
    rows = logged(talk, policy, random, talks, policy)
    return float(sum(rows["reward"])) / talks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--talks", type=int, default=1000)
    parser.add_argument("--grown", type=int, default=10)
    parser.add_argument("--episodes", type=int, default=60_000)
    parser.add_argument("--steps", type=int, default=50_000)
    parser.add_argument("--leave-out", action="append", default=[], help="a row of the table")
    parser.add_argument("--coverage", type=int, default=0, help="runs of the off-policy check")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    items = grown(given.grown, 0)
    print(f"{len(items)} products, {len(items.variants)} variants")
    if given.coverage:
        print("off-policy:", coverage(items, given.coverage, 500))
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    found = compare(items, seeds, given.talks, given.episodes, given.steps, given.leave_out)
    for name, columns in found.items():
        cells = (f"{np.mean(columns[k]):.3f} ± {half_width(columns[k]):.3f}" for k in ("success@5", "turns", "reward"))
        rest = (int(sum(columns["played"])), int(sum(columns["violations"])), round(np.mean(columns["fit_seconds"])))
        print(f"| {name} | {' | '.join(cells)} | {' | '.join(map(str, rest))} |")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

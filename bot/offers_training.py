"""Learns from the logged offers which question to ask, and puts the result in place only when the logs say it is better.

Half of the conversations teach a table (Q-learning), the other half judge it: the reward of a whole conversation under
the learned policy is estimated from the propensities that were logged, and the lower end of its interval must lie above
what the policy in place has earned. Rewards: 1 for an offer after which a product of the talk's offers went into the cart
or was bought, -0.05 a turn. Who leaves without a word is not told apart from who is content, so leaving costs nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from bot import offers
from bot.settings import Settings
from bot.stores.customers import guest
from bot.stores.schema import conversations, interactions
from bot.stores.schema import offers as logged
from recommender.policy_evaluation import Estimate, better, evaluate_policy, of_whole_talks
from recommender.situation import ACTIONS, Situation
from recommender.values import Step, ValueTable

TAKEN, TURN = 1.0, -0.05
PATIENCE = 1800.0
"""A purchase up to so many seconds after an offer counts for it; a longer silence begins another conversation."""
_LOGGED = {"decision", "allowed", "known", "bits", "matching", "feedback", "turns", "seen"}
LEAST = 200
"""Fewer conversations than this on either side judge nothing."""


@dataclass(frozen=True, slots=True)
class Made:
    """One logged decision."""

    seen: Situation
    allowed: tuple[int, ...]
    action: int
    propensity: float
    reward: float
    usual: int | None = None
    """What is done where nothing was learned; None: the heuristic's choice."""

    @property
    def mask(self) -> np.ndarray:
        mask = np.zeros(len(ACTIONS), np.bool_)
        mask[list(self.allowed)] = True
        return mask


@dataclass(frozen=True, slots=True)
class Judgement:
    """`talks` that judged; what the policy in place earned in a conversation, and the estimates for the learned one."""

    talks: int
    in_place: float
    found: Mapping[str, Estimate]

    @property
    def deployed(self) -> bool:
        return self.talks >= LEAST and better(self.found, self.in_place)

    def lines(self) -> list[str]:
        if self.talks < LEAST:
            return [f"{self.talks} conversations to judge by, {LEAST} are needed; the policy in place stays"]
        told = [f"in place: {self.in_place:.3f} a conversation, over {self.talks}"]
        told += [f"learned, {n}: {e.value:.3f} [{e.low:.3f}, {e.high:.3f}]" for n, e in self.found.items()]
        return [*told, "better: it takes over" if self.deployed else "not surely better: the policy in place stays"]


def run(settings: Settings, engine: Engine) -> Judgement:
    """Learns, judges and, where it is better, writes `offers.safetensors` beside the other models; the server reads it
    when it starts."""
    talks = conversations_of(engine)
    teaching = {name: talk for name, talk in talks.items() if _half(name)}
    judging = {name: talk for name, talk in talks.items() if not _half(name)}
    if min(len(teaching), len(judging)) < LEAST:
        return Judgement(min(len(teaching), len(judging)), 0.0, {})
    table = learn(list(teaching.values()))
    judgement = judge(table, judging)
    if judgement.deployed:
        table.save(settings.models / offers.FILE, {"names": ACTIONS})
    return judgement


def learn(talks: Sequence[Sequence[Made]]) -> ValueTable:
    table = ValueTable(len(ACTIONS), discount=1.0)
    steps = []
    for talk in talks:
        for made, following in zip(talk, [*talk[1:], None], strict=True):
            place = None if following is None else following.seen.place()
            mask = None if following is None else following.mask
            steps.append(Step(made.seen.place(), made.action, made.reward, place, mask))
    table.replay(steps)
    return table


def judge(table: ValueTable, talks: Mapping[str, Sequence[Made]]) -> Judgement:
    rows = [(name, made) for name, talk in talks.items() for made in talk]
    log, target = of_whole_talks(
        chance=[float(offers.chances(made.seen, made.mask, table, usual=made.usual)[made.action]) for _, made in rows],
        propensity=[made.propensity for _, made in rows],
        reward=[made.reward for _, made in rows],
        group=[name for name, _ in rows],
    )
    return Judgement(len(log), float(log.reward.mean()), evaluate_policy(log, target))


def conversations_of(engine: Engine) -> dict[str, list[Made]]:
    """Decisions conversation by conversation, oldest first; those of a sender apart by PATIENCE are another one."""
    with engine.connect() as connection:
        rows = connection.execute(select(logged).order_by(logged.c.sender_id, logged.c.time, logged.c.id)).all()
        known = connection.execute(select(conversations.c.sender_id, conversations.c.customer_id)).all()
        bought = select(interactions.c.customer_id, interactions.c.product_id, interactions.c.time)
        taken = connection.execute(bought.where(interactions.c.kind.in_(("cart", "purchase")))).all()
    who = {row.sender_id: row.customer_id for row in known}
    by_owner: dict[str, list[tuple[float, str]]] = {}
    for owner, product, time in taken:
        by_owner.setdefault(owner, []).append((time, product))
    talks: dict[str, list[Any]] = {}
    last: Any = None
    for row in rows:
        if not row.state.keys() >= _LOGGED:  # shown without a decision
            continue
        if last is None or row.sender_id != last.sender_id or row.time - last.time > PATIENCE:
            name = f"{row.sender_id}:{row.id}"
        talks.setdefault(name, []).append(row)
        last = row
    found = {}
    for name, talk in talks.items():
        sender = talk[0].sender_id
        owners = {guest(sender), who.get(sender) or guest(sender)}
        found[name] = _rewarded(talk, [event for owner in sorted(owners) for event in by_owner.get(owner, ())])
    return found


def _rewarded(talk: Sequence[Any], taken: Sequence[tuple[float, str]]) -> list[Made]:
    """The first product taken pays for the last offer before it; what comes after it in the talk is left out."""
    shown = {product for row in talk for product in row.products}
    until = talk[-1].time + PATIENCE
    times = sorted(time for time, product in taken if product in shown and talk[0].time <= time <= until)
    before = [row for row in talk if not times or row.time <= times[0]]
    return [_made(row, TURN + (TAKEN if times and row is before[-1] else 0.0)) for row in before]


def _made(row: Any, reward: float) -> Made:
    state = row.state
    allowed = tuple(ACTIONS.index(name) for name in state["allowed"])
    seen = Situation(
        np.array(state["bits"], np.float32),
        frozenset(state["known"]),
        int(state["matching"]),
        state["feedback"],
        int(state["turns"]),
        int(state["seen"]),
    )
    usual = ACTIONS.index(state["usual"]) if "usual" in state else None
    return Made(seen, allowed, ACTIONS.index(state["decision"]), float(row.propensity), reward, usual)


def _half(name: str) -> bool:
    """The same half at each run, and no conversation in both."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0

"""Updates worked out by hand, and environments whose best policy is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import storage
from recommender.errors import RecommenderError
from recommender.values import Step, ValueTable, q_learning_update, sarsa_update

TABLE = [[10.0, 0.0], [0.0, 10.0], [5.0, 5.0], [5.0, 5.0]]


def test_one_step_of_q_learning() -> None:
    q = np.array(TABLE)
    # 0 + .1 * (10 + .9 * max(5, 5) - 0) = 1.45
    assert q_learning_update(q, 0, 1, 10, 2, rate=0.1, discount=0.9) == pytest.approx(1.45)
    # 10 + .1 * (10 + .9 * 10 - 10) = 10.9
    assert q_learning_update(q, 0, 0, 10, 1, rate=0.1, discount=0.9) == pytest.approx(10.9)
    assert q[1:].tolist() == TABLE[1:]


def test_one_step_of_sarsa() -> None:
    q = np.array(TABLE)
    # 10 + .1 * (10 + .9 * 0 - 10) = 10: the action really taken next is worth nothing
    assert sarsa_update(q, 0, 0, 10, 1, 0, rate=0.1, discount=0.9) == pytest.approx(10.0)
    # 0 + .1 * (10 + .9 * 10 - 0) = 1.9
    assert sarsa_update(q, 0, 1, 10, 1, 1, rate=0.1, discount=0.9) == pytest.approx(1.9)


def test_the_end_of_an_episode_has_no_future() -> None:
    q = np.array(TABLE)
    assert q_learning_update(q, 2, 0, 10, None, rate=0.1, discount=0.9) == pytest.approx(5.5)
    assert sarsa_update(q, 3, 0, 10, None, None, rate=0.1, discount=0.9) == pytest.approx(5.5)


class Cliff:
    """Sutton and Barto's cliff (example 6.6): 4 x 12; along its edge lies the shortest way, and exploring falls down."""

    action_space = None

    def reset(self, *, seed: int | None = None) -> tuple[tuple[int, int], dict[str, Any]]:
        self.at = (3, 0)
        return self.at, {}

    def step(self, action: Any) -> tuple[tuple[int, int], float, bool, bool, dict[str, Any]]:
        row, column = self.at
        dr, dc = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
        self.at = (min(max(row + dr, 0), 3), min(max(column + dc, 0), 11))
        if self.at[0] == 3 and 0 < self.at[1] < 11:
            self.at = (3, 0)
            return self.at, -100.0, False, False, {}
        return self.at, -1.0, self.at == (3, 11), False, {}


def _way(table: ValueTable) -> list[tuple[int, int]]:
    world, way = Cliff(), []
    state, _ = world.reset()
    for _ in range(40):
        state, _, ended, _, _ = world.step(table.best(state))
        way.append(state)
        if ended:
            break
    return way


def test_q_learning_walks_the_edge_and_sarsa_keeps_away() -> None:
    quick = ValueTable(4, "q_learning", rate=0.5, discount=1.0, decay=0.0)
    quick.fit(Cliff(), episodes=500, explore=(0.1, 0.1))
    assert len(_way(quick)) == 13  # the optimum
    safe = ValueTable(4, "sarsa", rate=0.5, discount=1.0, decay=0.0)
    safe.fit(Cliff(), episodes=500, explore=(0.1, 0.1))
    assert _way(safe)[-1] == (3, 11)
    assert min(row for row, _ in _way(safe)) < 2  # the detour that exploring teaches


class Fork:
    """One choice: left earns 1 at once, right 5 a step later; `shut` forbids right."""

    action_space = None

    def __init__(self, shut: bool = False) -> None:
        self.mask = np.array([True, not shut])

    def reset(self, *, seed: int | None = None) -> tuple[str, dict[str, Any]]:
        self.state = "fork"
        return self.state, {"mask": self.mask}

    def step(self, action: Any) -> tuple[str, float, bool, bool, dict[str, Any]]:
        assert self.mask[action]
        if self.state == "fork" and action == 1:
            self.state = "later"
            return self.state, 0.0, False, False, {"mask": np.array([True, False])}
        return self.state, 5.0 if self.state == "later" else 1.0, True, False, {"mask": self.mask}


@pytest.mark.parametrize("rule", ["q_learning", "sarsa"])
def test_values_of_a_known_optimum(rule: Any) -> None:
    table = ValueTable(2, rule, rate=0.5, discount=0.9)
    table.fit(Fork(), episodes=2000, explore=(0.5, 0.0))
    assert table.values[table.places["fork"]] == pytest.approx([1, 4.5], abs=0.05)
    patient = ValueTable(2, rule, rate=0.5, discount=0.1)
    patient.fit(Fork(), episodes=2000, explore=(0.5, 0.0))
    assert patient.best("fork") == 0  # the later reward counts for little


def test_what_is_not_allowed_is_never_done() -> None:
    table = ValueTable(2)
    table.fit(Fork(shut=True), episodes=50, explore=(1.0, 1.0))
    assert table.best("fork", np.array([True, False])) == 0
    assert table.best("never met", np.array([False, True])) == 1


def test_the_same_seed_learns_the_same() -> None:
    tables = [ValueTable(4, seed=3) for _ in range(2)]
    for table in tables:
        table.fit(Cliff(), episodes=30)
    assert (tables[0].values == tables[1].values).all()


def test_bad_settings() -> None:
    with pytest.raises(RecommenderError, match="rate 2"):
        ValueTable(2, rate=2)
    with pytest.raises(RecommenderError, match="rule"):
        ValueTable(2, "monte_carlo")  # type: ignore[arg-type]


def test_the_steps_of_others_teach_the_same_values() -> None:
    fork = [Step("fork", 0, 1.0, None, None), Step("fork", 1, 0.0, "later", np.array([True, False]))]
    table = ValueTable(2, rate=0.5, discount=0.9)
    table.replay([*fork, Step("later", 0, 5.0, None, None)], sweeps=200)
    assert table.values[table.places["fork"]] == pytest.approx([1, 4.5], abs=0.1)
    with pytest.raises(RecommenderError, match="sarsa"):
        ValueTable(2, "sarsa").replay(fork)


def test_a_table_is_stored_and_read(tmp_path: Path) -> None:
    table = ValueTable(2)
    table.replay([Step((1, 0), 1, 2.0, None, None), Step((3, 4), 0, 1.0, (1, 0), None)])
    table.save(tmp_path / "table.safetensors", {"names": ["a", "b"]})
    again, about = ValueTable.load(tmp_path / "table.safetensors")
    assert about["names"] == ["a", "b"]
    assert [again.best(state) for state in ((1, 0), (3, 4), (9, 9))] == [1, 0, 0]
    storage.write(tmp_path / "other.safetensors", {"values": np.zeros(3)}, {})
    with pytest.raises(RecommenderError, match="no table"):
        ValueTable.load(tmp_path / "other.safetensors")

"""The network learns a chain whose values are known, keeps to what is allowed, and comes back from its file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recommender.dqn import DoubleDqn, ValueNetwork, _Latest
from recommender.errors import RecommenderError


class Chain:
    """Five places in a row: left ends with 1, right leads on and earns 10 past the last. Action 2 is a trap that is
    never allowed."""

    action_space = SimpleNamespace(n=3)
    mask = np.array([True, True, False])

    def reset(self, *, seed: int | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.at = 0
        return self._seen(), {"mask": self.mask}

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        assert action != 2
        if action == 0:
            return self._seen(), 1.0, True, False, {"mask": self.mask}
        self.at += 1
        won = self.at == 5
        return self._seen(), 10.0 if won else 0.0, won, False, {"mask": self.mask}

    def _seen(self) -> np.ndarray:
        return np.eye(6, dtype=np.float32)[self.at]


@pytest.fixture(scope="module")
def network() -> ValueNetwork:
    return DoubleDqn(hidden=(32,), rate=3e-3, discount=0.9, warmup=200, follow=0.05, seed=1).fit(Chain(), steps=3000)


def test_the_known_optimum(network: ValueNetwork) -> None:
    states = np.eye(6, dtype=np.float32)[:5]
    right = [10 * 0.9**n for n in (4, 3, 2, 1, 0)]
    assert network.values(states)[:, 1] == pytest.approx(right, abs=0.4)
    assert [network.best(state, Chain.mask) for state in states] == [1] * 5


def test_a_forbidden_action_is_not_taken(network: ValueNetwork) -> None:
    assert network.best(np.eye(6)[0], np.array([False, False, True])) == 2


def test_stored_and_read(network: ValueNetwork, tmp_path: Path) -> None:
    network.save(tmp_path / "offers.safetensors", {"actions": ["left", "right", "trap"]})
    again, about = ValueNetwork.load(tmp_path / "offers.safetensors")
    assert about["actions"] == ["left", "right", "trap"]
    assert (again.values(np.eye(6)) == network.values(np.eye(6))).all()
    with pytest.raises(RecommenderError, match="does not exist"):
        ValueNetwork.load(tmp_path / "none.safetensors")


def test_the_same_seed_learns_the_same() -> None:
    first, second = (DoubleDqn(hidden=(8,), warmup=50, seed=2).fit(Chain(), steps=200) for _ in range(2))
    assert (first.layers[0][0] == second.layers[0][0]).all()


def test_a_state_that_does_not_fit(network: ValueNetwork) -> None:
    with pytest.raises(RecommenderError, match="7 numbers does not fit 6"):
        network.values(np.zeros(7))


def test_steps_wait_for_the_rewards_that_count() -> None:
    latest, mask = _Latest(2, 0.5), np.array([True])
    assert latest.with_("a", 0, 1.0, "b", mask, False, False) == []
    # a earns 1 + .5 * 2, and what lies behind c counts .5 ** 2
    assert latest.with_("b", 1, 2.0, "c", mask, False, False) == [("a", 0, 2.0, 0.25, "c", mask, False)]
    ended = latest.with_("c", 0, 4.0, "d", mask, True, False)
    assert ended == [("b", 1, 4.0, 0.25, "d", mask, True), ("c", 0, 4.0, 0.5, "d", mask, True)]


def test_two_rewards_ahead_find_the_same_optimum() -> None:
    network = DoubleDqn(hidden=(32,), rate=3e-3, discount=0.9, warmup=200, follow=0.05, n_step=2, every=2, seed=1).fit(
        Chain(), steps=4000
    )
    assert [network.best(state, Chain.mask) for state in np.eye(6, dtype=np.float32)[:5]] == [1] * 5


def test_bad_settings() -> None:
    with pytest.raises(RecommenderError, match="every 0"):
        DoubleDqn(every=0)

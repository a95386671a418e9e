import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact

from recommender.association import association_rules
from recommender.data import Interactions
from recommender.errors import RecommenderError


def bought(*baskets: str) -> Interactions:
    return Interactions.from_rows(
        {"user": f"u{n}", "item": item, "kind": "purchase", "time": 1e9}
        for n, basket in enumerate(baskets)
        for item in basket
    )


BASKETS = bought(*["ab"] * 6, *["abc"] * 2, *["a"] * 2, *["d"] * 8, "bd", "c")


def test_the_figures_of_a_rule_by_hand() -> None:
    rules = association_rules(BASKETS, min_count=3, most_p=0.05)
    assert [(rule.items, rule.then) for rule in rules] == [(("a",), "b"), (("b",), "a")]
    # 20 baskets; a in 10, b in 9, both in 8.
    a_b, b_a = rules
    assert (a_b.count, a_b.support, a_b.confidence, a_b.lift) == (8, 0.4, 0.8, pytest.approx(8 * 20 / 90))
    assert b_a.confidence == pytest.approx(8 / 9)
    table = np.array([[8, 2], [1, 9]])
    assert a_b.chi2 == pytest.approx(chi2_contingency(table, correction=False).statistic)
    # Two rules with the same p: adjusting leaves it.
    assert a_b.p == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


def test_two_items_lead_to_a_third() -> None:
    rules = association_rules(bought(*["abc"] * 5, *["a"] * 5, *["b"] * 5, *["d"] * 20), min_count=3)
    found = {(rule.items, rule.then): rule for rule in rules}
    assert found[("a", "b"), "c"].confidence == 1
    assert found[("a", "b"), "c"].lift == pytest.approx(35 / 5)
    assert rules == sorted(rules, key=lambda rule: -rule.lift)


def test_chance_is_no_rule() -> None:
    random = np.random.default_rng(0)
    baskets = ["".join(i for i in "abcdefgh" if random.random() < 0.3) for _ in range(400)]
    assert association_rules(bought(*baskets), most_p=0.01) == []


def test_without_baskets_no_rules() -> None:
    assert association_rules(Interactions.from_rows([{"user": "u", "item": "a"}])) == []
    with pytest.raises(RecommenderError, match="min_count 0 is not a number from 1"):
        association_rules(BASKETS, min_count=0)

"""What completes a basket: the shop's own pairs, and rules mined from what customers took together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.association import Rule, association_rules
from recommender.explain import Reason
from recommender.interactions import Interactions
from recommender.items import Items

PAIRED = 1.0
"""What the shop itself pairs counts as much as a rule that always holds."""


class Bundles:
    """The rules are mined when they are first asked for."""

    def __init__(self, items: Items, interactions: Interactions) -> None:
        self._items, self._interactions = items, interactions

    @cached_property
    def _rules(self) -> dict[str, list[Rule]]:
        """Rules by each item that they start from."""
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in association_rules(self._interactions):
            for item in rule.items:
                found[item].append(rule)
        return dict(found)

    def rules(self, basket: Collection[str]) -> dict[str, Rule]:
        """For each item that customers take with what is in the basket, the rule that holds most often."""
        best: dict[str, Rule] = {}
        for rule in (rule for item in basket for rule in self._rules.get(item, ())):
            fits = set(rule.items) <= set(basket) and rule.then not in basket
            if fits and (rule.then not in best or rule.confidence > best[rule.then].confidence):
                best[rule.then] = rule
        return best

    def score(self, basket: Collection[str]) -> tuple[NDArray[np.float32], dict[int, list[Reason]]]:
        """(n,) how well each item completes the basket, 0 for most: PAIRED and the confidence of its best rule; and the
        reasons by position."""
        scores = np.zeros(len(self._items), np.float32)
        reasons: dict[int, list[Reason]] = defaultdict(list)
        for item in basket:
            for place in self._items.goes_with[self._items.position(item)]:
                if not reasons[place]:  # one pair is reason enough
                    scores[place] += PAIRED
                    reasons[place].append(Reason("goes_with", item))
        for then, rule in self.rules(basket).items():
            place = self._items.position(then)
            scores[place] += rule.confidence
            alone = len(rule.items) == 1
            reasons[place].append(
                Reason("bought_together", rule.items[0]) if alone else Reason("bought_with_all", list(rule.items))
            )
        return scores, dict(reasons)

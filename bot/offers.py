"""Whether and how to suggest: what is asked beside the products that are shown, and when nothing is pushed at all.

Products that were asked for are always shown. The decision is which question goes with them, if any: `ask_<kind>` or
plain `show_3` of `recommender.situation.ACTIONS`. In place is a heuristic, the kind that splits what is left most evenly;
a learned table takes over once `bot.offers_training` has found it better in the logs. Any other allowed action is taken
in EXPLORED of the cases, so that every propensity is known and above zero; the draw depends on the conversation and the
turn alone, and the same talk is always held the same way.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from recommender.errors import RecommenderError
from recommender.loosening import Narrowing
from recommender.situation import ACTIONS, ASKABLE, SHOW_1, SHOW_3, STOP, Feedback, Mask, Situation
from recommender.values import ValueTable

EXPLORED = 0.1
MOST_QUESTIONS = 3
"""So many questions in a conversation; who has not answered by then does not want to be asked."""
MOST_UNASKED = 2
"""So many suggestions in a conversation that nobody asked for."""
CONVERSATION = 6 * 3600.0
"""Seconds after which a customer who comes back may be asked anew."""
BAD_MOOD = -0.3
Occasion = Literal["cart", "answer", "service"]
"""When something may be suggested that nobody asked for: after a piece went into the basket, after a question was
answered while there is one, after an order was looked after."""
_NO_SALES = frozenset({"complaint", "contact_human_agent", "account_problem"})
FILE = "offers.safetensors"


@dataclass(frozen=True, slots=True)
class Moment:
    """What the guards look at. `mode` is who has the word: bot, waiting, human."""

    negative: bool = False
    mood: float = 0.0
    negative_turns: int = 0
    intent: str = ""
    mode: str = "bot"
    form: str | None = None

    @property
    def quiet(self) -> bool:
        """Nothing may be pushed: the customer is angry, complains or waits for a person, or a form has asked something."""
        upset = self.negative or self.negative_turns > 0 or self.mood < BAD_MOOD
        return upset or self.intent in _NO_SALES or self.mode != "bot" or self.form is not None


def may_suggest(moment: Moment, *, refused: bool, suggested: int) -> bool:
    """Whether something that nobody asked for may be suggested: never to whom the guards protect, never after a no, and
    MOST_UNASKED times in a conversation."""
    return not moment.quiet and not refused and suggested < MOST_UNASKED


@dataclass(frozen=True, slots=True)
class Decision:
    """`action` of ACTIONS, the probability with which it is taken here, and what was seen, as JSON."""

    action: str
    propensity: float
    state: Mapping[str, Any]

    @property
    def asks(self) -> str | None:
        """The kind that is asked, or None."""
        return self.action.removeprefix("ask_") if self.action.startswith("ask_") else None


def situation(
    splits: Collection[Narrowing],
    *,
    wish: Collection[str],
    asked: Collection[str],
    total: int,
    seen: int,
    turns: int,
    feedback: Feedback = "none",
) -> Situation:
    """`splits` are the recommender's best questions of each kind about the `total` products that match."""
    bits = np.zeros(len(ASKABLE), np.float32)
    for split in splits:
        for place, kind in enumerate(ASKABLE):
            if kind == split.kind:
                bits[place] = _entropy(split.count / max(total, 1))
    known = {*asked, *wish} - ({"category", "attribute"} - set(asked))  # there may be more to say about these
    return Situation(bits, frozenset(known), total, feedback, turns, seen, len(asked))


def allowed(seen: Situation, moment: Moment, *, asked: Collection[str], may_ask: bool = True) -> Mask:
    """(len(ACTIONS),) showing always; a question where it splits what is left, more is left than is on the screen, and
    nothing speaks against asking (`may_ask`: the caller's own reasons)."""
    mask = seen.mask()
    mask[SHOW_3:] = False
    mask[SHOW_3] = True
    if not may_ask or moment.quiet or seen.matching <= 3 or len(asked) >= MOST_QUESTIONS:
        mask[: len(ASKABLE)] = False
    return mask


def unasked(*, total: int, seen: int, turns: int) -> Situation:
    """Before a suggestion that nobody asked for: `total` products would go with the basket, `seen` were suggested. There is
    nothing to ask, so no place of it is that of an ask-or-show decision with an open question."""
    return Situation(np.zeros(len(ASKABLE), np.float32), frozenset(ASKABLE), total, "none", turns, seen)


def decide_unasked(seen: Situation, occasion: Occasion, *, learned: ValueTable | None, draw: str) -> Decision:
    """Nothing (`stop`), one piece or three. Until something better was learned: one piece when the basket has just
    grown, nothing otherwise. Called only where `may_suggest`."""
    mask = np.zeros(len(ACTIONS), np.bool_)
    mask[[STOP, SHOW_1]] = True
    mask[SHOW_3] = seen.matching >= 3
    return decide(seen, mask, learned=learned, draw=draw, usual=SHOW_1 if occasion == "cart" else STOP)


def feedback_of(intent: str) -> Feedback:
    """What the customer's message says about the last offer."""
    if intent == "reject_suggestion":
        return "refused"
    return "told" if intent == "refine_search" else "none"


def heuristic(seen: Situation, mask: Mask) -> int:
    """The question that splits what is left most evenly; without one, show."""
    bits = np.where(mask[: len(ASKABLE)], seen.bits, 0.0)
    return int(bits.argmax()) if bits.max() > 0 else SHOW_3


def chances(seen: Situation, mask: Mask, learned: ValueTable | None = None, *, usual: int | None = None) -> np.ndarray:
    """(len(ACTIONS),) the probability of each action, 1 in all: the best one, or in EXPLORED of the cases any allowed.
    `usual` is the best one where nothing was learned; without it, the heuristic's."""
    place = seen.place()
    met = learned is not None and place in learned.places
    if learned is not None and met:
        best = learned.best(place, mask)
    else:
        best = heuristic(seen, mask) if usual is None else usual
    found = EXPLORED * mask / mask.sum()
    found[best] += 1 - EXPLORED
    return np.asarray(found, np.float64)


def decide(seen: Situation, mask: Mask, *, learned: ValueTable | None, draw: str, usual: int | None = None) -> Decision:
    """`draw` names the occasion (conversation and turn); the same one is always decided the same way."""
    odds = chances(seen, mask, learned, usual=usual)
    action = random.Random(draw).choices(range(len(ACTIONS)), weights=odds.tolist())[0]
    state = {
        "known": sorted(seen.known),
        "bits": [round(float(bit), 4) for bit in seen.bits],
        "allowed": [ACTIONS[n] for n in np.flatnonzero(mask)],
        "matching": seen.matching,
        "turns": seen.turns,
        "seen": seen.seen,
        "feedback": seen.feedback,
        **({} if usual is None else {"usual": ACTIONS[usual]}),
        "policy": "learned" if learned is not None else "heuristic",
    }
    return Decision(ACTIONS[action], float(odds[action]), state)


def load(models: Path) -> ValueTable | None:
    """What training has put in place, or None. Raises RecommenderError when it was made for other actions."""
    path = models / FILE
    if not path.exists():
        return None
    table, about = ValueTable.load(path)
    if tuple(about.get("names", ())) != ACTIONS:
        raise RecommenderError(f"{str(path)!r} was learned for other actions; run `daogou offers` again or delete it")
    return table


def _entropy(share: float) -> float:
    """Bits of a yes or no."""
    return -sum(p * math.log2(p) for p in (share, 1 - share) if p > 0)

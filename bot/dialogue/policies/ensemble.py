"""Chooses between the policies' predictions, and builds the policies that config.yml names."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.errors import ProjectError
from bot.dialogue.policies.augmented import AugmentedMemoizationPolicy
from bot.dialogue.policies.memoization import MemoizationPolicy, remember
from bot.dialogue.policies.prediction import Policy, Prediction
from bot.dialogue.policies.rule_training import train_rules
from bot.dialogue.policies.rules import RulePolicy, rule_config
from bot.dialogue.policies.sight import Sight
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track
from bot.events import user_featurization

# Rasa's own choice where config.yml names none, without the two that learn.
DEFAULT_POLICIES: tuple[Mapping[str, Any], ...] = ({"name": "MemoizationPolicy"}, {"name": "RulePolicy"})
_MEMORIES = {"MemoizationPolicy": MemoizationPolicy, "AugmentedMemoizationPolicy": AugmentedMemoizationPolicy}
_LEARNED = ("TEDPolicy", "LearnedPolicy")
_NOT_RUN = "UnexpecTEDIntentPolicy"


def build_policies(
    entries: Sequence[Mapping[str, Any]] | None,
    tracks: Sequence[Track],
    domain: Domain,
    path: Path | None = None,
    *,
    models: Path | None = None,
) -> list[Policy]:
    """Trained policies in the order of config.yml. What is learnt is kept in the folder `models`, if one is given.

    Raises ProjectError for policies that do not exist and for rules or forms without a RulePolicy. A policy that has no
    counterpart here is left out with a warning."""
    policies: list[Policy] = []
    rules: RulePolicy | None = None
    entries = entries or DEFAULT_POLICIES
    for entry in entries:
        if str(entry.get("name", "")).rpartition(".")[2] == "RulePolicy":
            rules = train_rules(tracks, domain, rule_config(entry))
    if rules is None and (domain.forms or any(track.is_rule for track in tracks)):
        raise ProjectError("has rules or forms but no RulePolicy; add `- name: RulePolicy` to policies.", path)
    sight = Sight(rules.rule_slots, rules.rule_loops) if rules is not None else Sight()
    for entry in entries:
        name = str(entry.get("name", "")).rpartition(".")[2]
        if name == "RulePolicy" and rules is not None:
            policies.append(rules)
        elif name in _MEMORIES:
            history = entry.get("max_history")
            policies.append(
                _MEMORIES[name](
                    lookup=remember(tracks, domain, history),
                    sight=sight,
                    max_history=history,
                    confidence_of_intent=bool(entry.get("use_nlu_confidence_as_score", False)),
                    priority=int(entry.get("priority", 3)),
                    name=name,
                )
            )
        elif name in _LEARNED:
            policies.append(_learned(entry, tracks, domain, sight, path, models))
        elif name == _NOT_RUN:
            warnings.warn(f"{path}: {name} is not run; no intent is taken for unlikely.", stacklevel=2)
        else:
            known = ", ".join(("RulePolicy", *_MEMORIES, *_LEARNED, _NOT_RUN))
            raise ProjectError(f"has the unknown policy {entry.get('name')!r}; use one of {known}.", path)
    return policies


def _learned(
    entry: Mapping[str, Any],
    tracks: Sequence[Track],
    domain: Domain,
    sight: Sight,
    path: Path | None,
    models: Path | None,
) -> Policy:
    # Projects that learn nothing do without numpy.
    from bot.dialogue.policies.learned.config import learned_config
    from bot.dialogue.policies.learned.model import learn
    from bot.dialogue.policies.learned.policy import LearnedPolicy

    name = str(entry["name"]).rpartition(".")[2]
    config = learned_config(entry, path)
    return LearnedPolicy(learn(tracks, domain, config, models, name), config, sight, name)


def choose(policies: Sequence[Policy], tracker: Tracker, domain: Domain) -> Prediction:
    """The prediction to follow, with the events that all of them demand. An action that has just refused to run is
    out of the question."""
    predictions = [policy.predict(tracker, domain) for policy in policies]
    rejected = _rejected(tracker)
    for prediction in predictions:
        prediction.scores.pop(rejected or "", None)
    no_user = any(prediction.no_user for prediction in predictions)
    end_to_end = any(prediction.end_to_end for prediction in predictions)
    best = Prediction(None, -1, {})
    rank = (-1.0, -1)
    for prediction in predictions:
        if prediction.no_user != no_user or (not no_user and prediction.end_to_end != end_to_end):
            continue
        if (prediction.confidence, prediction.priority) > rank:
            rank = (prediction.confidence, prediction.priority)
            best = prediction
    best.events = [event for prediction in predictions for event in prediction.events]
    if tracker.moment.action_name == LISTEN:
        best.events.append(user_featurization(best.end_to_end))
    return best


def _rejected(tracker: Tracker) -> str | None:
    for event in reversed(tracker.events):
        if event["event"] == "action":
            return None
        if event["event"] == "action_execution_rejected":
            return str(event["name"])
    return None

"""Dialogue policies on stories that they have not seen: python tests/benchmarks/dialogue_policy.py --help

Stories are held out in folds; every action of a held-out story is predicted from the story as written up to it. Real
Rasa's figures on the same folds come from `--write FOLDER` and then, in Rasa's environment, dialogue_policy_ted.py.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.policies.ensemble import build_policies, choose
from bot.dialogue.policies.learned.calibration import calibration_error
from bot.dialogue.policies.learned.lessons import Plausible, contexts, read_stories
from bot.dialogue.policies.learned.policy import LearnedPolicy
from bot.dialogue.policies.prediction import Policy
from bot.dialogue.project import Project
from bot.dialogue.state import State
from bot.dialogue.tracker import Tracker
from bot.dialogue.training import Track, unroll

FOLDS = 5
ARMS: dict[str, list[str]] = {
    "Memoization": ["MemoizationPolicy"],
    "AugmentedMemoization": ["AugmentedMemoizationPolicy"],
    "Learned": ["LearnedPolicy"],
    "Augmented + Learned": ["AugmentedMemoizationPolicy", "LearnedPolicy"],
}

# --- a shop whose every answer follows from the talk so far: what is asked for next depends on what is known, what yes
# means on what was asked, and some answers on what happened many turns ago

PARTS = {"buy": ("item", "size", "payment"), "return_item": ("order", "reason"), "track": ("order",)}
ENTITIES = ("item", "size", "payment", "order", "reason")
INTENTS = ("greet", "inform", "affirm", "deny", "chitchat", "ask_price", "complain", "thank", "bye", *PARTS)


class Shop:
    """The truth. `noise` is how often whoever wrote the stories put another of the bot's questions instead."""

    def __init__(self, draw: random.Random, noise: float) -> None:
        self.draw, self.noise = draw, noise
        self.known: set[str] = set()
        self.task: str | None = None
        self.asked: str | None = None
        self.bought = False
        self.complaints = 0

    def answer(self, intent: str, entities: Sequence[str]) -> list[str]:
        self.known.update(entities)
        actions = self._answer(intent)
        if self.draw.random() < self.noise:
            actions[-1] = "utter_ask_" + self.draw.choice(ENTITIES)
        return actions

    def _answer(self, intent: str) -> list[str]:
        if intent in PARTS:
            self.task = intent
            return self._go_on()
        if intent == "inform":
            return self._go_on() if self.task else ["utter_what"]
        if intent in ("affirm", "deny"):
            return self._decide(intent == "affirm")
        if intent == "complain":
            self.complaints += 1
            if self.complaints > 1:
                self.task = self.asked = None
                return ["utter_handoff"]
            return ["utter_sorry", *self._again()]
        if intent == "ask_price":
            return ["utter_price" if "item" in self.known else "utter_which_item", *self._again()]
        if intent == "chitchat":
            return ["utter_chat", *self._again()]
        if intent == "bye":
            return ["utter_bye_customer" if self.bought else "utter_bye"]
        return ["utter_welcome" if intent == "thank" else "utter_greet"]

    def _go_on(self) -> list[str]:
        assert self.task is not None
        missing = [part for part in PARTS[self.task] if part not in self.known]
        if not missing and self.task == "track":
            self.task = self.asked = None
            return ["action_track", "utter_track"]
        self.asked = f"utter_ask_{missing[0]}" if missing else f"utter_confirm_{self.task}"
        return [self.asked]

    def _again(self) -> list[str]:
        return [self.asked] if self.asked else []

    def _decide(self, yes: bool) -> list[str]:
        if self.asked not in ("utter_confirm_buy", "utter_confirm_return_item"):
            return ["utter_what", *self._again()]
        task, self.task, self.asked = self.task, None, None
        if not yes:
            return ["utter_cancelled"]
        self.bought |= task == "buy"
        return ["action_order", "utter_ordered"] if task == "buy" else ["action_return", "utter_returned"]


def shop_story(draw: random.Random, noise: float) -> list[dict[str, Any]]:
    """The steps of one talk of 3 to 10 turns."""
    shop = Shop(draw, noise)
    steps: list[dict[str, Any]] = []

    def turn(intent: str, entities: Sequence[str] = ()) -> None:
        step: dict[str, Any] = {"intent": intent}
        if entities:
            step["entities"] = [{entity: "x"} for entity in entities]
        steps.append(step)
        steps.extend({"action": action} for action in shop.answer(intent, entities))

    if draw.random() < 0.4:
        turn("greet")
    tasks = draw.sample(sorted(PARTS), draw.choice((1, 1, 2)))
    for task in tasks:
        turn(task, draw.sample(PARTS[task], draw.choice((0, 0, 1, len(PARTS[task]) - 1))))
        while shop.task:
            if draw.random() < 0.2 and len(steps) < 30:
                turn(draw.choice(("chitchat", "ask_price", "complain")))
            elif shop.asked and shop.asked.startswith("utter_confirm"):
                turn(draw.choice(("affirm", "affirm", "deny")))
            else:
                missing = [part for part in PARTS[shop.task] if part not in shop.known]
                turn("inform", draw.sample(missing, min(len(missing), draw.choice((1, 1, 2)))))
    if draw.random() < 0.3:
        turn(draw.choice(("chitchat", "ask_price", "affirm", "thank")))
    turn("bye" if draw.random() < 0.7 else "thank")
    return steps


def write_shop(folder: Path, *, stories: int, seed: int, noise: float) -> None:
    """A Rasa project of that many stories."""
    draw = random.Random(seed)
    told = [{"story": f"talk {number}", "steps": shop_story(draw, noise)} for number in range(stories)]
    actions = {step["action"] for story in told for step in story["steps"] if "action" in step}
    domain = {
        "version": "3.1",
        "intents": list(INTENTS),
        "entities": list(ENTITIES),
        "slots": {e: {"type": "text", "mappings": [{"type": "from_entity", "entity": e}]} for e in ENTITIES},
        "responses": {action: [{"text": action}] for action in sorted(actions) if action.startswith("utter_")},
        "actions": sorted(action for action in actions if action.startswith("action_")),
    }
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "domain.yml").write_text(yaml.safe_dump(domain, sort_keys=False), "utf-8")
    (folder / "data" / "stories.yml").write_text(yaml.safe_dump({"version": "3.1", "stories": told}), "utf-8")


# --- measuring


@dataclass
class Score:
    """Counts over held-out stories; `sure` holds confidence and rightness of the learned policy at each user turn."""

    actions: list[bool] = field(default_factory=list)
    turns: list[bool] = field(default_factory=list)
    stories: list[bool] = field(default_factory=list)
    spoken: list[bool] = field(default_factory=list)  # right or wrong, where anything but the fallback was said
    every: list[tuple[float, bool]] = field(default_factory=list)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    nonsense: list[bool] = field(default_factory=list)  # silent at intents that no story has there
    seconds: list[float] = field(default_factory=list)
    training: list[float] = field(default_factory=list)


def folds(names: Sequence[str], seed: int, most: int = FOLDS) -> Iterator[frozenset[str]]:
    """The names of the stories held out, fold by fold, up to `most`; one by one where they are few."""
    distinct = sorted(set(names))
    random.Random(seed).shuffle(distinct)
    count = len(distinct) if len(distinct) < 3 * FOLDS else FOLDS
    for fold in range(min(count, most)):
        yield frozenset(distinct[fold::count])


def run(score: Score, policies: Sequence[Policy], track: Track, domain: Domain) -> None:
    tracker = Tracker(domain)
    right: list[bool] = []
    for event in track.events:
        if event["event"] == "action" and tracker.events:
            began = time.process_time()
            prediction = choose(policies, tracker, domain)
            score.seconds.append(time.process_time() - began)
            wanted = event.get("name") or event.get("action_text")
            right.append(prediction.best(domain.action_index) == wanted)
            if tracker.moment.action_name == LISTEN:
                score.turns.append(right[-1])
                if prediction.policy != "RulePolicy":
                    score.spoken.append(right[-1])
            for policy in policies:
                if isinstance(policy, LearnedPolicy):
                    found = policy.opinion(tracker, domain)
                    if found:
                        best = max(found, key=lambda name: found[name])
                        score.every.append((found[best], best == wanted))
                        if tracker.moment.action_name == LISTEN:
                            score.sure.append(score.every[-1])
        tracker.update(event)
    score.actions += right
    score.stories.append(all(right))


def nonsense(score: Score, policy: LearnedPolicy, stories: Sequence[Any], home: Plausible, draw: random.Random) -> None:
    """Puts intents where no story, held out or not, has them."""
    intents = sorted({context[2] for story in stories for context, _ in contexts(story)})
    for story in stories:
        places = [context for context, _ in contexts(story)]
        turns = [t for t, state in enumerate(story.states) if state.is_listening and state.user and state.user[0]]
        for turn, (bot, loop, _) in zip(turns, places, strict=True):
            strange = [intent for intent in intents if (bot, loop, intent) not in home]
            if strange:
                states: list[State] = list(story.states[: turn + 1])
                states[-1] = states[-1]._replace(user=(draw.choice(strange), None, ()))
                found = policy.score(states[-policy.config.max_history :], Counter())
                score.nonsense.append(max(found.values(), default=0.0) < policy.config.threshold)


def evaluate(
    project: Project, arms: dict[str, list[dict[str, Any]]], seeds: Sequence[int], most: int
) -> dict[str, Score]:
    tracks = unroll(project.stories, project.domain)
    rules = [track for track in tracks if track.is_rule]
    stories = [track for track in tracks if not track.is_rule]
    scores: dict[str, Score] = defaultdict(Score)
    for seed in seeds:
        for held in folds([track.name for track in stories], seed, most):
            train = [*rules, *(track for track in stories if track.name not in held)]
            for arm, entries in arms.items():
                began = time.process_time()
                seeded = [
                    {**entry, **({"random_seed": seed} if entry["name"] == "LearnedPolicy" else {})}
                    for entry in entries
                ]
                policies = build_policies(seeded, train, project.domain)
                scores[arm].training.append(time.process_time() - began)
                for track in stories:
                    if track.name in held:
                        run(scores[arm], policies, track, project.domain)
                for policy in policies:
                    if isinstance(policy, LearnedPolicy) and policy.model is not None:
                        kept = read_stories([track for track in stories if track.name in held], project.domain)
                        home = Plausible(read_stories(stories, project.domain))
                        nonsense(scores[arm], policy, kept, home, random.Random(seed))
    return scores


def write_folds(project: Path, folder: Path, seed: int, max_history: int, most: int) -> None:
    """The same folds as Rasa projects, with TED in the place of what is measured here."""
    read = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((project / "data").glob("*.yml"))]
    stories = [story for block in read for story in block.get("stories", ())]
    rules = [rule for block in read for rule in block.get("rules", ())]
    ted = {"name": "TEDPolicy", "max_history": max_history, "epochs": 100, "constrain_similarities": True}
    policies = [{**ted, "random_seed": seed}, {"name": "RulePolicy"}]
    config = {
        "recipe": "default.v1",
        "assistant_id": "benchmark",
        "language": "en",
        "pipeline": [],
        "policies": policies,
    }
    for number, held in enumerate(folds([story["story"] for story in stories], seed, most)):
        fold = folder / f"fold-{number}"
        parts = {
            "train": {"rules": rules, "stories": [story for story in stories if story["story"] not in held]},
            "test": {"stories": [story for story in stories if story["story"] in held]},
        }
        for name, data in parts.items():
            (fold / name).mkdir(parents=True)
            text = yaml.safe_dump({"version": "3.1", **data}, sort_keys=False)
            (fold / name / "stories.yml").write_text(text, "utf-8")
        (fold / "domain.yml").write_text((project / "domain.yml").read_text("utf-8"), "utf-8")
        (fold / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")


def percent(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.1f}" if values else "–"


def table(scores: dict[str, Score]) -> str:
    lines = [
        "| policy | actions % | turns % | stories % | spoken: right % | spoken of turns % | ECE, all | ECE, turns |"
        " silent at nonsense % | ms | training s |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for arm, score in scores.items():
        errors = [
            f"{calibration_error(np.array([c for c, _ in sure]), np.array([r for _, r in sure])):.3f}" if sure else "–"
            for sure in (score.every, score.sure)
        ]
        lines.append(
            f"| {arm} | {percent(score.actions)} | {percent(score.turns)} | {percent(score.stories)} "
            f"| {percent(score.spoken)} | {100 * len(score.spoken) / max(1, len(score.turns)):.1f} "
            f"| {' | '.join(errors)} | {percent(score.nonsense)} "
            f"| {1000 * statistics.median(score.seconds):.2f} | {statistics.median(score.training):.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", type=Path, action="append", default=[], help="a Rasa project; several are pooled")
    parser.add_argument("--stories", type=int, default=60, help="of the made shop, where no project is given")
    parser.add_argument("--noise", type=float, default=0.02)
    parser.add_argument("--shop-seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--max-history", type=int, default=16)
    parser.add_argument("--folds", type=int, default=10, help="stops after so many")
    parser.add_argument(
        "--write", type=Path, help="only writes the folds of the first seed, for dialogue_policy_ted.py"
    )
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    arms: dict[str, list[dict[str, Any]]] = {
        arm: [*({"name": name, "max_history": options.max_history} for name in ARMS[arm]), {"name": "RulePolicy"}]
        for arm in options.arms
    }
    with TemporaryDirectory() as made:
        if not options.project:
            write_shop(Path(made), stories=options.stories, seed=options.shop_seed, noise=options.noise)
        for path in options.project or [Path(made)]:
            if options.write:
                name = path.parent.name if options.project else "shop"
                write_folds(path, options.write / name, options.seeds[0], options.max_history, options.folds)
                continue
            print(f"\n{path.parent.name if options.project else 'shop'}\n")
            print(table(evaluate(Project.load(path, environment={}), arms, options.seeds, options.folds)), flush=True)


if __name__ == "__main__":
    main()

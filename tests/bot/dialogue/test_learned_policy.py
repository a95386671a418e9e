"""The learned policy in conversations: what it goes on with, where it is silent, and what config.yml says of it."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.errors import ProjectError
from bot.dialogue.policies.learned.config import LearnedConfig, learned_config
from bot.dialogue.policies.learned.policy import LearnedPolicy
from bot.dialogue.project import Project

PARTS = ("item", "size", "payment")
DOMAIN = """
intents: [hi, buy, inform, yes, chat, odd, never]
entities: [item, size, payment]
slots:
  item: {type: text, mappings: [{type: from_entity, entity: item}]}
  size: {type: text, mappings: [{type: from_entity, entity: size}]}
  payment: {type: text, mappings: [{type: from_entity, entity: payment}]}
responses:
  utter_hi: [{text: hi}]
  utter_item: [{text: which?}]
  utter_size: [{text: how large?}]
  utter_payment: [{text: how paid?}]
  utter_confirm: [{text: right?}]
  utter_done: [{text: done}]
  utter_thanks: [{text: thanks}]
  utter_chat: [{text: well}]
"""
LEARNED = "policies: [{name: RulePolicy}, {name: LearnedPolicy, epochs: 40}]"
FALLBACK = "action_default_fallback"
HELD_OUT = ("payment", "item", "size")


def ordered(order: tuple[str, ...], start: str = "") -> str:
    """A story in which the parts are told in this order, one a turn; the bot always asks for the first that is missing."""
    known: set[str] = set()
    steps = [start, "{intent: buy}, {action: utter_item}"]
    for part in order:
        known.add(part)
        missing = [name for name in PARTS if name not in known]
        steps.append(f"{{intent: inform, entities: [{{{part}: x}}]}}")
        steps.append(f"{{action: utter_{missing[0]}}}" if missing else "{action: utter_confirm}")
    steps.append("{intent: yes}, {action: utter_done}, {action: utter_thanks}")
    return f"- story: {start and 'greeted '}{' '.join(order)}\n  steps: [{', '.join(filter(None, steps))}]\n"


STORIES = "stories:\n" + "".join(
    ordered(order, start)
    for order in permutations(PARTS)
    if order != HELD_OUT
    for start in ("", "{intent: hi}, {action: utter_hi}")
)
TOLD: list[tuple[str, list[str]]] = [
    ("/buy", ["utter_item"]),
    ('/inform{"payment": "card"}', ["utter_item"]),
    ('/inform{"item": "lamp"}', ["utter_size"]),
    ('/inform{"size": "L"}', ["utter_confirm"]),
    ("/yes", ["utter_done", "utter_thanks"]),
]


def learned(project: Project) -> LearnedPolicy:
    return next(policy for policy in project.policies if isinstance(policy, LearnedPolicy))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model of these stories, so that they are learnt once."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "data").mkdir()
    (folder / "domain.yml").write_text(DOMAIN, "utf-8")
    (folder / "config.yml").write_text(LEARNED, "utf-8")
    (folder / "data" / "stories.yml").write_text(STORIES, "utf-8")
    _ = Project.load(folder, environment={}).policies
    return folder / "models" / "LearnedPolicy.safetensors"


@pytest.fixture
def buyer(talk: Callable[..., Any], tmp_path: Path, trained: Path) -> Any:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / trained.name).write_bytes(trained.read_bytes())
    return talk(DOMAIN, stories=STORIES, config=LEARNED)


def test_an_order_that_no_story_tells_is_followed(buyer: Any) -> None:
    buyer.talk(TOLD)


def test_memory_alone_does_not_follow_it(talk: Callable[..., Any]) -> None:
    config = "policies: [{name: MemoizationPolicy}, {name: RulePolicy}]"
    talk(DOMAIN, stories=STORIES, config=config).talk([*TOLD[:2], (TOLD[2][0], [FALLBACK])])


def test_what_no_story_has_is_left_to_the_fallback(buyer: Any) -> None:
    buyer.talk([("/never", [FALLBACK]), ("/odd", [FALLBACK]), ("/buy", ["utter_item"])])
    said = buyer.turn(("well, well", {"intent": {"name": "", "confidence": 0.0}, "entities": []}))
    assert said.actions == [FALLBACK]


def test_confidence_stays_below_what_is_written(buyer: Any) -> None:
    turn = buyer.turn("/buy")
    action = next(event for event in turn.events if event.get("name") == "utter_item")
    assert action["policy"] == "LearnedPolicy"
    assert 0.5 <= action["confidence"] < 1.0


def test_nothing_is_said_twice_in_a_turn(buyer: Any) -> None:
    policy = learned(buyer.runtime.project)
    assert policy.model is not None
    assert policy.model.limits == dict.fromkeys(policy.model.limits, 1)
    buyer.turn("/buy")
    tracker = buyer.tracker
    tracker.update({"event": "user", "text": "/buy", "parse_data": {"intent": {"name": "buy"}, "entities": []}})
    tracker.update({"event": "action", "name": "utter_item", "policy": "LearnedPolicy"})
    assert "utter_item" not in policy.opinion(tracker, buyer.runtime.domain)


def test_a_turn_that_it_began_ends_without_the_fallback(buyer: Any) -> None:
    policy = learned(buyer.runtime.project)
    buyer.turn("/buy")
    tracker = buyer.tracker
    tracker.update({"event": "user", "text": "/never", "parse_data": {"intent": {"name": "never"}, "entities": []}})
    assert policy.predict(tracker, buyer.runtime.domain).scores == {}
    tracker.update({"event": "action", "name": "utter_size", "policy": "LearnedPolicy"})
    assert policy.predict(tracker, buyer.runtime.domain).scores == {"action_listen": 0.5}
    tracker.update({"event": "action", "name": "utter_size", "policy": "RulePolicy"})
    assert policy.predict(tracker, buyer.runtime.domain).scores == {}


def test_rules_come_first_and_their_turns_are_not_seen(talk: Callable[..., Any], tmp_path: Path, trained: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / trained.name).write_bytes(trained.read_bytes())
    rules = "rules: [{rule: chat, steps: [{intent: chat}, {action: utter_chat}]}]"
    one = talk(DOMAIN, rules=rules, stories=STORIES, config=LEARNED)
    first, *others = TOLD
    one.talk([first, ("/chat", ["utter_chat"]), *others])


def test_only_the_latest_states_count(talk: Callable[..., Any]) -> None:
    config = "policies: [{name: RulePolicy}, {name: TEDPolicy, max_history: 3, epochs: 2}]"
    one = talk(DOMAIN, stories=STORIES, config=config)
    policy = learned(one.runtime.project)
    scores = []
    for start in ([], ["hi", "utter_hi"]):
        tracker = type(one.tracker)(one.runtime.domain)
        for intent, action in [*([start] if start else []), ("buy", "utter_item"), ("yes", None)]:
            tracker.update({"event": "action", "name": "action_listen"})
            tracker.update({"event": "user", "text": "", "parse_data": {"intent": {"name": intent}, "entities": []}})
            if action:
                tracker.update({"event": "action", "name": action})
        scores.append(policy.opinion(tracker, one.runtime.domain))
    assert scores[0] == scores[1]
    assert policy.name == "TEDPolicy"


def test_without_stories_nothing_is_learnt(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules="rules: [{rule: chat, steps: [{intent: chat}, {action: utter_chat}]}]", config=LEARNED)
    one.talk([("/chat", ["utter_chat"]), ("/buy", [FALLBACK])])
    assert learned(one.runtime.project).model is None


def test_rasas_parameters_are_taken_over() -> None:
    entry = {"name": "TEDPolicy", "max_history": 5, "epochs": 10, "constrain_similarities": True, "random_seed": 3}
    assert learned_config(entry) == LearnedConfig(max_history=5, epochs=10, random_seed=3)
    assert learned_config({"name": "TEDPolicy", "max_history": None}) == LearnedConfig()


def test_parameters_without_a_counterpart_are_named() -> None:
    entry = {"name": "TEDPolicy", "number_of_transformer_layers": 2, "epoks": 3}
    with pytest.warns(UserWarning, match="TEDPolicy: number_of_transformer_layers, epoks"):
        learned_config(entry, Path("config.yml"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_history", 0),
        ("max_history", "five"),
        ("epochs", True),
        ("epochs", 1.5),
        ("threshold", 1),
        ("threshold", float("nan")),
        ("random_seed", -1),
        ("priority", None),
    ],
)
def test_values_out_of_range_are_refused(key: str, value: object) -> None:
    entry = {"name": "LearnedPolicy", key: value}
    if value is None:
        assert learned_config(entry) == LearnedConfig()
        return
    with pytest.raises(ProjectError, match=f"LearnedPolicy: {key} is .*; it must be a"):
        learned_config(entry)


def test_a_project_without_it_learns_nothing(project: Callable[..., Any]) -> None:
    made = project(DOMAIN, stories=STORIES, config="policies: [{name: MemoizationPolicy}, {name: RulePolicy}]")
    assert [policy.name for policy in made.policies] == ["MemoizationPolicy", "RulePolicy"]
    assert not (made.path / "models").exists()

"""What the learned policy learns from, how it is trained, and how it is kept."""

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.dialogue.domain import Domain
from bot.dialogue.policies.learned.calibration import calibration_error, fit_temperature, probabilities
from bot.dialogue.policies.learned.config import LearnedConfig
from bot.dialogue.policies.learned.features import Vocabulary, features
from bot.dialogue.policies.learned.lessons import Lesson, Plausible, Story, contexts, lessons, pieces, read_stories
from bot.dialogue.policies.learned.model import MAX_STEPS, LearnedModel, fingerprint, learn, most_steps
from bot.dialogue.policies.learned.network import Network, softmax
from bot.dialogue.policies.learned.trainer import Material, train
from bot.dialogue.slots import SHOULD_NOT_BE_SET
from bot.dialogue.state import State
from bot.dialogue.training import Track, unroll

DOMAIN = """
intents: [hi, ask, yes, no, chat]
slots: {vip: {type: bool, mappings: [{type: custom}]}}
responses: {utter_a: [{text: a}], utter_b: [{text: b}], utter_c: [{text: c}], utter_chat: [{text: chat}]}
"""
STORIES = """
stories:
- {story: ask, steps: [{intent: ask}, {action: utter_a}, {intent: yes}, {action: utter_b}, {action: utter_b}]}
- {story: vip, steps: [{slot_was_set: [{vip: true}]}, {intent: ask}, {action: utter_c}]}
- {story: hi, steps: [{intent: hi}, {action: utter_a}, {intent: no}, {action: utter_c}]}
- {story: another hi, steps: [{intent: hi}, {action: utter_c}]}
- {story: chat, steps: [{intent: chat}, {action: utter_chat}, {intent: hi}, {action: utter_a}]}
- {story: chat on, steps: [{intent: hi}, {action: utter_a}, {intent: chat}, {action: utter_chat}]}
"""
QUICK = LearnedConfig(max_history=6, epochs=2)


@pytest.fixture
def told(project: Callable[..., Any]) -> tuple[list[Track], Domain]:
    made = project(DOMAIN, stories=STORIES)
    return unroll(made.stories, made.domain), made.domain


@pytest.fixture
def stories(told: tuple[list[Track], Domain]) -> list[Story]:
    return read_stories(*told)


def test_a_state_is_told_by_its_features() -> None:
    slots = (("vip", (1.0, 0.0)), ("size", SHOULD_NOT_BE_SET))
    state = State(("ask", None, ("item", "item#gift")), slots, "action_listen", None, "form")
    assert features(state) == {
        ("intent", "ask", 0): 1.0,
        ("entity", "item", 0): 1.0,
        ("entity", "item#gift", 0): 1.0,
        ("slot", "vip", 0): 1.0,
        ("action", "action_listen", 0): 1.0,
        ("loop", "form", 0): 1.0,
    }


def test_a_vocabulary_knows_what_stories_say_and_do() -> None:
    known = State(("ask", None, ()), action="action_listen")
    vocabulary = Vocabulary.of([known])
    assert vocabulary.encode(known._replace(user=("ask", None, ("item",)), loop="f")) == ((0, 1.0), (1, 1.0))
    assert vocabulary.knows(known)
    assert not vocabulary.knows(known._replace(user=("other", None, ())))
    assert not vocabulary.knows(known._replace(user=(None, "some words", ())))
    assert not vocabulary.knows(known._replace(action="utter_a"))
    assert Vocabulary.from_list(vocabulary.as_list()) == vocabulary


def test_stories_end_where_they_are_told_in_words(project: Callable[..., Any]) -> None:
    text = "stories: [{story: a, steps: [{intent: ask}, {action: utter_a}, {user: some words}, {action: utter_b}]}]"
    made = project(DOMAIN, stories=text)
    (story,) = read_stories(unroll(made.stories, made.domain), made.domain)
    assert story.actions == ("action_listen", "utter_a", "action_listen")


def test_an_intent_with_one_answer_everywhere_is_at_home_everywhere(stories: list[Story]) -> None:
    home = Plausible(stories)
    assert (None, None, "hi") in home
    assert ("utter_a", None, "yes") in home
    assert ("utter_c", None, "yes") not in home
    assert ("utter_c", None, "chat") in home  # it is answered alike in two places


def test_lessons_begin_in_mid_talk_and_end_in_nonsense(stories: list[Story], told: tuple[list[Track], Domain]) -> None:
    found = lessons(stories, told[1], history=6, factor=3, seed=1)
    assert found == lessons(stories, told[1], history=6, factor=3, seed=1)
    assert [lesson.states for lesson in found[: len(stories)]] == [story.states for story in stories]
    joined = [lesson for lesson in found if len(lesson.parts) > 1]
    assert len(joined) == 3 * len(stories)
    for lesson in joined:
        learnt = [action for action in lesson.actions if action]
        own = stories[lesson.parts[-1]]
        assert tuple(learnt) == tuple(action for action in own.actions if action)[: len(learnt)]
        assert lesson.actions[0] is None
    for lesson in found[len(stories) + len(joined) :]:
        assert lesson.nonsense is not None
        assert set(lesson.actions) == {None}
        assert lesson.states[-1].user == (lesson.nonsense[2], None, ())


@pytest.mark.parametrize(("length", "history"), [(1, 3), (6, 3), (7, 3), (20, 3), (5, 1)])
def test_long_lessons_are_cut_with_what_they_look_back_to(length: int, history: int) -> None:
    states = tuple(State(action=f"action_{time}") for time in range(length))
    lesson = Lesson(states, tuple(f"utter_{time}" for time in range(length)), (0,))
    learnt = []
    for piece in pieces([lesson], history):
        assert len(piece.states) <= 2 * history
        for time, (state, action) in enumerate(zip(piece.states, piece.actions, strict=True)):
            at = states.index(state)
            if action is not None:
                assert piece.states[: time + 1][-history:] == states[: at + 1][-history:]
                learnt.append((at, action))
    assert learnt == list(enumerate(lesson.actions))


def test_the_server_computes_what_was_trained() -> None:
    rng = np.random.default_rng(0)
    states = (rng.random((7, 9)) < 0.4).astype(np.float32)
    rows = np.array([[0, 1, 2, 3, 4, 5], [6, 5, 4, -1, -1, -1]])
    tests = np.zeros((2, 2, 6), np.float32)
    tests[1, 0, 5] = tests[1, 1, 2] = 1
    labels = rng.integers(0, 3, rows.shape)
    material = Material(
        states,
        np.ones(9, np.bool_),
        rows,
        labels,
        (rows >= 0) * np.float32([[[1]], [[1]]]),
        tests,
        np.array([0.5, 0.5]),
    )
    trained = train(material, actions=4, history=4, steps=3, seed=1)
    network = Network({name: array[1:] for name, array in trained.arrays.items()})
    encoded = [tuple((int(i), 1.0) for i in np.flatnonzero(state)) for state in states]
    for row, length, expected in zip(rows, (6, 3), trained.tested, strict=True):
        found = network.similarities([encoded[state] for state in row[:length]])
        np.testing.assert_allclose(found[0], expected, rtol=1e-4, atol=1e-5)
    assert trained.truth.tolist() == [labels[0, 5], labels[1, 2]]
    assert trained.steps == 3


def test_only_the_latest_states_reach_the_network() -> None:
    rng = np.random.default_rng(0)
    states = np.eye(5, dtype=np.float32)
    rows = np.array([[0, 1, 2, 3]])
    nothing = np.zeros((1, 1, 4), np.float32)
    material = Material(
        states, np.ones(5, np.bool_), rows, rng.integers(0, 2, rows.shape), nothing + 1, nothing, np.ones(1)
    )
    network = Network(train(material, actions=3, history=2, steps=2, seed=1).arrays)
    one, other = (network.similarities([((first, 1.0),), ((2, 1.0),), ((3, 1.0),)]) for first in (0, 1))
    np.testing.assert_array_equal(one, other)
    assert not np.allclose(one, network.similarities([((0, 1.0),), ((1, 1.0),), ((3, 1.0),)]))


def test_the_same_stories_and_seed_give_the_same_model(
    told: tuple[list[Track], Domain], stories: list[Story], tmp_path: Path
) -> None:
    model = LearnedModel.fit(stories, told[1], QUICK)
    model.save(tmp_path / "one.safetensors")
    code = (
        "from pathlib import Path; from bot.dialogue.project import Project; from bot.dialogue.training import unroll;"
        "from bot.dialogue.policies.learned.config import LearnedConfig;"
        "from bot.dialogue.policies.learned.model import learn; import sys; root = Path(sys.argv[1]);"
        "made = Project.load(root, environment={}); config = LearnedConfig(max_history=6, epochs=2);"
        "learn(unroll(made.stories, made.domain), made.domain, config, root / 'models', 'other')"
    )
    environment = {"PYTHONHASHSEED": "7", "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(tmp_path)], check=True, env=environment)
    assert (tmp_path / "models" / "other.safetensors").read_bytes() == (tmp_path / "one.safetensors").read_bytes()


def test_a_kept_model_is_the_same_and_a_stale_or_damaged_one_is_trained_anew(
    told: tuple[list[Track], Domain], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    models = tmp_path / "models"
    path = models / "LearnedPolicy.safetensors"
    first = learn(*told, QUICK, models, "LearnedPolicy")
    written = path.read_bytes()
    again = learn(*told, QUICK, models, "LearnedPolicy")
    assert first is not None
    assert again is not None
    assert (first.vocabulary, first.actions, first.limits) == (again.vocabulary, again.actions, again.limits)
    assert (first.temperature, first.steps) == (again.temperature, again.steps)
    state = [((0, 1.0), (2, 1.0))]
    np.testing.assert_array_equal(first.network.similarities(state), again.network.similarities(state))
    assert LearnedModel.load(path, "another fingerprint") is None
    path.write_bytes(written[:-40])
    with caplog.at_level(logging.WARNING):
        learn(*told, QUICK, models, "LearnedPolicy")
    assert "trained anew" in caplog.text
    assert path.read_bytes() == written


def test_a_model_belongs_to_its_stories_and_its_settings(stories: list[Story]) -> None:
    known = fingerprint(stories, QUICK)
    assert known == fingerprint(stories, QUICK)
    assert known != fingerprint(stories[:-1], QUICK)
    assert known != fingerprint(stories, LearnedConfig(max_history=6, epochs=2, random_seed=2))


def test_a_folder_that_cannot_be_written_costs_only_time(
    told: tuple[list[Track], Domain], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "models").write_text("a file, not a folder")
    with caplog.at_level(logging.WARNING):
        assert learn(*told, QUICK, tmp_path / "models", "LearnedPolicy") is not None
    assert "is not kept" in caplog.text


def test_contradicting_stories_are_learnt_as_far_as_possible(
    told: tuple[list[Track], Domain], stories: list[Story]
) -> None:
    model = LearnedModel.fit(stories, told[1], LearnedConfig(max_history=6, epochs=25))

    def chances(*states: State) -> dict[str, float]:
        found = model.network.similarities([model.vocabulary.encode(state) for state in states])
        return dict(zip(model.actions, probabilities(found, model.temperature).mean(axis=0).tolist(), strict=False))

    # After `hi` three stories say a and one says c; what follows `chat` is told only one way.
    hi = chances(State(), State(("hi", None, ()), action="action_listen"))
    assert hi["utter_a"] > hi["utter_c"] > 0.02
    assert chances(State(), State(("chat", None, ()), action="action_listen"))["utter_chat"] > 0.5
    assert model.limits == {"utter_a": 1, "utter_b": 2, "utter_c": 1, "utter_chat": 1}


def test_training_is_bounded_by_steps() -> None:
    assert most_steps(1, 40) == 3
    assert most_steps(10_000, 10_000) == MAX_STEPS


def test_temperature_answers_for_what_is_said_too_surely() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 400)
    shown = np.where(rng.random(400) < 0.7, truth, (truth + 1) % 4)
    sure = 8.0 * np.eye(4)[shown]  # 0.999 sure, right seven times in ten
    temperature = fit_temperature(sure, truth)
    confidence = probabilities(sure, temperature).max(axis=1)
    assert confidence.mean() == pytest.approx(0.7, abs=0.03)
    assert calibration_error(confidence, shown == truth) < 0.04
    assert calibration_error(probabilities(sure, 1.0).max(axis=1), shown == truth) > 0.25


def test_temperature_without_tests_is_the_one_believed_before() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, int)) == pytest.approx(1.5, rel=0.03)


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    right = np.array([True, True, True, False])
    assert calibration_error(confidence, right) == pytest.approx(0.5 * 0.05 + 0.5 * 0.05)
    assert calibration_error(np.zeros(0), np.zeros(0, bool)) == 0.0


def test_softmax_of_large_numbers() -> None:
    np.testing.assert_allclose(softmax(np.float32([1000, 1000])), [0.5, 0.5])


def test_contexts_of_a_story(stories: list[Story]) -> None:
    assert list(contexts(stories[0])) == [((None, None, "ask"), "utter_a"), (("utter_a", None, "yes"), "utter_b")]

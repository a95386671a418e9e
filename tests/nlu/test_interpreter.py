from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from nlu.components import Components, Fallback
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.interpreter import Interpreter, stamp_of
from nlu.parse import FALLBACK
from nlu.training_data import Mark, Sentence, TrainingData

ENCODER = HashingEncoder(512)


def wish(city: str, frame: str) -> Sentence:
    text = frame.format(city)
    start = text.index(city)
    return Sentence(text, "travel", marks=(Mark(start, start + len(city), "city"),))


CITIES = ("Paris", "Oslo", "Rome", "Lima", "NYC")
SENTENCES = [
    *(wish(city, frame) for city in CITIES for frame in ("fly me to {}", "a ticket to {} please")),
    *(Sentence(t, "greet") for t in ("hello", "hi there", "good morning", "hey you", "hello again")),
    *(Sentence(t, "faq", "ask_bags") for t in ("how many bags may I take", "is luggage free", "what of my suitcase")),
    *(Sentence(t, "faq", "ask_pets") for t in ("may my dog come along", "do you take cats", "pets allowed?")),
]
DATA = TrainingData(
    SENTENCES,
    synonyms={"NYC": "New York"},
    regexes={"code": [r"\b[A-Z]{2}\d{3}\b"], "unused": ["hello"]},
    lookups={"airline": ["Air France", "KLM"]},
    responses={"utter_faq/ask_bags": [{"text": "One."}], "utter_faq/ask_pets": [{"text": "Small ones."}]},
)


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return Interpreter.train(DATA, encoder=ENCODER, entities=["airline", "code"], seed=3)


def test_a_parse_is_in_rasas_form(interpreter: Interpreter) -> None:
    parse = json.loads(json.dumps(interpreter.parse("a ticket to NYC please KLM AB123")))
    assert list(parse) == ["text", "intent", "intent_ranking", "entities", "language", "response_selector"]
    assert (
        parse["intent"] == parse["intent_ranking"][0] == {"name": "travel", "confidence": parse["intent"]["confidence"]}
    )
    assert next(pair["name"] for pair in parse["intent_ranking"]) == "travel"
    assert len(parse["intent_ranking"]) == 3
    city, airline, code = parse["entities"]
    assert city | {"confidence_entity": 1.0} == {
        "entity": "city",
        "value": "New York",
        "start": 12,
        "end": 15,
        "confidence_entity": 1.0,
        "extractor": "DIETClassifier",
        "processors": ["EntitySynonymMapper"],
    }
    assert [(e["entity"], e["value"], e["extractor"]) for e in (airline, code)] == [
        ("airline", "KLM", "RegexEntityExtractor"),
        ("code", "AB123", "RegexEntityExtractor"),
    ]


def test_a_retrieval_intent_gets_its_answer(interpreter: Interpreter) -> None:
    parse = interpreter.parse("may my dog come along")
    assert parse["intent"]["name"] == "faq"
    selected = parse["response_selector"]
    assert selected["all_retrieval_intents"] == ["faq"]
    assert selected["default"]["response"]["utter_action"] == "utter_faq/ask_pets"
    assert selected["default"]["response"]["responses"] == [{"text": "Small ones."}]


@pytest.mark.parametrize("text", ["qqq zzz xxx", "", " \n", "\ud83d\x00"])
def test_nonsense_falls_back_with_the_threshold_as_its_confidence(interpreter: Interpreter, text: str) -> None:
    parse = interpreter.parse(text)
    assert parse["intent"] == {"name": FALLBACK, "confidence": 0.3}
    assert parse["intent_ranking"][0] == parse["intent"]


def test_thresholds_are_those_of_the_components() -> None:
    strict = Interpreter.train(DATA, encoder=ENCODER, components=Components(fallback=Fallback(1.0, 0.0)))
    assert strict.parse("fly me to Bonn")["intent"] == {"name": FALLBACK, "confidence": 1.0}
    without = Interpreter.train(DATA, encoder=ENCODER, components=Components(fallback=None))
    assert without.parse("qqq zzz xxx")["intent"]["name"] != FALLBACK


def test_it_is_loaded_as_saved(interpreter: Interpreter, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    interpreter.save(folder, stamp="first")
    interpreter.save(folder, stamp="second")
    assert stamp_of(folder) == "second"
    assert stamp_of(tmp_path) is None
    assert list(tmp_path.iterdir()) == [folder]
    assert not [file for file in folder.rglob("*") if file.read_bytes()[:2] == b"\x80\x04"]  # no pickle
    loaded = Interpreter.load(folder, encoder=ENCODER)
    for text in ("fly me to Bonn", "may my dog come along", "qqq zzz"):
        one, other = interpreter.parse(text), loaded.parse(text)
        assert one["entities"] == other["entities"]
        assert one["intent"]["confidence"] == pytest.approx(other["intent"]["confidence"], abs=0.02)
        assert (
            one["response_selector"]["default"]["response"]["responses"]
            == (other["response_selector"]["default"]["response"]["responses"])
        )
    with pytest.raises(NluError, match="train it again"):
        Interpreter.load(folder, encoder=HashingEncoder())
    (folder / "interpreter.json").write_text("{")
    with pytest.raises(NluError, match="daogou train"):
        Interpreter.load(folder, encoder=ENCODER)


def test_the_same_seed_gives_the_same_model(interpreter: Interpreter) -> None:
    again = Interpreter.train(DATA, encoder=ENCODER, entities=["airline", "code"], seed=3)
    assert again.parse("a flight to Rome") == interpreter.parse("a flight to Rome")


def test_components_that_are_left_out_do_nothing() -> None:
    none = Components(intents=False, tagger=None, patterns=None, synonyms=False, selectors=(), fallback=None)
    parse = Interpreter.train(DATA, encoder=ENCODER, components=none).parse("fly me to NYC with KLM")
    assert parse["intent"] == {"name": None, "confidence": 0.0}
    assert parse["intent_ranking"] == parse["entities"] == []
    assert "response_selector" not in parse


def test_keywords_and_dimensions(tmp_path: Path) -> None:
    chosen = Components(intents=False, keyword_case=False, tagger=None, dimensions=("time",), selectors=())
    Interpreter.train(DATA, encoder=ENCODER, components=chosen).save(tmp_path / "m")
    interpreter = Interpreter.load(tmp_path / "m", encoder=ENCODER)
    parse = interpreter.parse("HELLO, tomorrow", today=date(2026, 11, 22))
    assert parse["intent"] == {"name": "greet", "confidence": 1.0}
    assert [(e["entity"], e["value"][:10]) for e in parse["entities"]] == [("time", "2026-11-23")]
    assert interpreter.parse("something else")["intent"]["name"] == FALLBACK


def test_one_intent_and_repeated_examples() -> None:
    data = TrainingData(
        [Sentence(t, "track") for t in ("where is my order", "where is my parcel", "track my order")] * 3
    )
    interpreter = Interpreter.train(data, encoder=ENCODER)
    assert interpreter.parse("where is my letter")["intent"] == {"name": "track", "confidence": 1.0}
    assert interpreter.parse("zzz qqq 99")["intent"]["name"] == FALLBACK


def test_an_intent_with_one_example_counts() -> None:
    data = replace(DATA, sentences=[*SENTENCES, Sentence("cancel everything now", "cancel")])
    interpreter = Interpreter.train(data, encoder=ENCODER)
    assert interpreter.parse("cancel everything")["intent"]["name"] == "cancel"
    assert interpreter.parse("qqq zzz xxx")["intent"]["name"] == FALLBACK


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (TrainingData(), "There are no examples to train on"),
        (TrainingData([Sentence(" ", "greet")]), "There are no examples to train on"),
        (TrainingData([Sentence("x" * 100_001, "greet")]), "'greet' has 100001 characters .* at most 100000"),
        (replace(DATA, regexes={"code": ["(("]}), r"The regex '\(\(' of 'code' cannot be used"),
    ],
)
def test_unusable_data_is_one_sentence(data: TrainingData, problem: str) -> None:
    with pytest.raises(NluError, match=problem) as caught:
        Interpreter.train(data, encoder=ENCODER)
    assert "\n" not in str(caught.value)

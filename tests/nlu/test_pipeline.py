from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.parse import FALLBACK
from nlu.pipeline import Pipeline


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I want to return the chair", "return_item"),
        ("where is my chair", "track_order"),
        ("hello", "greet"),
        ("write a poem on a chair", OUT_OF_SCOPE),
        ("", FALLBACK),
        ("\x00\ud83d", FALLBACK),
        ("hello! where is my chair", "track_order"),  # the greeting is dropped for the request
    ],
)
def test_intents(pipeline: Pipeline, text: str, intent: str) -> None:
    assert pipeline.parse(text).intent == intent


def test_what_looks_like_nothing_known_falls_back(pipeline: Pipeline) -> None:
    parse = pipeline.parse("qzx vvkj wwpf")
    assert parse.intent == FALLBACK
    assert parse.ranking[0] == (FALLBACK, pytest.approx(1 - parse.ranking[1][1]))


def test_rasas_format(pipeline: Pipeline) -> None:
    shown = json.loads(json.dumps(pipeline.parse("where is my order 10023").as_dict()))
    assert list(shown) == ["text", "intent", "intent_ranking", "entities", "sentiment", "language"]
    assert shown["intent"]["name"] == shown["intent_ranking"][0]["name"] == "track_order"
    assert sum(row["confidence"] for row in shown["intent_ranking"]) == pytest.approx(1, abs=1e-3)
    assert [(e["entity"], e["value"], e["start"], e["end"]) for e in shown["entities"]] == [
        ("order_number", "10023", 18, 23)
    ]


def test_two_requests(pipeline: Pipeline) -> None:
    parse = pipeline.parse("where is my mug 10023, also I want to return the lamp 10024")
    assert (parse.intent, [r.intent for r in parse.requests]) == ("track_order", ["return_item"])
    assert [name for name, _ in parse.ranking][:2] == ["track_order", "return_item"]
    assert [e.value for e in parse.entities if e.entity == "order_number"] == ["10023"]
    (later,) = parse.requests
    assert [later.text[e.start : e.end] for e in later.entities if e.entity == "order_number"] == ["10024"]
    assert [r["intent"]["name"] for r in parse.as_dict()["requests"]] == ["return_item"]


def test_sentiment_and_its_score(pipeline: Pipeline) -> None:
    good, bad = pipeline.parse("love the chair 😀"), pipeline.parse("awful chair 😡")
    assert (good.sentiment, bad.sentiment) == ("positive", "negative")
    assert -1 <= bad.sentiment_score < 0 < good.sentiment_score <= 1


def test_without_sentiment_all_is_neutral(examples: list[Example], encoder: HashingEncoder) -> None:
    parse = Pipeline.train(examples, encoder=encoder).parse("awful 😡")
    assert (parse.sentiment, parse.sentiment_score) == ("neutral", 0.0)


def test_commands_skip_the_model(pipeline: Pipeline) -> None:
    parse = pipeline.parse('/return_item{"product": "p1"}', language="zh")
    assert (parse.intent, parse.confidence, parse.language, parse.vector) == ("return_item", 1.0, "zh", None)
    assert [(e.entity, e.value) for e in parse.entities] == [("product", "p1")]


def test_together_as_one_by_one(pipeline: Pipeline) -> None:
    texts = ["hello", "/greet", "where is my mug, also return my lamp", "", "awful"]
    for together, alone in zip(pipeline.parse_many(texts), map(pipeline.parse, texts), strict=True):
        assert together.intent == alone.intent
        assert together.confidence == pytest.approx(alone.confidence, abs=1e-4)
        assert [r.intent for r in together.requests] == [r.intent for r in alone.requests]
        assert (together.entities, together.sentiment) == (alone.entities, alone.sentiment)
    assert pipeline.parse_many([]) == []


def test_the_vector_is_the_encoders(pipeline: Pipeline, encoder: HashingEncoder) -> None:
    vector = pipeline.parse("where is my mug").vector
    assert vector is not None
    np.testing.assert_allclose(vector, encoder.encode(["where is my mug"])[0], atol=1e-6)


@pytest.mark.parametrize(("text", "language"), [("退货", "zh"), ("return", "en"), ("😀", "zh"), ("12345", "zh")])
def test_language_falls_back_to_the_conversations(pipeline: Pipeline, text: str, language: str) -> None:
    assert pipeline.parse(text, language="zh").language == language


def test_saved_and_loaded_alike(pipeline: Pipeline, encoder: HashingEncoder, tmp_path: Path) -> None:
    for _ in range(2):  # the second time over the first
        pipeline.save(tmp_path / "model")
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    loaded = Pipeline.load(tmp_path / "model", encoder=encoder)
    for text in ("where is my chair", "hello", "awful 😡"):
        ours, theirs = pipeline.parse(text), loaded.parse(text)
        assert (ours.intent, ours.sentiment) == (theirs.intent, theirs.sentiment)
        assert ours.confidence == pytest.approx(theirs.confidence, abs=0.02)
    assert loaded.thresholds == pipeline.thresholds


def test_models_that_do_not_fit(pipeline: Pipeline, encoder: HashingEncoder, tmp_path: Path) -> None:
    with pytest.raises(NluError, match="No trained model in"):
        Pipeline.load(tmp_path, encoder=encoder)
    pipeline.save(tmp_path / "model")
    with pytest.raises(NluError, match="trained with the encoder 'hashing-128', not 'hashing-32'"):
        Pipeline.load(tmp_path / "model", encoder=HashingEncoder(32))
    (tmp_path / "model" / "scope.npz").write_bytes(b"junk")
    with pytest.raises(NluError, match="broken"):
        Pipeline.load(tmp_path / "model", encoder=encoder)


def test_an_example_is_always_of_its_intent(encoder: HashingEncoder, examples: list[Example]) -> None:
    odd = Example("hello return track", "track_order")
    pipeline = Pipeline.train([*examples, odd], encoder=encoder)
    parse = pipeline.parse(" Hello  return TRACK! ")
    assert (parse.intent, parse.confidence >= 0.99) == ("track_order", True)


def test_nothing_to_train_on(encoder: HashingEncoder) -> None:
    with pytest.raises(NluError, match="no intent examples"):
        Pipeline.train([], encoder=encoder)

"""A toy shop of three intents, and a pipeline trained on it without any model."""

from __future__ import annotations

from itertools import product

import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import HashingEncoder
from nlu.pipeline import Pipeline

THINGS = ["shoes", "lamp", "kettle", "phone", "tent", "mug", "bag", "watch"]
FRAMES = {
    "return_item": ["I want to return the {}", "send the {} back please", "return my {}", "the {} goes back to you"],
    "track_order": [
        "where is my {}",
        "track the parcel with the {}",
        "has my {} shipped yet",
        "when does my {} arrive",
    ],
    "greet": ["hello {}", "hi there {}", "good morning {}", "hey {}"],
    OUT_OF_SCOPE: ["who won the {} cup", "write a poem on a {}", "what is the capital of {}", "sing about {}"],
}
MOODS = {
    "positive": ["love the {} 😀", "great {}"],
    "negative": ["awful {} 😡", "the {} is broken"],
    "neutral": ["a {}", "the {} in red"],
}


def filled(frames: dict[str, list[str]]) -> list[Example]:
    return [Example(f.format(thing), name) for name, texts in frames.items() for f, thing in product(texts, THINGS)]


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return filled(FRAMES)


@pytest.fixture(scope="session")
def moods() -> list[Example]:
    return filled(MOODS)


@pytest.fixture(scope="session")
def encoder() -> HashingEncoder:
    return HashingEncoder(128)


@pytest.fixture(scope="session")
def pipeline(examples: list[Example], moods: list[Example], encoder: HashingEncoder) -> Pipeline:
    return Pipeline.train(examples, sentiment=moods, encoder=encoder)

from __future__ import annotations

import pytest

from nlu.commands import decode, is_command
from nlu.entities import Entity


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "values"),
    [
        ("/greet", "greet", 1.0, []),
        (" /faq/hours ", "faq/hours", 1.0, []),
        ("/greet@0.4", "greet", 0.4, []),
        ('/add{"product": "p1", "quantity": 2}', "add", 1.0, [("product", "p1"), ("quantity", 2)]),
        ('/add@0.5{"color": ["red", "blue"]}', "add", 0.5, [("color", "red"), ("color", "blue")]),
        ("/add{broken}", "add", 1.0, []),
    ],
)
def test_decode(text: str, intent: str, confidence: float, values: list[tuple[str, object]]) -> None:
    name, sure, entities = decode(text)
    assert (name, sure, [(e.entity, e.value) for e in entities]) == (intent, confidence, values)


def test_entities_span_the_json() -> None:
    assert decode('/a{"b": 1}')[2] == (Entity("b", 1, 2, 10, extractor="command"),)


@pytest.mark.parametrize("text", ["", "/", "greet", "/two words", "// x", "a/b", "/a b{}", "3/4", "/退货 怎么办"])
def test_other_texts_are_no_commands(text: str) -> None:
    assert not is_command(text)

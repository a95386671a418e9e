from pathlib import Path

import pytest

from bot.dialogue.errors import ProjectError, ProjectWarning
from bot.dialogue.nlu_data import Example, NluData, parse_entities
from bot.dialogue.yaml_file import parse_yaml


def read(text: str) -> NluData:
    data = NluData()
    block = parse_yaml(text)
    data.read(Path("nlu.yml"), block["nlu"], 1)
    return data


@pytest.mark.parametrize(
    ("raw", "text", "entities"),
    [
        ("red shoes", "red shoes", []),
        ("[red](color) shoes", "red shoes", [{"start": 0, "end": 3, "value": "red", "entity": "color"}]),
        ("to [NYC](city:New York)", "to NYC", [{"start": 3, "end": 6, "value": "New York", "entity": "city"}]),
        (
            'from [A]{"entity": "city", "role": "from"} to [B]{"entity": "city", "value": "Bb", "group": "1"}',
            "from A to B",
            [
                {"start": 5, "end": 6, "value": "A", "entity": "city", "role": "from"},
                {"start": 10, "end": 11, "value": "Bb", "entity": "city", "group": "1"},
            ],
        ),
        (
            '[A][{"entity": "x"}, {"entity": "y"}]',
            "A",
            [{"start": 0, "end": 1, "value": "A", "entity": "x"}, {"start": 0, "end": 1, "value": "A", "entity": "y"}],
        ),
        ("我要[红色](color)的", "我要红色的", [{"start": 2, "end": 4, "value": "红色", "entity": "color"}]),
    ],
)
def test_annotations(raw: str, text: str, entities: list[dict[str, object]]) -> None:
    assert parse_entities(raw) == (text, entities)


def test_blocks_of_all_kinds() -> None:
    data = read(
        "nlu:\n"
        "- intent: faq/hours\n  examples: |\n    - when are you open\n"
        "- intent: buy\n  metadata: {a: 1}\n  examples:\n  - text: a [big apple](city:NYC)\n"
        "- synonym: NYC\n  examples: |\n    - nyc\n    - new york\n"
        "- regex: zip\n  examples: |\n    - \\d{5}\n"
        "- lookup: brand\n  examples: |\n    - acme\n    - zen\n"
    )
    assert data.examples == [
        Example("when are you open", "faq", "hours"),
        Example("a big apple", "buy", None, ({"start": 2, "end": 11, "value": "NYC", "entity": "city"},), {"a": 1}),
    ]
    assert data.synonyms == {"big apple": "NYC", "nyc": "NYC", "new york": "NYC"}
    assert data.regexes == {"zip": ["\\d{5}"]}
    assert data.lookups == {"brand": ["acme", "zen"]}
    assert data.retrieval_intents == {"faq"}


def test_what_is_no_example_is_named_and_skipped() -> None:
    with pytest.warns(UserWarning, match="does not begin with '-'"):
        data = read("nlu:\n- intent: a\n  examples: |\n    - one\n    two\n")
    assert [example.text for example in data.examples] == ["one"]


def test_broken_annotations_are_refused() -> None:
    with pytest.raises(ProjectError, match=r"is not valid JSON; write"):
        read("nlu:\n- intent: a\n  examples: |\n    - \"[x]{'entity': 1}\"\n")


@pytest.mark.filterwarnings("ignore::bot.dialogue.errors.ProjectWarning")
def test_of_two_meanings_the_annotated_one_counts_then_the_last() -> None:
    listed = "- synonym: {}\n  examples: |\n    - apple\n"
    annotated = "- intent: go\n  examples: |\n    - to [apple](city:NYC)\n"
    assert read("nlu:\n" + listed.format("A") + listed.format("B")).synonyms == {"apple": "B"}
    assert read("nlu:\n" + annotated + listed.format("B")).synonyms == {"apple": "NYC"}
    assert read("nlu:\n" + listed.format("A") + annotated).synonyms == {"apple": "NYC"}


def test_two_meanings_of_a_word_are_told() -> None:
    with pytest.warns(ProjectWarning, match=r"nlu.yml:7: 'a' means 'B' here and 'A' elsewhere; keep one"):
        read("nlu:\n- synonym: A\n  examples: |\n    - a\n- synonym: B\n  examples: |\n    - a\n")


def test_every_example_knows_its_line() -> None:
    data = read("nlu:\n- intent: a\n  examples: |\n    - one\n    - two\n- intent: b\n  examples:\n  - text: three\n")
    assert [(example.text, example.line) for example in data.examples] == [("one", 4), ("two", 5), ("three", 8)]

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from nlu.alignment import Spans
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.regexes import PatternExtractor
from nlu.tagger import EntityTagger
from nlu.tagger_features import features, tokens
from nlu.training_data import Mark, Sentence

NONE = PatternExtractor({}, {})
PLACES = ("Paris", "Oslo", "Rome", "New York")


def marked(text: str, *marks: tuple[str, str, str | None]) -> Sentence:
    """`marks` are (words, entity, role)."""
    return Sentence(text, "travel", marks=tuple(Mark(text.index(w), text.index(w) + len(w), e, r) for w, e, r in marks))


TRIPS = [
    marked(f"fly from {a} to {b} please", (a, "city", "from"), (b, "city", "to"))
    for a, b in product(PLACES, PLACES)
    if a != b
] + [Sentence("hello there", "greet"), Sentence("book a flight please", "travel")]
CHINESE = [
    marked(f"我想从{a}飞到{b}", (a, "city", "from"), (b, "city", "to"))
    for a, b in (("北京", "上海"), ("广州", "北京"), ("上海", "成都"), ("成都", "广州"))
]


@pytest.fixture(scope="module")
def tagger() -> EntityTagger:
    fitted = EntityTagger.fit([*TRIPS, *CHINESE], encoder=HashingEncoder(), patterns=NONE)
    assert fitted is not None
    return fitted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fly from Rome to Oslo please", [("city", "Rome", "from"), ("city", "Oslo", "to")]),
        ("fly from Lima to New Delhi please", [("city", "Lima", "from"), ("city", "New Delhi", "to")]),
        ("我想从武汉飞到上海", [("city", "武汉", "from"), ("city", "上海", "to")]),
        ("hello there", []),
        ("", []),
        ("!?", []),
    ],
)
def test_what_the_examples_mark_is_found(tagger: EntityTagger, text: str, expected: list[tuple[str, str, str]]) -> None:
    found = tagger.extract(text)
    assert [(e.entity, e.value, e.role) for e in found] == expected
    assert all(text[e.start : e.end] == e.value and 0 < e.confidence <= 1 for e in found)


def test_it_is_loaded_as_saved_and_fitted_alike_twice(tagger: EntityTagger, tmp_path: Path) -> None:
    tagger.save(tmp_path)
    loaded = EntityTagger.load(tmp_path, encoder=HashingEncoder(), patterns=NONE)
    again = EntityTagger.fit([*TRIPS, *CHINESE], encoder=HashingEncoder(), patterns=NONE)
    assert loaded is not None
    assert again is not None
    for text in ("fly from Bonn to Rome please", "from Oslo"):
        assert tagger.extract(text) == loaded.extract(text) == again.extract(text)
    (tmp_path / "tagger.crf").write_bytes((tmp_path / "tagger.crf").read_bytes()[:-1])
    with pytest.raises(NluError, match="train it again"):
        EntityTagger.load(tmp_path, encoder=HashingEncoder(), patterns=NONE)


def test_without_marks_there_is_none(tmp_path: Path) -> None:
    assert EntityTagger.fit([Sentence("hello", "greet")], encoder=HashingEncoder(), patterns=NONE) is None
    assert EntityTagger.load(tmp_path, encoder=HashingEncoder(), patterns=NONE) is None


def test_two_entities_at_one_span_and_overlapping_ones() -> None:
    both = [
        Sentence(f"play {song} now", "play", marks=(Mark(5, 5 + len(song), "song"), Mark(5, 5 + len(song), "album")))
        for song in ("Thriller", "Jolene", "Hello", "Imagine")
    ]
    tagger = EntityTagger.fit(both, encoder=HashingEncoder(), patterns=NONE)
    assert tagger is not None
    assert [(e.entity, e.value) for e in tagger.extract("play Jolene now")] == [("song", "Jolene"), ("album", "Jolene")]
    overlapping = [Sentence("red mug", "x", marks=(Mark(0, 3, "color"), Mark(0, 7, "thing")))] * 3
    tagger = EntityTagger.fit(overlapping, encoder=HashingEncoder(), patterns=NONE)
    assert tagger is not None
    assert [e.entity for e in tagger.extract("red mug")] == ["thing"]


def test_patterns_are_hints() -> None:
    rows = features("去杭州 now", tokens("去杭州 now"), PatternExtractor({}, {"city": ["杭州"]}))
    assert ["0:p=city:B" in row for row in rows] == [False, True, False, False]
    assert ["0:p=city:I" in row for row in rows] == [False, False, True, False]


class Meaning(HashingEncoder):
    """An encoder to which the states of all fruits are alike."""

    token_dim = 2

    def token_states(self, texts: list[str], spans: list[Spans]) -> list[np.ndarray]:
        fruits = ("apple", "pear", "mango", "kiwi")
        return [
            np.array([[float(text[a:b] in fruits), float(a)] for a, b in marked], np.float32).reshape(-1, 2)
            for text, marked in zip(texts, spans, strict=True)
        ]


def test_the_encoders_states_find_what_spelling_cannot() -> None:
    sentences = [
        marked(f"bring {f} and {o}", (f, "fruit", None))
        for f in ("apple", "pear", "mango")
        for o in ("salt", "soap", "rope")
    ]
    sentences += [marked(f"bring {o} and {f}", (f, "fruit", None)) for f in ("apple", "pear") for o in ("salt", "soap")]
    spelling = EntityTagger.fit(sentences, encoder=HashingEncoder(), patterns=NONE)
    meaning = EntityTagger.fit(sentences, encoder=Meaning(), patterns=NONE)
    assert spelling is not None
    assert meaning is not None
    assert [e.value for e in meaning.extract("bring wire and kiwi")] == ["kiwi"]
    assert [e.value for e in spelling.extract("bring wire and kiwi")] != ["kiwi"]

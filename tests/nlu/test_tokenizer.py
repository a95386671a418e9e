from __future__ import annotations

import numpy as np
import pytest

from nlu.tokenizer import BOS, EOS, UNK, Tokenizer, clean

PIECES = {
    "<s>": 0,
    "<pad>": 0,
    "</s>": 0,
    "<unk>": 0,
    "▁": -2.0,
    "▁a": -1.0,
    "b": -1.5,
    "ab": -3.0,
    "▁ab": -2.0,
    "c": -9.0,
    "<mask>": 0,
}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(list(PIECES), np.array(list(PIECES.values()), np.float32))


def ids(*pieces: str) -> list[int]:
    order = list(PIECES)
    return [BOS, *(order.index(p) for p in pieces), EOS]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("a", ["▁a"]),
        ("ab", ["▁ab"]),  # -2.0 beats ▁a + b = -2.5
        ("abb", ["▁ab", "b"]),
        ("a  ab", ["▁a", "▁ab"]),
        ("bc", ["▁", "b", "c"]),
        ("azzb", ["▁a", "<unk>", "b"]),  # neighbouring unknown characters are one token
        ("<s>", ["▁", "<unk>"]),  # a literal special token is plain, unknown text
    ],
)
def test_takes_the_best_path(tokenizer: Tokenizer, text: str, pieces: list[str]) -> None:
    assert tokenizer.encode(text) == ids(*pieces)


def test_cuts_long_texts(tokenizer: Tokenizer) -> None:
    found = tokenizer.encode("a " * 10_000, limit=7)
    assert found == ids(*["▁a"] * 7)


def test_a_word_without_end_does_not_occupy_a_core(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("b" * 1_000_000)) == 512


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a\t\nb ", "a b"),
        ("ＡＢ１", "AB1"),
        ("～", "～"),
        ("a\x00b\ud800c", "abc"),
        ("\u200b\u3000", ""),
        ("① ﬁ", "1 fi"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_unknown_is_the_fourth_piece() -> None:
    assert list(PIECES)[UNK] == "<unk>"

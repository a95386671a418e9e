import numpy as np
import pytest

from nlu.alignment import NOWHERE, align, span_means

PIECES = [None, "▁query", ":", "▁red", "▁sho", "es", None]


def said(text: str, pieces: list[str | None]) -> list[str]:
    return [text[a:b] if (a, b) != NOWHERE else "" for a, b in align(text, pieces, prefix="query: ")]


@pytest.mark.parametrize(
    ("text", "pieces", "expected"),
    [
        ("red shoes", PIECES, ["", "", "", "red", "sho", "es", ""]),
        ("  red \t shoes ", PIECES, ["", "", "", "red", "sho", "es", ""]),
        ("ＲＥＤ", [None, "▁query", ":", "▁RE", "D", None], ["", "", "", "ＲＥ", "Ｄ", ""]),
        ("a𓀀𓀀b", [None, "▁query", ":", "▁a", None, "b", None], ["", "", "", "a", "𓀀𓀀", "b", ""]),
        ("a𓀀", [None, "▁query", ":", "▁a", None, None], ["", "", "", "a", "𓀀", ""]),
        ("买…鞋", [None, "▁query", ":", "▁", "买", "...", "鞋", None], ["", "", "", "", "买", "…", "鞋", ""]),
        ("", [None, "▁query", ":", None], ["", "", "", ""]),
    ],
)
def test_each_piece_knows_where_it_stood(text: str, pieces: list[str | None], expected: list[str]) -> None:
    assert said(text, pieces) == expected


def test_a_span_is_the_mean_of_the_pieces_it_touches() -> None:
    states = np.array([[9, 9], [1, 0], [3, 2]], np.float32)
    means = span_means(states, [NOWHERE, (0, 2), (2, 4)], [(0, 4), (3, 4), (4, 5)])
    assert means.tolist() == [[2, 1], [3, 2], [0, 0]]

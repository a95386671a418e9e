"""Texts cut at a platform's limit lose nothing and break nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rendering import split


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("short", 10, ["short"]),
        ("", 10, []),
        ("One two. Three four.", 12, ["One two.", "Three four."]),
        ("一二三。四五六。", 5, ["一二三。", "四五六。"]),
        ("see https://example.com/a/b now", 26, ["see", "https://example.com/a/b", "now"]),
        ("aaaa👍🏽", 5, ["aaaa", "👍🏽"]),
    ],
)
def test_split(text, limit, pieces):
    assert split(text, limit) == pieces


@given(st.text(alphabet="ab 。.!中\n👍", max_size=200), st.integers(5, 50))
def test_nothing_is_lost_and_no_piece_is_too_long(text, limit):
    pieces = split(text, limit)
    assert all(len(p) <= limit for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())

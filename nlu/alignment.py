"""Where the encoder's word pieces stand in the text as it was given, whatever normalisation did to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.tokenizer import clean

Span = tuple[int, int]
Spans = Sequence[Span]
NOWHERE: Span = (-1, -1)


def align(text: str, pieces: Sequence[str | None], *, prefix: str = "") -> list[Span]:
    """The span [start, end) in `text` of each piece of `prefix` + the cleaned text; `NOWHERE` for pieces of the prefix and
    for special tokens. A run of unknown characters is one piece and gets the whole run."""
    cleaned, places = _cleaned(text)
    whole = prefix + cleaned
    found: list[Span] = []
    position = 0
    for i, piece in enumerate(pieces):
        if piece is None:
            following = next((p for p in pieces[i + 1 :] if p is not None), None)
            start = end = position
            if 0 < i < len(pieces) - 1:  # unknown, not <s> or </s>
                start = position + (whole[position : position + 1] == " ")
                end = _find(whole, following, start + 1) if following else len(whole)
        else:
            word = piece.removeprefix("▁")
            start = position + (piece.startswith("▁") and whole[position : position + 1] == " ")
            end = min(start + len(word), len(whole))
        position = end
        at, last = start - len(prefix), end - len(prefix)
        found.append((places[at][0], places[last - 1][1]) if 0 <= at < last <= len(places) else NOWHERE)
    return found


def span_means(states: NDArray[np.float32], places: Sequence[Span], spans: Spans) -> NDArray[np.float32]:
    """The mean state (len(spans), dim) of the pieces that touch each span; zeros where none does."""
    means = np.zeros((len(spans), states.shape[1]), np.float32)
    for row, (start, end) in zip(means, spans, strict=True):
        touching = [i for i, (a, b) in enumerate(places) if a < end and b > start]
        if touching:
            row[:] = states[touching].mean(axis=0)
    return means


def _find(text: str, piece: str, start: int) -> int:
    place = text.find(piece.replace("▁", " ") if piece != "▁" else " ", start)
    return place if place >= 0 else len(text)


def _cleaned(text: str) -> tuple[str, list[Span]]:
    """`clean(text)` and for each of its characters the span it came from."""
    whole = clean(text)
    if whole == text:
        return text, [(i, i + 1) for i in range(len(text))]
    out: list[str] = []
    places: list[Span] = []
    position = 0
    while position < len(text):
        begin = position
        position += 1
        while position < len(text) and unicodedata.combining(text[position]):
            position += 1
        cluster = text[begin:position]
        for char in clean(cluster) or (" " if clean(f"a{cluster}b") == "a b" else ""):
            if char == " " and (not out or out[-1] == " "):
                continue
            out.append(char)
            places.append((begin, position))
    if out and out[-1] == " ":
        out.pop(), places.pop()
    return (whole, places) if "".join(out) == whole else (whole, [])

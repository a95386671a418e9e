"""What the entity tagger sees of a sentence: its words (Chinese: characters), their spelling, their neighbours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.regexes import PatternExtractor
from nlu.segmenter import words

_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\d_\u3400-\u9fff\uf900-\ufaff]+(?:['’][^\W\d_]+)?|\d+|\S")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_AFFIXES = (2, 3)
Span = tuple[int, int]


def tokens(text: str) -> list[Span]:
    """Spans of the tokens: a Han character, a word of any other script, a number, a mark."""
    return [match.span() for match in _TOKEN.finditer(text)]


def features(text: str, spans: Sequence[Span], patterns: PatternExtractor) -> list[list[str]]:
    """Of each token: its own features and those of two neighbours on each side, marked by their distance."""
    lower = [text[start:end].lower() for start, end in spans]
    own = _own(text, spans, lower, patterns)
    last = len(spans) - 1
    rows: list[list[str]] = []
    for i in range(len(spans)):
        row = ["bias", *(f"0:{name}" for name in own[i])]
        for distance in (-2, -1, 1, 2):
            j = i + distance
            if 0 <= j <= last:
                kept = ("w=", "s=", "b=", "p=") if abs(distance) == 1 else ("w=", "b=")
                row.extend(f"{distance}:{name}" for name in own[j] if name.startswith(kept))
            elif j in (-1, last + 1):
                row.append(f"{distance}:end")
        if i > 0:
            row.append(f"-1|0:{lower[i - 1]}|{lower[i]}")
        if i < last:
            row.append(f"0|1:{lower[i]}|{lower[i + 1]}")
        rows.append(row)
    return rows


def _own(text: str, spans: Sequence[Span], lower: Sequence[str], patterns: PatternExtractor) -> list[list[str]]:
    segmented = _segments(text)
    own: list[list[str]] = []
    for (start, end), word in zip(spans, lower, strict=True):
        said = text[start:end]
        names = [f"w={word}", f"s={_shape(said)}"]
        if start in segmented:
            whole, place = segmented[start]
            names += [f"in={whole}", f"b={place}"]
        elif word.isdigit():
            names.append(f"digits={min(len(word), 20)}")
        elif len(word) > 1:
            names += [f"pre={word[:n]}" for n in _AFFIXES if len(word) > n]
            names += [f"suf={word[-n:]}" for n in _AFFIXES if len(word) > n]
            names += ["capital"] if said[0].isupper() else []
        own.append(names)
    for entity in patterns.extract(text):
        inside = [i for i, (start, end) in enumerate(spans) if start < entity.end and end > entity.start]
        for n, i in enumerate(inside):
            own[i].append(f"p={entity.entity}:{'B' if n == 0 else 'I'}")
    return own


def _segments(text: str) -> dict[int, tuple[str, str]]:
    """For each Han character the word that it is part of, and whether it stands first, last, within or alone."""
    found: dict[int, tuple[str, str]] = {}
    for run in _HAN_RUN.finditer(text):
        at = run.start()
        for word in words(run[0]):
            for i in range(len(word)):
                place = "S" if len(word) == 1 else "B" if i == 0 else "E" if i == len(word) - 1 else "I"
                found[at + i] = (word, place)
            at += len(word)
    return found


def _shape(word: str) -> str:
    """X for a capital, x for another letter, d for a digit; runs of four and more look alike."""
    shape = "".join("X" if c.isupper() else "d" if c.isdigit() else "x" if c.isalpha() else c for c in word)
    return re.sub(r"(.)\1{3,}", r"\1\1\1+", shape)

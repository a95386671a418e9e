"""Misspelt Latin words put right against a vocabulary, never at the price of ordinary words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.lexicon.reader import not_typos

_TOKEN = re.compile(r"(?<![a-z\d@._/-])[a-z]{5,}(?![a-z\d@_/]|\.[a-z])")
_LETTERS = re.compile(r"[a-z]{4,}")
_MAX_LENGTH = 20
_MAX_WORDS = 3  # a long phrase is no place to look for spellings


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected text; `shifts` holds (start, end, original start, original end) of every corrected word."""

    text: str
    shifts: tuple[tuple[int, int, int, int], ...]

    def touches(self, start: int, end: int) -> bool:
        return any(start < e and s < end for s, e, _, _ in self.shifts)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text."""
        return self._back(start, at_end=False), self._back(end, at_end=True)

    def _back(self, position: int, *, at_end: bool) -> int:
        moved = 0
        for start, end, original_start, original_end in self.shifts:
            if (start < position < end) or (at_end and start < position <= end) or (not at_end and position == start):
                return original_end if at_end else original_start
            if position >= end:
                moved = original_end - end
        return position + moved


class Speller:
    """Nearest known word within one edit, or two from nine letters on, with the same first letter."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._known: set[str] = set()
        targets: set[str] = set()
        for phrase in phrases:
            if not phrase.isascii() and not _LETTERS.search(phrase):
                continue
            words = _LETTERS.findall(phrase)
            self._known.update(words)
            targets.update(words if len(words) <= _MAX_WORDS else ())
        self._buckets: dict[tuple[str, int], list[str]] = {}
        for word in targets:
            if len(word) >= 5:
                self._buckets.setdefault((word[0], len(word)), []).append(word)
        self._ordinary = not_typos()
        for word in self._ordinary - targets:  # "brokn" is nearer to broken than to brown
            self._buckets.setdefault((word[0], len(word)), []).append(word)

    def correct(self, text: str, matched: list[tuple[int, int]]) -> Corrected | None:
        """`text` with its misspelt words outside the `matched` spans put right; None where there are none."""
        parts: list[str] = []
        shifts: list[tuple[int, int, int, int]] = []
        position = length = 0
        for token in _TOKEN.finditer(text):
            start, end = token.span()
            if any(s < end and start < e for s, e in matched):
                continue
            better = self.nearest(token[0])
            if better is None:
                continue
            parts += [text[position:start], better]
            length += start - position
            shifts.append((length, length + len(better), start, end))
            length += len(better)
            position = end
        return Corrected("".join(parts) + text[position:], tuple(shifts)) if shifts else None

    def nearest(self, word: str) -> str | None:
        """The known word that `word` most likely means; None when it is known, ordinary, or too far from any."""
        if not 5 <= len(word) <= _MAX_LENGTH or self._is_ordinary(word):
            return None
        limit = 2 if len(word) >= 9 and not word.endswith("ing") else 1
        best, best_distance = None, limit + 1
        for size in range(len(word) - limit, len(word) + limit + 1):
            allowed = min(limit if size >= 7 else 1, best_distance)
            bucket = self._buckets.get((word[0], size), ())
            for known, distance, _ in process.extract(word, bucket, scorer=OSA.distance, score_cutoff=allowed, limit=4):
                if distance < best_distance or (distance == best_distance and known in self._ordinary):
                    best, best_distance = known, distance
        return None if best in self._ordinary else best

    def _is_ordinary(self, word: str) -> bool:
        stems = {word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("'s")}
        return not stems.isdisjoint(self._known) or not stems.isdisjoint(self._ordinary)

"""Entities by the project's own patterns and word lists."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import ahocorasick

from nlu.components import PatternOptions
from nlu.errors import NluError
from nlu.extractors.entity import Entity

EXTRACTOR = "RegexEntityExtractor"
# Scripts that write no spaces between words: 去北京吧 has 北京 in it, though `\b` finds no edge there.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
LEFT_EDGE = rf"(?:(?<!\w)|(?<=[{_UNSPACED}])|(?=[{_UNSPACED}]))"
RIGHT_EDGE = rf"(?:(?!\w)|(?=[{_UNSPACED}])|(?<=[{_UNSPACED}]))"
_INSIDE = re.compile(rf"[^\W{_UNSPACED}]")  # two such characters side by side belong to one word


class PatternExtractor:
    """Finds what regexes and word lists describe, each by the name of its entity.

    Longer words of a list win over shorter ones. Findings of different lists and regexes may overlap.
    """

    def __init__(
        self,
        regexes: Mapping[str, Sequence[str]],
        lookups: Mapping[str, Sequence[str]],
        options: PatternOptions = PatternOptions(),  # noqa: B008 - frozen
    ) -> None:
        """Raises NluError for a pattern that is none."""
        self._options = options
        flags = 0 if options.case_sensitive else re.IGNORECASE
        self._patterns = [
            (name, _compiled(name, pattern, flags))
            for name, patterns in (regexes if options.use_regexes else {}).items()
            for pattern in patterns
        ]
        self._lists = [
            (name, self._automaton(words))
            for name, words in (lookups if options.use_lookup_tables else {}).items()
            if any(words)
        ]

    def extract(self, text: str) -> list[Entity]:
        found = [
            Entity(name, match[0], *match.span(), extractor=EXTRACTOR)
            for name, pattern in self._patterns
            for match in pattern.finditer(text)
            if match[0]
        ]
        form = self._form(text)
        for name, automaton in self._lists:
            found.extend(Entity(name, text[a:b], a, b, extractor=EXTRACTOR) for a, b in self._listed(form, automaton))
        return found

    def _automaton(self, words: Sequence[str]) -> Any:
        automaton = ahocorasick.Automaton()
        for word in words:
            if word:
                automaton.add_word(self._form(word), len(word))
        automaton.make_automaton()
        return automaton

    def _form(self, text: str) -> str:
        if self._options.case_sensitive:
            return text
        lower = text.lower()
        # a few letters grow when lowered (İ); positions must stay
        return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)

    def _listed(self, form: str, automaton: Any) -> list[tuple[int, int]]:
        spans = sorted(
            ((end + 1 - length, end + 1) for end, length in automaton.iter(form)), key=lambda s: (s[0] - s[1], s[0])
        )
        kept: list[tuple[int, int]] = []
        for start, end in spans:
            bounded = not self._options.use_word_boundaries or (_edge(form, start) and _edge(form, end))
            if bounded and all(end <= a or b <= start for a, b in kept):
                kept.append((start, end))
        return sorted(kept)


def _edge(text: str, at: int) -> bool:
    """Whether a word may begin or end between the characters before and after `at`."""
    if at in (0, len(text)):
        return True
    return not (_INSIDE.match(text[at - 1]) and _INSIDE.match(text[at]))


def _compiled(name: str, pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError) as err:
        raise NluError(f"The regex {pattern!r} of {name!r} cannot be used ({err}); correct it or drop it") from err

"""The words a shop's customers use for its things, matched in one pass (Aho-Corasick) however many there are.

A `Vocabulary` is immutable: to change it while serving, build another and swap the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import ahocorasick

from nlu.extractors.entity import Entity
from nlu.language import HAN, matching_form, normalise
from nlu.lexicon.reader import read_lexicon
from nlu.lexicon.term import Guard, Term
from nlu.product_names import product_terms
from nlu.typos import Speller

_WORD_CHAR = re.compile(r"[a-z0-9\u00c0-\u024f]")
# Where two kinds share a word, the more particular one wins.
_ORDER = ("product", "brand", "category", "recipient", "occasion", "color", "material", "attribute", "size")
_BRANDED_BEFORE = re.compile(r"(?:brand|by|from) $")
_BRANDED_AFTER = re.compile(
    r" (?:brand|shoes?|bags?|phones?|products?|jackets?|t shirts?|jeans|hoodies?|watch(?:es)?|speakers?|headphones|earbuds|soap)"
)
_USE_LEAD = re.compile(
    r"(?<![a-z])(?:for|on|in|at|during|while|when) (?:(?:my|the|a|an|our|his|her|their|some|any|your|daily|long|short|going|doing) ){0,2}$"
)
_WHOSE = re.compile(
    r"(?<![a-z])(?:my|our|her|his|their) (?:(?:dear|lovely|old|best|good|close|little|big|younger|older|elder|new|two|three) )?$"
)
_LOOKING = re.compile(r"(?:look|search|shop|hunt|ask|browse)\w* $|(?:go|going) $")
_LOOSE_END = {
    "color": re.compile(r"的$"),
    "material": re.compile(r"的$"),
    "attribute": re.compile(r"(?:(?<![可能适])用|(?<=.[步身泳孩友时])[时戴穿玩])?的?$"),
    "occasion": re.compile(r"礼物$| (?:gift|present)s?$"),
}
_SECTIONS = {
    "departments": "category",
    "categories": "category",
    "brands": "brand",
    "colors": "color",
    "materials": "material",
    "attributes": "attribute",
}


@dataclass(frozen=True, slots=True)
class _Match:
    term: Term
    start: int
    end: int


class Vocabulary:
    """Terms to find. Latin words match whole words (a plural s is tolerated), Chinese ones anywhere."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._by_word: dict[str, list[Term]] = {}
        for term in self.terms:
            same = self._by_word.setdefault(term.word, [])
            if all((t.entity, t.value) != (term.entity, term.value) for t in same):
                same.append(term)
        self._automaton = ahocorasick.Automaton()
        for word, same in self._by_word.items():
            self._automaton.add_word(word, tuple(sorted(same, key=lambda t: (_rank(t), t.guard is None))))
        if self._by_word:
            self._automaton.make_automaton()
        self._speller = Speller(self._by_word)

    def __len__(self) -> int:
        return len(self._by_word)

    @classmethod
    @cache
    def builtin(cls) -> Vocabulary:
        """The lexicon that ships with this library: brands of the world and many ways to say the common kinds."""
        return cls(term for source in read_lexicon() for term in source)

    def with_terms(self, terms: Iterable[Term]) -> Vocabulary:
        """A new vocabulary with more terms; theirs win over the present ones."""
        return Vocabulary([*terms, *self.terms])

    def with_taxonomy(self, taxonomy: Mapping[str, Any]) -> Vocabulary:
        """Merge a shop's taxonomy: sections departments, categories, brands, colors, materials, attributes, each a mapping
        of id to {zh, en, words?}. Raises ValueError on a section or an entry of another shape."""
        terms: list[Term] = []
        for section, entries in taxonomy.items():
            entity = _SECTIONS.get(section)
            if entity is None:
                raise ValueError(f"taxonomy section {section!r} is unknown; allowed: {', '.join(_SECTIONS)}")
            if not isinstance(entries, Mapping):
                raise ValueError(f"taxonomy section {section!r} must map ids to names, got {entries!r}")
            for value, names in entries.items():
                if not isinstance(names, Mapping):
                    raise ValueError(
                        f"taxonomy entry {section}.{value} must be a mapping with zh and en, got {names!r}"
                    )
                words = [names.get("zh"), names.get("en"), *(names.get("words") or ())]
                terms.extend(self._new_terms(entity, str(value), words))
        return self.with_terms(terms)

    def with_products(self, products: Iterable[Sequence[str]]) -> Vocabulary:
        """Add product names, rows of (id, name, name, …), and how customers shorten them (see `product_names`)."""
        names: list[tuple[str, str]] = []
        for row in products:
            if len(row) < 2:
                raise ValueError(f"a product row must be (id, name, …), got {row!r}")
            forms = (form_of(name) for name in row[1:] if name)
            names.extend((row[0], form) for form in forms if len(form) > 1)
        brands = {t.word for t in self.terms if t.entity == "brand"}
        return self.with_terms(
            product_terms(names, brands, lambda name: [(m.start, m.end) for m in self._matches(name, name)])
        )

    def find(self, text: str, written: str) -> list[Entity]:
        """Mentions in the matching form `text` of `written`, in order, the longest where they overlap;
        what only a corrected spelling yields has confidence 0.8."""
        exact = [_with_lead(_entity(m, text), text) for m in self._matches(text, written)]
        corrected = self._speller.correct(text, [(e.start, e.end) for e in exact])
        if corrected is None:
            return exact
        guesses = []
        for match in self._matches(corrected.text, corrected.text):
            start, end = corrected.span(match.start, match.end)
            overlapped = [e for e in exact if e.start < end and start < e.end]
            if corrected.touches(match.start, match.end) and all(e.end - e.start < end - start for e in overlapped):
                exact = [e for e in exact if e not in overlapped]  # "auralis qiuet": the whole name, not its brand
                guesses.append(_entity(_Match(match.term, start, end), text, confidence=0.8))
        return sorted([*exact, *guesses], key=lambda e: e.start)

    def _new_terms(self, entity: str, value: str, words: Iterable[str | None]) -> list[Term]:
        terms = []
        for word in words:
            form = form_of(word) if word else ""
            if not form:
                continue
            known = self._by_word.get(form, ())
            guard = next((t.guard for t in known if t.entity == entity and t.value == value), None)
            if len(form) > 1 or HAN.match(form):
                terms.append(Term(entity, value, form, guard))
        return terms

    def _matches(self, text: str, written: str) -> list[_Match]:
        if not self._by_word:
            return []
        candidates = []
        for last, terms in self._automaton.iter(text):
            start = last - len(terms[0].word) + 1
            end = _word_end(text, start, last + 1)
            term = next((t for t in terms if _allowed(t, text, written, start, end)), None) if end else None
            if end and term:
                candidates.append(_Match(term, start, end))
        candidates.sort(key=lambda m: (m.start - m.end, _rank(m.term), m.start))
        kept: list[_Match] = []
        for match in candidates:
            if all(match.end <= k.start or k.end <= match.start for k in kept):
                kept.append(match)
        return sorted(kept, key=lambda m: m.start)


def form_of(word: str) -> str:
    """The form in which words are compared: normalised, simplified, lower case, hyphens inside words as spaces."""
    return matching_form(normalise(str(word)).text)[0]


def _rank(term: Term) -> int:
    return _ORDER.index(term.entity) if term.entity in _ORDER else len(_ORDER)


def _entity(match: _Match, text: str, confidence: float = 1.0) -> Entity:
    """The mention without what is no part of it: 给 before a person, the 的 of 黑的, the present of a birthday."""
    term, start, end = match.term, match.start, match.end
    start += end - start > 1 and term.entity == "recipient" and text[start] == "给"
    loose = _LOOSE_END.get(term.entity)
    if loose and (tail := loose.search(text, start + 1, end)):
        end = tail.start()
    return Entity(term.entity, term.value, start, end, confidence=confidence, extractor="vocabulary")


def _with_lead(entity: Entity, text: str) -> Entity:
    """A person in English with the possessive ("her teacher"), and a use with its preposition ("for my long runs")
    unless that belongs to "looking for"."""
    if entity.entity == "recipient" and (whose := _WHOSE.search(text, max(0, entity.start - 30), entity.start)):
        return replace(entity, start=whose.start())
    if entity.entity != "attribute" or not str(entity.value).startswith("for_"):
        return entity
    start = entity.start
    if text.startswith("for ", start) and _LOOKING.search(text, 0, start):
        start += 4
    elif (lead := _USE_LEAD.search(text, max(0, start - 30), start)) and not _LOOKING.search(text, 0, lead.start()):
        start = lead.start()
    return replace(entity, start=start)


def _word_end(text: str, start: int, end: int) -> int | None:
    """Where the word that was matched at [start, end) ends, with its plural s; None inside a longer Latin word."""
    if _WORD_CHAR.match(text[start]) and start and _WORD_CHAR.match(text[start - 1]):
        return None
    if not _WORD_CHAR.match(text[end - 1]):
        return end
    for plural in ("", "s", "es"):
        stop = end + len(plural)
        if text.startswith(plural, end) and (stop == len(text) or not _WORD_CHAR.match(text[stop])):
            return stop
    return None


def _allowed(term: Term, text: str, written: str, start: int, end: int) -> bool:
    if text[start] in "不没" and start > 0 and text[start - 1] == text[start + 1 : start + 2]:  # 重不重 is a question
        return False
    if term.entity == "attribute" and text.startswith("'s", end):  # "for men" in "for men's shoes"
        return False
    return term.guard is None or _passes(term, term.guard, text, written, start, end)


def _passes(term: Term, guard: Guard, text: str, written: str, start: int, end: int) -> bool:
    if guard.unless and any(m.start() <= start and m.end() >= end for m in guard.unless.finditer(text)):
        return False
    if guard.needs and not (
        _amid_chinese(text, start, end)
        or any(m.start() <= start and m.end() >= end for m in guard.needs.finditer(text))
    ):
        return False
    if guard.before and not guard.before.search(text, max(0, start - 8), start):
        return False
    if guard.after and not guard.after.match(text, end):
        return False
    return not guard.cased or _is_name(term, text, written, start, end)


def _amid_chinese(text: str, start: int, end: int) -> bool:
    """Whether a Latin word stands next to Chinese ones (想找 light 一点): there it means its main thing."""
    before, after = text[max(0, start - 2) : start].strip(), text[end : end + 2].strip()
    return text[start].isascii() and bool(HAN.match(before[-1:]) or HAN.match(after[:1]))


def _is_name(term: Term, text: str, written: str, start: int, end: int) -> bool:
    """Whether an ordinary word stands as a name: a capital in mid-sentence, or "by Gap", "Gap jackets"."""
    if term.entity == "brand" and (_BRANDED_AFTER.match(text, end) or _BRANDED_BEFORE.search(text, 0, start)):
        return True
    before = written[:start].rstrip()
    first = not before or before[-1] in ".!?。！？"
    return written[start].isupper() and not first and not written.isupper()

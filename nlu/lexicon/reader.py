"""Reads the lexicon's files.

words:   {id: "word, word, …"}; an id "a|b" means both
guards:  {word: {unless: regex, needs: regex, cased: true}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from nlu.language import matching_form, normalise
from nlu.lexicon.term import Guard, Term

_FILES = {
    "brands": "brand",
    "products": "product",
    "categories": "category",
    "colors": "color",
    "materials": "material",
    "attributes": "attribute",
    "recipients": "recipient",
    "occasions": "occasion",
}


def read_lexicon() -> Iterator[list[Term]]:
    """The terms of each file."""
    for name, entity in _FILES.items():
        yield list(_terms(_load(f"{name}.yml"), entity))


@cache
def not_typos() -> frozenset[str]:
    """Ordinary English words that look like a misspelt term (shores, spiky)."""
    return frozenset(str(_load("not_typos.yml")["words"]).split())


def _load(name: str) -> Any:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 the C twin of the safe loader


def _terms(data: Any, entity: str) -> Iterator[Term]:
    guards = {matching_form(str(word))[0]: _guard(rule) for word, rule in (data.get("guards") or {}).items()}
    for ids, words in data["words"].items():
        value = tuple(str(ids).split("|")) if "|" in str(ids) else str(ids)
        for word in str(words).split(","):
            form = matching_form(normalise(word).text)[0]
            if form:
                yield Term(entity, value, form, guards.get(form))


def _guard(rule: dict[str, Any]) -> Guard:
    unless, needs = rule.get("unless"), rule.get("needs")
    return Guard(re.compile(unless) if unless else None, re.compile(needs) if needs else None, bool(rule.get("cased")))

"""Reads the lexicon's files.

words:   {id: "word, word, …"}; an id "a|b" means both
guards:  {word: {unless: regex, needs: regex, cased: true, alone: true}}; "id/word" guards the word of that id only
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

# A Chinese character that is part of many words (白, 木) says a colour, a material or whom it is for at a boundary, after a choosing verb, or
# right before a thing that has one.
_ALONE = (
    r"(?:颜色|色|换成?|改成?|要|有|选|拿|买|来|和|或者?|还是|(?<![\u4e00-\u9fff]))%(?=$|[\s,，。!?！？/、]|[吗的吧呢和或都也就最]|[smlx](?![a-z]))"
    r"|(?<![小大])%(?=t恤|鞋子|球鞋|跑鞋|板鞋|靴|外套|夹克|书包|背包|双肩|手提|杯子|键盘|鼠标|耳机|行李箱|短袖|衬衫|裤|裙)"
)
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
    guards = {matching_form(str(word))[0]: _guard(rule, str(word)) for word, rule in (data.get("guards") or {}).items()}
    for ids, words in data["words"].items():
        value = tuple(str(ids).split("|")) if "|" in str(ids) else str(ids)
        for word in str(words).split(","):
            form = matching_form(normalise(word).text)[0]
            if form:
                yield Term(entity, value, form, guards.get(f"{ids}/{form}") or guards.get(form))


def _guard(rule: dict[str, Any], word: str) -> Guard:
    unless, needs = rule.get("unless"), rule.get("needs")
    if rule.get("alone"):
        needs = _ALONE.replace("%", word)
    return Guard(re.compile(unless) if unless else None, re.compile(needs) if needs else None, bool(rule.get("cased")))

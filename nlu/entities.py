"""Everything a customer mentions, in one list: `Extractor(vocabulary).extract(text)`.

Who wins where mentions overlap: exact contacts and codes, then products of the catalogue, addresses, dates, prices,
ordinals, sizes, quantities, words of the vocabulary, and last what is only guessed (typos, long bare numbers). Within
one rank the longer mention wins, then the earlier.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from nlu import numbers
from nlu.extractors import addresses, contacts, dates, models, money, narrowing, ordinals, quantities, roles, sizes
from nlu.extractors.entity import Entity
from nlu.language import HAN, Language, matching_form, normalise
from nlu.vocabulary import Vocabulary

__all__ = ["Entity", "Extractor"]

_RANK = {
    "email": 0,
    "order_number": 1,
    "phone": 2,
    "product": 3,
    "address": 4,
    "date": 5,
    "price": 6,
    "ordinal": 7,
    "size": 8,
    "quantity": 9,
}
_WORD_RANK, _GUESS_RANK = 10, 11
_NOUNS = {"product", "category", "color", "material", "attribute"}  # "two mugs", "three black ones"; not "two kids"
_GIVING = re.compile("[送礼给买]")  # 元旦送什么 is an occasion, 元旦能到吗 a date
_SHOES = ("footwear", "running_shoes", "sneakers", "boots", ("running_shoes", "sneakers"))
_MAX_LENGTH = 2000  # a longer message is read up to here: nobody wishes in novels, and time stays bounded


class Extractor:
    """Finds entities with a vocabulary. Stateless beyond it: share one between threads; swap it to reload."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def extract(self, text: str, *, language: Language | None = None, today: date | None = None) -> list[Entity]:
        """Entities in order, none overlapping; `start` and `end` count in `text` as given. `language` is the talk's, for
        texts that do not tell themselves (a bare 500-800 is CNY in a Chinese talk); `today` anchors dates."""
        clean = normalise(text[:_MAX_LENGTH])
        form, written = matching_form(clean.text)
        if not form:
            return []
        chinese = bool(HAN.search(form)) or language == "zh"
        kept = _resolve(self._candidates(form, clean.text, written, chinese=chinese, today=today or date.today()))
        return [
            _in_original(e, clean.span(e.start, e.end), clean.text)
            for e in roles.assign(form, narrowing.narrow(form, kept))
        ]

    def _candidates(self, form: str, clean: str, written: str, *, chinese: bool, today: date) -> list[Entity]:
        words = self.vocabulary.find(form, written)
        found = numbers.find(form)
        prices = money.extract(form, found, chinese=chinese)
        occasions = {(e.start, e.end) for e in words if e.entity == "occasion"} if _GIVING.search(form) else set()
        nouns = frozenset(e.start for e in words if e.entity in _NOUNS and not str(e.value).startswith("for_"))
        return [
            *words,
            *models.extract(form, words),
            *contacts.extract(form),
            *contacts.loose_order_numbers(form),
            *addresses.extract(form, clean),
            *(d for d in dates.extract(form, today) if (d.start, d.end) not in occasions),
            *prices,
            *ordinals.extract(form),
            *sizes.extract(form, written, shoes=any(e.value in _SHOES for e in words)),
            *quantities.extract(form, found, nouns=nouns),
        ]


def _rank(entity: Entity) -> int:
    if entity.role == "last4":
        return 0
    if entity.confidence < 1:
        return _GUESS_RANK
    return _RANK.get(entity.entity, _WORD_RANK)


def _resolve(candidates: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in sorted(candidates, key=lambda e: (_rank(e), e.start - e.end, e.start)):
        if all(entity.end <= k.start or k.end <= entity.start for k in kept):
            kept.append(entity)
    return sorted(kept, key=lambda e: e.start)


def _in_original(entity: Entity, span: tuple[int, int], clean: str) -> Entity:
    value = clean[entity.start : entity.end].lower() if entity.entity == "email" else entity.value
    return replace(entity, value=value, start=span[0], end=span[1])

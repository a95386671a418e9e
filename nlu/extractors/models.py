"""Product models that no catalogue lists: a known line with what follows it (iPhone 15 Pro Max), a brand's code
(Sony WH-1000XM5)."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity

_FOLLOWING = re.compile(
    r"\s?(?:\d{1,4}(?:st|nd|rd|th)?(?: gen)?(?![\d块元寸码个件双台部只万千百]|\s?(?:gb|g|tb|inch|dollars?|bucks|yuan))|pro|max|plus|mini|ultra|air|se|lite|gen \d|fe|note)(?![a-z])"
)
_CODE = re.compile(r"\s?(?P<code>[a-z]{1,5}[ -]?\d{2,5}[a-z]{0,3}\d{0,2}|[a-z]{1,3}\d[a-z]?)(?![a-z\d])")
_SIZE_LIKE = re.compile(r"(?:us|uk|eu|size|no|under|over|for|in|at|to|from|x|usd|rmb|eur|gbp|about|around)[ -]?\d")


def extract(text: str, words: list[Entity]) -> list[Entity]:
    """Models that begin with one of the mentions in `words`; the value is the model in lower case."""
    found = []
    for entity in words:
        if entity.entity == "product" and text[entity.start].isascii():
            end = entity.end
            while following := _FOLLOWING.match(text, end):
                end = following.end()
            if end > entity.end:
                found.append(Entity("product", text[entity.start : end], entity.start, end, extractor="models"))
        elif entity.entity == "brand":
            code = _CODE.match(text, entity.end)
            if code and not _SIZE_LIKE.match(code["code"]):
                found.append(Entity("product", code["code"], code.start("code"), code.end(), extractor="models"))
    return found

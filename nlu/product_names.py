"""How customers shorten a product's name: without its brand, or by its own part alone (the "Stillroom Pro")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from nlu.language import HAN
from nlu.lexicon.term import Guard, Term

_CJK_SPACE = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_OWN = re.compile(
    r"[\u3400-\u9fff]{1,6}(?: ?[a-z\d]+(?: (?:pro|max|mini|plus|air|se|lite|go|s|\d+))*)?|[a-z][a-z']*(?: [a-z\d']+){0,2}"
)
_MODEL = re.compile(r"\d|[\u3400-\u9fff ](?:[a-z]|pro|max|mini|plus|air|lite|go|se)(?![a-z])")
_LOOSE_END = re.compile(r" (?:and|for|of|with|in|the|a|two|three)$")
# A bare Chinese name such as 口袋 (pocket) is a product only where a product is talked of.
FRAMED = Guard(
    before=re.compile(r"(?:^|[,，。!?！？ ]|[买加把要和跟与看]|推荐的?|那[个款]|这[个款]|一[个款])$"),
    after=re.compile(r"[款那这怎和跟与吗呢]|还有|有货|多少|哪|加|防|能|可以|是|$|[,，。!?！？ ]"),
)
CASED = Guard(cased=True)

_MAX_SHARED = 2
# Names that people say for other reasons.
_SAYINGS = frozenset(
    [
        "晚安",
        "早安",
        "早上好",
        "你好",
        "谢谢",
        "再见",
        "拜拜",
        "可以",
        "好的",
        "没有",
        "什么",
        "便宜",
        "一样",
        "不错",
        "不用",
        "今天",
        "明天",
        "周末",
        "回家",
    ]
)

Mentions = Callable[[str], list[tuple[int, int]]]


def product_terms(names: Iterable[tuple[str, str]], brands: set[str], mentions: Mentions) -> list[Term]:
    """Terms of (id, name in matching form) pairs; a short form of two products is the first one's (the
    headphones, not their gift set); one of more is nobody's.

    `mentions` finds the spans of a name that are ordinary vocabulary (noise cancelling headphones)."""
    full: dict[str, Term] = {}
    short: dict[str, dict[str, None]] = {}
    guards: dict[str, Guard | None] = {}
    for product, name in names:
        for form in _spellings(name):
            full.setdefault(form, Term("product", product, form))
        for alias, guard in _aliases(name, brands, mentions):
            for form in _spellings(alias):
                short.setdefault(form, {}).setdefault(product)
                guards.setdefault(form, guard)
    clear = ((form, next(iter(ids))) for form, ids in short.items() if len(ids) <= _MAX_SHARED and form not in full)
    return [*full.values(), *(Term("product", product, form, guards[form]) for form, product in clear)]


def _aliases(name: str, brands: set[str], mentions: Mentions) -> Iterator[tuple[str, Guard | None]]:
    brand, rest = _split_brand(name, brands)
    if not rest:
        return
    known = mentions(rest)
    own = _own_part(rest, known)
    if own is None:
        return
    if brand:
        yield f"{brand} {own}", None
        if _is_long(rest):
            yield rest, None
    if known:
        start, end = known[-1]
        yield f"{own} {rest[start:end]}", None
    if _MODEL.search(own):
        yield own, None
    elif own not in _SAYINGS:
        yield own, FRAMED if HAN.search(own) else CASED


def _own_part(rest: str, known: Sequence[tuple[int, int]]) -> str | None:
    first = min((start for start, _ in known), default=len(rest))
    match = _OWN.match(rest, 0, first)
    if match is None:
        return None
    own = match[0].strip()
    while (shorter := _LOOSE_END.sub("", own)) != own:
        own = shorter
    return own if len(own) >= (2 if HAN.match(own) else 5) else None


def _split_brand(name: str, brands: set[str]) -> tuple[str, str]:
    for cut in range(min(len(name) - 1, 24), 1, -1):
        if name[:cut] in brands and (name[cut] == " " or HAN.match(name[cut])):
            return name[:cut], name[cut:].strip()
    return "", name


def _spellings(form: str) -> set[str]:
    return {form, _CJK_SPACE.sub("", form)}


def _is_long(rest: str) -> bool:
    return len(HAN.findall(rest)) >= 3 or (" " in rest and len(rest) >= 7)

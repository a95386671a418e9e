"""Which one of a list is meant: 第二个, 倒数第二, the first and the third, 2nd, the last one (-1)."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity
from nlu.numbers import parse_zh

_EN = dict(
    zip(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        range(1, 11),
        strict=True,
    )
)
_EN_WORDS = "|".join(_EN)
_MEASURE = r"(?:个|款|件|双|条|台|只|部|支|瓶|盒|包|套|本|张|种|样|项|位|家|副|把|号|副)"
_ZH = re.compile(
    rf"(?P<back>倒数)?第\s?(?P<n>[一二三四五六七八九十]{{1,3}}|\d{{1,2}})(?!次|天|时间|方|周|年|月|期|代|步|\d)(?:、?{_MEASURE})?"
    rf"|(?P<last>最后(?:面)?(?:那)?(?:一)?{_MEASURE}|末尾那个)"
    rf"|(?P<one>(?:头一|首){_MEASURE}|最(?:前面|上面)(?:的)?那?一?{_MEASURE})"
    r"|(?<![\d月])(?P<numbered>\d{1,2}|[一二三四五六七八九])号(?:款|产品|商品|那[个款]|链接)"
)
_LISTED = re.compile(rf"\s?(?:和|跟|与|、|,|，|或|还是)\s?(?P<n>[一二三四五六七八九十]|\d{{1,2}})(?P<m>{_MEASURE})")
_NOUN = r"(?:ones?|items?|options?|products?|pairs?|picks?|choices?|results?|suggestions?|things?|in (?:the|your) list|on (?:the|your) list)"
_EN_NTH = re.compile(
    rf"(?<![a-z])(?P<the>the |that |your |my )?(?:(?:very )(?=first|last))?"
    rf"(?:(?P<word>{_EN_WORDS})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th)|(?P<last>last|final)|"
    rf"(?P<back>second[ -](?:to[ -])?last|last but one|penultimate|next to last))"
    rf"(?P<noun> {_NOUN})?(?![a-z-])"
)
_NOT_A_PLACE = re.compile(
    r"\s?(?:time|of all|thing|hand|thoughts?|class|week|month|year|night|order|purchase|day|minute|half|place|name|"
    r"degree|four|digits?|few|two|three|party|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend|"
    r"(?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december)|"
    r"christmas|birthday|anniversary|grade|floor|step|opinion|generation|long|quarter|version|parcel|package|delivery|message)(?![a-z])"
)
_LONE = re.compile(r"[\s,.!?]*(?:please|pls|then|maybe|i think|i guess|ok)?[\s,.!?]*$")
_EN_NUMBERED = re.compile(
    r"(?<![a-z])(?:(?:number|option|item|choice|product)\s?(?P<n>\d{1,2}|one|two|three|four|five|six)|(?:no\.?|#)\s?(?P<d>\d{1,2}))(?![a-z\d:]|\.\d)"
)
_MAX = 20  # "number 38" is a shoe, not the 38th of a list
_EN_CARDINAL = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def extract(text: str) -> list[Entity]:
    """Ordinals with `value` 1, 2, … or -1, -2, … from the end."""
    found: list[Entity] = []
    for match in _ZH.finditer(text):
        found.append(_entity(_zh_value(match), *match.span()))
        while listed := _LISTED.match(text, found[-1].end):  # 第一、三个
            found.append(_entity(_number(listed["n"]), listed.start("n"), listed.end()))
    if text.isascii() or re.search("[a-z]", text):
        found.extend(_english(text))
    return found


def _english(text: str) -> list[Entity]:
    found: list[Entity] = []
    for match in _EN_NTH.finditer(text):
        definite = match["the"] or match["noun"] or match["back"]
        alone = not text[: match.start()].strip(" ,.!?") and _LONE.match(text, match.end())
        paired = found and re.fullmatch(
            r"\s?(?:and|or|vs\.?|versus|&|,|with|to)\s?(?:the )?", text[found[-1].end : match.start()]
        )
        if not (definite or (alone and not match["last"]) or paired):
            continue
        if not match["noun"] and _NOT_A_PLACE.match(text, match.end()):
            continue
        if match["last"] and not match["noun"] and not _LONE.match(text, match.end()):
            continue
        found.append(_entity(_en_value(match), *match.span()))
    found.extend(
        _entity(_EN_CARDINAL.get(m["n"]) or int(m["n"] or m["d"]), *m.span()) for m in _EN_NUMBERED.finditer(text)
    )
    return [e for e in found if isinstance(e.value, int) and 0 != e.value <= _MAX]


def _en_value(match: re.Match[str]) -> int:
    if match["last"]:
        return -1
    if match["back"]:
        return -2
    return _EN[match["word"]] if match["word"] else int(match["digits"])


def _zh_value(match: re.Match[str]) -> int:
    if match["last"]:
        return -1
    if match["one"]:
        return 1
    value = _number(match["n"] or match["numbered"])
    return -value if match["back"] else value


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int((parse_zh(text) or (0, 0))[0])


def _entity(value: int, start: int, end: int) -> Entity:
    return Entity("ordinal", value, start, end, extractor="ordinals")

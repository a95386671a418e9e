"""Numbers as people write them in Chinese, English and digits: 三百五, 1万2, 百八十, twenty-five, 1.5k, a couple, 1,299."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

Value = int | float

_ZH_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {c: i for i, c in enumerate("〇壹贰叁肆伍陆柒捌玖")}
_ZH_DIGIT |= {"两": 2, "俩": 2, "仨": 3}
_ZH_UNIT = {
    "十": 10,
    "百": 100,
    "千": 1000,
    "万": 10_000,
    "亿": 100_000_000,
    "拾": 10,
    "佰": 100,
    "仟": 1000,
    "萬": 10_000,
}
_ZH_APPROXIMATE = {"百八十": (80, 100), "百儿八十": (80, 100), "千八百": (800, 1000), "千儿八百": (800, 1000)}

_EN_SMALL = {
    w: i
    for i, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_EN_TENS = {
    w: 10 * i
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)
}
_EN_TENS["fourty"] = 40
_EN_SMALL |= {"fiver": 5, "tenner": 10}  # banknotes; the currency is for the caller to say
_EN_SCALE = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}
_EN_PHRASE = {"a couple": 2, "couple": 2, "a dozen": 12, "dozen": 12, "half a dozen": 6, "two dozen": 24, "a pair": 2}

_EN_WORD = "|".join(sorted([*_EN_SMALL, *_EN_TENS, *_EN_SCALE], key=len, reverse=True))
_NUMBER = re.compile(
    r"(?P<digits>(?<![a-z\d.])(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,15}(?!\d))(?:\.\d{1,6})?"
    r"(?:(?P<k>\s?k)(?![a-z])|\s?(?P<en_scale>hundred|thousand|grand)(?![a-z])|(?P<scale>[十百千万亿]+)(?P<tail>[一二三四五六七八九]|[1-9](?!\d))?(?![十百千万亿\d]))?)"
    r"|(?P<zh>百儿八十|千儿八百|[零〇一二两三四五六七八九十百千万亿俩仨几数半壹贰叁肆伍陆柒捌玖拾佰仟萬]{1,14})"
    r"|(?<![a-z])(?P<en>half a dozen|two dozen|a dozen|(?:a )?couple(?! (?:of )?(?:hundred|thousand))|dozen|"
    rf"(?:an? (?:couple (?:of )?)?)?(?:{_EN_WORD})(?:(?:[ -]|(?<=hundred)\sand\s|(?<=thousand)\sand\s)(?:an? )?(?:{_EN_WORD}))*)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at [start, end) of a text; `low` < `high` for 五六百 or 几十. `script` is digits, zh or en."""

    start: int
    end: int
    low: Value
    high: Value
    script: str

    @property
    def value(self) -> Value:
        return self.low

    @property
    def is_range(self) -> bool:
        return self.low != self.high


def find(text: str) -> list[Number]:
    """All numbers of a lower-cased, normalised text, left to right. Words such as 一 in 一下 are found too: the caller
    decides by what follows."""
    return list(_find(text))


def parse(text: str) -> Value | None:
    """The one exact number that the whole text says, or None."""
    found = find(text.strip().lower())
    whole = len(found) == 1 and found[0].end - found[0].start == len(text.strip())
    return found[0].low if whole and not found[0].is_range else None


def tidy(value: float) -> Value:
    """Ints where there are no decimals."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _find(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        if match["digits"]:
            value = _digits(match)
            yield Number(start, end, value, value, "digits")
        elif match["zh"]:
            if bounds := parse_zh(match["zh"]):
                yield Number(start, end, *bounds, "zh")
        else:
            value = _parse_en(match["en"])
            yield Number(start, end, value, value, "en")


def _digits(match: re.Match[str]) -> Value:
    plain = re.match(r"[\d,.]+", match["digits"])
    assert plain is not None
    value = float(plain[0].replace(",", ""))
    if match["k"]:
        value *= 1000
    elif match["en_scale"]:
        value *= _EN_SCALE[match["en_scale"]]
    elif match["scale"]:
        scale = 1
        for unit in match["scale"]:
            scale *= _ZH_UNIT[unit]
        tail = match["tail"]
        value = value * scale + (int(_ZH_DIGIT.get(tail, 0) or tail) * scale / 10 if tail else 0)
    return tidy(value)


def parse_zh(text: str) -> tuple[Value, Value] | None:
    """(low, high) of a Chinese numeral, equal when exact; None for what is none (千万, 数)."""
    if text in _ZH_APPROXIMATE:
        return _ZH_APPROXIMATE[text]
    if "几" in text or "数" in text:
        return _some(text)
    for i in range(len(text) - 1):
        first, second = _ZH_DIGIT.get(text[i], 0), _ZH_DIGIT.get(text[i + 1], 0)
        lone = len(text) > 2 or not any(c in _ZH_UNIT for c in text)
        if first and second == first + 1 and lone and not _spelled(text):
            low, high = _exact(text[: i + 1] + text[i + 2 :]), _exact(text[:i] + text[i + 1 :])
            return None if low is None or high is None else (low, high)
    value = _exact(text)
    return None if value is None else (value, value)


def _spelled(text: str) -> bool:
    return len(text) > 2 and all(c in _ZH_DIGIT for c in text)


def _some(text: str) -> tuple[Value, Value] | None:
    low, high = _exact(re.sub("[几数]", "一", text)), _exact(re.sub("[几数]", "九", text))
    if low is None or high is None or len(text) == 1:
        return None
    unit = next((_ZH_UNIT[c] for c in text[text.find("几") + 1 :] if c in _ZH_UNIT), 1)
    return low, high + unit - 1


def _exact(text: str) -> Value | None:
    if text == "半":
        return 0.5
    if "半" in text:
        return None
    if _spelled(text):
        return int("".join(str(_ZH_DIGIT[c]) for c in text))
    total = section = 0  # 万 and 亿 close a section
    digit: int | None = None
    unit = last_unit = 1
    for char in text:
        if char in _ZH_DIGIT:
            if digit:
                return None
            digit = _ZH_DIGIT[char]
            last_unit = 1 if char in "零〇" else last_unit
            continue
        unit = _ZH_UNIT[char]
        if unit >= 10_000:
            section = (section + (digit or 0)) or 1
            total = (total + section) * unit
            section = 0
        else:
            section += (1 if digit is None else digit) * unit
        digit, last_unit = None, unit
    if digit is not None:  # 三百五 is 350, 三百零五 and 十五 are not
        section += digit * (last_unit // 10 if last_unit >= 100 else 1)
    return total + section


def _parse_en(text: str) -> Value:
    if text in _EN_PHRASE:
        return _EN_PHRASE[text]
    total = current = 0
    for word in re.findall(r"[a-z]+", text):
        if word in _EN_SCALE:
            scale = _EN_SCALE[word]
            current = (current or 1) * scale
            if scale >= 1000:
                total, current = total + current, 0
        elif word not in {"a", "an", "and"}:
            current += _EN_SMALL.get(word, 0) + _EN_TENS.get(word, 0) + 2 * (word == "couple")
    return total + current

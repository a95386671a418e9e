"""Sizes as shops write them: M, XL, 42, US 9, 15.6in, 500ml, 1.5L, queen; 小一码 is a size `relative` to another."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity
from nlu.numbers import parse

_LETTERS = r"(?:x{1,4}[sl]|[2-6]xl|xs)"
_CONTEXT = r"(?:尺码|尺寸|码数|号码|大小|size|sizes|in(?: an?)?|换成?|改成?|改为|选|穿|到|from|to(?: an?)?|an?|the|or|和|or|and|有|要|是|/)"
_LETTER = re.compile(
    rf"(?<![a-z\d])(?:size |尺码|尺寸)?(?P<v>{_LETTERS}|(?:x?xtra |extra[- ]|x+ )+(?:large|small)|均码|one size(?: fits all)?|free size)(?:码|号|size)?(?![a-z\d-])"
    rf"|(?<![a-z\d'’$])(?:size |尺码|尺寸)?(?P<one>[sml])(?=码|号| size(?![a-z]))"
    rf"|(?:(?<![a-z])(?:size|sz)[\s.:]\s?|(?:尺码|尺寸|码数)[是为:]?\s?)(?P<sized>[sml]|medium|large|small)(?![a-z])"
    rf"|(?P<zhword>(?:特|加)大[号码]|[大中小]号|[大中小]码)(?!的?字)"
)
_UPPER = re.compile(r"(?<![A-Za-z\d'’&$.-])[SML](?![A-Za-z\d'’&.-])")  # on the text as written
_UPPER_CONTEXT_BEFORE = re.compile(rf"(?:{_CONTEXT}|[\u4e00-\u9fff]|^|[,，、])\s?$")
_UPPER_CONTEXT_AFTER = re.compile(r" ?(?:$|[,.!?;])| (?:size|please|pls|if|and|or|but|in|to|instead)(?![a-z])")
_WORD = re.compile(
    r"(?<![a-z-])(?:(?<=in )|(?<=in a )|(?<=from )|(?<=to )|(?<=to a )|(?<=a )|(?<=for a )|(?<=the )|(?<=, )|(?<=men's )|(?<=mens )|^)(?P<w>small|medium|large)(?: size)?(?=\s*(?:(?:t shirts?|tees?|jackets?|coats?|hoodies?|jumpers?|shirts?|sweaters?)(?![a-z])|$|[,.!?;/]|to(?![a-z])|or |and |instead|please|one|size|for ))"
)
_VALUE = {
    "small": "S",
    "medium": "M",
    "large": "L",
    "小号": "S",
    "中号": "M",
    "大号": "L",
    "特大号": "XL",
    "加大号": "XL",
    "特大码": "XL",
    "加大码": "XL",
    "小码": "S",
    "中码": "M",
    "大码": "L",
    "均码": "one size",
}
_NUMERIC = re.compile(
    r"(?<![a-z\d])(?P<system>eu|eur|us|uk)\s?(?:size\s?)?(?P<sys_n>\d{1,2}(?:\.5)?)(?!\d|\.\d|[a-z%])"
    r"|(?<![\d.a-z])(?P<n>\d{2,3}(?:\.5)?)\s?(?:码|号(?=的?(?:鞋|码|吗|有|还|没|$)))"
    r"|(?:size|sz|尺码|码数|鞋码|穿)[是为.:]?\s?(?P<sized>\d{1,2}(?:\.5)?)(?!\d|\.\d|[a-z%]|[天年个次件岁])"
    r"|(?:i wear|i'm|need|take|wear|wears)(?: an?)? (?P<worn>3[4-9]|4[0-8])(?=$|[,.?!;]| instead| in )"
    r"|(?<![\d.a-z])(?P<from>3[4-9]|4[0-8])(?=\s?(?:到|至|-|~)\s?\d{2}\s?码)"
    r"|(?P<zh>[三四][十]?[一二三四五六七八九十])(?=码)"
)
_FROM_TO = re.compile(
    r"size (?:\w+ )?from (?:an? )?(?P<old>\d{1,2}(?:\.5)?) to (?:an? )?(?P<new>\d{1,2}(?:\.5)?)(?![\d.])"
)
_LAST_WORD = re.compile(
    r"(?<=[a-z] )(?<!too )(?<!so )(?<!very )(?<!is )(?<!it )(?<!quite )(?<!really )(?<!bit )(?<!not )(?<!how )(?<!are )(?<!that )(?<!run )"
    r"(?<!runs )(?<!extra )(?<!was )(?<!look )(?<!looks )(?P<w>small|medium|large)(?=\s?(?:$|[,.;]))"
)
_SHOE = re.compile(
    r"(?:^|[\s,，、/\u4e00-\u9fff]|number )(?P<n>(?:3[4-9]|4[0-8])(?:\.5)?)(?=\s?(?:$|[,，.。/!?！？、]|[的吗有还呢吧]| (?:please|pls|if|and|or|for|in)(?![a-z])|\s[\u4e00-\u9fff]))"
)
_RUN = re.compile(
    r"(?:(?P<old>3[4-9]|4[0-8])|\d{2}|[三四]十?[一二三四五六七八九]?)[码号]?(?:换[成到]?|改[成到]?|改为|to)\s?(?P<n>3[4-9]|4[0-8])(?![\d.])"
)
_UNIT = {
    "GB": r"gb|(?<=32)g|(?<=64)g|(?<=128)g|(?<=256)g|(?<=512)g|g(?=内存|存储|运存|版|\+| ram)",
    "in": r"英?[寸吋]|inches|inch|in(?=$|[,.，。?!])|[\"″”](?!\d)",
    "ml": r"ml|毫升|milliliters?|millilitres?",
    "L": r"l|升|公升|lit(?:er|re)s?",
    "oz": r"fl oz|oz|盎司|ounces?",
    "cm": r"cm|厘米|公分|centimet(?:er|re)s?",
    "mm": r"mm|毫米",
    "m": r"m(?=床|的床| (?:bed|cable|lead|cord))|(?<=\.\d)m|米(?![色白家粉饭黄一二三四五六七八九])",
    "kg": r"kg|公斤|千克|kilos?",
    "g": r"g|克|grams?",
    "斤": r"斤",
    "lb": r"lbs?",
    "TB": r"tb",
    "mAh": r"mah|毫安时?",
    "W": r"w|瓦|watts?",
}
_MEASURED = re.compile(
    r"(?<![\d.a-z$¥£€])(?P<n>\d{1,6}(?:\.\d{1,2})?|\d{1,2}万|[一二两三四五六七八九十半]万?|[一二两三四五六七八九十]{2,3})[\s-]?(?:"
    + "|".join(f"(?P<{'jin' if u == '斤' else u}>{w})" for u, w in _UNIT.items())
    + r")(?![a-z\d])"
)
_SPOKEN_METRES = re.compile(r"(?P<m>[一二两三])米(?P<dm>[一二三四五六七八九])(?![百千万十])")
_BED = re.compile(
    r"(?<![a-z])(?P<bed>queen|king|twin|double|single)(?:[ -](?:size|sized))(?: bed)?(?![a-z])|(?<![a-z])(?P<b2>queen|king|twin|double|single)(?= (?:bed|duvet|sheet|bedding|mattress|quilt|comforter))|(?P<zh>双人床?|单人床?)(?=的|床|被|四件|款|$|[,，])"
)
_SLEEPERS = re.compile(
    r"(?<![\d-])(?P<n>\d{1,2}|[一二两双三四五六]|two|three|four|five|six|eight)"
    r"(?:个?人(?=[帐款睡住用的]|$|[,，。 ])|[ -]?(?:people|persons?|adults|man)(?![a-z]))"
)
_PIECES = re.compile(r"(?<![\d.])(?P<n>[1-9]\d{2,3})(?:\s?片|[ -]?(?:pieces?|pcs)(?![a-z]))")
_PAPER = re.compile(r"(?<![a-z\d])[ab][3-6](?![a-z\d])")
_TAKES = re.compile(r"(?:[放装]得?下?|fits?(?: an?| my)?|holds? an?|takes? an?)\s?$")
_RELATIVE = re.compile(
    r"(?P<zh>[大小](?:一|半|两|1)个?[码号]|[大小]一点的?(?:码|号|尺码)|(?:再)?[大小]点的?(?:码|号|尺码))"
    r"|(?<![a-z])(?P<en>(?:a|one|two|half a) sizes? (?:up|down|bigger|larger|smaller)|(?:next|bigger|larger|smaller) size(?: up| down)?|"
    r"(?:a )?(?:larger|bigger|smaller) one(?= size))(?![a-z])"
)


def extract(text: str, written: str, *, shoes: bool = False) -> list[Entity]:
    """Sizes of `text`; `written` is the same text with its capitals (a lone M is a size, a lone m is not). In talk of
    `shoes` a bare 42 is a size too."""
    found = [_entity(_letter(m), *m.span(m.lastgroup or 0)) for m in _LETTER.finditer(text)]
    found.extend(
        _entity(m[0], *m.span())
        for m in _UPPER.finditer(written)
        if _UPPER_CONTEXT_BEFORE.search(text, max(0, m.start() - 12), m.start())
        or (_UPPER_CONTEXT_AFTER.match(text, m.end()) and not written.isupper())
    )
    found.extend(_entity(_VALUE[m["w"]], *m.span("w")) for m in _WORD.finditer(text))
    found.extend(_entity(_VALUE[m["w"]], *m.span("w")) for m in _LAST_WORD.finditer(text))
    found.extend(_relative(m) for m in _RELATIVE.finditer(text))
    if shoes or "码" in text:
        found.extend(_entity(m["n"], *m.span("n")) for m in _SHOE.finditer(text))
    if "帐篷" in text or "tent" in text:
        found.extend(_entity(f"{_count(m['n'])}-person", *m.span()) for m in _SLEEPERS.finditer(text))
    else:
        found.extend(_entity(_bed(m), *m.span()) for m in _BED.finditer(text))
    if re.search(r"\d|[码一二两三四五六七八九十半双单床]|bed|size", text):
        found.extend(_numeric(m) for m in _NUMERIC.finditer(text))
        found.extend(_entity(m[g], *m.span(g)) for m in _RUN.finditer(text) for g in ("old", "n") if m[g])
        found.extend(_entity(m[g], *m.span(g)) for m in _FROM_TO.finditer(text) for g in ("old", "new"))
        found.extend(_entity(f"{m['n']}pcs", *m.span()) for m in _PIECES.finditer(text))
        found.extend(_entity(m[0].upper(), *m.span()) for m in _PAPER.finditer(text))
        found.extend(_entity(_measured(m), *m.span()) for m in _MEASURED.finditer(text) if not _of_another(text, m))
        found.extend(_entity(f"{_count(m['m'])}.{_count(m['dm'])}m", *m.span()) for m in _SPOKEN_METRES.finditer(text))
    return found


def _letter(match: re.Match[str]) -> str:
    said = match["v"] or match["one"] or match["sized"] or match["zhword"]
    if "size" in said:
        return "one size"
    if " " in said:
        return "X" * (said.count("x") or 1) + ("L" if said.endswith("large") else "S")
    return _VALUE.get(said) or said.upper()


def _numeric(match: re.Match[str]) -> Entity:
    system = match["system"]
    number = match["sys_n"] or match[match.lastgroup or 0]
    if match["zh"]:
        spelled = match["zh"] if "十" in match["zh"] else f"{match['zh'][0]}十{match['zh'][1]}"  # 四二码 is 42
        number = _count(spelled)
    value = f"{system.upper()} {number}" if system in {"us", "uk"} else number
    return _entity(value, *(match.span() if system else match.span(match.lastgroup or 0)))


def _of_another(text: str, match: re.Match[str]) -> bool:
    """Whether a measure is not the product's own: the laptop that a bag takes, 5g networks."""
    if match.lastgroup == "in":
        return bool(_TAKES.search(text, max(0, match.start() - 12), match.start()))
    return match.lastgroup == "g" and match["n"] in {"4", "5"}


def _measured(match: re.Match[str]) -> str:
    unit = "斤" if match.lastgroup == "jin" else str(match.lastgroup)
    return f"{_count(match['n'])}{unit}"


def _count(said: str) -> str:
    if said == "双":
        return "2"
    if said.endswith("万"):
        return f"{parse(said) or 0:g}"
    if said[0].isdigit():
        return said.rstrip("0").rstrip(".") if "." in said else said
    return f"{parse(said) or 0:g}"


def _bed(match: re.Match[str]) -> str:
    return match["bed"] or match["b2"] or ("double" if match["zh"].startswith("双") else "single")


def _relative(match: re.Match[str]) -> Entity:
    up = (match["zh"] and "大" in match["zh"]) or (match["en"] and re.search(r"up|big|larg|next", match["en"]))
    return Entity("size", "larger" if up else "smaller", *match.span(), role="relative", extractor="sizes")


def _entity(value: str, start: int, end: int) -> Entity:
    return Entity("size", value, start, end, extractor="sizes")

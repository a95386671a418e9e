"""How many: 两件, 三双, 买2, x2, two pairs, a couple of, make it three."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity
from nlu.numbers import Number

_MEASURE = re.compile(
    r"\s?(?:个|件|双|条|台|部|只|支|瓶|盒|包|袋|箱|套|本|张|把|副|罐|杯|顶|对|枚|份|桶|卷|片|根|听|提|扎|捆|颗|辆|组|打|盏|床)"
    r"(?!松鼠|套|小时|月|星期|礼拜|钟|工作日|人|孩子|朋友|晚上|颜色|问题|地方|地址|订单|号|码|选项|方案|字|多月|半月|性|比较|哪)"
)
_DEICTIC = re.compile(
    r"(?:这|那|哪|前|后|第|每|某|另|上|下|换|同|头|最后|有|整|其中|随便|任何|随|选|挑|比|多少)(?:外)?的?$"
)
_INDEFINITE_BEFORE = re.compile(
    r"(?:[来加拿订要买购从]|再|只要|各|就要|下单|[件双个]改|改成|改为|换成|变成|车里)(?:上|了|我)?$"
)
_WISH = re.compile(r"(?:想|我要|需要|要|打算|准备|计划)(?:买|要|购|订|来|拿)$|想|有没有|推荐")
_OURSELVES = re.compile(r"[我你他她咱这那]们?$")
_VERB_BEFORE = re.compile(
    r"(?:买|来|要|加|拿|订|各|数量|改成|改为|变成|add|qty|quantity|buy|order|take|make it|make that|make them|get|want|need|have|i'd like|give me|quantity to|number to)[是为:：]?\s?(?:me |us |my order |it to )?$"
)
_TIMES = re.compile(r"(?<![a-z\d])(?:x|×|\*)\s?(\d{1,3})(?![\da-z])|(?<![a-z\d.-])(\d{1,3})\s?(?:x|×)(?![a-z\d])")
_EN_UNIT = re.compile(
    r"(?: (?:more|extra|of (?:them|these|those|each)(?![a-z])|pairs?(?: of)?|pieces?(?: of)?|pcs|units?|copies|packs?(?: of)?|packets?(?: of)?|jars?(?: of)?|tubes?(?: of)?|tubs?(?: of)?|cartons?(?: of)?|rolls?(?: of)?|boxes|box of|bottles?(?: of)?|"
    r"sets?(?: of)?|bags? of|tins?(?: of)?|cans? of|items)(?![a-z]))+|\s?pcs(?![a-z])| of(?= (?:the|this|that|it|number|item|product|option)(?![a-z]))"
)
_FOOD = re.compile(r"coffee|tea|snack|crisp|nuts|food|litter|beans|treats|chips|popcorn|sweets|cand(?:y|ies)")
_BAGS = re.compile(r" bags(?: of)?(?![a-z])")
_EN_END = re.compile(
    r"\s*(?:please|pls|instead|in total|altogether|then)?\s*(?:$|[,.!?;，。！？]|instead|to my (?:cart|basket|bag)|into)"
)
_ORDINARY = re.compile(
    r"(?:between|from|to|of|one|last|first|next|top|in|at|size|these|those|the|number|option|item|or|under|over)\s$"
)
_COLLECTIVE = {"a couple", "couple", "a dozen", "dozen", "half a dozen", "two dozen"}
_WINDOW = 40  # characters looked back for what belongs to a number
_MAX_QUANTITY = 999
_MAX_BARE = 30  # "make it 90" and "need 42" are a price and a size


def extract(text: str, numbers: list[Number], *, nouns: frozenset[int] = frozenset()) -> list[Entity]:
    """Quantities. `nouns`: the starts of product and category mentions; "two mugs" counts because a noun follows."""
    found = [
        Entity("quantity", int(m[1] or m[2]), *m.span(), extractor="quantities")
        for m in _TIMES.finditer(text)
        if int(m[1] or m[2])
    ]
    for number in numbers:
        if number.is_range or number.low != int(number.low) or not 1 <= number.low <= _MAX_QUANTITY:
            continue
        end = _end(text, number, nouns)
        if end:
            found.append(
                Entity("quantity", int(number.low) * _dozen(text, number), number.start, end, extractor="quantities")
            )
    return found


def _end(text: str, number: Number, nouns: frozenset[int]) -> int | None:
    before, said = text[max(0, number.start - _WINDOW) : number.start], text[number.start : number.end]
    if said in {"俩", "仨"}:
        return None if _OURSELVES.search(before) else number.end
    if before.endswith(("第", "号", "-", "#")):
        return None
    if number.script == "en":
        return _english_end(text, number, nouns)
    if measure := _MEASURE.match(text, number.end):
        if _DEICTIC.search(before):
            return None
        if (
            said == "一"
            and text[number.end] != "打"
            and (not _INDEFINITE_BEFORE.search(before) or _WISH.search(before))
        ):
            return None
        return measure.end()
    if number.script == "digits":
        english = _english_end(text, number, nouns)
        if english:
            return english
    verb = _VERB_BEFORE.search(before)
    return (
        number.end
        if verb and number.low <= _MAX_BARE and re.match(r"\s*(?:$|[,.!?;，。！？了吧])", text[number.end :])
        else None
    )


def _english_end(text: str, number: Number, nouns: frozenset[int]) -> int | None:
    before, said = text[max(0, number.start - _WINDOW) : number.start], text[number.start : number.end]
    article = said in {"a pair", "one"}
    if before.endswith(("instead of ", "rather than ")) and re.match(r"\s*(?:$|[,.!?])", text[number.end :]):
        return number.end
    verb = _VERB_BEFORE.search(before)
    unit = _EN_UNIT.match(text, number.end) or (_FOOD.search(text) and _BAGS.match(text, number.end)) or None
    if unit:
        if (article and not (verb and "more" in unit[0])) or (unit[0].strip() == "of" and number.low < 2):
            return None
        of_people = re.match(r" (?:my|us|you|the (?:reviews|staff))", text[unit.end() :])
        return None if of_people else unit.end() - 3 * unit[0].endswith(" of")
    if said in _COLLECTIVE - {"couple", "a couple"} and _EN_END.match(text, number.end):
        return number.end
    if said in _COLLECTIVE and text.startswith(" of ", number.end) and number.end + 4 in nouns:
        return number.end
    if (
        number.script == "en"
        and number.low > 1
        and _EN_END.match(text, number.end)
        and _after(nouns, before, number.start)
    ):
        return number.end  # "mugs, six"
    if _ORDINARY.search(before) and not verb:
        return None
    if not article and text[number.end :].startswith(" ") and number.end + 1 in nouns:
        return number.end
    if verb and number.low <= _MAX_BARE and _EN_END.match(text, number.end):
        return number.end
    return None


def _after(nouns: frozenset[int], before: str, start: int) -> bool:
    """Whether a noun ends right before, with at most a comma between."""
    words = re.search(r"[a-z]+(?: [a-z]+)?,? $", before)
    return words is not None and any(start - len(words[0]) <= noun < start for noun in nouns)


def _dozen(text: str, number: Number) -> int:
    return 12 if text.startswith("打", number.end) else 1

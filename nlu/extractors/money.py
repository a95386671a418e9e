"""Prices: bounds, ranges and amounts. A difference ("ten quid cheaper", 便宜50) is no price."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.extractors.entity import Entity
from nlu.numbers import Number, Value, parse_zh, tidy

_CURRENCY_WORDS = {
    "CNY": r"块钱?|元钱?|圆|人民币|rmb|r|cny|yuan|kuai|大洋|¥",
    "USD": r"美元|美金|美刀|刀|us dollars?|dollars?|bucks?|usd|us\$|\$",
    "GBP": r"英镑|镑|pounds?|quid|gbp|£",
    "EUR": r"欧元|欧|euros?|eur|€",
    "HKD": r"港币|港元|蚊|hkd|hk\$",
    "JPY": r"日元|日币|円|yen|jpy",
    "TWD": r"新?台币|nt\$|twd",
    "KRW": r"韩元|won|krw",
    "AUD": r"澳元|澳币|a\$|aud",
    "CAD": r"加元|加币|c\$|cad",
    "SGD": r"新币|s\$|sgd",
}
_ANY_CURRENCY = "|".join(f"(?P<{code}>{words})" for code, words in _CURRENCY_WORDS.items())
_AFTER_CURRENCY = re.compile(rf"\s?(?:{_ANY_CURRENCY})(?![a-z])")
_BEFORE_CURRENCY = re.compile(
    r"(?P<HKD>hk\$|hkd|港币)|(?P<USD>us\$|(?<![a-z])\$|usd|美元)|(?P<GBP>£|gbp)|(?P<EUR>€|eur)|(?P<CNY>¥|rmb|cny|人民币)"
    r"|(?P<TWD>nt\$)|(?P<AUD>a\$|aud)|(?P<CAD>c\$|cad)|(?P<SGD>s\$|sgd)"
)
_BEFORE_CURRENCY_END = re.compile(rf"(?:{_BEFORE_CURRENCY.pattern})\s?$")

_RESOLUTIONS = ("2k", "4k", "5k", "8k")  # of a screen, unless a bound or a currency says money
_BANKNOTES = ("fiver", "tenner")
_SMALL_UNIT = re.compile(r"(?:块|元)([一二三四五六七八九]|\d{1,2})(?![\d十百千万个件双条只台瓶盒包袋套本张])")
_JIAO = re.compile(r"\s?(?:毛|角)钱?")

_BEFORE = {
    "max": r"不(?:能|要|会|得|想)?(?:超过|超|高于|大于|多于)|别超过?|不到|低于|少于|小于|最多|顶多|至多|最高|最贵|上限|控制在|"
    r"预算(?:是|为|在|有|一共|总共|只有|就|最多|顶多|不超过|也就|可以|能|降到|加到|提到|提高到|放宽到|调到|改成)*|within|under|below|sub[ -]?|beneath|(?:less|lower|cheaper) th[ae]n|"
    r"up to|at most|no more than|not more than|not over|not above|nothing (?:over|above|more than)|max(?:imum)?(?: of)?|"
    r"(?:can'?t|cannot|not|without|won'?t|don'?t want to) (?:spend|pay|go)(?:ing)? (?:more than|over|above|beyond)|(?:no|not) (?:higher|greater) than|"
    r"(?:my |a |the )?(?:price |spending )?(?:limit|cap|ceiling|budget)(?: is| of|'s|:)?(?: up to| more like| like)?|<=?|≤",
    "min": r"不低于|不少于|超过|高于|大于|多于|起码|至少|最少|最低|over|above|more than|at least|no less than|not less than|"
    r"from|starting (?:at|from)|min(?:imum)?(?: of)?|north of|>=?|≥",
    "about": r"大概|大约|约|差不多|around|about|roughly|approx(?:imately|\.)?|circa|near(?:ly)?|close to|some|in the (?:region|ballpark|neighbou?rhood) of|~",
}
_BEFORE_END = {
    kind: re.compile(rf"(?:(?<![a-z])|(?=[^a-z]))(?:{words})\s?(?:是|在|the |a |just )?\s?$")
    for kind, words in _BEFORE.items()
}
_ABOUT_IN_BOUND = re.compile(r"(?:大概|大约|差不多|around|about|roughly|approximately)\s?$")
_AFTER = {
    "max": re.compile(
        r"\s?(?:(?:以内|之内|以下|之下|封顶|打住|为限|以里|内(?!存|衣|裤|搭|置|胆))(?:的预算)?|"
        r"or (?:less|under|below|cheaper)|(?:and|&) (?:under|below)|max(?:imum)?|tops|at (?:the )?most|(?:budget|limit)(?![a-z]))"
    ),
    "min": re.compile(
        r"\s?(?:以上|之上|往上|开外|起步|起(?![来码诉飞床])|朝上|\+(?!\d)|plus(?![a-z])|or (?:more|above|over|up)|and (?:up|above|over)|minimum)"
    ),
    "about": re.compile(
        r"\s?(?:左右|上下|前后|出头|的样子|样子|附近|ish(?![a-z])|or so(?![a-z])|-ish|or thereabouts|give or take)"
    ),
}
_VAGUE = re.compile(
    r"(多点(?=的|$|[,，。])|多(?![少久大个件双条天年月人次种家谢点]))|(几|余|来|把|十来)(?=块|元|刀|美|欧|英|港|的|以|左|$|[\s,，。!?！？吧吗呢价])"
)
_BUDGET = re.compile(r"预算|(?:my |a |the )?(?:price |spending )?budget")
_BUDGET_LEAD = re.compile(
    r"(?:(?:my |a |the )?(?:price |spending )?budget(?: is|'s| of|:)?(?: more like| like)?|预算(?:是|为|在|有|一共|总共|只有|就|也就|可以|能|降到|加到|提到|提高到|放宽到|调到|改成)*)\s?"
)
_BUDGET_AFTER = re.compile(r"(?:的)?预算")
_PRICE_WORD_BEFORE = re.compile(
    r"(?:人均|每人|每个人|价格|价位|单价|售价|标价|原价|价钱|只要|卖|花了|花|付了|priced? (?:at|of|is)|price|cost(?:s|ing)?|spend(?:ing)?|pay(?:ing)?|for only)[在是为:：]?\s?$"
)
_PICKED = re.compile(
    r"(?:块钱?|元)?\s?(?:的|价位|档|价格|那[款个双件条台只]|这[款个双件条台只]|一[款个双件条台只]| one(?![a-z]))"
)
_DIFFERENCE_BEFORE = re.compile(
    r"(?:便宜|满|跌|降价?|减价?|立减|直降|减免|(?<![至最不])少花?|省|优惠|贵|涨价?|相?差价?|补|返现?|抵扣?|让|砍|cheaper by|save|off by|by|reduced by|dropped)(?:了|个|掉|我|过)?\s?(?:us)?[$£€¥]?\s?$"
)
_DIFFERENCE_AFTER = re.compile(
    r"\s?(?:cheaper|off(?![a-z])|less(?! than)|discount|coupon|voucher|gift card|more expensive|dearer|more(?! than)|lower|higher|的?(?:优惠券|优惠|券|红包|差价|差额|礼品卡|代金券)|便宜)"
)
_JOINER = re.compile(r"\s?(?:到|至|-|–|—|~|to|或|、|and|or|和|与)\s?")
_SPOKEN_JOINER = re.compile(r"\s?(?:and|和|与|or|或|、)\s?")
_BETWEEN = re.compile(r"(?:between|介于|在|from|从|价格|预算)[^\d]{0,3}$")
_CLAUSE_BEFORE, _CLAUSE_AFTER = re.compile(r"(?:^|[,，。;])\s?$"), re.compile(r"\s?(?:$|[,，。.;!?！？])")
_AROUND_RANGE_AFTER = re.compile(r"\s?(?:之间|中间|左右|以内|的价位|价位|区间|的预算)")
_OTHER_UNIT = re.compile(
    r"\s?(?:(?:个(?!大洋)|多?个|双|件|条|台|部|只|支|瓶|盒|包|袋|箱|套|本|张|副|罐|杯|枚|份|位|名|人|岁|次|天|日|号|月|年|周|小时|分|秒|折|码|寸|英寸|厘米|公分|米|毫|升|斤|公斤|克|千克|斤|瓦|点|级|层|楼|路|栋|室|单元|颗|粒|倍|星|代|期|%|-|°|x(?![a-z])|:)"
    r"|(?:g|kg|ml|l|cm|mm|m|km|w|v|mah|gb|tb|mp|hz|oz|lbs?|days?|hours?|hrs?|weeks?|months?|years?|mins?|minutes?|seconds?|inch(?:es)?|in(?:ch)?\b|pairs?|pieces?|pcs|packs?|boxes|bottles?|bags?|items?|units?|people|persons?|times|stars?|points?|percent|degrees?|gb|grams?|litres?|liters?|miles?|feet|ft|am|pm|th|st|nd|rd|of|orders?|characters?|different|more|other)(?![a-z]))"
)
_UNIT_NOUN_AFTER = re.compile(r"[a-z]|-[a-z\d]|\d")
_GLUED_BEFORE = re.compile(r"[a-z\d#]-?$|[第\d]$|(?:order|订单|单号|尾号|no\.|number)\s?[#:：]?\s?$")
_ROUND = re.compile(r"[百千万k]")
_WINDOW = 40  # characters looked back for what belongs to a number
_MINIMUM = {"max": 5, "min": 10, "about": 10}


@dataclass(slots=True)
class _Amount:
    start: int
    end: int
    low: Value
    high: Value
    currency: str | None = None
    vague: str = ""  # 多, 来, 几 between number and unit


def extract(text: str, numbers: list[Number], *, chinese: bool) -> list[Entity]:
    """Prices in `text`. `chinese`: a price without a unit is CNY when it is said in Chinese."""
    found: list[Entity] = []
    taken = 0
    for i, number in enumerate(numbers):
        if number.start < taken:
            continue
        entity = _price(text, numbers[i:], chinese=chinese)
        if entity:
            found.append(entity)
            taken = entity.end
    return found


def _price(text: str, numbers: list[Number], *, chinese: bool) -> Entity | None:
    first = _amount(text, numbers[0])
    if first is None or _GLUED_BEFORE.search(text, max(0, first.start - _WINDOW), first.start):
        return None
    second = _range_end(text, first, numbers[1:])
    if second:
        return _range(text, first, second, chinese=chinese)
    return _single(text, first, numbers[0], chinese=chinese)


def _amount(text: str, number: Number) -> _Amount | None:
    amount = _Amount(number.start, number.end, number.low, number.high)
    if before := _BEFORE_CURRENCY_END.search(text, max(0, number.start - _WINDOW), number.start):
        amount.start, amount.currency = before.start(), before.lastgroup
    if text.endswith(_BANKNOTES, number.start, number.end):
        amount.currency = "GBP"
    if vague := _VAGUE.match(text, amount.end):
        amount.vague, amount.end = vague[0], vague.end()
    if small := _SMALL_UNIT.match(text, amount.end):
        cents = small[1] if small[1].isdigit() else str((parse_zh(small[1]) or (0, 0))[0])
        amount.low = amount.high = tidy(float(amount.low) + float(f"0.{cents}"))
        amount.end, amount.currency = small.end(), "CNY"
        if jiao := re.compile(r"毛|钱").match(text, amount.end):
            amount.end = jiao.end()
    elif jiao := _JIAO.match(text, amount.end):
        amount.low, amount.high = tidy(amount.low / 10), tidy(amount.high / 10)
        amount.end, amount.currency = jiao.end(), "CNY"
    elif after := _AFTER_CURRENCY.match(text, amount.end):
        amount.end, amount.currency = after.end(), amount.currency or after.lastgroup
        if again := re.compile(r"\s?(?:usd|rmb|人民币|cny)").match(text, amount.end):
            amount.end = again.end()
    return None if amount.low < 0.1 else amount


def _range_end(text: str, first: _Amount, rest: list[Number]) -> _Amount | None:
    if not rest:
        return None
    second = _amount(text, rest[0])
    if second is None:
        return None
    gap = text[first.end : second.start]
    if not _JOINER.fullmatch(gap):
        return None
    if _SPOKEN_JOINER.fullmatch(gap) and not (
        _BETWEEN.search(text, max(0, first.start - _WINDOW), first.start)
        or (gap.strip() in {"or", "或"} and second.currency)
    ):
        return None
    digits = text[rest[0].start : rest[0].end]
    if (
        unit := re.search(r"[百千万]$|k$|hundred$", digits)
    ) and first.low < 10 <= second.low:  # 2-3百, 三到五千, one or two hundred
        scale = {"百": 100, "千": 1000, "万": 10_000, "k": 1000, "hundred": 100}[unit[0]]
        first.low, first.high = tidy(first.low * scale), tidy(first.high * scale)
    return second if first.low < second.high else None


def _range(text: str, first: _Amount, second: _Amount, *, chinese: bool) -> Entity | None:
    end = second.end
    currency = second.currency or first.currency
    between = _BETWEEN.search(text, max(0, first.start - _WINDOW), first.start)
    trailer = _AROUND_RANGE_AFTER.match(text, end)
    if not currency and not trailer:
        other = _OTHER_UNIT.match(text, end) or _UNIT_NOUN_AFTER.match(text, end)
        if (
            other
            or second.high < 20
            or (
                second.high < 60
                and not between
                and not (_CLAUSE_BEFORE.search(text, 0, first.start) and _CLAUSE_AFTER.match(text, end))
                and not _PRICE_WORD_BEFORE.search(text, max(0, first.start - _WINDOW), first.start)
            )
        ):
            return None
    start = first.start
    if between and between[0].startswith(("between", "from", "介于", "从")):
        start = between.start()
    if _DIFFERENCE_AFTER.match(text, end):
        return None
    value: dict[str, Value | str] = {"min": first.low, "max": second.high}
    return _entity(text, start, trailer.end() if trailer else end, value, currency, chinese=chinese)


def _single(text: str, amount: _Amount, number: Number, *, chinese: bool) -> Entity | None:
    start, end = amount.start, amount.end
    kind = None
    for name in ("max", "min", "about"):
        if before := _BEFORE_END[name].search(text, max(0, start - _WINDOW), start):
            kind, start = name, before.start()
            break
    hedged = kind == "about"
    if hedged:  # "under about 50", 不超过大概300
        for name in ("max", "min"):
            if before := _BEFORE_END[name].search(text, max(0, start - _WINDOW), start):
                kind, start = name, before.start()
                break
    for name, pattern in _AFTER.items():
        if after := pattern.match(text, end):
            kind = kind or name
            hedged |= name == "about"
            end = after.end()
            break
    budget_lead = _BUDGET_LEAD.match(text, start, amount.start)
    if kind == "max" and (hedged or amount.low != amount.high) and _BUDGET.match(text, start):
        kind, start = "about", budget_lead.end() if budget_lead else start  # 预算五百左右, 预算四五百
    if kind is None and (budget := _BUDGET_AFTER.match(text, end)):
        kind, end = "max", budget.end()
    elif budget_lead and (after or budget_lead.end() < amount.start):
        start = budget_lead.end()  # "budget under 50": the bound is said without it
    bounded = kind
    if _DIFFERENCE_BEFORE.search(text, max(0, amount.start - _WINDOW), amount.start) or (
        not bounded and _DIFFERENCE_AFTER.match(text, end)
    ):
        return None
    if not amount.currency and not _plausible(text, amount, number, bounded):
        return None
    return _entity(text, start, end, _bounds(amount, kind), amount.currency, chinese=chinese)


def _plausible(text: str, amount: _Amount, number: Number, kind: str | None) -> bool:
    """Whether a number without a currency is money at all."""
    if number.script == "en" and number.low < 10 and kind != "max":
        return False
    if not any(p.match(text, amount.end) for p in _AFTER.values()) and (
        _OTHER_UNIT.match(text, amount.end) or _UNIT_NOUN_AFTER.match(text, amount.end)
    ):
        return False
    if kind:
        return amount.high >= _MINIMUM[kind]
    said = text[number.start : number.end]
    if said in _RESOLUTIONS:
        return False
    if _PRICE_WORD_BEFORE.search(text, max(0, amount.start - _WINDOW), amount.start):
        return amount.high >= 5
    if number.script == "zh" and number.low >= 100 and said[0] not in "百千万":
        return bool(_ROUND.search(said)) and len(said) > 1
    if number.is_range or amount.vague:
        return number.low >= 50
    return 60 <= number.low < 100_000 and bool(_PICKED.match(text, amount.end))


def _bounds(amount: _Amount, kind: str | None) -> dict[str, Value | str]:
    low, high = amount.low, amount.high
    if amount.vague in {"多", "多点", "几", "余"} and low == high and low >= 10 and kind in {None, "about"}:
        step = next(10**n for n in range(12, -1, -1) if low % 10**n == 0)
        return {"min": low, "max": low + step - 1}
    if low != high and kind in {None, "about"}:
        return {"min": low, "max": high}
    return {kind or "about": low if kind == "min" else high}


def _entity(
    text: str, start: int, end: int, value: dict[str, Value | str], currency: str | None, *, chinese: bool
) -> Entity:
    while text[start].isspace():
        start += 1
    if currency or chinese:
        value = value | {"currency": currency or "CNY"}
    return Entity("price", value, start, end, extractor="money")

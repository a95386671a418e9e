"""Days, relative to a given one, as ISO: 2026-11-20; a whole week 2026-W47; a whole month 2026-11."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from nlu.extractors.entity import Entity
from nlu.numbers import find, parse_zh

_ZH_DAYS = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨晚": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "今晚": 0,
    "今早": 0,
    "明天": 1,
    "明日": 1,
    "明早": 1,
    "明晚": 1,
    "大后天": 3,
    "后天": 2,
}
_EN_DAYS = {
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "tmr": 1,
    "tmrw": 1,
    "the day after tomorrow": 2,
    "day after tomorrow": 2,
}
_MONTHS = {
    m: i
    for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)
}
_MONTH = r"(?P<mon>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WEEKDAYS = {d: i for i, d in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])}
_WEEKDAY = r"(?P<wd>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?(?! (?:cream|screen|block|lotion|hat|care|protection|stick|spray|milk|tan|oil|gel)))"
_ZH_N = r"(?:\d{1,3}|[一二两三四五六七八九十半]{1,3})"
_EN_N = r"(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|a couple of|a few)"
_PAST = re.compile(
    r"(?<![a-z])(?:was|were|bought|ordered|received|arrived|came|got|promised|paid|placed|delivered|sent)(?![a-z])[^,.!?]*$"
)
_FESTIVALS = {
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "618": (6, 18),
    "元旦": (1, 1),
    "国庆": (10, 1),
    "国庆节": (10, 1),
    "五一": (5, 1),
}

Maker = Callable[[re.Match[str], date], str | None]


def extract(text: str, today: date) -> list[Entity]:
    """Dates in `text`. A day without a year is the one nearest to `today`; a weekday is the next to come."""
    found: list[Entity] = []
    for pattern, maker in _RULES:
        for match in pattern.finditer(text):
            try:
                value = maker(match, today)
            except (ValueError, OverflowError):  # 31 February, a year out of range: no date
                continue
            if value:
                found.append(Entity("date", value, *match.span(), extractor="dates"))
    return found


def _zh_number(said: str) -> int:
    return int(said) if said.isdigit() else int((parse_zh(said) or (0, 0))[0])


def _en_number(said: str) -> int:
    if said.isdigit():
        return int(said)
    return {"a": 1, "an": 1, "a few": 3, "a couple of": 2}.get(said) or int(find(said)[0].low)


def _iso(match: re.Match[str], _: date) -> str:
    return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat()


def _slashed(match: re.Match[str], _: date) -> str:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    day, month = (first, second) if second <= 12 else (second, first)  # day first, unless only month first can be
    return date(year, month, day).isoformat()


def _named(match: re.Match[str], today: date) -> str:
    table = _ZH_DAYS if match[0] in _ZH_DAYS else _EN_DAYS
    return (today + timedelta(days=table[match[0]])).isoformat()


def _nearest(month: int, day: int, today: date) -> str:
    years = (today.year - 1, today.year, today.year + 1)
    return min((date(y, month, day) for y in years), key=lambda d: abs((d - today).days)).isoformat()


def _month_day(match: re.Match[str], today: date) -> str:
    month, day = _zh_number(match["m"]), _zh_number(match["d"])
    if match["y"]:
        year = {"今": today.year, "去": today.year - 1, "明": today.year + 1}.get(match["y"][0])
        return date(year or int(match["y"].rstrip("年")), month, day).isoformat()
    return _nearest(month, day, today)


def _en_month_day(match: re.Match[str], today: date) -> str:
    month, day = _MONTHS[match["mon"][:3]], int(match["d"])
    return date(int(match["y"]), month, day).isoformat() if match["y"] else _nearest(month, day, today)


def _month(offset: int, today: date) -> tuple[int, int]:
    index = today.year * 12 + today.month - 1 + offset
    return index // 12, index % 12 + 1


def _relative_month_day(match: re.Match[str], today: date) -> str:
    offset = {"上": -1, "下": 1}.get(match["which"][0], 0)
    year, month = _month(offset, today)
    if not match["d"]:
        return f"{year:04d}-{month:02d}"
    return date(year, month, _zh_number(match["d"])).isoformat()


def _zh_weekday(match: re.Match[str], today: date) -> str:
    said = match["wd"]
    weekday = 6 if said in "日天末" else "一二三四五六".index(said) if said in "一二三四五六" else int(said) - 1
    weekday = 5 if said == "末" else weekday
    which = match["which"] or ""
    monday = today - timedelta(days=today.weekday())
    if which:
        weeks = which.count("下") - which.count("上")
        return (monday + timedelta(days=7 * weeks + weekday)).isoformat()
    return (today + timedelta(days=(weekday - today.weekday()) % 7)).isoformat()


def _en_weekday(match: re.Match[str], today: date) -> str:
    weekday, which = _WEEKDAYS[match["wd"][:3]], (match["which"] or "").strip()
    monday = today - timedelta(days=today.weekday())
    if not which and _PAST.search(match.string[: match.start()]):
        which = "last"
    if which == "last":
        return (today - timedelta(days=(today.weekday() - weekday) % 7 or 7)).isoformat()
    if which == "next":
        return (monday + timedelta(days=7 + weekday)).isoformat()
    return (today + timedelta(days=(weekday - today.weekday()) % 7)).isoformat()


def _weekend(match: re.Match[str], today: date) -> str:
    weeks = {"last": -1, "next": 1}.get((match["which"] or "this").strip(), 0)
    return (today - timedelta(days=today.weekday()) + timedelta(days=7 * weeks + 5)).isoformat()


def _zh_shift(match: re.Match[str], today: date) -> str:
    return _shift(_zh_number(match["n"]), match["unit"][-1], -1 if match["way"] in {"前", "以前", "之前"} else 1, today)


def _en_shift(match: re.Match[str], today: date) -> str:
    number, back = _en_number(match["n"] or match["n2"]), bool(match["ago"])
    unit = {"d": "天", "w": "周", "m": "月", "y": "年"}[(match["unit"] or match["unit2"])[0]]
    return _shift(number, unit, -1 if back else 1, today)


def _shift(number: int, unit: str, sign: int, today: date) -> str:
    if unit in "月年":
        year, month = _month(sign * number * (12 if unit == "年" else 1), today)
        day = min(today.day, 28 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)
        return date(year, month, day).isoformat()
    days = 7 * number if unit in "周期拜" else number
    return (today + timedelta(days=sign * days)).isoformat()


def _week(match: re.Match[str], today: date) -> str:
    offset = {"上": -7, "下": 7, "last": -7, "next": 7}.get(match["which"], 0)
    year, week, _ = (today + timedelta(days=offset)).isocalendar()
    return f"{year:04d}-W{week:02d}"


def _en_month(match: re.Match[str], today: date) -> str:
    year, month = _month({"last": -1, "next": 1}.get(match["which"], 0), today)
    return f"{year:04d}-{month:02d}"


def _day_of_month(match: re.Match[str], today: date) -> str | None:
    day = _zh_number(match["d"])
    candidates = []
    for offset in (-1, 0, 1):
        year, month = _month(offset, today)
        if 1 <= day <= 28 or (day <= 31 and month in {1, 3, 5, 7, 8, 10, 12}) or (day <= 30 and month != 2):
            candidates.append(date(year, month, day))
    return min(candidates, key=lambda d: abs((d - today).days)).isoformat() if candidates else None


def _festival(match: re.Match[str], today: date) -> str:
    return _nearest(*_FESTIVALS[match[0]], today)


_D = r"(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})"
_RULES: list[tuple[re.Pattern[str], Maker]] = [
    (re.compile(r"(?<![\d-])(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\d-])"), _iso),
    (re.compile(r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>20\d\d)(?![\d/])"), _slashed),
    (
        re.compile(
            rf"(?P<y>20\d\d年|今年|去年|明年)?(?P<m>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月{_D}(?:日|号)?(?![\d块元个])"
        ),
        _month_day,
    ),
    (re.compile(rf"(?P<which>上个?月|下个?月|这个?月|本月){_D}(?:日|号)"), _relative_month_day),
    (re.compile(r"(?P<which>上个月|上月|下个月|下月|这个月|本月)(?P<d>(?!))?"), _relative_month_day),
    (
        re.compile(
            r"(?P<which>上上|下下|上|下|这|本)?个?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天末]|[1-6](?!\d|个|天))(?!年|岁)"
        ),
        _zh_weekday,
    ),
    (re.compile(r"(?P<which>上|下|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天末\d])"), _week),
    (
        re.compile(rf"(?P<n>{_ZH_N})(?P<unit>天|周|个?星期|个?礼拜|个月|年)(?P<way>以前|之前|前|之后|以后|后)(?!面)"),
        _zh_shift,
    ),
    (re.compile("|".join(sorted(_ZH_DAYS, key=len, reverse=True))), _named),
    (
        re.compile(
            "|".join(sorted(_FESTIVALS, key=len, reverse=True))
            .replace("618", r"(?<!\d)618(?!\d|元|块)")
            .replace("五一", r"五一(?=前|后|节|放假|假期|期间|劳动)")
        ),
        _festival,
    ),
    (
        re.compile(
            rf"(?<![\d月第一二三四五六七八九十]){_D}(?:日|号)(?=(?:下|买|订|到|付|送|发|收|之前|前|之后|后|以前|以后|那天|的订单|签收|能|可以|可不可以|要|寄|就|早|晚|上午|下午|才|左右)(?!款))"
        ),
        _day_of_month,
    ),
    (re.compile(rf"(?<![a-z])(?:{'|'.join(sorted(_EN_DAYS, key=len, reverse=True))})(?![a-z])"), _named),
    (
        re.compile(
            rf"(?<![a-z\d])(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?(?:,? (?P<y>20\d\d))?(?![a-z\d])"
        ),
        _en_month_day,
    ),
    (
        re.compile(
            rf"(?<![a-z]){_MONTH}\.? (?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y>20\d\d))?(?![a-z\d:]|\.\d)"
        ),
        _en_month_day,
    ),
    (re.compile(rf"(?<![a-z])(?P<which>next |last |this |(?=[a-z]{{6,}}))?(?<!-){_WEEKDAY}(?![a-z])"), _en_weekday),
    (
        re.compile(
            r"(?<![a-z])(?:on|by|before|after|until|till|since) the (?P<d>\d{1,2})(?:st|nd|rd|th)(?= *(?:$|[,.?!]|for|and|at|but|so|or|i |it |to ))"
        ),
        _day_of_month,
    ),
    (re.compile(r"(?<![a-z])(?:(?:the|this) coming |(?P<which>next |last |this |the )?)weekend(?![a-z])"), _weekend),
    (re.compile(r"(?<![a-z])(?P<which>last|next|this) week(?![a-z])"), _week),
    (re.compile(r"(?<![a-z])(?P<which>last|next|this) month(?![a-z])"), _en_month),
    (
        re.compile(
            rf"(?<![a-z\d])(?:(?P<n>{_EN_N}) (?P<unit>day|week|month|year)s? (?:(?P<ago>ago|back|earlier)|from (?:now|today)|later)"
            rf"|in (?P<n2>{_EN_N}) (?P<unit2>day|week|month)s?(?= time|$|[,.?!]))(?![a-z])"
        ),
        _en_shift,
    ),
]

"""Where a parcel goes, as the shop's shipping rules tell places apart: mainland, remote, overseas."""

from __future__ import annotations

import re
from typing import Literal

from bot.policies import Shipping

Kind = Literal["mainland", "remote", "overseas"]

# Further names of the places in the rules. Chinese cities are here because addresses often leave the province out.
_REMOTE = {
    "新疆": "xinjiang|乌鲁木齐|urumqi|喀什|伊犁|克拉玛依",
    "西藏": "tibet|拉萨|lhasa|日喀则|林芝",
    "内蒙古": "inner mongolia|内蒙|呼和浩特|hohhot|包头|鄂尔多斯|赤峰|呼伦贝尔",
    "青海": r"qinghai|西宁|xining|格尔木",
    "宁夏": "ningxia|银川|yinchuan",
    "甘肃": "gansu|兰州|lanzhou|敦煌|酒泉|天水",
    "海南": "hainan|海口|haikou|三亚|sanya|儋州",
}
_OVERSEAS = {
    "Hong Kong": "香港|hk",
    "Macau": "澳门|澳門|macao",
    "Taiwan": "台湾|台灣|臺灣|台北|高雄|taipei",
    "Singapore": "新加坡",
    "Malaysia": "马来西亚|馬來西亞|吉隆坡|kuala lumpur",
    "Japan": "日本|东京|大阪|tokyo|osaka",
    "United States": "美国|美國|纽约|洛杉矶|usa|u\\.s\\.|america|new york|los angeles|chicago|boston|seattle|"
    "san francisco|texas|california|florida",
    "Canada": "加拿大|多伦多|温哥华|toronto|vancouver|montreal",
    "United Kingdom": "英国|英國|伦敦|uk|u\\.k\\.|england|scotland|wales|britain|london|leeds|manchester|birmingham|"
    "liverpool|bristol|glasgow|edinburgh|cardiff|belfast|sheffield|newcastle|oxford|cambridge|brighton",
    "Germany": "德国|柏林|慕尼黑|berlin|munich|hamburg",
    "France": "法国|巴黎|paris|lyon",
    "Australia": "澳大利亚|澳洲|悉尼|墨尔本|sydney|melbourne",
    "New Zealand": "新西兰|奥克兰|auckland",
}
_ELSEWHERE = re.compile(
    r"巴西|印度|俄罗斯|韩国|泰国|越南|西班牙|意大利|荷兰|非洲|墨西哥|迪拜|"
    r"\b(?:brazil|india|russia|korea|thailand|vietnam|spain|italy|netherlands|ireland|dublin|africa|mexico|dubai)\b",
    re.I,
)
_MAINLAND = re.compile(
    r"北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|四川|贵州|云南|陕西|"
    r"石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|杭州|宁波|温州|合肥|福州|厦门|南昌|济南|青岛|郑州|武汉|长沙|广州|深圳|东莞|佛山|"
    r"南宁|成都|贵阳|昆明|西安|"
    r"\b(?:china|mainland|beijing|shanghai|guangzhou|shenzhen|chengdu|hangzhou|wuhan|nanjing|chongqing|tianjin|xi'?an)\b",
    re.I,
)


def kind_of_place(rules: Shipping, text: str) -> Kind | None:
    """None for a text that names no place we know. The first place named decides: 上海南京路 is in Shanghai."""
    remote = [f"{region}|{_REMOTE.get(region, region)}" for region in rules.remote_regions]
    overseas = [f"{country}|{_OVERSEAS.get(country, country)}" for country in rules.overseas]
    mainland = _MAINLAND.search(text)
    places: list[tuple[int, Kind]] = [
        *((start, "overseas") for start in _starts(text, overseas)),
        *((start, "remote") for start in _starts(text, remote)),
        *([(mainland.start(), "mainland")] if mainland else ()),
    ]
    return min(places)[1] if places else None


def not_served(rules: Shipping, text: str) -> str | None:
    """A country named in the text to which the shop does not send."""
    found = _ELSEWHERE.search(text)
    return found.group() if found and kind_of_place(rules, text) is None else None


def shipping_fee(rules: Shipping, kind: Kind, goods: float) -> float:
    if kind == "overseas":
        return 0.0 if goods >= rules.overseas_free_from else rules.overseas_fee
    if kind == "remote":
        return rules.remote_fee
    return 0.0 if goods >= rules.free_from else rules.fee


def _starts(text: str, alternatives: list[str]) -> list[int]:
    words = [word for some in alternatives for word in some.split("|")]
    found = (re.search(rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else word, text, re.I) for word in words)
    return [match.start() for match in found if match]

"""Addresses: Chinese from province down to the door, English street lines, and places that something is sent to."""

from __future__ import annotations

import re

from nlu.extractors.entity import Entity

_CJK = r"[\u4e00-\u9fff]"
_NOT_IN_NAME = r"(?![我你他改换成到是在的请把给寄送发收货地址为，,。和或])"
_NAME = rf"(?:{_NOT_IN_NAME}{_CJK})"
_PROVINCE = "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
_CITY = (
    "石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|常州|南通|扬州|徐州|杭州|宁波|温州|嘉兴|金华|义乌|绍兴|合肥|福州|厦门|泉州|南昌|济南|青岛|烟台|潍坊|郑州|洛阳|武汉|宜昌|长沙|株洲|广州|深圳|东莞|佛山|珠海|中山|惠州|汕头|南宁|桂林|海口|三亚|"
    "成都|绵阳|贵阳|昆明|大理|丽江|拉萨|西安|咸阳|兰州|西宁|银川|乌鲁木齐|呼和浩特|包头|台北|高雄|鞍山|秦皇岛|保定|唐山|邯郸|临沂|淄博|威海|芜湖|蚌埠|赣州|九江|衡阳|岳阳|襄阳|荆州|遵义|柳州|湛江"
)
_COUNTRY = (
    "美国|英国|加拿大|澳大利亚|澳洲|新西兰|日本|韩国|新加坡|马来西亚|泰国|德国|法国|意大利|西班牙|荷兰|俄罗斯|海外|国外"
)
_EN_PLACE = (
    "london|leeds|manchester|birmingham|liverpool|bristol|glasgow|edinburgh|cardiff|belfast|sheffield|newcastle|oxford|cambridge|brighton|"
    "new york|nyc|los angeles|chicago|boston|seattle|san francisco|houston|austin|texas|california|florida|toronto|vancouver|montreal|sydney|melbourne|"
    "dublin|paris|berlin|munich|madrid|rome|milan|amsterdam|singapore|hong kong|tokyo|osaka|seoul|beijing|shanghai|guangzhou|shenzhen|chengdu|hangzhou|"
    "the uk|uk|the us|usa|the usa|the united states|the united kingdom|england|scotland|wales|ireland|canada|australia|new zealand|germany|france|spain|italy|"
    "the netherlands|japan|china|mainland china|taiwan|malaysia|thailand|europe|the eu|alaska|hawaii"
)
_ZH_ADDRESS = re.compile(
    rf"(?:(?:{_PROVINCE})(?:省|市|自治区)?)?(?:(?:{_CITY})市?|{_NAME}{{2,4}}市)?"
    rf"(?:{_NAME}{{1,5}}?(?:区|县|旗))?(?:{_NAME}{{1,5}}?(?:街道|镇|乡|村))?"
    rf"(?:{_NAME}{{1,8}}?(?:路|街|大道|巷|弄|胡同)(?:东|西|南|北)?(?:段)?)?"
    rf"(?:\d{{1,5}}(?:-\d{{1,4}})?(?:号|弄)(?:院|楼)?)?"
    rf"(?:{_NAME}{{2,10}}?(?:小区|花园|公寓|大厦|广场|苑|新村|公馆|校区|大学|写字楼|中心|家园|城))?"
    rf"(?:[a-z]?\d{{1,3}}(?:号楼|栋|幢|座|期))?(?:\d{{1,2}}单元)?(?:\d{{1,2}}(?:楼|层))?(?:[a-z]?\d{{2,5}}(?:室|房|号房)?)?"
)
_ZH_UNIT = re.compile(r"[省市区县镇乡]|路|街|大道|巷|弄|胡同|\d号|小区|花园|公寓|大厦|苑|栋|幢|单元|室|座")
_ZH_START = re.compile(rf"(?:{_PROVINCE}|{_CITY})|{_NAME}{{1,5}}(?:市|区|县|路|街道|大道|小区|街)")
_ZH_PLACE = re.compile(
    rf"(?:(?<=发到)|(?<=寄到)|(?<=送到)|(?<=发往)|(?<=寄往)|(?<=到)|(?<=发去)|(?<=寄去)|(?<=送去)|(?<=人在)|(?<=我在)|(?<=住在)|(?<=发)|(?<=寄)|(?<=送)|(?<=往))(?P<a>(?:{_PROVINCE}|{_CITY}|{_COUNTRY})[省市]?)"
    rf"|(?P<b>(?:{_PROVINCE}|{_CITY}|{_COUNTRY})[省市]?)(?=能送|能到|能发|可以送|可以发|送吗|包邮|几天|多久|要几天|要多久|的话|那边|这边|地区|的?运费|能不能|收货|配送|发货)"
)
_STREET = r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|square|sq|boulevard|blvd|terrace|crescent|gardens|row|hill|parade|park|grove|mews|walk|highway|hwy"
_UK_POSTCODE = r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}"
_EN_ADDRESS = re.compile(
    r"(?<![\w$£€#])(?:(?:flat|apt\.?|apartment|unit|suite|room) ?#?\w{1,5},? ?)?"
    rf"\d{{1,5}}[a-z]? (?:[a-z'’.]+ ){{1,4}}?(?:{_STREET})(?![a-z])\.?"
    r"(?:,? (?:flat|apt\.?|apartment|unit|suite|floor|#) ?\w{1,5}(?!\w))?"
    rf"(?:,? (?:{_EN_PLACE})(?![a-z])|, ?(?!please|thanks|and |but |so |can |is |not )[a-z'’-]+(?: (?!please|instead|not |and |is )[a-z'’-]+){{0,2}})*"
    rf"(?:,? ?(?:{_UK_POSTCODE}|(?:[a-z]{{2}} )?\d{{5}}(?:-\d{{4}})?|[a-z]{{2}}(?=$|[,.])))?(?![\w-])"
)
_CONTINENTAL = re.compile(
    r"(?<![\w-])(?:\d{1,4}(?: bis)?,? (?:rue|avenue|boulevard|quai|viale|piazza|calle|rua) [a-zà-ÿ' -]+"
    r"|[a-zà-ÿ-]+(?: ?stra(?:ß|ss)e| ?str\.|weg|platz|allee|straat|laan) \d{1,4}[a-z]?)(?:, ?\d{4,5} ?[a-zà-ÿ' -]+)?(?![\w-])"
)
_POSTCODE = re.compile(r"(?<![a-z\d])(?:[a-z]{1,2}\d[a-z\d]? \d[a-z]{2})(?![a-z\d])")
_EN_SENT_TO = re.compile(
    r"(?<![a-z])(?:deliver(?:y|ed|ing|ies)?|ship(?:ping|ped|ment|s)?|send(?:ing)?|post(?:age|ing)?|arrive in|reach|get|here)(?: (?:it|them|this|that|my order|one|orders|time|cost|costs|fee|free|anything|everything|stuff|parcels?))?"
    rf" (?:to|in|into|from) (?P<a>{_EN_PLACE}|(?!my |the |a |an |me|us|you|your |this |that |it|them|another|other|work|home|here|stock|time|two|days?|different)[a-z]+(?= *(?:$|[?.,!])))(?![a-z])"
    rf"|(?<![a-z])(?:to|in|i'?m in|i live in|based in) (?P<b>{_EN_PLACE})(?![a-z])"
)


def extract(text: str, written: str) -> list[Entity]:
    """Addresses and named destinations. The value is the address as it was `written`."""
    spans: list[tuple[int, int]] = []
    position = 0
    while start := _ZH_START.search(text, position):
        match = _ZH_ADDRESS.match(text, start.start())
        units = len(_ZH_UNIT.findall(match[0])) if match else 0
        if match and (
            units >= 2 or (units == 1 and re.search(r"[路街号室栋幢小]", match[0]) and re.search(r"\d", match[0]))
        ):
            spans.append(match.span())
            position = match.end()
        else:
            position = start.start() + 1
    spans.extend(m.span("a") if m["a"] else m.span("b") for m in _ZH_PLACE.finditer(text))
    if re.search("[a-z]", text):
        spans.extend(m.span() for m in _EN_ADDRESS.finditer(text))
        spans.extend(m.span() for pattern in (_CONTINENTAL, _POSTCODE) for m in pattern.finditer(text))
        spans.extend(m.span("a") if m["a"] else m.span("b") for m in _EN_SENT_TO.finditer(text))
    return [Entity("address", written[a:b].rstrip(" ,."), a, b, extractor="addresses") for a, b in spans]

"""Who the simulated customers are. Nobody real: phones lie in ranges kept free of owners or in one made-up block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

ENGLISH_SHARE = 0.18
REMOTE_SHARE = 0.05
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧"
_GIVEN = [
    "雨桐",
    "子涵",
    "思远",
    "嘉怡",
    "明轩",
    "欣妍",
    "浩然",
    "梓萱",
    "一诺",
    "书瑶",
    "俊熙",
    "晓彤",
    "文博",
    "诗涵",
    "宇航",
    "若曦",
    "志强",
    "丽娜",
    "建国",
    "秀英",
    "伟",
    "芳",
    "静",
    "磊",
    "敏",
    "洋",
    "婷",
    "鹏",
    "雪",
    "佳琪",
    "天佑",
    "海燕",
    "晨",
    "悦",
    "凡",
    "可馨",
    "沐阳",
    "知夏",
    "星辰",
    "安然",
]
_FIRST = [
    "Oliver",
    "Amelia",
    "Jack",
    "Isla",
    "Noah",
    "Ava",
    "Leo",
    "Mia",
    "Harry",
    "Grace",
    "Lucas",
    "Sophie",
    "Daniel",
    "Chloe",
    "Ethan",
    "Ruby",
    "Hannah",
    "Marcus",
    "Priya",
    "Mateo",
    "Yuki",
    "Anna",
    "Felix",
    "Nora",
    "Samuel",
    "Lena",
]
_LAST = [
    "Hughes",
    "Carter",
    "Bennett",
    "Walsh",
    "Novak",
    "Tanaka",
    "Schmidt",
    "Dubois",
    "Okafor",
    "Singh",
    "Rossi",
    "Kim",
    "Larsen",
    "Murphy",
    "Reid",
    "Fischer",
    "Moreau",
    "Nguyen",
    "Palmer",
    "Ortiz",
]
_CITIES = [
    "上海市 浦东新区",
    "上海市 徐汇区",
    "北京市 朝阳区",
    "北京市 海淀区",
    "广东省深圳市 南山区",
    "广东省广州市 天河区",
    "浙江省杭州市 西湖区",
    "浙江省宁波市 鄞州区",
    "江苏省南京市 鼓楼区",
    "江苏省苏州市 姑苏区",
    "四川省成都市 武侯区",
    "湖北省武汉市 洪山区",
    "陕西省西安市 雁塔区",
    "重庆市 渝中区",
    "湖南省长沙市 岳麓区",
    "福建省厦门市 思明区",
    "山东省青岛市 市南区",
    "辽宁省大连市 中山区",
    "黑龙江省哈尔滨市 道里区",
    "云南省昆明市 五华区",
    "河南省郑州市 金水区",
    "天津市 和平区",
]
_REMOTE = (
    "新疆乌鲁木齐市 天山区",
    "西藏拉萨市 城关区",
    "内蒙古呼和浩特市 新城区",
    "青海省西宁市 城西区",
    "海南省海口市 龙华区",
)
TOWNS = {
    "上海市": "Shanghai",
    "北京市": "Beijing",
    "广东省深圳市": "Shenzhen",
    "广东省广州市": "Guangzhou",
    "浙江省杭州市": "Hangzhou",
    "浙江省宁波市": "Ningbo",
    "江苏省南京市": "Nanjing",
    "江苏省苏州市": "Suzhou",
    "四川省成都市": "Chengdu",
    "湖北省武汉市": "Wuhan",
    "陕西省西安市": "Xi'an",
    "重庆市": "Chongqing",
    "湖南省长沙市": "Changsha",
    "福建省厦门市": "Xiamen",
    "山东省青岛市": "Qingdao",
    "辽宁省大连市": "Dalian",
    "黑龙江省哈尔滨市": "Harbin",
    "云南省昆明市": "Kunming",
    "河南省郑州市": "Zhengzhou",
    "天津市": "Tianjin",
    "新疆乌鲁木齐市": "Urumqi",
    "西藏拉萨市": "Lhasa",
    "内蒙古呼和浩特市": "Hohhot",
    "青海省西宁市": "Xining",
    "海南省海口市": "Haikou",
}
"""The first word of an address here, and its name in English."""
_ROADS = [
    "梧桐路",
    "望江路",
    "书院街",
    "青年路",
    "湖滨路",
    "槐安巷",
    "灯市口",
    "清河路",
    "文化路",
    "竹园街",
    "桂花巷",
    "学府路",
]
_ABROAD = (
    ("Manchester {code}, United Kingdom", "+44 7700 9001{:02d}"),
    ("Seattle, WA {code}, United States", "+1 206 555 01{:02d}"),
    ("London {code}, United Kingdom", "+44 7700 9002{:02d}"),
    ("Austin, TX {code}, United States", "+1 512 555 01{:02d}"),
    ("Toronto {code}, Canada", "+1 416 555 01{:02d}"),
    ("Leeds {code}, United Kingdom", "+44 7700 9003{:02d}"),
    ("Vancouver {code}, Canada", "+1 604 555 01{:02d}"),
    ("Boston, MA {code}, United States", "+1 617 555 01{:02d}"),
)
"""Towns and phones of the ranges kept free for fiction; 100 customers in a row share a town, so that no phone comes twice."""
_STREETS = ("Mill Lane", "Alder Street", "Harbour Road", "Orchard Close", "Kings Avenue", "Maple Drive")

Place = Literal["mainland", "remote", "overseas"]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    language: str
    phone: str
    email: str
    address: str
    place: Place


DEMO = (
    Person("林晓", "zh", "13800006688", "lin@example.com", "浙江省杭州市 西湖区 梧桐路 18 号 3 幢 602 室", "mainland"),
    Person(
        "Emma Clarke",
        "en",
        "+44 7700 900123",
        "emma@example.com",
        "7 Alder Street, Manchester M4 1HQ, United Kingdom",
        "overseas",
    ),
)
"""The customers of demonstrations: always C0001 and C0002."""


def make_people(n: int, rng: np.random.Generator) -> list[Person]:
    """`n` people, those of DEMO first."""
    return [*DEMO, *(_person(k, rng) for k in range(len(DEMO), n))][:n]


def _person(k: int, rng: np.random.Generator) -> Person:
    if rng.random() < ENGLISH_SHARE:
        first, last = _pick(_FIRST, rng), _pick(_LAST, rng)
        email = f"{first}.{last}{k}@example.org".lower()
        number = f"{rng.integers(1, 40)} {_pick(_STREETS, rng)}"
        if rng.random() < 0.5:
            city, phone = _ABROAD[k // 100 % len(_ABROAD)]
            town = city.format(code=rng.integers(10001, 99999))
            return Person(f"{first} {last}", "en", phone.format(k % 100), email, f"{number}, {town}", "overseas")
        return Person(f"{first} {last}", "en", _mobile(k), email, _address(_pick(_CITIES, rng), rng), "mainland")
    name = _SURNAMES[int(rng.integers(len(_SURNAMES)))] + _pick(_GIVEN, rng)
    remote = rng.random() < REMOTE_SHARE
    address = _address(_pick(_REMOTE if remote else _CITIES, rng), rng)
    return Person(name, "zh", _mobile(k), f"c{k + 1:04d}@example.com", address, "remote" if remote else "mainland")


def _mobile(k: int) -> str:
    """A block of numbers that shops show in samples; the last digits differ for every customer."""
    return f"1380000{(k * 7919 + 1000) % 10000:04d}" if k < 10000 else f"138{k:08d}"


def _address(city: str, rng: np.random.Generator) -> str:
    house = f"{rng.integers(1, 300)} 号 {rng.integers(1, 20)} 幢 {rng.integers(1, 30)}0{rng.integers(1, 5)} 室"
    return f"{city} {_pick(_ROADS, rng)} {house}"


def _pick(options: list[str] | tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]

"""A word for two kinds, narrowed by what else the message says: 联想笔记本 is a laptop, 横线笔记本 is not."""

from __future__ import annotations

import re
from dataclasses import replace

from nlu.extractors.entity import Entity

_AMBIGUOUS = ("laptops", "notebooks")
_COMPUTER_WORDS = re.compile(
    r"屏|显卡|内存|处理器|cpu|固态|编程|剪辑|代码|开机|散热|系统|网课|上网|大学|玩|办公|电池|配置|性能|核显|独显|键盘"
)
_PAPER_WORDS = re.compile(r"不是电脑|写|记|手账|手帐|纸|页|横线|方格|点阵|空白|抄|画|封面|a[456]|b5|线圈|皮面|日记")
_PAPER_VALUES = ("paper", "refillable", "inkwell", "muji", "kokuyo", "moleskine", "leuchtturm", "pens")
_COMPUTER_BRANDS = frozenset(
    [
        "apple",
        "lenovo",
        "dell",
        "hp",
        "asus",
        "acer",
        "huawei",
        "xiaomi",
        "honor",
        "microsoft",
        "msi",
        "samsung",
        "thinkpad",
        "lumenbook",
        "razer",
        "lg",
    ]
)
_COMPUTER_ATTRIBUTES = frozenset(
    [
        "lightweight",
        "long_battery",
        "touchscreen",
        "high_resolution",
        "for_gaming",
        "for_video",
        "fast_charging",
        "backlit",
        "silent",
        "usb_c",
    ]
)
_COMPUTER_PRICE = {"CNY": 800}  # no paper notebook costs it
_ELSEWHERE_PRICE = 120


def narrow(text: str, entities: list[Entity]) -> list[Entity]:
    """The same entities, 笔记本 as laptops or notebooks where a word, brand, size or price tells; both where none does."""
    if all(e.value != _AMBIGUOUS for e in entities):
        return entities
    kind = _kind(text, entities)
    return [replace(e, value=kind) if kind and e.value == _AMBIGUOUS else e for e in entities]


def _kind(text: str, entities: list[Entity]) -> str | None:
    others = [e for e in entities if e.value != _AMBIGUOUS]
    text = text.replace("笔记本", "")
    if _PAPER_WORDS.search(text) or any(
        (e.entity == "quantity" and e.value > 1) or e.value in _PAPER_VALUES for e in others
    ):
        return "notebooks"
    computer = _COMPUTER_WORDS.search(text) or any(_tells_computer(e) for e in others)
    return "laptops" if computer else None


def _tells_computer(entity: Entity) -> bool:
    if entity.entity == "price":
        value = entity.value
        amount = max(v for k, v in value.items() if k != "currency")
        return bool(amount >= _COMPUTER_PRICE.get(value.get("currency"), _ELSEWHERE_PRICE))
    if entity.entity == "size":
        return str(entity.value).endswith(("in", "GB", "TB"))
    return entity.value in (_COMPUTER_BRANDS if entity.entity == "brand" else _COMPUTER_ATTRIBUTES)

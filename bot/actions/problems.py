"""What is wrong with a piece, in the customer's words: broken, wrong, missing, failed, not liked, opened."""

from __future__ import annotations

import re
from typing import Literal

from nlu.language import to_simplified

Problem = Literal["missing", "wrong", "broken", "fault", "unwanted"]

_MISSING = re.compile(
    r"少(?:了|发|件|寄|一|个|给)|漏(?:发|寄|了)|缺(?:了|少|件)|没(?:有)?(?:放|装|送的)|赠品没|不(?:全|齐)|\bmissing\b|left out|not in the (?:box|parcel)|"
    r"(?:only|one) .{0,20}(?:instead of|out of)|wasn'?t in(?:side| the)",
    re.I,
)
_WRONG = re.compile(
    r"发错|寄错|送错|错(?:的|货|了|发|款|色|码)|不是我(?:买|要|订|拍)|货不对|别人的|wrong|somebody else|someone else|not what i ordered|different (?:item|colou?r|size|product)",
    re.I,
)
_BROKEN = re.compile(
    r"碎|破|裂|坏|漏(?:水|油|液|出)|压(?:扁|坏|变形)|变形|划痕|刮花|湿|脏|开胶|断|瘪|凹|洒|发霉|过期|瑕疵|"
    r"broken|crack|smash|shatter|damaged?|dent|scratch|torn|ripped|leak|spill|wet|dirty|stain|in (?:two |a thousand )?pieces|"
    r"hole|bent|expired|mou?ldy|crushed",
    re.I,
)
_FAULT = re.compile(
    r"质量|故障|不能用|用不了|不工作|没反应|不响|没声|不亮|不转|充不(?:上|进)|开不了机|不通电|失灵|连不上|死机|黑屏|掉电|掉色|起球|"
    r"fault|defect|quality|stopped working|(?:does|is|did)(?: ?not|n[’']?t) (?:work|charg|turn|power|start|connect)|not working|won'?t (?:work|charge|turn|start)|dead|"
    r"malfunction|failed|peeling|fading",
    re.I,
)
_UNWANTED = re.compile(
    r"不(?:喜欢|合适|想要|要了|需要|适合|好看)|买(?:错|多|大|小)|拍错|后悔|太(?:大|小|长|短|重|紧|松)|大了|小了|色差|七天无理由|无理由|"
    r"don'?t (?:like|want|need|fit)|changed? my mind|too (?:big|small|large|long|short|tight|loose|heavy)|no longer|"
    r"doesn'?t (?:fit|suit)|not (?:for me|what i expected|my)|by mistake|unwanted|regret",
    re.I,
)
_OPENED = re.compile(
    r"(?<!没)(?<!未)(?:拆封|拆了|开封|打开过|用过|穿过|戴过|尝|吃过|喝过)|\bopened\b|\bunsealed\b|\bused (?:it|them|once)|\bworn\b",
    re.I,
)
_BATTERY = re.compile(r"电池|掉电|续航|充不进|鼓包|batter|holds? (?:no |a )?charge", re.I)


def problem(text: str) -> Problem | None:
    """The kind of problem that a message names; the shop's fault before the customer's mind."""
    found: tuple[tuple[Problem, re.Pattern[str]], ...] = (
        ("missing", _MISSING),
        ("wrong", _WRONG),
        ("broken", _BROKEN),
        ("fault", _FAULT),
        ("unwanted", _UNWANTED),
    )
    return next((kind for kind, words in found if words.search(to_simplified(text))), None)


def opened(text: str) -> bool:
    """Has the customer said that it was opened or used."""
    return _OPENED.search(to_simplified(text)) is not None


def about_battery(text: str) -> bool:
    return _BATTERY.search(to_simplified(text)) is not None

"""Several requests in one message: where a message can be cut, and whether the cut is worth it.

Splitting a single request does more harm than leaving two together. So a cut needs a word that announces another
request (另外, by the way) or two questions of their own; and every part must be understood with confidence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_ZH = (
    r"另外(?!的|一[个款双件])|还有(?!货|没|吗|么|多少|几|库存|现货|哪些|什么|别的|其他|其它)|顺便|顺带|对了[，,]|再就是|再帮我|"
    r"还想(?=问|知道|请|看|要|买|查)|同时(?=帮|请|我)|再问(?:下|一下)"
)
_EN = (
    r"(?:and |oh )also\b|(?:(?<=[,.;!?] )|(?<=\n))also\b|and (?:can|could|would|will) (?:you|i)\b|and (?:what|how|when|where|do|does|is|are|did)\b|"
    r"(?:and |oh )?by the way\b|btw\b|(?:and )?one more thing\b|another (?:thing|question)\b|plus,|oh and\b|"
    r"and (?:please|i (?:want|need)|i(?:'d| would) like|tell me|show me|cancel|check|send|add|track)\b"
)
_ANNOUNCEMENT = re.compile(rf"(?:{_ZH})|(?<![a-z])(?:{_EN})", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:另外|还有|顺便|顺带|对了|再就是|(?:and |oh )?also\b|(?:and |oh )?by the way\b|btw\b|(?:and )?one more thing\b|"
    r"plus\b|oh and\b|and\b)[\s,，:：]*",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:(?:你好|您好|在吗|在么|亲|哈喽|嗨|早上好|下午好|晚上好|谢谢你?|多谢|感谢|hi|hiya|hello|hey|good (?:morning|afternoon|evening)|"
    r"thanks(?: a lot)?|thank you(?: so much| very much)?|cheers)(?: there)?(?:啊|呀|哈|啦|了)?[\s,，.。!！~～、;；]+)+"
    r"(?:but |不过|但是?|可是)?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；\n]*")
_QUESTION = re.compile(r"[?？]\s*$")
_TRIM = " \t\n,，、。.;；!！~～"
_MAX_PARTS = 4
_SURE, _VERY_SURE = 0.5, 0.7


@dataclass(frozen=True, slots=True)
class Part:
    """A possible request at [start, end) of a message. `announced`: a word before it says that it is a further one."""

    text: str
    start: int
    end: int
    announced: bool = False
    question: bool = False


def split(text: str) -> list[Part]:
    """The possible requests of a message in order, without greeting or thanks before them; empty when it is just one."""
    opener = _OPENER.match(text)
    body = opener.end() if opener else 0
    cuts = {found.start() for found in _ANNOUNCEMENT.finditer(text, body)}
    edges = sorted({body, len(text), *cuts, *(found.end() for found in _SENTENCE.finditer(text, body))})
    parts: list[Part] = []
    announced = False
    for start, end in pairwise(edges):
        announced = announced or start in cuts
        part = _trimmed(text, start, end)
        if part is None:
            continue  # the announcing word stands alone, as in "by the way: …"
        part = replace(part, announced=announced and bool(parts))
        announced = False
        if parts and not part.announced and not (part.question and parts[-1].question):
            joined = text[parts[-1].start : part.end]
            parts[-1] = replace(parts[-1], text=joined, end=part.end, question=part.question)
        else:
            parts.append(part)
    return parts if 1 < len(parts) <= _MAX_PARTS or (parts and opener) else []


def accept(parts: Sequence[Part], readings: Sequence[tuple[str, float]], *, social: Collection[str]) -> list[int]:
    """The positions of the parts that are requests, each (intent, confidence) of `readings` being different and sure.

    Small talk is passed over. A part that is not understood vetoes the split, as it may hold what the others need:
    then, and where only one request is left, the result has fewer than two positions.
    """
    needed = _SURE if any(part.announced for part in parts) or len(parts) == 1 else _VERY_SURE
    kept = [i for i, (intent, _) in enumerate(readings) if intent not in social]
    intents = [readings[i][0] for i in kept]
    doubtful = any(readings[i][1] < needed for i in kept)
    return [] if doubtful or len(set(intents)) < len(intents) else kept


def _trimmed(text: str, start: int, end: int) -> Part | None:
    raw = text[start:end]
    leading = _LEADING.match(raw)
    start += leading.end() if leading else 0
    raw = text[start:end]
    bare = raw.strip(_TRIM)
    if len(bare) < 2:
        return None
    start += raw.index(bare)
    return Part(bare, start, start + len(bare), question=bool(_QUESTION.search(raw)))

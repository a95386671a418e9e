"""Numbers, dates and amounts under the names and in the form of Duckling, which Rasa projects ask over HTTP: no server here.

Dates are whole days, weeks and months: times of day and durations are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from nlu import numbers
from nlu.components import DIMENSIONS
from nlu.extractors import contacts, dates, money, ordinals
from nlu.extractors.entity import Entity
from nlu.language import HAN, matching_form, normalise

EXTRACTOR = "DucklingEntityExtractor"
_MAX_LENGTH = 2000
_LONE_ZH = re.compile(r"\s?(?:[个件双条台部只支瓶盒包袋箱套本张把副罐杯位人名岁天年月周次点分块元]|$|[,，.。!！?？])")
_GLUED = re.compile(r"[a-z\d_#@.-]$")

Info = Mapping[str, Any]
Found = tuple[str, Any, Info, int, int]  # dimension, value, further facts, start, end


class DimensionExtractor:
    """Finds the given of `nlu.components.DIMENSIONS`."""

    def __init__(self, dimensions: Sequence[str] = DIMENSIONS) -> None:
        self.dimensions = tuple(dimensions)

    def extract(self, text: str, *, today: date | None = None) -> list[Entity]:
        """Entities in order. What stands within a longer finding is left out: the 5 of 5 May is no number."""
        clean = normalise(text[:_MAX_LENGTH])
        form, _ = matching_form(clean.text)
        if not form:
            return []
        everything = [found for read in _READERS for found in read(form, today or date.today())]
        chosen: list[Found] = []
        for found in sorted(everything, key=lambda f: (f[3] - f[4], f[3])):
            if all(found[4] <= kept[3] or kept[4] <= found[3] for kept in chosen):
                chosen.append(found)
        entities = []
        for dimension, value, info, start, end in sorted(chosen, key=lambda f: f[3]):
            if dimension in self.dimensions:
                begin, stop = clean.span(start, end)
                entities.append(Entity(dimension, value, begin, stop, extractor=EXTRACTOR, info=info))
        return entities


def _email(form: str, _: date) -> list[Found]:
    return [_simple("email", e.value, e) for e in contacts.extract(form) if e.entity == "email"]


def _phone(form: str, _: date) -> list[Found]:
    whole = (e for e in contacts.extract(form) if e.entity == "phone" and e.role is None)
    return [_simple("phone-number", e.value, e) for e in whole]


def _ordinal(form: str, _: date) -> list[Found]:
    return [_simple("ordinal", e.value, e) for e in ordinals.extract(form) if e.value > 0]


def _number(form: str, _: date) -> list[Found]:
    found: list[Found] = []
    for number in numbers.find(form):
        lone = number.script == "zh" and number.end - number.start == 1
        if number.is_range or _GLUED.search(form, 0, number.start) or (lone and not _LONE_ZH.match(form, number.end)):
            continue
        info = {"type": "value", "value": number.value}
        found.append(("number", number.value, info, number.start, number.end))
    return found


def _amount(form: str, _: date) -> list[Found]:
    found: list[Found] = []
    for price in money.extract(form, numbers.find(form), chinese=bool(HAN.search(form))):
        unit = price.value.get("currency")
        if unit is None:
            continue
        exact = price.value.get("about")
        if exact is not None:
            info: dict[str, Any] = {"type": "value", "value": exact, "unit": unit}
            found.append(("amount-of-money", exact, info, price.start, price.end))
            continue
        ends = {"from": price.value.get("min"), "to": price.value.get("max")}
        info = {"type": "interval"} | {k: {"value": v, "unit": unit} for k, v in ends.items() if v is not None}
        found.append(("amount-of-money", ends, info, price.start, price.end))
    return found


def _time(form: str, today: date) -> list[Found]:
    found: list[Found] = []
    for entity in dates.extract(form, today):
        day, grain = _first_day(str(entity.value))
        value = f"{day.isoformat()}T00:00:00.000+00:00"
        same = {"type": "value", "value": value, "grain": grain}
        found.append(("time", value, same | {"values": [same]}, entity.start, entity.end))
    return found


def _first_day(iso: str) -> tuple[date, str]:
    if "W" in iso:
        year, week = iso.split("-W")
        return date.fromisocalendar(int(year), int(week), 1), "week"
    if len(iso) == len("2026-11"):
        return date.fromisoformat(f"{iso}-01"), "month"
    return date.fromisoformat(iso), "day"


def _simple(dimension: str, value: Any, entity: Entity) -> Found:
    return dimension, value, {"type": "value", "value": value}, entity.start, entity.end


_READERS: Sequence[Callable[[str, date], list[Found]]] = (
    _email,
    _phone,
    _amount,
    _time,
    _ordinal,
    _number,
)  # of findings alike the first counts

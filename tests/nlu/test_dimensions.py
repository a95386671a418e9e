from datetime import date

import pytest

from nlu.components import DIMENSIONS
from nlu.dimensions import DimensionExtractor

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a table for 5 people", [("number", 5, "5")]),
        ("twenty-five of them", [("number", 25, "twenty-five")]),
        ("要三百五十个", [("number", 350, "三百五十")]),
        ("等一下", []),
        ("mail a@b.co at 13812345678", [("email", "a@b.co", "a@b.co"), ("phone-number", "13812345678", "13812345678")]),
        ("the second one", [("ordinal", 2, "the second one")]),
        ("it cost 25 dollars", [("amount-of-money", 25, "25 dollars")]),
        ("under 50 euros", [("amount-of-money", {"from": None, "to": 50}, "under 50 euros")]),
        ("ｆｏｒ　５", [("number", 5, "５")]),
        ("", []),
    ],
)
def test_findings(text: str, expected: list[tuple[str, object, str]]) -> None:
    found = DimensionExtractor().extract(text, today=TODAY)
    assert [(e.entity, e.value, text[e.start : e.end]) for e in found] == expected


@pytest.mark.parametrize(
    ("text", "day", "grain"),
    [("see you tomorrow", "2026-11-23", "day"), ("next week", "2026-11-23", "week"), ("下个月", "2026-12-01", "month")],
)
def test_time_has_ducklings_form(text: str, day: str, grain: str) -> None:
    (entity,) = DimensionExtractor(["time"]).extract(text, today=TODAY)
    same = {"type": "value", "value": f"{day}T00:00:00.000+00:00", "grain": grain}
    assert entity.as_dict()["value"] == same["value"]
    assert entity.as_dict()["additional_info"] == {**same, "values": [same]}
    assert entity.extractor == "DucklingEntityExtractor"


def test_only_what_is_asked_for_is_found() -> None:
    said = "5 May 2027 at 30 euros"
    assert [e.entity for e in DimensionExtractor(["number"]).extract(said, today=TODAY)] == []
    assert {e.entity for e in DimensionExtractor(DIMENSIONS).extract(said, today=TODAY)} == {"time", "amount-of-money"}

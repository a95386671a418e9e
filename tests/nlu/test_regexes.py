import pytest

from nlu.components import PatternOptions
from nlu.errors import NluError
from nlu.regexes import PatternExtractor


def found(
    text: str,
    *,
    regexes: dict[str, list[str]] | None = None,
    lookups: dict[str, list[str]] | None = None,
    **options: bool,
) -> list[tuple[str, str, int]]:
    extractor = PatternExtractor(regexes or {}, lookups or {}, PatternOptions(**options))
    return [(e.entity, e.value, e.start) for e in extractor.extract(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fly to New York now", ["New York"]),
        ("fly to new york now", ["new york"]),
        ("newer yorkshire", []),
        ("New, York", ["New"]),
        ("我要去北京吧", ["北京"]),
        ("北京New York", ["北京", "New York"]),
        ("İstanbul or York", []),
    ],
)
def test_a_word_list_knows_where_words_end(text: str, expected: list[str]) -> None:
    assert [v for _, v, _ in found(text, lookups={"city": ["New", "New York", "北京"]})] == expected


def test_options_of_lists() -> None:
    assert found("NEWER", lookups={"city": ["new"]}, use_word_boundaries=False) == [("city", "NEW", 0)]
    assert found("NEW", lookups={"city": ["new"]}, case_sensitive=True) == []
    assert found("new", lookups={"city": ["new"]}, use_lookup_tables=False) == []


def test_regexes_find_all_and_may_overlap_lists() -> None:
    said = "ORDER ab12 and AB34"
    assert found(said, regexes={"code": [r"\bab\d+"]}, lookups={"word": ["ab12"]}) == [
        ("code", "ab12", 6),
        ("code", "AB34", 15),
        ("word", "ab12", 6),
    ]
    assert found(said, regexes={"code": [r"\bab\d+"]}, case_sensitive=True) == [("code", "ab12", 6)]
    assert found(said, regexes={"code": ["x*"]}) == []


def test_a_broken_regex_is_one_sentence() -> None:
    with pytest.raises(NluError, match=r"The regex '\[a' of 'code' cannot be used .*correct it"):
        PatternExtractor({"code": ["[a"]}, {})

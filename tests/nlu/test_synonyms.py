import pytest

from nlu.extractors.entity import Entity
from nlu.synonyms import SynonymMapper


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("nyc", "New York City"),
        ("NYC", "New York City"),
        ("new york city", "New York City"),
        ("5", "five"),
        (5, "five"),
        ("Boston", "Boston"),
    ],
)
def test_a_value_becomes_what_is_meant(value: object, meant: str) -> None:
    mapper = SynonymMapper.of({"nyc": "New York City", "5": "five"})
    (entity,) = mapper.apply([Entity("city", value, 0, 1)])
    assert entity.value == meant
    assert entity.processors == (() if value == "Boston" else ("EntitySynonymMapper",))


def test_a_synonym_of_a_value_meant_elsewhere_counts() -> None:
    mapper = SynonymMapper.of({"soda": "drink", "Drink": "beverage"})
    assert mapper.apply([Entity("x", "drink", 0, 1)])[0].value == "beverage"

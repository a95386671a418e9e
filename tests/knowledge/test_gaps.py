import pytest
from knowledge_support import HashingEncoder

from knowledge.errors import KnowledgeError
from knowledge.gaps import Asked, Gap, group


def test_wordings_of_one_question_are_one_gap(encoder: HashingEncoder) -> None:
    asked = [
        Asked("do you rent tents", "en", 10.0, "Tents"),
        Asked("can tents be rented, call 13800138000", "en", 30.0, "Tents"),
        Asked("do you rent tents", "en", 20.0, "Tents"),
        Asked("bitcoin payment", "en", 40.0, "Payment"),
        Asked("可以租帐篷吗", "zh", 50.0),
    ]
    assert group(asked, encoder=encoder) == [
        Gap(
            example="do you rent tents",
            language="en",
            count=3,
            questions=("can tents be rented, call [number]", "do you rent tents"),
            first=10.0,
            last=30.0,
            nearest="Tents",
        ),
        Gap("可以租帐篷吗", "zh", 1, ("可以租帐篷吗",), 50.0, 50.0, ""),
        Gap("bitcoin payment", "en", 1, ("bitcoin payment",), 40.0, 40.0, "Payment"),
    ]


def test_nothing_asked_is_no_gap(encoder: HashingEncoder) -> None:
    assert group([], encoder=encoder) == []


def test_the_similarity_is_a_cosine(encoder: HashingEncoder) -> None:
    with pytest.raises(KnowledgeError, match=r"similar is 2"):
        group([], encoder=encoder, similar=2)

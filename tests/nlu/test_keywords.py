import pytest

from nlu.keywords import KeywordClassifier
from nlu.training_data import Sentence

SENTENCES = [
    Sentence("hello", "greet"),
    Sentence("bye", "goodbye"),
    Sentence("bye bye", "goodbye"),
    Sentence("stop", "goodbye"),
    Sentence("stop", "cancel"),
    Sentence("退款", "refund"),
    Sentence("no", "deny"),
    Sentence("no way", "surprise"),
]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("well hello there", "greet"),
        ("othello", None),
        ("HELLO", None),
        ("bye bye then", "goodbye"),
        ("stop", None),  # of two intents
        ("我要退款啊", "refund"),
        ("no", None),  # stands in a keyword of another intent
        ("no way", "surprise"),
        ("", None),
    ],
)
def test_the_first_keyword_decides(text: str, intent: str | None) -> None:
    assert KeywordClassifier.of(SENTENCES).classify(text) == intent


def test_case_may_not_count() -> None:
    assert KeywordClassifier.of(SENTENCES, case_sensitive=False).classify("HELLO") == "greet"

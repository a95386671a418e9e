from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp

from nlu import sentiment_training
from nlu.encoders import Floats, HashingEncoder
from nlu.errors import NluError
from nlu.sentiment_training import excerpt, fit_sentiment, term_weights

GOOD, BAD = ("soft", "bright", "quick", "lovely"), ("torn", "late", "rude", "stale")
THINGS = ("lamp", "mug", "coat", "bag", "desk", "watch", "bowl")


def reviews(n: int, *, length: int = 1, seed: int = 0) -> tuple[list[str], list[str]]:
    """One word of the judgement among words that say nothing."""
    rng = np.random.default_rng(seed)
    texts, labels = [], []
    for i in range(n):
        label = ("positive", "negative")[i % 2]
        words = [*rng.choice(THINGS, 3 * length), rng.choice(GOOD if label == "positive" else BAD), str(i)]
        texts.append(" ".join(words))
        labels.append(label)
    return texts, labels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("东西不错", "东西不错"),
        ("好" * 140, "好" * 140),
        ("好" * 90 + "长" * 400 + "差" * 50, "好" * 90 + " … " + "差" * 50),
        ("a" * 420, "a" * 420),
        ("a" * 270 + "x" * 900 + "z" * 150, "a" * 270 + " … " + "z" * 150),
    ],
)
def test_an_excerpt_is_the_start_and_the_end(text: str, expected: str) -> None:
    assert excerpt(text) == expected


def test_term_weights_by_hand() -> None:
    counts = sp.csr_matrix(np.array([[2, 1, 0], [1, 1, 0], [0, 1, 1], [0, 1, 0]], np.float32))
    weights = term_weights(counts, np.array([0, 0, 1, 1]), np.array([4, 4, 4], np.float32))
    # texts with the term, plus 1: (3, 3, 1) of 7 in class 0, (1, 3, 2) of 6 in class 1
    expected = [abs(np.log((3 / 7) / (1 / 6))), abs(np.log((3 / 7) / (3 / 6))), abs(np.log((1 / 7) / (2 / 6)))]
    assert weights == pytest.approx(2 * np.array(expected), abs=1e-5)


def test_many_reviews_teach_what_is_unseen() -> None:
    encoder = HashingEncoder()
    head = fit_sentiment(encoder.features, *reviews(1200), seed=0)
    texts, labels = reviews(200, seed=1)
    found = head.score(encoder.features(texts), texts).probability.argmax(axis=1)
    assert [head.classes[i] for i in found] == labels


def test_the_encoder_reads_a_part_of_long_reviews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentiment_training, "_READ", 100_000)
    encoder, read = HashingEncoder(), []

    def features(texts: Sequence[str]) -> Floats:
        read.extend(texts)
        return encoder.features(texts)

    fit_sentiment(features, *reviews(1600, length=30))
    assert 1000 <= len(read) < 1600
    assert max(map(len, read)) <= 423


def test_a_class_of_two_texts_is_kept() -> None:
    texts, labels = reviews(1100)
    head = fit_sentiment(HashingEncoder().features, [*texts, "so so", "so lala"], [*labels, "neutral", "neutral"])
    assert head.classes == ("negative", "neutral", "positive")
    assert head.score(HashingEncoder().features(["so so"]), ["so so"]).probability.shape == (1, 3)


@pytest.mark.parametrize("n", [10, 1200])
def test_one_class_is_refused(n: int) -> None:
    with pytest.raises(NluError, match=r"one class \['positive'\]"):
        fit_sentiment(HashingEncoder().features, ["fine"] * n, ["positive"] * n)

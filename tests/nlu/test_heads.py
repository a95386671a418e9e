"""The shared classifier on points whose classes are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.errors import NluError
from nlu.heads import Head, log_softmax, softmax
from nlu.ngrams import NgramVocabulary, grams
from nlu.training import fit_head, shrinkage, stretched_by

CENTRES = np.eye(3, 8, dtype=np.float32) * 4


def cloud(each: int, seed: int = 0) -> tuple[np.ndarray, list[str], list[str]]:
    rng = np.random.default_rng(seed)
    points = np.repeat(CENTRES, each, axis=0) + rng.normal(size=(3 * each, 8)).astype(np.float32)
    labels = [name for name in "abc" for _ in range(each)]
    return points.astype(np.float32), [f"text {i} of {label}" for i, label in enumerate(labels)], labels


@pytest.mark.parametrize("each", [10, 60], ids=["few: discriminants", "many: networks"])
def test_learns_separate_clouds(each: int) -> None:
    head, held = fit_head(*cloud(each))
    points, texts, labels = cloud(40, seed=1)
    probability = head.score(points, ["unseen"] * len(texts)).probability
    assert np.mean([head.classes[i] == label for i, label in zip(probability.argmax(1), labels, strict=True)]) > 0.9
    np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-5)
    assert len(held.rows) == len(set(held.rows.tolist())) > 0


def test_the_same_seed_gives_the_same_head() -> None:
    first, second = (fit_head(*cloud(20), seed=3)[0].dense(CENTRES) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("classes", ["ab", "abc"])
def test_words_count_where_vectors_say_nothing(classes: str) -> None:
    labels = [c for c in classes for _ in range(12)]
    texts = [f"{label * 4} {i % 5}" for i, label in enumerate(labels)]
    noise = np.random.default_rng(0).normal(size=(len(labels), 4)).astype(np.float32)
    head, _ = fit_head(noise, texts, labels)
    probability = head.score(noise[::-1], texts).probability
    assert [head.classes[i] for i in probability.argmax(1)] == labels


def test_both_views_count_where_held_out_examples_do_not_tell_which_is_better() -> None:
    """The vectors know each held-out sentence from its twin, the words say as much: neither is put aside."""
    points, _, labels = cloud(30)
    head, _ = fit_head(points, [f"{label * 4} {i}" for i, label in enumerate(labels)], labels)
    assert head.weight == 1.5


def test_a_mean_of_networks_is_stretched_by_what_cancels_out_in_it() -> None:
    rng = np.random.default_rng(0)
    one, other = (rng.normal(size=(8, 3)).astype(np.float32) for _ in range(2))
    unseen = rng.normal(size=(4000, 8)).astype(np.float32)
    bias, flat = np.zeros(3, np.float32), (np.zeros(8, np.float32), np.ones(8, np.float32))
    gram = (np.zeros((0, 3), np.float32), bias)

    def head(*weights: np.ndarray) -> Head:
        return Head(("a", "b", "c"), *flat, tuple(((w, bias),) for w in weights), NgramVocabulary.fit(["x"]), gram)

    assert shrinkage(head(one, one), unseen) == pytest.approx(1)
    assert shrinkage(head(one), unseen) == 1
    orthogonal = other - one * (one * other).sum() / (one * one).sum()
    found = shrinkage(head(one, orthogonal), unseen)
    assert 0.5**0.5 - 0.01 < found < 0.85  # four that share nothing lie 1 / sqrt(2) as far apart as two
    stretched = stretched_by(head(one), 0.5)
    np.testing.assert_allclose(stretched.dense(unseen), 2 * head(one).dense(unseen), rtol=1e-5)


def test_words_do_not_count_where_they_mislead() -> None:
    points, _, labels = cloud(60)
    swapped = np.random.default_rng(0).permutation(["aaaa", "bbbb", "cccc"] * 60)
    head, _ = fit_head(points, list(swapped), labels)
    probability = head.score(points, list(swapped)).probability
    assert np.mean([head.classes[i] == label for i, label in zip(probability.argmax(1), labels, strict=True)]) > 0.9


def test_saved_and_loaded_alike(tmp_path: Path) -> None:
    head, _ = fit_head(*cloud(20))
    head.save(tmp_path, "x")
    loaded = Head.load(tmp_path, "x")
    points, texts, _ = cloud(5, seed=2)
    np.testing.assert_allclose(
        loaded.score(points, texts).probability, head.score(points, texts).probability, atol=0.02
    )
    assert loaded.classes == head.classes


def test_broken_models_and_data_get_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NluError, match="missing or broken"):
        Head.load(tmp_path, "absent")
    (tmp_path / "x.json").write_text("{}")
    (tmp_path / "x.npz").write_bytes(b"junk")
    with pytest.raises(NluError, match="missing or broken"):
        Head.load(tmp_path, "x")
    with pytest.raises(NluError, match=r"All 3 examples are of one class \['a'\]"):
        fit_head(CENTRES, ["x", "y", "z"], ["a"] * 3)


def test_tiny_sets_train_without_held_out_examples() -> None:
    head, held = fit_head(CENTRES[:2], ["x", "y"], ["a", "b"])
    assert head.classes == ("a", "b")
    assert len(held.rows) == 0


def test_grams_by_hand() -> None:
    assert set(grams("退货")) == {"退", "货", " 退", "退货", "货 ", " 退货", "退货 ", "w:退", "w:货", "b:退 货"}
    assert {" o", "ok", "k ", " ok", "ok ", " ok ", "w:ok"} == set(grams("OK"))
    assert "w:0000" in set(grams("order 123456"))  # long numbers look alike


def test_rows_of_the_vocabulary_have_length_one() -> None:
    vocabulary = NgramVocabulary.fit(["red shoes", "red lamp", "blue lamp"], minimum=1)
    rows = vocabulary.transform(["red red lamp", "退", ""]).toarray()
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0], atol=1e-6)


def test_softmax_by_hand() -> None:
    x = np.log(np.array([[1.0, 3.0]], np.float32))
    np.testing.assert_allclose(softmax(x), [[0.25, 0.75]], atol=1e-6)
    np.testing.assert_allclose(log_softmax(x + 1000), np.log([[0.25, 0.75]]), atol=1e-4)

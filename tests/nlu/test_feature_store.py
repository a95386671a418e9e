"""Training again encodes only what is new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import Floats, Kind
from nlu.feature_store import FeatureStore


class Counting:
    """Encodes a text as its length and first letters, and remembers which it was asked for."""

    dim = feature_dim = 3
    fingerprint = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def features(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.array([[len(text), *map(ord, text[:2])] for text in texts], np.float32) / 3

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        return self.features(texts)


@pytest.fixture
def encoder() -> Counting:
    return Counting()


def test_a_second_training_encodes_only_what_is_new(encoder: Counting, tmp_path: Path) -> None:
    first = FeatureStore(encoder, tmp_path).features(["你好啊", "hello"])
    again = FeatureStore(encoder, tmp_path).features(["hello", "goodbye", "你好啊"])
    assert encoder.asked == ["你好啊", "hello", "goodbye"]
    assert np.array_equal(again[[2, 0]], first)


def test_rows_are_the_encoders_to_16_bits_in_the_order_asked(encoder: Counting, tmp_path: Path) -> None:
    texts = ["ab", "cde", "ab", "zz"]
    found = FeatureStore(encoder, tmp_path).features(texts)
    assert found.dtype == np.float32
    assert np.allclose(found, encoder.features(texts), rtol=1e-3)


def test_a_text_that_is_there_twice_is_encoded_once(encoder: Counting, tmp_path: Path) -> None:
    FeatureStore(encoder, tmp_path).features(["ab", "cd", "ab"])
    assert encoder.asked == ["ab", "cd"]


def test_no_texts(encoder: Counting, tmp_path: Path) -> None:
    assert FeatureStore(encoder, tmp_path).features([]).shape == (0, 3)


def test_another_encoder_has_a_file_of_its_own(encoder: Counting, tmp_path: Path) -> None:
    FeatureStore(encoder, tmp_path).features(["ab"])
    other = Counting()
    other.fingerprint = "another"
    FeatureStore(other, tmp_path).features(["ab"])
    assert other.asked == ["ab"]


@pytest.mark.parametrize("damage", [b"", b"no archive", b"PK\x03\x04cut short"])
def test_a_damaged_file_is_made_anew(encoder: Counting, tmp_path: Path, damage: bytes) -> None:
    FeatureStore(encoder, tmp_path).features(["ab"])
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert FeatureStore(encoder, tmp_path).features(["ab"]).shape == (1, 3)
    assert encoder.asked == ["ab", "ab"]
    FeatureStore(encoder, tmp_path).features(["ab"])
    assert encoder.asked == ["ab", "ab"]


def test_what_cannot_be_written_is_gone_without(encoder: Counting, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert FeatureStore(encoder, tmp_path / "file" / "folder").features(["ab"]).shape == (1, 3)

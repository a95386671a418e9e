"""The bundled encoder: its vectors, its cache, and texts that break others."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import E5Encoder, Encoder, HashingEncoder, SentenceTransformerEncoder
from nlu.errors import NluError
from nlu.weights import BLOCK, Q4, bundled_path, cached_graph, dequantise, read_weights


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="module")
def e5(cache: Path) -> E5Encoder:
    return E5Encoder(cache)


@pytest.fixture(params=["e5", "hashing"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    found: Encoder = HashingEncoder() if request.param == "hashing" else request.getfixturevalue("e5")
    return found


HOSTILE = [
    "",
    " ",
    "\x00",
    "\ud83d",
    "<s></s><mask>",
    "退货" * 5000,
    "a" * 10_000,
    "😀👨‍👩‍👧",
    "\u202e\u200b",
    "ไทย 日本語",
]


def test_vectors_have_length_one_whatever_the_text(encoder: Encoder) -> None:
    vectors = encoder.encode(HOSTILE)
    assert vectors.shape == (len(HOSTILE), encoder.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_features_begin_with_the_vector(encoder: Encoder) -> None:
    features = encoder.features(["怎么退货"])
    assert features.shape == (1, encoder.feature_dim)
    np.testing.assert_allclose(features[:, : encoder.dim], encoder.encode(["怎么退货"]), atol=1e-6)


def test_nothing_in_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert encoder.features([]).shape == (0, encoder.feature_dim)


def test_a_vector_does_not_depend_on_its_batch(cache: Path) -> None:
    texts = ["退货", "how do I send this back, it is far too small for me", "ok", "发票" * 30]
    single = E5Encoder(cache)
    alone = np.concatenate([single.encode([text]) for text in texts])
    np.testing.assert_allclose(E5Encoder(cache).encode([*texts, texts[0]])[:4], alone, atol=2e-3)


def nearest(encoder: Encoder, query: str, passages: Sequence[str]) -> str:
    scores = encoder.encode(passages, kind="passage") @ encoder.encode([query], kind="query")[0]
    return passages[int(scores.argmax())]


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("我的快递到哪了", "track your parcel"),
        ("怎么开发票", "invoices and receipts"),
        ("refund my money", "退款"),
        ("where is my parcel", "快递物流"),
    ],
)
def test_meaning_crosses_languages(e5: E5Encoder, query: str, answer: str) -> None:
    passages = (
        ["退款", "会员积分", "快递物流"]
        if query.isascii()
        else ["track your parcel", "invoices and receipts", "shoe sizes"]
    )
    assert nearest(e5, query, passages) == answer


def test_threads_share_one_encoder(e5: E5Encoder) -> None:
    texts = [f"order {n}" for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = np.concatenate(list(pool.map(lambda text: e5.encode([text]), texts)))
    np.testing.assert_array_equal(found, e5.encode(texts))


@pytest.mark.parametrize("damage", [b"", b"not a model"])
def test_a_damaged_graph_is_built_again(tmp_path: Path, damage: bytes) -> None:
    weights = read_weights(bundled_path())
    path = cached_graph(weights, tmp_path)
    good = path.read_bytes()
    path.write_bytes(damage)
    assert cached_graph(weights, tmp_path).read_bytes() == good
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".onnx", ".sha256"]


def test_dequantise_by_hand() -> None:
    block = np.zeros(1, Q4)
    block["d"], block["qs"] = 0.5, 8 | 8 << 4
    block["qs"][0, 0] = 15 | 0 << 4  # first of the low half, first of the high half
    expected = np.zeros(BLOCK, np.float32)
    expected[0], expected[16] = 3.5, -4.0
    np.testing.assert_array_equal(dequantise(block), expected)


def test_other_files_are_no_weights(tmp_path: Path) -> None:
    with pytest.raises(NluError, match="does not exist"):
        read_weights(tmp_path / "absent.bin")
    (tmp_path / "other.bin").write_bytes(b"GGUF....")
    with pytest.raises(NluError, match=r"it starts with b'GGUF'"):
        read_weights(tmp_path / "other.bin")


def test_sentence_transformers_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("sentence_transformers"):
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NluError, match=r"'some/model' needs sentence-transformers"):
        SentenceTransformerEncoder("some/model")

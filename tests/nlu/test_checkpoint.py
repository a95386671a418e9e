"""The Hugging Face folder of the bundled weights, on the few words that the test's sentences need."""

from __future__ import annotations

import shutil
import socketserver
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from nlu.checkpoint import checkpoint_tensors, write_checkpoint
from nlu.encoders import E5Encoder, SentenceTransformerEncoder
from nlu.errors import NluError
from nlu.tokenizer import Tokenizer
from nlu.weights import Weights, bundled_path, read_weights

TEXTS = [
    "怎么退货",
    "where is my parcel, it should be here by now",
    "发票怎么开？～ok",
    "ＡＢＣ  全角\u3000空格",
    "café 10€ 😀",
    "",
    "ไทย",
    "a\u200bb\tc",
]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(bundled_path())


@pytest.fixture(scope="module")
def keep(weights: Weights) -> list[int]:
    whole = Tokenizer(weights.pieces, weights.scores)
    used = {i for text in TEXTS for kind in ("query", "passage") for i in whole.encode(f"{kind}: {text}")}
    return sorted(used | {0, 1, 2, 3, len(weights.pieces) - 1})


@pytest.fixture(scope="module")
def folder(weights: Weights, keep: list[int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("checkpoints") / "e5"
    write_checkpoint(weights, out, keep=keep)
    return out


def test_the_tokenizer_gives_our_ids(weights: Weights, keep: list[int], folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    ours = Tokenizer([weights.pieces[i] for i in keep], weights.scores[keep])
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    assert [theirs(f"query: {text}")["input_ids"] for text in TEXTS] == [
        ours.encode(f"query: {text}") for text in TEXTS
    ]


def test_transformers_loads_every_tensor(weights: Weights, keep: list[int], folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model, info = transformers.BertModel.from_pretrained(folder, add_pooling_layer=False, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    expected = checkpoint_tensors(weights, keep)
    state = model.state_dict()
    assert set(expected) == set(state)
    np.testing.assert_array_equal(
        state["encoder.layer.11.output.dense.weight"].numpy(), expected["encoder.layer.11.output.dense.weight"]
    )


@pytest.mark.parametrize("kind", ["query", "passage"])
def test_sentence_transformers_gives_our_vectors(folder: Path, kind: str, tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    theirs = SentenceTransformerEncoder(str(folder), device="cpu", batch_size=3)
    ours = E5Encoder(tmp_path)
    vectors = theirs.encode(TEXTS, kind=kind)  # type: ignore[arg-type]
    assert vectors.shape == (len(TEXTS), 384)
    assert (vectors * ours.encode(TEXTS, kind=kind)).sum(axis=1).min() > 0.999  # type: ignore[arg-type]
    np.testing.assert_allclose(vectors[:1], theirs.encode(TEXTS[:1], kind=kind), atol=1e-5)  # type: ignore[arg-type]
    assert theirs.encode([]).shape == (0, 384)


def test_a_checkpoint_is_replaced_and_nothing_else(
    weights: Weights, keep: list[int], folder: Path, tmp_path: Path
) -> None:
    write_checkpoint(weights, folder, keep=keep)
    assert (folder / "modules.json").is_file()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(NluError, match="holds something else than a checkpoint"):
        write_checkpoint(weights, tmp_path, keep=keep)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_vocabulary_without_its_special_words_is_refused(weights: Weights, tmp_path: Path) -> None:
    with pytest.raises(NluError, match="begins with the ids 0 to 3"):
        write_checkpoint(weights, tmp_path / "x", keep=[5, 6, 7])


def test_a_model_that_is_nowhere_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub.constants")
    pytest.importorskip("sentence_transformers")
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    with pytest.raises(NluError, match="'nobody/no-such-model' cannot be loaded"):
        SentenceTransformerEncoder("nobody/no-such-model")
    with pytest.raises(NluError, match="cannot be loaded"):
        SentenceTransformerEncoder(str(tmp_path))


@pytest.fixture
def silent_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A hub that hangs up on every request, and the first bytes of those it got."""
    hub = pytest.importorskip("huggingface_hub.constants")
    pytest.importorskip("sentence_transformers")
    requests: list[bytes] = []

    class HangUp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            requests.append(self.rfile.readline())

    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setattr(hub, "ENDPOINT", address)
        monkeypatch.setattr(hub, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield requests
        server.shutdown()


def test_a_hub_that_does_not_answer_is_asked_once(silent_hub: list[bytes]) -> None:
    with pytest.raises(
        NluError, match=r"'nobody/no-such-model' cannot be loaded \(the Hugging Face hub cannot be reached"
    ):
        SentenceTransformerEncoder("nobody/no-such-model")
    assert silent_hub == [b"GET /api/models/nobody/no-such-model HTTP/1.1\r\n"]


def test_a_downloaded_model_needs_no_hub(
    silent_hub: list[bytes], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "models--some--e5"
    (store / "refs").mkdir(parents=True)
    (store / "refs" / "main").write_text("0" * 40)
    shutil.copytree(folder, store / "snapshots" / ("0" * 40))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    named = SentenceTransformerEncoder("some/e5", device="cpu").encode(TEXTS[:2])
    assert len(silent_hub) == 1
    np.testing.assert_array_equal(named, SentenceTransformerEncoder(str(folder), device="cpu").encode(TEXTS[:2]))
    assert len(silent_hub) == 1


def test_what_is_no_name_is_not_asked_for(silent_hub: list[bytes]) -> None:
    with pytest.raises(NluError, match="'no name' cannot be loaded"):
        SentenceTransformerEncoder("no name")
    assert silent_hub == []

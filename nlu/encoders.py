"""Sentences to vectors: the bundled encoder and any Hugging Face model behind one protocol."""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nlu.alignment import Spans, align, span_means
from nlu.errors import NluError
from nlu.tokenizer import PAD, Tokenizer, clean
from nlu.weights import TOKEN_LAYERS, Weights, bundled_path, cached_graph, dequantise, read_weights

Kind = Literal["query", "passage"]
Floats = NDArray[np.float32]

_CACHE_SIZE = 10_000
_HUB_SECONDS = 5  # to wait for the Hugging Face hub
_BATCH_TOKENS = 512  # measured: more gains nothing and grows the runtime's arena by 150 MB
# Means over the tokens after these of the 12 layers are the classifiers' features. The last is the vector; the tenth adds about
# half a point on the dev splits of BANKING77 and MASSIVE, and costs nothing.
_FEATURE_LAYERS = (12, 10)


class Encoder(Protocol):
    """`dim` is the length of a vector, `feature_dim` that of the classifiers' features (they begin with the vector);
    `fingerprint` changes whenever either would."""

    dim: int
    feature_dim: int
    fingerprint: str

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        """Vectors of the texts, float32 (n, dim), each of length 1."""
        ...

    def features(self, texts: Sequence[str]) -> Floats:
        """What the classifiers read, float32 (n, feature_dim): the query vectors, then whatever the model adds to them."""
        ...


@runtime_checkable
class TokenEncoder(Encoder, Protocol):
    """An encoder that also tells what each word of a sentence is, in its context; `token_dim` is the length of a state."""

    token_dim: int

    def token_states(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Floats]:
        """For each text the states (len(spans), token_dim) of its spans [start, end). The texts' features come along
        and are remembered, so that asking for them next costs nothing."""
        ...


class E5Encoder:
    """The bundled multilingual-e5-small on ONNX Runtime: no download, about 5 ms a sentence on one core.

    `cache` is the folder of the converted model, `threads` the cores that one call may use. Safe to share between threads.
    """

    _pooled: tuple[str, ...] = ("pooled",)  # the outputs of the graph that a text's row is made of

    def __init__(self, cache: Path, *, threads: int = 1) -> None:
        import onnxruntime

        self.cache, self.threads = cache, threads
        weights, self._tokenizer = _vocabulary(bundled_path())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # spinning stalls a shared machine
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(self._graph(weights, cache)), options, providers=["CPUExecutionProvider"]
        )
        self._words = weights.tensors["emb.word"].reshape(-1, weights.hidden // 32)
        positions = weights.tensors["emb.pos"].reshape(-1, weights.hidden)
        kinds = weights.tensors["emb.type"].reshape(-1, weights.hidden)
        self._positions = positions + kinds[0]
        self.dim = weights.hidden
        self.feature_dim = weights.hidden * len(_FEATURE_LAYERS)
        self.token_dim = weights.hidden * len(TOKEN_LAYERS)
        self.fingerprint = f"e5-small-{weights.digest[:12]}-{'.'.join(map(str, _FEATURE_LAYERS))}"
        self._cache = _LruCache(_CACHE_SIZE)

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        return self._read(texts, kind)[:, : self.dim]

    def features(self, texts: Sequence[str]) -> Floats:
        return self._read(texts, "query")[:, : self.feature_dim]

    def token_states(self, texts: Sequence[str], spans: Sequence[Spans]) -> list[Floats]:
        found = [np.zeros((len(marked), self.token_dim), np.float32) for marked in spans]
        keys = [f"query: {clean(text)}" for text in texts]
        tokens = [self._tokenizer.encode(key) for key in keys]
        for batch in _batches(sorted(range(len(texts)), key=lambda i: len(tokens[i])), [len(ids) for ids in tokens]):
            *pooled, states = self._run([*self._pooled, "tokens"], [tokens[i] for i in batch])
            self._cache.put(dict(zip((keys[i] for i in batch), self._rows(pooled), strict=True)))
            for i, rows in zip(batch, states, strict=True):
                places = align(texts[i], self._tokenizer.pieces(tokens[i]), prefix="query: ")
                found[i] = span_means(rows, places, spans[i])
        return found

    def _read(self, texts: Sequence[str], kind: Kind) -> Floats:
        keys = [f"{kind}: {clean(text)}" for text in texts]
        known = self._cache.get(keys)
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        known.update(self._encode(missing))
        self._cache.put({key: known[key] for key in missing})
        if not keys:
            return np.zeros((0, self.feature_dim + self.dim * (len(self._pooled) - 1)), np.float32)
        return np.stack([known[key] for key in keys])

    def _encode(self, keys: Sequence[str]) -> dict[str, Floats]:
        tokens = [self._tokenizer.encode(key) for key in keys]
        found: dict[str, Floats] = {}
        for batch in _batches(sorted(range(len(keys)), key=lambda i: len(tokens[i])), [len(ids) for ids in tokens]):
            pooled = self._run([*self._pooled], [tokens[i] for i in batch])
            found.update(zip((keys[i] for i in batch), self._rows(pooled), strict=True))
        return found

    def _run(self, outputs: list[str], batch: Sequence[list[int]]) -> list[Floats]:
        width = max(map(len, batch))
        ids = np.array([row + [PAD] * (width - len(row)) for row in batch])
        mask = (ids != PAD).astype(np.int32)
        embeds = dequantise(self._words[ids]) + self._positions[:width]
        result: list[Floats] = self._session.run(outputs, {"embeds": embeds, "mask": mask})
        return result

    def _graph(self, weights: Weights, cache: Path) -> Path:
        return cached_graph(weights, cache)

    def _rows(self, outputs: Sequence[Floats]) -> Floats:
        layers = outputs[0][:, _FEATURE_LAYERS]
        layers /= np.linalg.norm(layers, axis=-1, keepdims=True)
        rows: Floats = layers.reshape(len(layers), -1)
        return rows


@lru_cache(maxsize=1)
def _vocabulary(path: Path) -> tuple[Weights, Tokenizer]:
    """Shared by all encoders of a process: the vocabulary is the largest part of them."""
    weights = read_weights(path)
    return weights, Tokenizer(weights.pieces, weights.scores)


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Batches of similar lengths, so that little is padding; `order` goes by length."""
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and lengths[order[end]] * (end + 1 - start) <= _BATCH_TOKENS:
            end += 1
        yield list(order[start:end])
        start = end


class SentenceTransformerEncoder:
    """Any sentence-transformers or Hugging Face model by name or folder; needs the extra `finetune`.

    `device` is "cpu", "cuda" or None for the best there is. A model with prompts named query and passage gets them.
    `progress` shows a bar over the batches.
    """

    def __init__(self, model: str, *, device: str | None = None, batch_size: int = 32, progress: bool = False) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as err:
            raise NluError(
                f"The encoder {model!r} needs sentence-transformers, which is not installed: pip install 'daogou[finetune]'"
            ) from err
        offline = not Path(model).is_dir() and not _hub_answers(model)
        try:
            self._model = SentenceTransformer(model, device=device, local_files_only=offline)
        except (OSError, ValueError) as err:
            why = "the Hugging Face hub cannot be reached" if offline else " ".join(str(err).split())[:300]
            raise NluError(
                f"The encoder {model!r} cannot be loaded ({why}); give a model's folder or the name of one that is "
                "downloaded or can be"
            ) from err
        self._batch_size, self._progress = batch_size, progress
        self._lock = threading.Lock()  # fast tokenizers refuse concurrent use
        self.dim = self.feature_dim = int(self._model.get_embedding_dimension() or 0)
        self.fingerprint = f"st-{model}"

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        prompt = kind if kind in self._model.prompts else None
        with self._lock:
            vectors = self._model.encode(
                [clean(text) for text in texts],
                prompt_name=prompt,
                batch_size=self._batch_size,
                normalize_embeddings=True,
                show_progress_bar=self._progress,
            )
        result: Floats = np.asarray(vectors, dtype=np.float32)
        return result

    def features(self, texts: Sequence[str]) -> Floats:
        return self.encode(texts)


def _hub_answers(model: str) -> bool:
    """Whether the Hugging Face hub answers a first, short request for the model, whatever it says. Where it does not, the
    hub's own library would try again for more than a minute."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        HfApi().model_info(model, timeout=_HUB_SECONDS)
    except (HfHubHTTPError, ValueError):  # a ValueError: it is no name, and loading says why
        return True
    except Exception:  # noqa: BLE001 - of what class depends on the HTTP library below the hub's; downloaded models still load
        return False
    return True


class _LruCache:
    """The last `size` vectors by text; thread-safe."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, Floats] = OrderedDict()

    def get(self, keys: Sequence[str]) -> dict[str, Floats]:
        with self._lock:
            found = {key: self._entries[key] for key in dict.fromkeys(keys) if key in self._entries}
            for key in found:
                self._entries.move_to_end(key)
            return found

    def put(self, entries: dict[str, Floats]) -> None:
        with self._lock:
            self._entries.update(entries)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)


class HashingEncoder:
    """Character trigrams hashed to a vector: no model, no files, no meaning beyond spelling. For tests."""

    def __init__(self, dim: int = 64) -> None:
        self.dim = self.feature_dim = dim
        self.fingerprint = f"hashing-{dim}"

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:  # noqa: ARG002 - both kinds are alike
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            padded = f"  {clean(text).lower()} "
            for start in range(len(padded) - 2):
                row[zlib.crc32(padded[start : start + 3].encode()) % self.dim] += 1
        result: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return result

    def features(self, texts: Sequence[str]) -> Floats:
        return self.encode(texts)

"""Entities learned from marked examples: a linear-chain conditional random field (Lafferty, McCallum & Pereira 2001) on
spelling, neighbours, patterns, and the encoder's state of each word in its sentence.

CRFsuite fits and runs it. The states bring what the words mean, so that a cuisine which no example names is found, too;
their first principal components suffice, more overfit (`tests/benchmarks/any_project.md`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoders import Encoder, TokenEncoder
from nlu.errors import NluError
from nlu.extractors.entity import Entity
from nlu.regexes import PatternExtractor
from nlu.tagger_features import Span, features, tokens
from nlu.training_data import Mark, Sentence

_L1, _L2, _ITERATIONS = 0.02, 0.1, 100
_BUDGET = 3e9  # tags² x tokens x iterations: about 15 s on one core; large tag sets get fewer iterations
_FEWEST_ITERATIONS = 15
_COMPONENTS, _STATE_SCALE = 32, 0.5
_MAX_LENGTH = 2000  # characters of a message that are read
_SEED_ROWS = 5000  # tokens that the principal components are made of

Row = dict[str, float]
Label = tuple[tuple[str, str | None, str | None], ...]  # (entity, role, group) of all marks at one span
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Projection:
    """Principal components of the encoder's states: `(state - mean) @ components`."""

    mean: NDArray[np.float32]
    components: NDArray[np.float32]

    @classmethod
    def fit(cls, states: NDArray[np.float32], *, seed: int) -> Projection:
        """Of states (n, d); the components are scaled so that all vary alike."""
        if len(states) > _SEED_ROWS:
            states = states[np.sort(np.random.default_rng(seed).permutation(len(states))[:_SEED_ROWS])]
        mean = states.mean(axis=0)
        centred = states.astype(np.float64) - mean
        values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
        kept = min(_COMPONENTS, *states.shape)
        components = vectors[:, ::-1][:, :kept]
        scale = _STATE_SCALE / np.sqrt(np.maximum(values[::-1][:kept], 1e-6))
        # either sign of a component would do; the one that makes its largest entry positive is chosen
        signs = np.sign(components[np.abs(components).argmax(axis=0), np.arange(kept)])
        return cls(mean, (components * (scale * signs)).astype(np.float32))

    def __call__(self, states: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray((states - self.mean) @ self.components, np.float32)


class EntityTagger:
    """Finds the kinds of entities that the examples mark. Safe to share between threads."""

    def __init__(
        self,
        model: bytes,
        labels: Sequence[Label],
        encoder: Encoder,
        patterns: PatternExtractor,
        projection: Projection | None,
        *,
        extractor: str = "DIETClassifier",
    ) -> None:
        import pycrfsuite

        self._model = model
        self._labels = list(labels)
        self._encoder = encoder
        self._patterns = patterns
        self._projection = projection
        self._extractor = extractor
        self._lock = threading.Lock()  # a CRFsuite tagger holds one sentence at a time
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)
        self._tags = frozenset(self._tagger.labels())

    @classmethod
    def fit(
        cls,
        sentences: Sequence[Sentence],
        *,
        encoder: Encoder,
        patterns: PatternExtractor,
        extractor: str = "DIETClassifier",
        seed: int = 0,
    ) -> EntityTagger | None:
        """Trains on all sentences: those without marks teach what is no entity. None when no sentence has a mark.

        Where marks of one sentence overlap partly, the longer one counts. The same data and seed give the same tagger.
        """
        chosen = [(sentence.text[:_MAX_LENGTH], _resolve(sentence.marks)) for sentence in sentences]
        chosen = [(text, marks) for text, marks in chosen if tokens(text)]
        if not any(marks for _, marks in chosen):
            return None
        labels = sorted({_label(same) for _, marks in chosen for same in marks}, key=repr)
        texts = [text for text, _ in chosen]
        spans = [tokens(text) for text in texts]
        projection, states = None, _states(encoder, texts, spans)
        if states is not None:
            projection = Projection.fit(np.concatenate(states), seed=seed)
            states = [projection(rows) for rows in states]
        rows = [
            _rows(features(text, places, patterns), states[i] if states else None)
            for i, (text, places) in enumerate(zip(texts, spans, strict=True))
        ]
        tags = [_tags(places, marks, labels) for places, (_, marks) in zip(spans, chosen, strict=True)]
        return cls(_train(rows, tags), labels, encoder, patterns, projection, extractor=extractor)

    def extract(self, text: str) -> list[Entity]:
        """Entities in order; `confidence` is the probability of the least certain word's tag."""
        text = text[:_MAX_LENGTH]
        spans = tokens(text)
        if not spans:
            return []
        states = _states(self._encoder, [text], [spans]) if self._projection else None
        projected = self._projection(states[0]) if self._projection and states else None
        rows = _rows(features(text, spans, self._patterns), projected)
        with self._lock:
            self._tagger.set(rows)
            tags = self._tagger.tag()
            sure = [self._tagger.marginal(tag, i) if tag != "O" else 1.0 for i, tag in enumerate(tags)]
        return self._entities(text, spans, tags, sure)

    def save(self, folder: Path) -> None:
        """Writes tagger.crf (CRFsuite's format), tagger.npz and tagger.json into the folder."""
        (folder / "tagger.crf").write_bytes(self._model)
        document = {
            "labels": self._labels,
            "extractor": self._extractor,
            "sha256": hashlib.sha256(self._model).hexdigest(),
            "states": self._projection is not None,
        }
        (folder / "tagger.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        if self._projection is not None:
            np.savez(folder / "tagger.npz", mean=self._projection.mean, components=self._projection.components)

    @classmethod
    def load(cls, folder: Path, *, encoder: Encoder, patterns: PatternExtractor) -> EntityTagger | None:
        """What `save` wrote, None where nothing is. Raises NluError when it is broken."""
        if not (folder / "tagger.json").exists():
            return None
        try:
            document = json.loads((folder / "tagger.json").read_text(encoding="utf-8"))
            model = (folder / "tagger.crf").read_bytes()
            if hashlib.sha256(model).hexdigest() != document["sha256"]:
                raise ValueError("tagger.crf is not the file that was written")
            labels = [tuple((e, r, g) for e, r, g in label) for label in document["labels"]]
            projection = None
            if document["states"]:
                with np.load(folder / "tagger.npz", allow_pickle=False) as arrays:
                    projection = Projection(arrays["mean"], arrays["components"])
            return cls(model, labels, encoder, patterns, projection, extractor=str(document["extractor"]))
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"The entity tagger in {str(folder)!r} is broken ({err}); train it again") from err

    def _entities(self, text: str, spans: Sequence[Span], tags: Sequence[str], sure: Sequence[float]) -> list[Entity]:
        found: list[tuple[int, int, int, float]] = []  # label, start, end, confidence
        before = "O"
        for (start, end), tag, confidence in zip(spans, tags, sure, strict=True):
            if tag != "O":
                label = int(tag[2:])
                if tag[0] == "I" and before != "O" and found[-1][0] == label:
                    found[-1] = (label, found[-1][1], end, min(found[-1][3], confidence))
                else:
                    found.append((label, start, end, confidence))
            before = tag
        return [
            Entity(entity, text[start:end], start, end, role, group, round(confidence, 6), self._extractor)
            for label, start, end, confidence in found
            for entity, role, group in self._labels[label]
        ]


def _states(
    encoder: Encoder, texts: Sequence[str], spans: Sequence[Sequence[Span]]
) -> list[NDArray[np.float32]] | None:
    return encoder.token_states(texts, spans) if isinstance(encoder, TokenEncoder) else None


def _rows(names: Sequence[Sequence[str]], states: NDArray[np.float32] | None) -> list[Row]:
    rows: list[Row] = [dict.fromkeys(row, 1.0) for row in names]
    if states is not None:
        for row, state in zip(rows, states.tolist(), strict=True):
            row.update((f"d{i}", value) for i, value in enumerate(state))
    return rows


def _resolve(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Marks by span, in order; of spans that overlap partly the longest."""
    spans: dict[Span, list[Mark]] = {}
    for mark in marks:
        spans.setdefault((mark.start, mark.end), []).append(mark)
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda s: (s[0] - s[1], s[0])):
        if all(end <= a or b <= start for a, b in kept):
            kept.append((start, end))
    return [spans[span] for span in sorted(kept)]


def _label(marks: Sequence[Mark]) -> Label:
    return tuple(dict.fromkeys((mark.entity, mark.role, mark.group) for mark in marks))


def _tags(spans: Sequence[Span], marks: Sequence[Sequence[Mark]], labels: Sequence[Label]) -> list[str]:
    """B-k for the first token of a mark with label k, I-k for the others, O elsewhere."""
    tags = ["O"] * len(spans)
    for same in marks:
        k, start, end = labels.index(_label(same)), same[0].start, same[0].end
        inside = [i for i, (a, b) in enumerate(spans) if a < end and b > start]
        for place, i in enumerate(inside):
            tags[i] = f"{'B' if place == 0 else 'I'}-{k}"
    return tags


def _train(rows: Sequence[list[Row]], tags: Sequence[list[str]]) -> bytes:
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for row, tag in zip(rows, tags, strict=True):
        trainer.append(row, tag)
    kinds, size = len({tag for row in tags for tag in row}), sum(map(len, tags))
    iterations = max(_FEWEST_ITERATIONS, min(_ITERATIONS, int(_BUDGET / (kinds**2 * size))))
    trainer.set_params({"c1": _L1, "c2": _L2, "max_iterations": iterations, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tagger.crf"
        trainer.train(str(path))
        return path.read_bytes()

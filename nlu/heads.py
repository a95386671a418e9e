"""The classifier that intents and sentiment share: a small network on the encoder's features, fused with a linear
model on n-grams. Run with numpy; `nlu.training` fits it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import NluError
from nlu.ngrams import NgramVocabulary

Floats = NDArray[np.float32]
Layer = tuple[Floats, Floats]  # weights (inputs, outputs), bias (outputs,)


@dataclass(frozen=True)
class Scores:
    """For n texts and k classes: `dense` (n, k) are the network's logits, `probability` (n, k) the calibrated fusion."""

    dense: Floats
    probability: Floats


@dataclass(frozen=True)
class Head:
    """`networks` are averaged: one of a single linear layer, or several of two with a GELU between them."""

    classes: tuple[str, ...]
    mean: Floats
    scale: Floats
    networks: tuple[tuple[Layer, ...], ...]
    vocabulary: NgramVocabulary
    gram_layer: Layer
    weight: float = 1.0
    temperature: float = 1.0

    def score(self, features: Floats, texts: Sequence[str]) -> Scores:
        """Scores of texts whose encoder features are (n, d)."""
        dense = self.dense(features)
        return Scores(dense, self.fuse(dense, self.linear(texts)))

    def dense(self, features: Floats) -> Floats:
        """The mean logits (n, k) of the networks."""
        return _run(self._joined, (features - self.mean) / self.scale)

    def linear(self, texts: Sequence[str]) -> Floats:
        """The n-gram model's decision values (n, k)."""
        weights, bias = self.gram_layer
        rows = self.vocabulary.transform(texts)
        result: Floats = np.asarray(rows @ weights, dtype=np.float32) + bias
        return result

    @cached_property
    def _joined(self) -> tuple[Layer, ...]:
        """The networks as one that gives their mean, hidden units side by side: one product reads the weights, not four."""
        if len(self.networks) == 1:
            return self.networks[0]
        lower, upper = zip(*self.networks, strict=True)
        hidden: Layer = np.concatenate([w for w, _ in lower], axis=1), np.concatenate([b for _, b in lower])
        weights: Floats = np.concatenate([w for w, _ in upper])
        weights /= len(upper)
        bias: Floats = np.mean([b for _, b in upper], axis=0, dtype=np.float32)
        return hidden, (weights, bias)

    def fuse(self, dense: Floats, linear: Floats) -> Floats:
        """Probabilities (n, k) from both views."""
        fused = (log_softmax(dense) + self.weight * linear) / self.temperature
        return softmax(fused.astype(np.float32))

    def save(self, folder: Path, name: str) -> None:
        """Writes `name.npz` and `name.json` into the folder."""
        arrays: dict[str, Any] = {"mean": self.mean, "scale": self.scale, "idf": self.vocabulary.idf}
        arrays |= {"gram_w": self.gram_layer[0].astype(np.float16), "gram_b": self.gram_layer[1]}
        for i, network in enumerate(self.networks):
            for j, (weights, bias) in enumerate(network):
                arrays |= {f"n{i}.{j}.w": weights.astype(np.float16), f"n{i}.{j}.b": bias}
        np.savez(folder / f"{name}.npz", **arrays)
        document = {
            "classes": self.classes,
            "weight": self.weight,
            "temperature": self.temperature,
            "layers": [len(network) for network in self.networks],
            "terms": self.vocabulary.terms,
        }
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> Head:
        """What `save` wrote. Raises NluError when the files are absent or broken."""
        try:
            document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            with np.load(folder / f"{name}.npz", allow_pickle=False) as stored:
                arrays: dict[str, Floats] = {key: stored[key].astype(np.float32) for key in stored.files}
            networks = tuple(
                tuple((arrays[f"n{i}.{j}.w"], arrays[f"n{i}.{j}.b"]) for j in range(depth))
                for i, depth in enumerate(document["layers"])
            )
            return cls(
                tuple(document["classes"]),
                arrays["mean"],
                arrays["scale"],
                networks,
                NgramVocabulary(document["terms"], arrays["idf"]),
                (arrays["gram_w"], arrays["gram_b"]),
                float(document["weight"]),
                float(document["temperature"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"The model {str(folder / name)!r} is missing or broken ({err}); train it again") from err


def log_softmax(x: Floats) -> Floats:
    """Over the last axis."""
    shifted = x - x.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def softmax(x: Floats) -> Floats:
    """Over the last axis."""
    result: Floats = np.exp(log_softmax(x))
    return result


def _run(network: tuple[Layer, ...], x: Floats) -> Floats:
    for i, (weights, bias) in enumerate(network):
        x = x @ weights + bias
        if i + 1 < len(network):
            # GELU by its tanh form (Hendrycks & Gimpel 2016, section 2), the same as in training
            x = 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))
    return x

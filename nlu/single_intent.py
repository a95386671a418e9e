"""A project with one intent only: everything is of it that looks like its examples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.errors import NluError
from nlu.heads import Floats
from nlu.intents import IntentScores

_MARGIN = 0.01  # of cosine: what lies so much farther off than the loneliest example is something else


@dataclass(frozen=True)
class SingleIntent:
    """`bank` (m, dim) are the examples' vectors, `threshold` the cosine below which a text is unlike all of them."""

    classes: tuple[str, ...]
    bank: Floats
    threshold: float

    @classmethod
    def fit(cls, vectors: Floats, intent: str) -> SingleIntent:
        """Of the examples' unit vectors (m, dim)."""
        bank = np.unique(vectors, axis=0)
        if len(bank) < 2:
            return cls((intent,), bank, -1.0)
        cosines = bank @ bank.T
        np.fill_diagonal(cosines, -1)
        return cls((intent,), bank, float(cosines.max(axis=1).min()) - _MARGIN)

    def score(self, features: Floats, texts: Sequence[str]) -> IntentScores:
        """Probability 1 for all; the scope of texts unlike the examples is below 0."""
        nearest = (features[:, : self.bank.shape[1]] @ self.bank.T).max(axis=1)
        return IntentScores(np.ones((len(texts), 1), np.float32), (nearest - self.threshold).astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes single.json and single.npz into the folder."""
        np.savez(folder / "single.npz", bank=self.bank)
        document = {"classes": self.classes, "threshold": self.threshold}
        (folder / "single.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SingleIntent:
        """What `save` wrote. Raises NluError when it is broken."""
        try:
            document = json.loads((folder / "single.json").read_text(encoding="utf-8"))
            with np.load(folder / "single.npz", allow_pickle=False) as arrays:
                return cls(tuple(document["classes"]), arrays["bank"], float(document["threshold"]))
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"The model in {str(folder)!r} is broken ({err}); train it again") from err

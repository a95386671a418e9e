"""Which intent a text has, how sure that is, and whether it belongs to the shop at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.data import OUT_OF_SCOPE
from nlu.errors import NluError
from nlu.fusion import Opinion
from nlu.heads import Floats, Head
from nlu.tokenizer import clean
from nlu.training import fit_head

_NEIGHBOURS = 5
_BANK = (
    4000  # sentences to look for neighbours among; more gain less than .001 AUROC on CLINC150's dev split and cost time
)
_KEPT = 0.97  # share of held-out customers' sentences that pass as in scope


@dataclass(frozen=True)
class IntentScores:
    """For n texts: `probability` (n, classes) and `scope` (n,), above 0 where a text looks like the training sentences."""

    probability: Floats
    scope: Floats


@dataclass(frozen=True)
class IntentClassifier:
    """`head` gives the classes; `bank` (m, dim) are the centred vectors of the training sentences in scope."""

    head: Head
    centre: Floats
    bank: Floats
    exact: dict[str, str]
    scope_scale: tuple[float, float, float, float]
    scope_threshold: float

    @property
    def classes(self) -> tuple[str, ...]:
        return self.head.classes

    @classmethod
    def fit(
        cls, features: Floats, texts: Sequence[str], labels: Sequence[str], *, dim: int, seed: int = 0
    ) -> IntentClassifier:
        """Train on encoder features (n, d) whose first `dim` columns are the vectors."""
        head, held = fit_head(features, texts, labels, seed=seed)
        inside = np.array([label != OUT_OF_SCOPE for label in labels])
        vectors = features[:, :dim]
        centre = vectors[inside].mean(axis=0)
        bank = _unit(vectors - centre)
        rows = held.rows[inside[held.rows]]
        kept = np.random.default_rng(seed).permutation(np.where(inside)[0])[:_BANK]
        place = np.full(len(texts), -1)
        place[kept] = np.arange(len(kept))
        raw = np.zeros((0, 2), np.float32)
        if len(rows):
            # a sentence's neighbours are looked for among the others: it would be its own nearest
            own = np.isin(held.rows, rows)
            near = _nearest(bank[rows], bank[kept], exclude=place[rows])
            raw = np.stack([_logit_scope(held.dense[own], head.classes), near], axis=1)
        means, deviations = (raw.mean(axis=0), raw.std(axis=0) + 1e-6) if len(raw) else (np.zeros(2), np.ones(2))
        total = ((raw - means) / deviations).sum(axis=1)
        threshold = float(np.quantile(total, 1 - _KEPT)) if len(total) else float("-inf")
        scale = (float(means[0]), float(deviations[0]), float(means[1]), float(deviations[1]))
        return cls(head, centre, bank[kept], _unambiguous(texts, labels), scale, threshold)

    def score(self, features: Floats, texts: Sequence[str], opinion: Opinion | None = None) -> IntentScores:
        """Scores of texts whose encoder features are (n, d); an `opinion` on the texts is joined with the head's."""
        scores = self.head.score(features, texts)
        near = _nearest(_unit(features[:, : len(self.centre)] - self.centre), self.bank)
        mean_logit, scale_logit, mean_near, scale_near = self.scope_scale
        scope = (_logit_scope(scores.dense, self.classes) - mean_logit) / scale_logit + (near - mean_near) / scale_near
        fused = opinion.fuse(scores.probability, self.classes) if opinion else scores.probability
        probability, scope = fused.copy(), scope - self.scope_threshold
        for i, text in enumerate(texts):
            known = self.exact.get(key(text))
            if known is not None:  # what the shop wrote down as an example of an intent is of that intent
                place = self.classes.index(known)
                probability[i] *= (
                    0.01 / max(1 - float(probability[i, place]), 1e-9) if probability[i, place] < 0.99 else 1
                )
                probability[i, place] = max(float(probability[i, place]), 0.99)
                if known != OUT_OF_SCOPE:
                    scope[i] = max(float(scope[i]), 0.0)
        return IntentScores(probability, scope.astype(np.float32))

    def save(self, folder: Path) -> None:
        """Writes intents.json, intents.npz and scope.* into the folder."""
        self.head.save(folder, "intents")
        np.savez(folder / "scope.npz", centre=self.centre, bank=self.bank.astype(np.float16))
        document = {"scale": self.scope_scale, "threshold": self.scope_threshold, "exact": self.exact}
        (folder / "scope.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentClassifier:
        """What `save` wrote. Raises NluError when the files are absent or broken."""
        head = Head.load(folder, "intents")
        try:
            with np.load(folder / "scope.npz", allow_pickle=False) as arrays:
                centre, bank = arrays["centre"], arrays["bank"].astype(np.float32)
            document = json.loads((folder / "scope.json").read_text(encoding="utf-8"))
            scale = tuple(float(value) for value in document["scale"])
            return cls(head, centre, bank, dict(document["exact"]), scale, float(document["threshold"]))  # type: ignore[arg-type]
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(f"The model in {str(folder)!r} is broken ({err}); train it again") from err


def key(text: str) -> str:
    """A text without case, spacing and closing punctuation, for looking it up among the examples."""
    return clean(text).lower().rstrip("。.!！~～ ") or clean(text)


def _unambiguous(texts: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    doubtful: set[str] = set()
    for text, label in zip(texts, labels, strict=True):
        if found.setdefault(key(text), label) != label:
            doubtful.add(key(text))
    return {text: label for text, label in found.items() if text not in doubtful}


def _unit(vectors: Floats) -> Floats:
    result: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return result


def _logit_scope(dense: Floats, classes: tuple[str, ...]) -> Floats:
    """The largest logit of an intent, less half that of `out_of_scope` where the class exists."""
    if OUT_OF_SCOPE not in classes:
        result: Floats = dense.max(axis=1)
        return result
    outside = classes.index(OUT_OF_SCOPE)
    inside: Floats = np.delete(dense, outside, axis=1).max(axis=1) - 0.5 * dense[:, outside]
    return inside


def _nearest(vectors: Floats, bank: Floats, *, exclude: NDArray[np.int64] | None = None) -> Floats:
    """The mean cosine (n,) with the nearest few of the bank; `exclude` (n,) are positions to leave out, -1 for none."""
    found = np.empty(len(vectors), np.float32)
    k = min(_NEIGHBOURS, len(bank))
    for start in range(0, len(vectors), 512):
        cosines = vectors[start : start + 512] @ bank.T
        if exclude is not None:
            own = exclude[start : start + 512]
            cosines[own >= 0, own[own >= 0]] = -1.0
        found[start : start + 512] = np.partition(cosines, -k, axis=1)[:, -k:].mean(axis=1)
    return found

"""How a customer feels about it: classes and a score, from the same vector that the intent is read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.encoders import Encoder
from nlu.fusion import opinion_of
from nlu.heads import Floats, Head
from nlu.sentiment_training import excerpt, fit_sentiment

# What the classes are called in files, and what here; a file of other classes keeps its own names.
_NAMES = {"1": "positive", "pos": "positive", "0": "negative", "neg": "negative", "-1": "negative", "neu": "neutral"}
NEUTRAL = ("neutral", 0.0)


@dataclass(frozen=True)
class SentimentClassifier:
    """A head whose classes are positive and negative, and usually neutral."""

    head: Head

    @classmethod
    def fit(
        cls,
        read: Callable[[Sequence[str]], Floats],
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        seed: int = 0,
    ) -> SentimentClassifier:
        """Train on texts; `read` gives the encoder's features (n, d) of those that it is asked for."""
        return cls(fit_sentiment(read, texts, [label_name(label) for label in labels], seed=seed))

    def probability(self, encoder: Encoder, texts: Sequence[str]) -> Floats:
        """(n, classes) of texts; of a long one the encoder reads the excerpt, as in training. The opinion of an encoder
        that was fine-tuned on these classes is joined with the head's."""
        read = [excerpt(text) for text in texts]
        found = self.head.score(encoder.features(read), texts).probability
        opinion = opinion_of(encoder, read)
        return opinion.fuse(found, self.head.classes) if opinion else found

    def predict(self, encoder: Encoder, texts: Sequence[str]) -> list[tuple[str, float]]:
        """(label, score) of each text; the score in [-1, 1] is P(positive) - P(negative)."""
        if not texts:
            return []
        probability = self.probability(encoder, texts)
        balance = np.zeros(len(texts), np.float32) + sum(
            sign * probability[:, self.head.classes.index(name)]
            for name, sign in (("positive", 1.0), ("negative", -1.0))
            if name in self.head.classes
        )
        best = probability.argmax(axis=1)
        return [(self.head.classes[i], float(balance[n])) for n, i in enumerate(best)]

    def save(self, folder: Path) -> None:
        """Writes sentiment.json and sentiment.npz into the folder."""
        self.head.save(folder, "sentiment")

    @classmethod
    def load(cls, folder: Path) -> SentimentClassifier | None:
        """What `save` wrote; None where a model was trained without sentiment."""
        return cls(Head.load(folder, "sentiment")) if (folder / "sentiment.json").is_file() else None


def label_name(label: str) -> str:
    """The name here of a class in a file: `1` and `pos` are `positive`."""
    return _NAMES.get(label.strip().lower(), label.strip().lower())

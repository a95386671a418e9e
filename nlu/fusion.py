"""A second opinion on intents or sentiment: what a fine-tuned encoder says, joined with what the frozen one's classifier says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from nlu.heads import Floats, log_softmax

# Without held-out sentences to choose from: the geometric mean of both.
_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
_TEMPERATURES = tuple(float(t) for t in np.geomspace(0.4, 4.0, 25))


@dataclass(frozen=True)
class Opinion:
    """`log_probability` (n, k) of `classes`; `weight` against the first opinion, `temperature` of the two together."""

    classes: tuple[str, ...]
    log_probability: Floats
    weight: float = 1.0
    temperature: float = 2.0

    def fuse(self, probability: Floats, classes: Sequence[str]) -> Floats:
        """Probabilities (n, m) after both opinions: the product, (log p + weight · log q) / temperature, over the classes
        that both know. What the others have stays theirs."""
        place = {name: i for i, name in enumerate(self.classes)}
        known = [i for i, name in enumerate(classes) if name in place]
        if len(known) < 2:
            return probability
        mine = np.log(np.maximum(probability[:, known], 1e-12))
        theirs = self.log_probability[:, [place[classes[i]] for i in known]]
        joined = np.exp(log_softmax((mine + self.weight * theirs) / self.temperature))
        fused = probability.copy()
        fused[:, known] = joined * probability[:, known].sum(axis=1, keepdims=True)
        return fused


@runtime_checkable
class Advisor(Protocol):
    """An encoder that has an opinion of its own on the classes that it was fine-tuned for."""

    def opinion(self, texts: Sequence[str]) -> Opinion:
        """On each text."""
        ...


def opinion_of(encoder: object, texts: Sequence[str]) -> Opinion | None:
    """The encoder's opinion on the texts, None where it has none."""
    return encoder.opinion(texts) if isinstance(encoder, Advisor) else None


def chosen(opinion: Opinion, probability: Floats, classes: Sequence[str], y: NDArray[np.int64]) -> Opinion:
    """The opinion with the weight and temperature that do best on sentences of true classes y (n,) which neither side
    was trained on: by accuracy, and a tenth of the log-likelihood, which is smoother on few of them."""
    choices: list[tuple[float, Opinion]] = []
    for weight in _WEIGHTS:
        for temperature in _TEMPERATURES:
            tried = replace(opinion, weight=weight, temperature=temperature)
            fused = tried.fuse(probability, classes)
            likelihood = np.log(np.maximum(fused[np.arange(len(y)), y], 1e-12)).mean()
            choices.append((float((fused.argmax(axis=1) == y).mean() + 0.1 * likelihood), tried))
    return max(choices, key=lambda choice: choice[0])[1]

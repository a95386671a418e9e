"""What is wrong with labelled data: likely mislabelled, duplicate, contradicting and outlying examples, class sizes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from nlu.data import Example
from nlu.encoders import Encoder
from nlu.errors import NluError
from nlu.heads import Floats
from nlu.intents import key
from nlu.training import fit_head

_NEIGHBOURS = 8
# Near duplicates are near in both: the vectors alone join what means the same, the letters alone what differs in the word
# that counts (cancel my order, change my order).
_NEAR_COSINE, _NEAR_LETTERS = 0.9, 0.8
_OUTLYING = 4.0  # robust standard deviations below the median likeness
_SMALL = 10  # examples below which a class is hardly learnt


@dataclass(frozen=True)
class Suspect:
    """An example whose label is doubted: `given` is the probability of its own label, `other` that of `suggested`, both
    from a classifier that had not seen it."""

    row: int
    text: str
    label: str
    suggested: str
    given: float
    other: float


@dataclass(frozen=True)
class Pair:
    """Two examples that say the same, or nearly; `similarity` is the centred cosine of their vectors, 1 for the same text."""

    rows: tuple[int, int]
    texts: tuple[str, str]
    labels: tuple[str, str]
    similarity: float


@dataclass(frozen=True)
class Outlier:
    """An example that is unlike the others of its label: the mean centred cosine with the nearest of them."""

    row: int
    text: str
    label: str
    likeness: float


@dataclass(frozen=True)
class Audit:
    """The findings over `n` examples, the worst first. `noise` is the estimated share of wrong labels; classes with fewer
    distinct sentences than folds take no part in the estimate."""

    n: int
    noise: float
    suspects: tuple[Suspect, ...]
    contradictions: tuple[Pair, ...]
    duplicates: tuple[tuple[int, ...], ...]
    near_duplicates: tuple[Pair, ...]
    outliers: tuple[Outlier, ...]
    classes: dict[str, int]

    @property
    def small_classes(self) -> list[str]:
        """Classes with too few examples to be learnt well."""
        return [name for name, n in self.classes.items() if n < _SMALL]

    def as_dict(self) -> dict[str, Any]:
        """The fields with `small_classes`, JSON-ready."""
        return {**asdict(self), "small_classes": self.small_classes}


def audit(
    examples: Sequence[Example],
    *,
    encoder: Encoder,
    folds: int = 4,
    seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Audit:
    """Look for what is wrong. Every example is judged by classifiers trained on folds without it and its copies.

    Raises NluError with fewer than two classes that fill the folds.
    """
    if folds < 2:
        raise NluError(f"An audit with {folds!r} folds is impossible; give 2 or more")
    texts, labels = [e.text for e in examples], [e.label for e in examples]
    features = encoder.features(texts)
    probability, classes, judged = _out_of_fold(features, texts, labels, folds, seed, progress)
    suspects, noise = _suspects(examples, probability, classes, judged)
    vectors = _centred(features[:, : encoder.dim])
    near, likeness = _neighbours(vectors, labels)
    groups = _duplicates(texts)
    contradictions, duplicates = _same(examples, groups)
    contradictory, doubled = _near(examples, near)
    return Audit(
        len(examples),
        noise,
        tuple(suspects),
        (*contradictions, *contradictory),
        tuple(duplicates),
        tuple(doubled),
        tuple(_outliers(examples, likeness)),
        dict(sorted(Counter(labels).items(), key=lambda pair: (pair[1], pair[0]))),
    )


def confident_joint(probability: Floats, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The confident joint C (k, k) of given and likely true classes, and the likely class (n,) of every example, -1 where
    none is confident (Northcutt, Jiang & Chuang 2021, equations 1 and 2).

    An example counts for the class j whose probability reaches t_j, the mean probability of j among the examples given
    the label j; of several such classes for the most probable.
    """
    k = probability.shape[1]
    thresholds = np.array([probability[labels == j, j].mean() if (labels == j).any() else 1.0 for j in range(k)])
    above = np.where(probability >= thresholds - 1e-6, probability, -1.0)
    likely = np.where(above.max(axis=1) >= 0, above.argmax(axis=1), -1)
    joint = np.zeros((k, k), np.int64)
    counted = likely >= 0
    np.add.at(joint, (labels[counted], likely[counted]), 1)
    return joint, likely


def _suspects(
    examples: Sequence[Example], probability: Floats, classes: tuple[str, ...], judged: NDArray[np.int64]
) -> tuple[list[Suspect], float]:
    """Off the diagonal of the confident joint, ranked by the margin (the paper's section 3.2); and the noise it implies."""
    place = {name: i for i, name in enumerate(classes)}
    labels = np.array([place[examples[i].label] for i in judged])
    joint, likely = confident_joint(probability, labels)
    # equation 3: rows scaled to the counts of the given labels, so that what was not confident is shared out
    counts = np.bincount(labels, minlength=len(classes))
    scaled = joint / np.maximum(joint.sum(axis=1, keepdims=True), 1) * counts[:, None]
    noise = 1 - float(np.trace(scaled)) / max(float(scaled.sum()), 1e-12)
    found = [
        Suspect(
            int(judged[n]),
            examples[judged[n]].text,
            examples[judged[n]].label,
            classes[likely[n]],
            round(float(probability[n, labels[n]]), 4),
            round(float(probability[n, likely[n]]), 4),
        )
        for n in np.where((likely >= 0) & (likely != labels))[0]
        if probability[n, likely[n]] > probability[n, labels[n]]
    ]
    return sorted(found, key=lambda suspect: suspect.given - suspect.other), round(noise, 5)


def _out_of_fold(
    features: Floats,
    texts: Sequence[str],
    labels: Sequence[str],
    folds: int,
    seed: int,
    progress: Callable[[int], None],
) -> tuple[Floats, tuple[str, ...], NDArray[np.int64]]:
    """(probability, classes, rows): copies of a sentence share a fold, so that they do not vouch for each other."""
    rng = np.random.default_rng(seed)
    distinct: dict[str, dict[str, None]] = defaultdict(dict)
    for text, label in zip(texts, labels, strict=True):
        distinct[label][key(text)] = None
    classes = tuple(sorted(name for name, keys in distinct.items() if len(keys) >= folds))
    if len(classes) < 2:
        raise NluError(
            f"An audit needs two classes of {folds} different sentences or more; there are {list(classes)!r}"
        )
    fold_of: dict[str, int] = {}
    for name in classes:
        fresh = [text for text in distinct[name] if text not in fold_of]
        for n, i in enumerate(rng.permutation(len(fresh))):
            fold_of[fresh[i]] = n % folds
    rows = np.array([i for i, label in enumerate(labels) if label in set(classes)])
    fold = np.array([fold_of[key(texts[i])] for i in rows])
    probability = np.zeros((len(rows), len(classes)), np.float32)
    for k in range(folds):
        train, test = rows[fold != k], rows[fold == k]
        head, _ = fit_head(features[train], [texts[i] for i in train], [labels[i] for i in train], seed=seed)
        scores = head.score(features[test], [texts[i] for i in test]).probability
        columns = np.array([classes.index(name) for name in head.classes])
        probability[np.ix_(np.where(fold == k)[0], columns)] = scores
        progress(k + 1)
    return probability, classes, rows


def _centred(vectors: Floats) -> Floats:
    moved = vectors - vectors.mean(axis=0)
    result: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return result


def _neighbours(vectors: Floats, labels: Sequence[str]) -> tuple[list[tuple[int, int, float]], Floats]:
    """(pairs of near vectors (i < j, cosine), the mean cosine (n,) with the nearest of the same label; nan without any)."""
    index = {name: i for i, name in enumerate(sorted(set(labels)))}
    named = np.array([index[label] for label in labels])
    pairs: set[tuple[int, int, float]] = set()
    likeness = np.full(len(vectors), np.nan, np.float32)
    for start in range(0, len(vectors), 512):
        cosines = vectors[start : start + 512] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -1
        best = np.argpartition(-cosines, min(_NEIGHBOURS, len(vectors) - 1), axis=1)[:, :_NEIGHBOURS]
        for i, j in np.argwhere(np.take_along_axis(cosines, best, axis=1) >= _NEAR_COSINE):
            a, b = sorted((start + int(i), int(best[i, j])))
            pairs.add((a, b, round(float(cosines[i, best[i, j]]), 4)))
        own = np.where(named[start : start + 512, None] == named[None, :], cosines, -1)
        nearest = np.partition(own, -min(5, len(vectors)), axis=1)[:, -min(5, len(vectors)) :]
        kept = nearest > -1
        sums = np.where(kept, nearest, 0).sum(axis=1)
        likeness[start : start + 512] = np.where(kept.any(axis=1), sums / np.maximum(kept.sum(axis=1), 1), np.nan)
    unique = {(a, b): cosine for a, b, cosine in pairs}
    return [(a, b, cosine) for (a, b), cosine in sorted(unique.items(), key=lambda item: -item[1])], likeness


def _duplicates(texts: Sequence[str]) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        groups[key(text)].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


def _same(examples: Sequence[Example], groups: list[list[int]]) -> tuple[list[Pair], list[tuple[int, ...]]]:
    """(contradictions, duplicates) among sentences that are the same but for case and closing punctuation."""
    contradictions: list[Pair] = []
    duplicates: list[tuple[int, ...]] = []
    for rows in groups:
        by_label: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            by_label[examples[row].label].append(row)
        duplicates += [tuple(own) for own in by_label.values() if len(own) > 1]
        first, *others = [own[0] for own in by_label.values()]
        contradictions += [_pair(examples, first, other, 1.0) for other in others]
    return contradictions, sorted(duplicates, key=lambda own: (-len(own), own))


def _near(examples: Sequence[Example], pairs: list[tuple[int, int, float]]) -> tuple[list[Pair], list[Pair]]:
    """(contradictions, near duplicates) among sentences that are not quite the same."""
    contradictions: list[Pair] = []
    doubled: list[Pair] = []
    for a, b, cosine in pairs:
        first, second = key(examples[a].text), key(examples[b].text)
        if first == second or Indel.normalized_similarity(first, second) < _NEAR_LETTERS:
            continue
        differ = examples[a].label != examples[b].label
        (contradictions if differ else doubled).append(_pair(examples, a, b, cosine))
    return contradictions, doubled


def _pair(examples: Sequence[Example], a: int, b: int, similarity: float) -> Pair:
    first, second = examples[a], examples[b]
    return Pair((a, b), (first.text, second.text), (first.label, second.label), similarity)


def _outliers(examples: Sequence[Example], likeness: Floats) -> list[Outlier]:
    known = likeness[~np.isnan(likeness)]
    if not known.size:
        return []
    middle = float(np.median(known))
    spread = 1.4826 * float(np.median(np.abs(known - middle)))  # the deviation of a normal distribution of that spread
    if not spread:
        return []
    rows = np.where(likeness < middle - _OUTLYING * spread)[0]
    found = [Outlier(int(i), examples[i].text, examples[i].label, round(float(likeness[i]), 4)) for i in rows]
    return sorted(found, key=lambda outlier: outlier.likeness)

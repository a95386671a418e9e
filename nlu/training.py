"""Fitting a `Head` with torch and scikit-learn: networks, the n-gram model, and their fusion on held-out examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import NluError
from nlu.heads import Floats, Head, Layer
from nlu.network import fit_network, one_thread
from nlu.ngrams import NgramVocabulary

_TINY = 8  # examples, below which nothing is held out
_FEW = 15  # examples a class (median), below which shrunken linear discriminants do better than a network
_NETWORKS = 4  # averaged; on the dev splits of MASSIVE a third of a point better than two
_PAIR = 2  # networks of the heads that held-out examples are scored by
_SVM_C = 1.0
_FUSION_WEIGHTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0)
_USUAL_WEIGHT = 1.5  # best on the dev splits of BANKING77 and MASSIVE (zh, en)
# The discriminants of few examples in many dimensions have logits in the hundreds: theirs are the higher ones.
_TEMPERATURES = tuple(float(t) for t in (*np.geomspace(0.4, 4.0, 25), *np.geomspace(5.0, 500.0, 20)))


@dataclass(frozen=True)
class HeldOut:
    """Scores of training examples by heads that had not seen them; `rows` are their positions in the training set."""

    rows: NDArray[np.int64]
    dense: Floats
    probability: Floats


def fit_head(features: Floats, texts: Sequence[str], labels: Sequence[str], *, seed: int = 0) -> tuple[Head, HeldOut]:
    """Train on features (n, d), their texts and labels; the fusion and the temperature come from held-out examples.

    Raises NluError when there are fewer than two classes.
    """
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise NluError(
            f"All {len(labels)} examples are of one class {list(classes)!r}; at least two classes are needed"
        )
    index = {name: i for i, name in enumerate(classes)}
    y = np.array([index[label] for label in labels])
    splits = _splits(y, seed)
    with one_thread(), ThreadPoolExecutor(2) as pool:
        fits = [
            pool.submit(_fit, features[train], [texts[i] for i in train], y[train], classes, seed=seed, networks=_PAIR)
            for train, _ in splits
        ]
        whole = pool.submit(_fit, features, texts, y, classes, seed=seed, networks=_NETWORKS)
        parts, head = [fit.result() for fit in fits], whole.result()
    held = [
        (dev, part.dense(features[dev]), part.linear([texts[i] for i in dev]))
        for (_, dev), part in zip(splits, parts, strict=True)
    ]
    if not held:
        return head, HeldOut(
            np.zeros(0, np.int64), np.zeros((0, len(classes)), np.float32), np.zeros((0, 0), np.float32)
        )
    rows = np.concatenate([dev for dev, _, _ in held])
    dense, linear = np.concatenate([d for _, d, _ in held]), np.concatenate([s for _, _, s in held])
    shrunk = float(np.mean([shrinkage(part, features[dev]) for part, (_, dev) in zip(parts, splits, strict=True)]))
    head = _calibrated(stretched_by(head, shrunk), dense, linear, y[rows])
    return head, HeldOut(rows, dense, head.fuse(dense, linear))


def _splits(y: NDArray[np.int64], seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(train, dev) positions: one split of an eighth for large sets, four folds for small ones, none for tiny ones.
    The only example of a class is trained on, never held out."""
    counts = Counter(y.tolist())
    several = [n for n in counts.values() if n > 1]
    if len(y) < _TINY or not several:
        return []
    folds = 8 if len(y) >= 2000 else min(4, *several)
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(y), np.int64)
    offset = 0
    for label, count in counts.items():  # stratified; the offset spreads the remainders of small classes over the folds
        rows = rng.permutation(np.where(y == label)[0])
        if count == 1:
            fold[rows] = -1
            continue
        fold[rows] = (np.arange(len(rows)) + offset) % folds
        offset += len(rows)
    chosen = range(folds) if len(y) < 2000 else range(1)
    return [(np.where(fold != k)[0], np.where(fold == k)[0]) for k in chosen]


def _fit(
    features: Floats, texts: Sequence[str], y: NDArray[np.int64], classes: tuple[str, ...], *, seed: int, networks: int
) -> Head:
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.maximum(scale, 0.1 * scale.mean() + 1e-6)  # what hardly varied in training must not explode later
    x = (features - mean) / scale
    few = np.median(np.bincount(y, minlength=len(classes))) < _FEW
    fitted = (_fit_discriminants(x, y),) if few else tuple(fit_network(x, y, seed=seed + i) for i in range(networks))
    vocabulary = NgramVocabulary.fit(texts, minimum=1 if len(texts) < 1000 else 2)
    return Head(classes, mean, scale, fitted, vocabulary, _fit_grams(vocabulary, texts, y))


def _fit_discriminants(x: Floats, y: NDArray[np.int64]) -> tuple[Layer, ...]:
    """Linear discriminants (Friedman 1989, equation 18): one covariance for all classes, half way to the identity."""
    counts = np.bincount(y)
    means = np.stack([x[y == label].mean(axis=0) for label in range(len(counts))])
    within = x - means[y]
    covariance = 0.5 * (within.T @ within) / len(x) + 0.5 * np.eye(x.shape[1], dtype=np.float32)
    weights = np.linalg.solve(covariance, means.T).astype(np.float32)
    bias = np.log(counts / len(x)) - 0.5 * (means.T * weights).sum(axis=0)
    return ((weights, bias.astype(np.float32)),)


def _fit_grams(vocabulary: NgramVocabulary, texts: Sequence[str], y: NDArray[np.int64]) -> Layer:
    from sklearn.svm import LinearSVC

    return linear_layer(LinearSVC(C=_SVM_C, random_state=0).fit(vocabulary.transform(texts), y))


def linear_layer(model: Any) -> Layer:
    """What a linear model of scikit-learn learned, as (d, k) weights and (k,) bias."""
    weights, bias = np.asarray(model.coef_, np.float32), np.asarray(model.intercept_, np.float32).reshape(-1)
    if len(weights) == 1:  # of two classes scikit-learn keeps the second only
        weights, bias = np.concatenate([-weights, weights]), np.concatenate([-bias, bias])
    return np.ascontiguousarray(weights.T), bias


def _calibrated(head: Head, dense: Floats, linear: Floats, y: NDArray[np.int64]) -> Head:
    """The usual weight, or the nearest to it that held-out examples do not tell from the best: one whose accuracy is within a
    standard error (the rule of Breiman et al. 1984 for trees). Then the temperature of the best likelihood.

    Held-out examples alone would lean on the encoder: where others say the same in other words or in the other language, it has
    as good as seen them.
    """
    right = {
        w: float(np.mean(replace(head, weight=w).fuse(dense, linear).argmax(axis=1) == y)) for w in _FUSION_WEIGHTS
    }
    best = max(right.values())
    error = (best * (1 - best) / len(y)) ** 0.5
    weight = min((w for w in right if right[w] >= best - error), key=lambda w: abs(w - _USUAL_WEIGHT))
    weighted = replace(head, weight=weight)
    losses = [_loss(replace(weighted, temperature=t), dense, linear, y) for t in _TEMPERATURES]
    return replace(weighted, temperature=_TEMPERATURES[int(np.argmin(losses))])


def shrinkage(pair: Head, unseen: Floats) -> float:
    """How much less far apart the mean logits of `_NETWORKS` networks lie than those of a pair: what is noise in one network
    cancels out in the mean, and what is not is what two of them share. 1 where there is only one."""
    if len(pair.networks) == 1:
        return 1.0
    first, second = (
        logits - logits.mean(axis=1, keepdims=True)
        for logits in (replace(pair, networks=(network,)).dense(unseen) for network in pair.networks)
    )
    shared = max(float((first * second).mean()), 0.0)
    noise = max(float((first**2 + second**2).mean()) / 2 - shared, 0.0)
    if not shared + noise:
        return 1.0
    return float(((shared + noise / _NETWORKS) / (shared + noise / _PAIR)) ** 0.5)


def stretched_by(head: Head, shrunk: float) -> Head:
    """The head with its logits apart by 1 / `shrunk` as much: as far as those that it is calibrated by."""
    networks = tuple(
        (*layers, (weights / np.float32(shrunk), bias / np.float32(shrunk)))
        for *layers, (weights, bias) in head.networks
    )
    return replace(head, networks=networks)


def _loss(head: Head, dense: Floats, linear: Floats, y: NDArray[np.int64]) -> float:
    picked = head.fuse(dense, linear)[np.arange(len(y)), y]
    return float(-np.log(np.maximum(picked, 1e-12)).mean())

"""Fitting the sentiment of many texts: n-grams of all of them, weighted by how one class prefers them, and the encoder on a part.

Reviews are long and many, and the encoder is what costs: 50,000 of them would take it half an hour. The n-grams of all
of them come almost for free, and in reviews they say nearly as much (Wang & Manning 2012).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from nlu.errors import NluError
from nlu.heads import Floats, Head
from nlu.network import fit_network, one_thread
from nlu.ngrams import NgramVocabulary
from nlu.training import fit_head, linear_layer

# Chosen on the dev splits of online_shopping_10_cats, chnsenticorp_htl and airline_tweets.
_MANY = 1000  # texts, below which the classifier of intents does as well
_READ = 600_000  # Chinese characters, or three times as many letters, that the encoder reads: minutes on two cores
_OF_EACH = 16  # texts of every class that are never held out
_C = 0.3
_NETWORKS = 3
_WEIGHTS = (0.0, 0.3, 0.6, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_TEMPERATURES = tuple(float(t) for t in np.geomspace(0.4, 12.0, 40))
_START, _END = 90, 50  # characters of Chinese; a letter says a third of what a Chinese character does
_LETTERS = 3


def excerpt(text: str) -> str:
    """The start and the end of a long review, where the judgement stands; a message comes whole."""
    factor = _letters(text)
    start, end = _START * factor, _END * factor
    return text if len(text) <= start + end else f"{text[:start]} … {text[-end:]}"


def fit_sentiment(
    read: Callable[[Sequence[str]], Floats], texts: Sequence[str], labels: Sequence[str], *, seed: int = 0
) -> Head:
    """Train on texts and their classes; `read` gives the encoder's features (n, d) of the excerpts that it is asked for.

    Raises NluError when there are fewer than two classes.
    """
    if len(texts) < _MANY:
        return fit_head(read([excerpt(text) for text in texts]), texts, labels, seed=seed)[0]
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise NluError(f"All {len(labels)} texts are of one class {list(classes)!r}; at least two classes are needed")
    place = {name: i for i, name in enumerate(classes)}
    y = np.array([place[label] for label in labels])
    terms = NgramVocabulary.fit(texts)
    counts = NgramVocabulary(terms.terms, np.ones_like(terms.idf)).transform(texts)
    held, kept = _chosen(texts, y, seed)
    rest = np.setdiff1d(np.arange(len(texts)), held)
    features = read([excerpt(texts[i]) for i in (*held, *kept)])
    order = np.concatenate([held, kept])
    with one_thread():
        part = _head(classes, features[len(held) :], y[kept], terms, counts[rest], y[rest], seed=seed, networks=1)
        whole = _head(classes, features, y[order], terms, counts, y, seed=seed, networks=_NETWORKS)
    return _calibrated(whole, part.dense(features[: len(held)]), part.linear([texts[i] for i in held]), y[held])


def term_weights(counts: sp.csr_matrix, y: NDArray[np.int64], idf: Floats) -> Floats:
    """For each term (k,) how far its log-count ratio is from 0, for the class that stands out most (Wang & Manning 2012,
    equation 2, with counts of texts smoothed by 1), times the root of its inverse document frequency."""
    present = counts.astype(bool).astype(np.float32)
    whole = np.asarray(present.sum(axis=0)).ravel() + 1
    ratios = []
    for label in range(int(y.max()) + 1):
        inside = np.asarray(present[y == label].sum(axis=0)).ravel() + 1
        outside = whole - inside + 1
        ratios.append(np.abs(np.log((inside / inside.sum()) / (outside / outside.sum()))))
    weights: Floats = (np.max(ratios, axis=0) * np.sqrt(idf)).astype(np.float32)
    return weights


def _letters(text: str) -> int:
    """How many characters say what a Chinese one does."""
    return 1 if any("\u3400" <= character <= "\u9fff" for character in text[: _START + _END]) else _LETTERS


def _chosen(texts: Sequence[str], y: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the texts that the encoder reads: those held out, and those trained on, with some of every class."""
    order = np.random.default_rng(seed).permutation(len(texts))
    lengths = np.cumsum([len(excerpt(texts[i])) / _letters(texts[i]) for i in order])
    chosen = order[: max(_MANY, int(np.searchsorted(lengths, _READ)))]
    sure = np.concatenate([order[y[order] == label][:_OF_EACH] for label in range(int(y.max()) + 1)])
    free = chosen[~np.isin(chosen, sure)]
    held = len(free) // 8
    return free[:held], np.concatenate([sure, free[held:]])


def _head(
    classes: tuple[str, ...],
    features: Floats,
    read: NDArray[np.int64],
    terms: NgramVocabulary,
    counts: sp.csr_matrix,
    y: NDArray[np.int64],
    *,
    seed: int,
    networks: int,
) -> Head:
    """A head of networks on features of the classes `read` (n,) and n-grams of the classes `y` (m,)."""
    from sklearn.preprocessing import normalize
    from sklearn.svm import LinearSVC

    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.maximum(scale, 0.1 * scale.mean() + 1e-6)
    fitted = tuple(fit_network((features - mean) / scale, read, seed=seed + i) for i in range(networks))
    vocabulary = NgramVocabulary(terms.terms, term_weights(counts, y, terms.idf))
    rows = normalize(counts @ sp.diags(vocabulary.idf))
    model = LinearSVC(C=_C, class_weight="balanced", random_state=0).fit(rows, y)
    return Head(classes, mean, scale, fitted, vocabulary, linear_layer(model))


def _calibrated(head: Head, dense: Floats, linear: Floats, y: NDArray[np.int64]) -> Head:
    """The weight and the temperature that make the held-out classes likeliest."""
    choices = [replace(head, weight=w, temperature=t) for w in _WEIGHTS for t in _TEMPERATURES]
    rows = np.arange(len(y))
    losses = [-np.log(np.maximum(choice.fuse(dense, linear)[rows, y], 1e-12)).mean() for choice in choices]
    return choices[int(np.argmin(losses))]

"""Character and word n-grams with TF-IDF weights: the second view on a text, strong where spelling matters."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from nlu.tokenizer import clean

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]|[^\sa-z0-9]")
_LONG_NUMBER = re.compile(r"\d{4,}")
_HAN_LENGTHS, _LATIN_LENGTHS = (1, 3), (2, 5)
MAX_FEATURES = 200_000


def grams(text: str) -> Iterator[str]:
    """Character n-grams (1-3 with Han characters, 2-5 otherwise), words and word pairs; long numbers look alike."""
    text = f" {_LONG_NUMBER.sub('0000', clean(text).lower())} "
    han = [0]
    for character in text:
        han.append(han[-1] + (_HAN.match(character) is not None))
    for size in range(1, _LATIN_LENGTHS[1] + 1):
        for start in range(len(text) - size + 1):
            low, high = _HAN_LENGTHS if han[start + size] > han[start] else _LATIN_LENGTHS
            if low <= size <= high:
                yield text[start : start + size]
    words = _WORD.findall(text)
    for word in words:
        yield f"w:{word}"
    for first, second in itertools.pairwise(words):
        yield f"b:{first} {second}"


@lru_cache(maxsize=64)
def _remembered(text: str) -> tuple[str, ...]:
    """The n-grams of a text that several vocabularies look up."""
    return tuple(grams(text))


class NgramVocabulary:
    """The n-grams that a training set made known. `terms[i]` has the weight `idf[i]`."""

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.terms = list(terms)
        self.idf = idf
        self._index = {term: i for i, term in enumerate(self.terms)}

    @classmethod
    def fit(cls, texts: Sequence[str], *, minimum: int = 2) -> NgramVocabulary:
        """Keeps the n-grams of at least `minimum` texts, the most frequent ones first when there are too many."""
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(set(grams(text)))
        kept = [(term, n) for term, n in seen.most_common(MAX_FEATURES) if n >= minimum]
        counts = np.array([n for _, n in kept], np.float32)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls([term for term, _ in kept], idf.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Rows of length 1 (or 0, when nothing is known), float32 (n, len(terms))."""
        indices: list[int] = []
        values: list[NDArray[np.float32]] = []
        ends = [0]
        index = self._index
        for text in texts:
            counts = Counter(index[gram] for gram in _remembered(text) if gram in index)
            columns = list(counts)
            row = (1 + np.log(np.fromiter(counts.values(), np.float32, len(columns)))) * self.idf[columns]
            norm = float(np.linalg.norm(row))
            values.append((row / norm if norm else row).astype(np.float32))
            indices.extend(columns)
            ends.append(len(indices))
        data = np.concatenate(values) if values else np.zeros(0, np.float32)
        return sp.csr_matrix((data, np.array(indices, np.int32), ends), shape=(len(texts), len(self.terms)))

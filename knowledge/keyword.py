"""Keyword search: BM25 over words of both languages and pairs of Chinese characters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

from nlu.language import to_simplified
from nlu.segmenter import words

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_SUFFIX = re.compile(r"(?<=[a-z]{3})(?:'s|ies|es|s|ed|ing)$")
# Said in every question, so they tell nothing about any. Word pairs of Chinese characters need no list: idf weighs them.
_STOP_EN = (
    "a an and are as at be but by can could do does did for from get have has how i if in is it its me my of on or our so "
    "that the their them there they this to us was we what when where which who why will with would you your please"
)
_STOP_ZH = "的 了 吗 呢 吧 啊 呀 么 嘛 我 你 您 是 有 在 和 就 都 也 还 要 能 会 可以 怎么 什么 这 那 个 请问 你们"
_STOP = frozenset(f"{_STOP_EN} {_STOP_ZH}".split())


def terms(text: str) -> list[str]:
    """Stemmed English words, jieba's Chinese words and overlapping pairs of Chinese characters, all simplified; no stop words."""
    text = to_simplified(text.lower())
    found = [_SUFFIX.sub("", word) for word in words(text) if word not in _STOP]
    for run in _HAN_RUN.findall(text):
        found.extend("_" + run[i : i + 2] for i in range(len(run) - 1))
    return found


class KeywordIndex:
    """BM25 (Robertson and Zaragoza 2009, eq. 3.15) with all weights worked out beforehand; k1 1.2, b 0.75.

    Scores are divided by what a text made of exactly the query's words could reach, so that they lie in [0, 1] and can be
    compared between queries.
    """

    def __init__(self, texts: Sequence[str], *, k1: float = 1.2, b: float = 0.75) -> None:
        counts = [Counter(terms(text)) for text in texts]
        self._vocabulary = {term: column for column, term in enumerate(sorted(set().union(*counts)))}
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        mean = float(lengths.mean()) if len(lengths) and lengths.sum() else 1.0
        rows = [row for row, count in enumerate(counts) for _ in count]
        columns = [self._vocabulary[term] for count in counts for term in count]
        frequency = np.array([n for count in counts for n in count.values()], dtype=np.float64)
        document_frequency = np.bincount(columns, minlength=len(self._vocabulary)) if columns else np.zeros(0)
        self._n = len(texts)
        self._idf = np.log1p((self._n - document_frequency + 0.5) / (document_frequency + 0.5))
        self._unknown_idf = math.log1p((self._n + 0.5) / 0.5)
        norm = k1 * (1 - b + b * lengths[rows] / mean) if rows else np.zeros(0)
        weight = self._idf[columns] * frequency / (frequency + norm) if rows else np.zeros(0)
        self._weights = csc_matrix((weight, (rows, columns)), shape=(self._n, len(self._vocabulary)))

    def scores(self, text: str) -> NDArray[np.float64]:
        """Shape (texts,), each in [0, 1]: the share of the query's weight that the text holds."""
        total = 0.0
        result = np.zeros(self._n)
        for term in set(terms(text)):
            column = self._vocabulary.get(term)
            if column is None:
                total += self._unknown_idf
                continue
            total += float(self._idf[column])
            start, end = self._weights.indptr[column : column + 2]
            result[self._weights.indices[start:end]] += self._weights.data[start:end]
        return result / total if total else result

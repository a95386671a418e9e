"""Text to the token ids of XLM-R's Unigram vocabulary, in plain Python.

The segmentation is the one of SentencePiece's Unigram model (Kudo 2018, the Viterbi path of highest summed log
probability). The `tokenizers` package gives the same ids but takes 280 MB for this vocabulary; this takes a fifth.
Literal `<s>` or `<mask>` in a customer's text is plain text here, never a special token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BOS, PAD, EOS, UNK = 0, 1, 2, 3
_SPECIAL = 4  # ids below are special, as is the last one, <mask>
_UNKNOWN_PENALTY = 10.0  # SentencePiece's kUnkPenalty
# Nmt normalisation: controls vanish, every kind of space is a space.
_DROPPED = re.compile("[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f\u0000\ud800-\udfff]")
_SPACES = re.compile("[\t\n\f\r\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2581\u3000\ufeff\ufffd ]+")
_MAX_TOKENS = 510  # 512 positions less <s> and </s>
_MAX_WORD = 2000  # characters; longer ones are cut so that one message cannot occupy a core


def clean(text: str) -> str:
    """Unicode NFKC, without controls, NUL and lone surrogates; runs of white space become one blank."""
    text = _DROPPED.sub("", text)
    # the charsmap of XLM-R keeps the full-width tilde
    text = "\uff5e".join(unicodedata.normalize("NFKC", part) for part in text.split("\uff5e"))
    return _SPACES.sub(" ", text).strip()


class Tokenizer:
    """Segments by the best-scoring pieces; thread-safe."""

    def __init__(self, pieces: Sequence[str], scores: NDArray[np.float32]) -> None:
        values = scores.tolist()
        self._texts = pieces
        last = len(pieces) - 1
        self._pieces = {p: (i, values[i]) for i, p in enumerate(pieces) if _SPECIAL <= i < last}
        self._unknown = min(score for _, score in self._pieces.values()) - _UNKNOWN_PENALTY
        longest: dict[str, int] = {}
        for piece in self._pieces:
            longest[piece[0]] = max(longest.get(piece[0], 0), len(piece))
        self._longest = longest
        self._word = lru_cache(maxsize=20_000)(self._segment)

    def encode(self, text: str, *, limit: int = _MAX_TOKENS) -> list[int]:
        """Token ids with <s> and </s>; at most `limit` between them, the end of a longer text is dropped."""
        ids: list[int] = []
        for word in clean(text).split(" "):
            if word:
                ids.extend(self._word("▁" + word[:_MAX_WORD]))
            if len(ids) >= limit:
                break
        return [BOS, *ids[:limit], EOS]

    def pieces(self, ids: Sequence[int]) -> list[str | None]:
        """The text of each id, `▁` for a word's start; None for the special and the unknown."""
        return [self._texts[i] if i >= _SPECIAL else None for i in ids]

    def _segment(self, word: str) -> tuple[int, ...]:
        size = len(word)
        best = [float("-inf")] * (size + 1)
        best[0] = 0.0
        back: list[tuple[int, int]] = [(0, UNK)] * (size + 1)
        pieces, longest, unknown = self._pieces, self._longest, self._unknown
        for start in range(size):
            base = best[start]
            whole = False
            for end in range(start + 1, min(size, start + longest.get(word[start], 0)) + 1):
                found = pieces.get(word[start:end])
                if found is not None:
                    score = base + found[1]
                    if score > best[end]:
                        best[end] = score
                        back[end] = (start, found[0])
                    whole = whole or end == start + 1
            if not whole and base + unknown > best[start + 1]:
                best[start + 1] = base + unknown
                back[start + 1] = (start, UNK)
        ids: list[int] = []
        end = size
        while end:
            end, token = back[end]
            if not (token == UNK and ids and ids[-1] == UNK):  # neighbouring unknowns are one token
                ids.append(token)
        return tuple(reversed(ids))

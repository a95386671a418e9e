"""Accuracy by kind of sentence: language, script, length, misspelling, what it mentions, any column of the data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu import metrics
from nlu.data import Example
from nlu.entities import Extractor
from nlu.errors import NluError
from nlu.intents import key
from nlu.language import HAN, detect, to_simplified
from nlu.predictions import Predictions, number
from nlu.significance import wilson
from nlu.vocabulary import Vocabulary

DEFAULT = ("lang", "script", "length", "typos")
_LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SHORT, _LONG = 4, 15  # words; two Chinese characters count as one
_COMMON, _LETTERS = 5, 5  # occurrences that make a word known, letters from which one edit means a misspelling


def slices(
    result: Predictions, by: Sequence[str] = DEFAULT, *, train: Sequence[Example] = ()
) -> dict[str, dict[str, dict[str, Any]]]:
    """`{kind: {value: {"n", "accuracy", "ci95", "macro_f1"}}}` over the examples in scope.

    `by` names kinds of `KINDS` or columns of the data; with `train` there is also `seen`: whether the very sentence stood
    in the training set. Raises NluError for a name that is neither.
    """
    inside = [int(i) for i in result.inside]
    examples = [result.examples[i] for i in inside]
    columns = {name for example in examples for name in example.columns}
    values: dict[str, list[str]] = {}
    for name in dict.fromkeys(by):
        if name in KINDS:
            values[name] = KINDS[name](examples, train)
        elif name in columns:
            values[name] = [example.columns.get(name, "") for example in examples]
        else:
            raise NluError(f"There is no {name!r} to group by; allowed are {', '.join([*KINDS, *sorted(columns)])}")
    if train:
        known = {key(example.text) for example in train}
        values["seen"] = ["seen" if key(example.text) in known else "unseen" for example in examples]
    return {name: _measured(result, inside, groups) for name, groups in values.items()}


def _measured(result: Predictions, inside: list[int], groups: list[str]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    named = np.asarray(groups)
    for value in sorted(set(groups)):
        chosen = [inside[i] for i in np.where(named == value)[0]]
        hits = int(result.right[chosen].sum())
        rows[value or "(empty)"] = {
            "n": len(chosen),
            "accuracy": number(hits / len(chosen)),
            "ci95": [round(limit, 5) for limit in wilson(hits, len(chosen))],
            "macro_f1": number(
                metrics.macro_f1([result.examples[i].label for i in chosen], [result.predicted[i] for i in chosen])
            ),
        }
    return rows


def _languages(examples: Sequence[Example], _: Sequence[Example]) -> list[str]:
    return [example.lang or detect(example.text) for example in examples]


def _scripts(examples: Sequence[Example], _: Sequence[Example]) -> list[str]:
    return [_script(example.text) for example in examples]


def _script(text: str) -> str:
    if not HAN.search(text):
        return "no Chinese"
    return "simplified" if to_simplified(text) == text else "traditional"


def _lengths(examples: Sequence[Example], _: Sequence[Example]) -> list[str]:
    return [_length(example.text) for example in examples]


def _length(text: str) -> str:
    words = len(_LATIN_WORD.findall(text.lower())) + len(HAN.findall(text)) / 2
    return (
        f"short (to {_SHORT} words)" if words <= _SHORT else "medium" if words < _LONG else f"long (from {_LONG} words)"
    )


def _typos(examples: Sequence[Example], train: Sequence[Example]) -> list[str]:
    """A word is misspelt when the data has it once at most and it is one edit from one that the data has often."""
    words = [_LATIN_WORD.findall(example.text.lower()) for example in examples]
    counts = Counter(word for found in words for word in set(found))
    counts.update(word for example in train for word in set(_LATIN_WORD.findall(example.text.lower())))
    common = [word for word, n in counts.items() if n >= _COMMON and len(word) >= _LETTERS - 1]
    misspelt = {word for word, n in counts.items() if n <= 1 and _misspelt(word, common)}
    return ["with typos" if misspelt.intersection(found) else "without" for found in words]


def _misspelt(word: str, common: list[str]) -> bool:
    if len(word) < _LETTERS:
        return False
    near = process.extractOne(word, common, scorer=OSA.distance, score_cutoff=1)
    # another ending is another form of the word, not a misspelling
    return near is not None and word[:-1] not in (near[0], near[0][:-1]) and near[0][:-1] != word


def _entities(examples: Sequence[Example], _: Sequence[Example]) -> list[str]:
    extractor = Extractor(Vocabulary.builtin())
    return ["with entities" if extractor.extract(example.text) else "without" for example in examples]


KINDS: dict[str, Callable[[Sequence[Example], Sequence[Example]], list[str]]] = {
    "lang": _languages,
    "script": _scripts,
    "length": _lengths,
    "typos": _typos,
    "entities": _entities,
}

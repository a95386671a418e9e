"""Words of a text: jieba for Chinese runs, letters and digits for the rest. For word features; matching needs none."""

from __future__ import annotations

import logging
import re
import warnings
from functools import cache
from typing import Any

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9\u00c0-\u024f]+(?:['’][a-z]+)?", re.IGNORECASE)


@cache
def _jieba() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42.1 has invalid escapes and imports pkg_resources
        import jieba
    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def words(text: str) -> list[str]:
    """Lower-cased words in order, without punctuation. The first call loads jieba's dictionary (about a second)."""
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        found.extend(_jieba().cut(run) if "\u3400" <= run[0] <= "\u9fff" else (run,))
    return found

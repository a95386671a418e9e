"""An article as passages small enough to match and to quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.sanitise import plain

MAX_TOKENS = 160  # of at most 512 the encoder reads; longer passages blur what they say
MIN_TOKENS = 12  # a shorter paragraph ("Please note:") says nothing alone and joins the next

_HAN_TOKENS, _WORD_TOKENS = 0.7, 1.4  # a Chinese character, a word
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,2}[.)、])\s+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\u3400-\u9fff_]+")
_BREAK = re.compile(
    r"\n|(?<=[。！？])(?![。！？”’」』）])|(?<=[。！？][”’」』）])|(?<=[.!?])\s+(?=[A-Z0-9\u3400-\u9fff“(\"'])"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """`heading` is the path of headings above the text, without the article's title."""

    heading: str
    text: str


def estimate_tokens(text: str) -> int:
    """About how many pieces a multilingual SentencePiece model makes of it."""
    return round(_HAN_TOKENS * len(_HAN.findall(text)) + _WORD_TOKENS * len(_WORD.findall(text)))


def sentences(text: str) -> list[str]:
    """Sentences with their marks; a line of a list is one. "3.5" and "e.g. this" stay whole."""
    return [found for piece in _BREAK.split(text) if (found := piece.strip())]


def passages(markdown: str) -> list[Passage]:
    """Paragraphs and lists under their headings, tiny ones joined, long ones cut between sentences.

    The first paragraph stays by itself however short it is, for it is the answer.
    """
    found: list[Passage] = []
    for heading, blocks in _sections(markdown):
        pending = ""
        for block in blocks:
            for piece in _fit(block):
                joined = f"{pending}\n{piece}".strip()
                if pending and estimate_tokens(joined) > MAX_TOKENS:
                    found.append(Passage(heading, pending))
                    joined = piece
                pending = joined
                if not found or estimate_tokens(pending) >= MIN_TOKENS:
                    found.append(Passage(heading, pending))
                    pending = ""
        if pending:
            found.append(Passage(heading, pending))
    return found


def _sections(markdown: str) -> Iterator[tuple[str, list[str]]]:
    path: list[tuple[int, str]] = []
    blocks: list[str] = []
    lines: list[str] = []

    def close() -> None:
        if lines:
            blocks.append("\n".join(lines))
            lines.clear()

    for line in markdown.split("\n"):
        heading = _HEADING.match(line)
        if heading:
            close()
            if blocks:
                yield " › ".join(name for _, name in path), blocks
                blocks = []
            level = len(heading[1])
            path = [entry for entry in path if entry[0] < level] + [(level, plain(heading[2]))]
        elif line.strip():
            lines.append(plain(line))
        else:
            close()
    close()
    if blocks:
        yield " › ".join(name for _, name in path), blocks


def _fit(block: str) -> Iterator[str]:
    if estimate_tokens(block) <= MAX_TOKENS:
        yield block
        return
    listed = _ITEM.match(block) is not None or "\n" in block
    pending = ""
    for sentence in sentences(block):
        for piece in _cut(sentence):
            joined = pending + ("\n" if listed else _gap(pending)) + piece if pending else piece
            if pending and estimate_tokens(joined) > MAX_TOKENS:
                yield pending
                joined = piece
            pending = joined
    if pending:
        yield pending


def _gap(text: str) -> str:
    return "" if _HAN.search(text[-2:]) or text[-1:] in "。！？；" else " "


def _cut(sentence: str) -> Iterator[str]:
    """A sentence without end (a pasted table, no punctuation) by its length."""
    while estimate_tokens(sentence) > MAX_TOKENS:
        at = int(MAX_TOKENS / _HAN_TOKENS)
        space = sentence.rfind(" ", at // 2, at)
        at = space if space > 0 else at
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    yield sentence

"""Text of documents as a reader sees it: nothing invisible survives into the index."""

from __future__ import annotations

import re
import unicodedata

# Cf holds the zero-width, bidi and tag-block characters, Co and Cn private and unassigned ones.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Invisible although Unicode files them under letters, marks or symbols: grapheme joiner, fillers, variation selectors, blank.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n[ \n]*\n")


def sanitise(text: str) -> str:
    """NFC without control, zero-width, bidi, tag and variation characters; lines kept, runs of blanks made one."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__} {text!r}")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text)
    if not text.isascii() or not text.isprintable():
        text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _DROPPED)
    text = _SPACES.sub(" ", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def without_comments(markdown: str) -> str:
    """Markdown without HTML comments, which a page would hide but a model would read."""
    return _COMMENT.sub("", markdown)


_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1")
_STAR = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")


def plain(markdown: str) -> str:
    """Words of inline Markdown: links by their text, no images, no emphasis marks."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", markdown))
    return _STAR.sub(r"\1", _EMPHASIS.sub(r"\2", text)).strip()

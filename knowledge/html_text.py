"""What a reader sees of an HTML page, as Markdown: headings, paragraphs, list items; nothing hidden, no scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SKIPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "iframe", "object", "nav", "footer", "form", "head"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "blockquote",
        "pre",
        "figure",
    }
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.I)


def read_html(page: str) -> tuple[str, str]:
    """(title, Markdown). The title is the page's first `<h1>`, else its `<title>`, else empty."""
    parser = _Reader()
    parser.feed(page)
    parser.close()
    text = "\n".join(line.strip() for line in "".join(parser.parts).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    first = re.match(r"# (.+)(?:\n|\Z)", text)
    if first:
        return first[1].strip(), text[first.end() :].strip()
    return " ".join("".join(parser.title).split()), text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title: list[str] = []
        self._open: list[tuple[str, bool]] = []  # tags that are open, and whether each hides what is inside

    @property
    def _hidden(self) -> bool:
        return any(hides for _, hides in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append((tag, tag in _SKIPPED or _hides(dict(attrs))))
        if self._hidden:
            return
        if tag in _HEADINGS:
            self.parts.append(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag == "br":
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag != "tr" else "\n")

    def handle_endtag(self, tag: str) -> None:
        shown = not self._hidden
        for index in range(len(self._open) - 1, -1, -1):  # unclosed <p> and <li> end with their parent
            if self._open[index][0] == tag:
                del self._open[index:]
                break
        if shown and (tag in _BLOCKS or tag in _HEADINGS) and tag != "tr":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if any(tag == "title" for tag, _ in self._open):
            self.title.append(data)
        elif not self._hidden:
            self.parts.append(data if self._inside("pre") else re.sub(r"\s+", " ", data))

    def _inside(self, name: str) -> bool:
        return any(tag == name for tag, _ in self._open)


def _hides(attributes: dict[str, str | None]) -> bool:
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or _HIDING.search(attributes.get("style") or "") is not None
    )

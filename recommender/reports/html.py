"""HTML that needs nothing else: a page with its style and script inside, cards, sortable tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from pathlib import Path

from recommender.errors import RecommenderError

Cell = str | int | float | None


def frame(title: str, about: str, body: str) -> str:
    """A whole page around sections of HTML."""
    style, script = (
        resources.files("recommender.reports").joinpath(name).read_text("utf-8") for name in ("page.css", "page.js")
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>"
        f'<header><h1>{escape(title)}</h1><p class="about">{escape(about)}</p></header>'
        f"{body}</main><script>{script}</script></body></html>\n"
    )


def write_page(path: Path, content: str) -> None:
    """Writes a page. Raises RecommenderError when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", errors="replace")
    except OSError as error:
        raise RecommenderError(f"the report cannot be written to {str(path)!r}: {error.strerror}") from error


def section(title: str, *parts: str, note: str = "") -> str:
    """A titled card."""
    explained = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{explained}{''.join(parts)}</section>"


def cards(rows: Iterable[tuple[str, str, str]]) -> str:
    """Figures at a glance: name, value, what else to know."""
    shown = (
        f'<div class="card"><span>{escape(name)}</span><b>{escape(value)}</b><small>{escape(more)}</small></div>'
        for name, value, more in rows
    )
    return f'<div class="cards">{"".join(shown)}</div>'


def pair(*figures: str) -> str:
    """Figures side by side where there is room."""
    return f'<div class="pair">{"".join(figures)}</div>'


def figure(drawn: str, caption: str) -> str:
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def folded(title: str, *parts: str) -> str:
    """Shown by a click."""
    return f"<details><summary>{escape(title)}</summary>{''.join(parts)}</details>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A sortable table; numbers stand right, `None` is a dash. Cells are text, never HTML."""
    found = list(rows)
    numbers = [any(isinstance(row[i], int | float) for row in found) for i in range(len(columns))]
    head = "".join(
        f"<th{' class=number' if number else ''}><button>{escape(column)}</button></th>"
        for column, number in zip(columns, numbers, strict=True)
    )
    body = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in found)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: Cell) -> str:
    if cell is None:
        return '<td class="number">–</td>'
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    tiny = isinstance(cell, float) and 0 < abs(cell) < 0.00005
    shown = f"{cell:,}" if isinstance(cell, int) else f"{cell:.1e}" if tiny else f"{cell:,.4f}"
    return f'<td class="number" data-value="{cell}">{shown}</td>'

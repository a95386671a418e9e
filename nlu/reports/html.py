"""HTML that needs nothing else: a page with its style and script inside, cards, sortable tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from pathlib import Path

from nlu.errors import NluError

Cell = str | int | float | None


def frame(title: str, about: str, body: str) -> str:
    """A whole page around sections of HTML."""
    style = resources.files("nlu.reports").joinpath("page.css").read_text("utf-8")
    script = resources.files("nlu.reports").joinpath("page.js").read_text("utf-8")
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
    """Writes a page. Raises NluError when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", errors="replace")
    except OSError as err:
        raise NluError(f"The report cannot be written to {str(path)!r}: {err.strerror}") from err


def section(title: str, *parts: str, note: str = "") -> str:
    """A titled card."""
    explained = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section><h2>{escape(title)}</h2>{explained}{''.join(parts)}</section>"


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A sortable table; numbers stand right, `None` is a dash. Cells are text, never HTML."""
    found = list(rows)
    numbers = [any(isinstance(row[i], int | float) for row in found) for i in range(len(columns))]
    head = "".join(head_cell(column, number=number) for column, number in zip(columns, numbers, strict=True))
    body = "".join("<tr>" + "".join(cell_of(cell) for cell in row) + "</tr>" for row in found)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def head_cell(column: str, *, number: bool) -> str:
    """The name of a column; a click sorts by it."""
    return f"<th{' class=number' if number else ''}><button>{escape(column)}</button></th>"


def cell_of(cell: Cell) -> str:
    """A cell of the body, escaped."""
    if cell is None:
        return '<td class="number">–</td>'
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    tiny = isinstance(cell, float) and 0 < abs(cell) < 0.0005
    shown = f"{cell:,}" if isinstance(cell, int) else f"{cell:.1e}" if tiny else f"{cell:.3f}"
    return f'<td class="number" data-value="{cell}">{shown}</td>'

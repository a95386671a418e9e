"""The pictures of Rasa's reports as PNG: what was taken for what, and how sure right and wrong predictions were."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = 25
_INCHES = 0.35  # of a label
_RIGHT, _WRONG = "#0f7b6c", "#b3261e"


def confusion(labels: Sequence[str], matrix: NDArray[np.int64], title: str, path: Path) -> None:
    """Writes a confusion matrix: a row for every true label, counts on a logarithmic scale."""
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    side = max(6.0, min(40.0, 4 + _INCHES * len(labels)))
    figure = Figure(figsize=(side, side))
    axes = figure.add_subplot()
    top = max(2, int(matrix.max(initial=0)))
    image = axes.imshow(np.ma.masked_equal(matrix, 0), cmap="Blues", norm=LogNorm(vmin=1, vmax=top), aspect="auto")
    figure.colorbar(image)
    axes.set_title(title)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("Predicted label")
    axes.set_ylabel("True label")
    for row, column in np.argwhere(matrix):
        count = int(matrix[row, column])
        axes.text(column, row, str(count), ha="center", va="center", color="white" if count > top**0.5 else "black")
    _save(figure, path)


def confidences(right: ArrayLike, wrong: ArrayLike, title: str, path: Path) -> None:
    """Writes the two distributions of confidence back to back."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 10))
    figure.suptitle(title)
    left, other = figure.subplots(ncols=2, sharey=True)
    for axes, values, color, name in ((left, right, _RIGHT, "Correct"), (other, wrong, _WRONG, "Wrong")):
        counts, edges = np.histogram(np.asarray(values, np.float64), bins=_BINS, range=(0.0, 1.0))
        axes.barh(edges[:-1], counts, height=np.diff(edges), align="edge", color=color, edgecolor="white")
        axes.set_xlim(0, max(1, *counts) * 1.05)
        axes.set_title(name)
    left.invert_xaxis()
    figure.supxlabel("Number of Samples")
    figure.supylabel("Confidence")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    with warnings.catch_warnings(), mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # Chinese labels are boxes in this font
        figure.savefig(path, bbox_inches="tight")

"""The pictures of a test report: what was taken for what, and how sure right and wrong understandings were."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

__test__ = False  # the name is the product's, not pytest's

BINS = 25
_INCHES_PER_LABEL = 0.35
_RIGHT, _WRONG = "#009292", "#920000"


def confusion(labels: Sequence[str], matrix: NDArray[np.int64], title: str, path: Path) -> None:
    """Writes a confusion matrix as PNG: a row for each target, counts on a logarithmic scale."""
    side = max(6.0, min(40.0, 4 + _INCHES_PER_LABEL * len(labels)))
    figure = Figure(figsize=(side, side))
    axes = figure.add_subplot()
    top = max(2, int(matrix.max()))
    image = axes.imshow(np.ma.masked_equal(matrix, 0), cmap="Blues", norm=LogNorm(vmin=1, vmax=top), aspect="auto")
    figure.colorbar(image)
    axes.set_title(title)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("Predicted label")
    axes.set_ylabel("True label")
    for row, column in np.argwhere(matrix):
        count = int(matrix[row, column])
        axes.text(column, row, str(count), ha="center", color="white" if count > top / 2 else "black")
    _save(figure, path)


def confidences(right: Sequence[float], wrong: Sequence[float], title: str, path: Path) -> None:
    """Writes the two distributions of confidence, each in [0, 1], back to back as PNG."""
    figure = Figure(figsize=(10, 10))
    figure.suptitle(title)
    left, other = figure.subplots(ncols=2, sharey=True)
    for axes, values, color, name in ((left, right, _RIGHT, "Correct"), (other, wrong, _WRONG, "Wrong")):
        counts, edges = np.histogram(values, bins=BINS, range=(0.0, 1.0))
        axes.barh(edges[:-1], counts, height=np.diff(edges), align="edge", color=color, edgecolor="white")
        axes.set_xlim(0, max(1, *counts) * 1.05)
        axes.set_title(name)
    left.invert_xaxis()
    figure.supxlabel("Number of Samples")
    figure.supylabel("Confidence")
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    with warnings.catch_warnings(), mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # labels may be Chinese; boxes then
        figure.savefig(path, bbox_inches="tight")

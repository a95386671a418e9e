"""Charts of an evaluation as SVG for an HTML page. Their colours are CSS variables, so that they follow its theme."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Stand-ins that matplotlib draws with; each becomes the CSS variable of its name.
_INK, _FAINT, _FIRST, _SECOND, _PAPER = "#010101", "#020202", "#030303", "#040404", "#050505"
_VARIABLES = {_INK: "--ink", _FAINT: "--line", _FIRST: "--accent", _SECOND: "--bad", _PAPER: "--card"}
_Place = Literal["upper left", "lower left", "lower right"]
_SIZE = (5.2, 3.6)  # inches; the page scales them


def reliability(bins: Sequence[dict[str, Any]]) -> str:
    """Accuracy over confidence, with the share of predictions in every bin below."""
    figure, axes = _figure("confidence", "accuracy")
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1)
    total = sum(row["n"] for row in bins)
    width = bins[0]["high"] - bins[0]["low"]
    places = [row["low"] + width / 2 for row in bins]
    axes.bar(places, [row["n"] / total for row in bins], width=width * 0.9, color=_FAINT, label="share of predictions")
    axes.plot(
        [row["confidence"] for row in bins], [row["accuracy"] for row in bins], "o-", color=_FIRST, label="accuracy"
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    return _svg(figure, axes, "reliability", place="upper left")


def confidences(right: Sequence[float], wrong: Sequence[float]) -> str:
    """How sure right and wrong predictions were, on a logarithmic scale."""
    figure, axes = _figure("confidence", "predictions")
    edges = np.linspace(0, 1, 21)
    counts = [np.histogram(values, edges)[0] for values in (right, wrong)]
    middle = (edges[:-1] + edges[1:]) / 2
    axes.bar(middle - 0.011, counts[0], width=0.02, color=_FIRST, label="right")
    axes.bar(middle + 0.011, counts[1], width=0.02, color=_SECOND, label="wrong")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_xlim(0, 1)
    return _svg(figure, axes, "confidences", place="upper left")


def roc(curve: Sequence[Sequence[float]], auroc: float) -> str:
    """In-scope kept over out-of-scope passed."""
    figure, axes = _figure("out of scope that passes", "in scope that passes")
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1)
    points = sorted([(0.0, 0.0), *((x, y) for x, y in curve), (1.0, 1.0)])
    axes.plot([x for x, _ in points], [y for _, y in points], color=_FIRST, label=f"AUROC {auroc:.3f}")
    axes.axhline(0.95, color=_FAINT, linewidth=1)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    return _svg(figure, axes, "roc", place="lower right")


def precision_recall(points: Sequence[Sequence[float]], area: float) -> str:
    """Of finding what is out of scope."""
    figure, axes = _figure("recall of out of scope", "precision")
    ordered = sorted((x, y) for x, y in points)
    axes.plot([x for x, _ in ordered], [y for _, y in ordered], color=_FIRST, label=f"average precision {area:.3f}")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    return _svg(figure, axes, "precision-recall", place="lower left")


def learning_curve(points: Sequence[dict[str, Any]]) -> str:
    """Accuracy over the number of training examples: the mean of the seeds, and every single one."""
    figure, axes = _figure("training examples", "test accuracy")
    sizes = sorted({point["n"] for point in points})
    means = [np.mean([point["accuracy"] for point in points if point["n"] == n]) for n in sizes]
    axes.plot(sizes, means, "o-", color=_FIRST, label="mean of the seeds")
    axes.scatter(
        [p["n"] for p in points], [p["accuracy"] for p in points], s=12, color=_INK, alpha=0.5, label="one seed"
    )
    axes.set_xlim(0, sizes[-1] * 1.05)
    return _svg(figure, axes, "learning-curve", place="lower right")


def _figure(x: str, y: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # slow to load, and only reports need it

    figure = Figure(figsize=_SIZE, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(_FAINT)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.grid(color=_FAINT, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(x, color=_INK)
    axes.set_ylabel(y, color=_INK)
    return figure, axes


def _svg(figure: Figure, axes: Axes, name: str, *, place: _Place) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    axes.legend(loc=place, frameon=False, labelcolor=_INK, fontsize=9)
    stream = io.StringIO()
    # text stays text; ids are unique on the page and the same in every run
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # measured only; the browser has the glyphs
        FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    drawn = stream.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font: \1 var(--font)", drawn)
    drawn = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', f'role="img" aria-label="{name}"', drawn, count=1)
    for stand_in, variable in _VARIABLES.items():
        drawn = drawn.replace(stand_in, f"var({variable})")
    return drawn

"""Charts of an evaluation as SVG for an HTML page. Their colours are CSS variables, so that they follow its theme."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Stand-ins that matplotlib draws with; each becomes the CSS variable of its name.
_INK, _FAINT = "#010101", "#020202"
_SERIES = ("#030303", "#040404", "#050505", "#060606", "#070707", "#080808")
_VARIABLES = {_INK: "--ink", _FAINT: "--line"} | dict(
    zip(_SERIES, ("--accent", "--s2", "--s3", "--s4", "--s5", "--s6"), strict=True)
)
_SIZE = (5.2, 3.6)  # inches; the page scales them
Interval = tuple[float, float, float]
"""Low end, mean, high end."""


def intervals(values: Mapping[str, Interval], measure: str) -> str:
    """One dot and its interval for each name, the best on top."""
    figure, axes = _figure(measure, "", height=max(1.5, 0.45 * len(values) + 0.9))
    names = sorted(values, key=lambda name: values[name][1])
    for place, name in enumerate(names):
        low, mean, high = values[name]
        axes.plot([low, high], [place, place], color=_colour(list(values).index(name)), linewidth=4, alpha=0.45)
        axes.plot([mean], [place], "o", color=_colour(list(values).index(name)), markersize=8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    return _svg(figure, axes, f"intervals-{measure}", legend=False)


def strata(values: Mapping[str, Mapping[str, float]], groups: Sequence[str], x: str, y: str) -> str:
    """Bars for each group and, side by side in it, each name."""
    figure, axes = _figure(x, y)
    width = 0.8 / len(values)
    for n, (name, heights) in enumerate(values.items()):
        places = [g + width * (n - (len(values) - 1) / 2) for g in range(len(groups))]
        axes.bar(places, [heights.get(g, 0.0) for g in groups], width=width * 0.92, color=_colour(n), label=name)
    axes.set_xticks(range(len(groups)), groups)
    axes.grid(axis="x", visible=False)
    return _svg(figure, axes, f"strata-{x}", legend=len(values) > 1)


def exposure(shown: Mapping[str, NDArray[np.int64]]) -> str:
    """Lorenz curves: `shown` are the times that each item (items,) was shown."""
    figure, axes = _figure("share of the items, the least shown first", "share of all places")
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1)
    for n, (name, counts) in enumerate(shown.items()):
        curve = np.concatenate([[0], np.cumsum(np.sort(counts)) / max(int(counts.sum()), 1)])
        some = np.unique(np.linspace(0, len(curve) - 1, 200).astype(int))  # enough for the eye
        axes.plot(some / (len(curve) - 1), curve[some], color=_colour(n), label=name)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    return _svg(figure, axes, "exposure")


def trade(points: Mapping[str, tuple[float, float]], x: str, y: str) -> str:
    """One named point for each scorer."""
    figure, axes = _figure(x, y)
    for n, (name, (right, up)) in enumerate(points.items()):
        axes.plot([right], [up], "o", color=_colour(n), markersize=9, label=name)
    axes.margins(0.15)
    return _svg(figure, axes, f"trade-{x}")


def trials(values: Sequence[tuple[float, float]], x: str, y: str, *, logarithmic: bool) -> str:
    """Score over one setting, each candidate a dot."""
    figure, axes = _figure(x, y)
    axes.plot([v for v, _ in values], [s for _, s in values], "o", color=_SERIES[0], alpha=0.7)
    if logarithmic:
        axes.set_xscale("log")
    return _svg(figure, axes, f"trials-{x}", legend=False)


def _colour(n: int) -> str:
    return _SERIES[n % len(_SERIES)]


def _figure(x: str, y: str, *, height: float = _SIZE[1]) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure  # slow to load, and only reports need it

    figure = Figure(figsize=(_SIZE[0], height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(_FAINT)
    axes.tick_params(which="both", colors=_FAINT, labelcolor=_INK, labelsize=9)
    axes.grid(color=_FAINT, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(x, color=_INK)
    axes.set_ylabel(y, color=_INK)
    return figure, axes


def _svg(figure: Figure, axes: Axes, name: str, *, legend: bool = True) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    if legend:
        axes.legend(loc="best", frameon=False, labelcolor=_INK, fontsize=9)
    stream = io.StringIO()
    # text stays text; ids are unique on the page and the same in every run
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # measured only; the browser has the glyphs
        FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    drawn = stream.getvalue()
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn[drawn.index("<svg") :], flags=re.DOTALL)
    drawn = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font: \1 var(--font)", drawn)
    drawn = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', f'role="img" aria-label="{name}"', drawn, count=1)
    for stand_in, variable in _VARIABLES.items():
        drawn = drawn.replace(stand_in, f"var({variable})")
    return drawn

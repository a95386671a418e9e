"""Colours and the few marks all drawings are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

INK = "#3a3440"
CREAM = "#fffaf2"
GLASS = "#d6e6ee"


@dataclass(frozen=True, slots=True)
class Tint:
    """The shades of one product: `main` its colour, `accent` its second colour or one that suits, all `#rrggbb`.
    `turn` tells apart the products of a category: 0, 1 or 2."""

    main: str
    accent: str
    turn: int = 0

    @property
    def dark(self) -> str:
        return mix(self.main, "#1d1822", 0.24)

    @property
    def deep(self) -> str:
        return mix(self.main, "#1d1822", 0.48)

    @property
    def light(self) -> str:
        return mix(self.main, "#ffffff", 0.32)

    @property
    def pale(self) -> str:
        return mix(self.main, "#ffffff", 0.66)


Shape = Callable[[Tint], str]


def mix(color: str, other: str, share: float) -> str:
    """`color` with `share` (0 to 1) of `other`."""
    parts = ((int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def box(x: float, y: float, w: float, h: float, fill: str, r: float = 0, *, more: str = "") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" fill="{fill}"{_more(more)}/>'


def disc(x: float, y: float, r: float, fill: str, *, ry: float | None = None, more: str = "") -> str:
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{r:g}" ry="{r if ry is None else ry:g}" fill="{fill}"{_more(more)}/>'


def area(d: str, fill: str, *, more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}"{_more(more)}/>'


def line(d: str, color: str, width: float = 6, *, more: str = "") -> str:
    return (
        f'<path d="{d}" fill="none" stroke="{color}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-linejoin="round"{_more(more)}/>'
    )


def turned(degrees: float, *marks: str, x: float = 240, y: float = 240) -> str:
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{"".join(marks)}</g>'


def moved(dx: float, dy: float, *marks: str, scale: float = 1) -> str:
    return f'<g transform="translate({dx:g} {dy:g}) scale({scale:g})">{"".join(marks)}</g>'


def _more(more: str) -> str:
    return f" {more}" if more else ""

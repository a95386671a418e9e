"""A picture for every product of the demo shop: a flat drawing of its kind in its own colour, before its brand's background."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from bot.demo.shapes import electronics, home, play, wear
from bot.demo.shapes.ink import Shape, Tint, area, box, disc, mix

SIDE = 480
SHAPES: dict[str, Shape] = {**electronics.SHAPES, **wear.SHAPES, **home.SHAPES, **play.SHAPES}
COLORS = {
    "black": "#47444f",
    "white": "#f7f4ef",
    "gray": "#9a9ca4",
    "silver": "#c8ccd4",
    "gold": "#d8b46c",
    "red": "#cf4b45",
    "pink": "#eea0ae",
    "orange": "#ea8a47",
    "yellow": "#f0c24f",
    "green": "#6d9a72",
    "blue": "#5b8fc4",
    "navy": "#36486e",
    "purple": "#9179b8",
    "brown": "#8c6248",
    "beige": "#ddc7a5",
    "transparent": "#d5e4ea",
    "multicolor": "#e58a6b",
}
GROUNDS = ("#f6dfd0", "#dfe9dd", "#dde6f0", "#f3e6c8", "#e9def0", "#f4d9dc", "#d9ebe9", "#ece4da")
"""Soft backgrounds; a brand keeps its own."""
BARE = {
    "coffee": ("#7b5340", "#a8623f", "#4f6a5e"),
    "tea": ("#5f8a63", "#a9564a", "#b58a3f"),
    "snacks": ("#e0924a", "#cf5b4b", "#7d9a5a"),
    "skincare": ("#a9c8b4", "#e3b3ad", "#a9bfd6"),
    "sunscreen": ("#f2b25a", "#7fb6cc", "#ef9f7d"),
    "gift_sets": ("#c65a50", "#56779c", "#6f9070"),
    "cat_supplies": ("#e3a55f", "#8d8790", "#efe7da"),
    "dog_supplies": ("#c79a6b", "#6c5a50", "#e6cfa6"),
    "baby_care": ("#9cc3d9", "#efb7b5", "#b6d0a8"),
}
"""What has no colour of its own is drawn in one of those that suit its kind."""


def draw(product: Mapping[str, str]) -> str:
    """An SVG of 480 x 480 for a row of products.csv: `product_id`, `category`, `brand` and `colors` (ids joined by `|`) are
    read, the last three may be missing. A category without a drawing of its own gets a parcel."""
    product_id, category, brand = product["product_id"], product.get("category", ""), product.get("brand", "")
    colors = [COLORS[c] for c in product.get("colors", "").split("|") if c in COLORS]
    mark = zlib.crc32(product_id.encode())
    ground = GROUNDS[zlib.crc32(brand.encode()) % len(GROUNDS)]
    main = colors[0] if colors else BARE.get(category, ("#c2a184", "#a7b49a", "#b7a3b5"))[mark // 60 % 3]
    accent = colors[1] if len(colors) > 1 else _accent(main, mark)
    tint = Tint(main, accent, mark % 3)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        + _ground(ground, mark // 3 % 4)
        + disc(240, 404, 150, mix(ground, "#3a3440", 0.2), ry=14)
        + SHAPES.get(category, _parcel)(tint)
        + "</svg>"
    )


def _accent(main: str, mark: int) -> str:
    options = [c for c in ("#f0b24a", "#e27a63", "#5d9aa8", "#7f9b6b", "#f4e3c3") if c != main]
    return options[mark // 12 % len(options)]


def _ground(color: str, kind: int) -> str:
    soft = mix(color, "#ffffff", 0.45)
    return (
        box(0, 0, SIDE, SIDE, color)
        + (
            disc(240, 236, 196, soft),
            area("M60 480 V240 a180 180 0 0 1 360 0 V480 z", soft),
            area("M0 300 Q240 210 480 330 V480 H0 z", soft),
            disc(392, 92, 150, soft) + disc(70, 420, 130, soft),
        )[kind]
    )


def _parcel(t: Tint) -> str:
    return (
        box(110, 170, 260, 216, t.main, 12)
        + box(110, 170, 260, 60, t.light, 12)
        + box(214, 170, 52, 216, t.pale)
        + box(214, 170, 52, 60, t.accent)
    )

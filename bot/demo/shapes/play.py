"""Toys, pets, outdoor, stationery, baby."""

from __future__ import annotations

from bot.demo.shapes.ink import CREAM, GLASS, INK, Shape, Tint, area, box, disc, line, moved, turned

RED, BLUE, YELLOW, GREEN = "#e0574f", "#4c86c6", "#f2bf4a", "#62a66b"


def building_sets(t: Tint) -> str:
    def brick(x: float, y: float, studs: int, fill: str, dark: str) -> str:
        w = 62 * studs
        tops = "".join(box(x + 14 + 62 * n, y - 14, 34, 18, dark, 5) for n in range(studs))
        return tops + box(x, y, w, 66, fill, 8) + box(x, y + 50, w, 16, dark, 8)

    return (
        brick(86, 312, 3, BLUE, "#37699f")
        + brick(276, 312, 2, GREEN, "#4a854f")
        + brick(118, 238, 2, t.main, t.dark)
        + brick(246, 238, 2, YELLOW, "#cf9c2c")
        + brick(178, 164, 2, RED, "#b83f3a")
        + brick(210, 90, 1, t.accent, INK)
    )


def puzzles(t: Tint) -> str:
    piece = "M0 0 h38 q-8 -24 14 -24 t14 24 h38 v38 q24 -8 24 14 t-24 14 v38 h-104 v-38 q-24 8 -24 -14 t24 -14 z"
    return (
        moved(128, 152, area(piece, t.main))
        + moved(260, 126, turned(12, area(piece, t.accent), x=52, y=52))
        + moved(118, 282, area(piece, t.pale))
        + moved(262, 292, turned(-14, area(piece, t.light), x=52, y=52))
        + line("M150 180 q24 -10 40 10", CREAM, 7)
        + disc(176, 336, 12, t.main)
    )


def board_games(t: Tint) -> str:
    board = []
    for row in range(5):
        for column in range(5):
            fill = CREAM if (row + column) % 2 else t.main
            board.append(box(120 + 48 * column, 126 + 48 * row, 48, 48, fill))

    def pawn(x: float, y: float, fill: str, dark: str) -> str:
        return (
            disc(x, y + 74, 38, dark, ry=12)
            + area(f"M{x - 32} {y + 72} q24 -20 20 -58 h24 q-4 38 20 58 z", fill)
            + disc(x, y, 27, fill)
            + disc(x - 8, y - 8, 8, CREAM, more='opacity=".55"')
        )

    return (
        turned(-9, box(108, 114, 264, 264, t.deep, 18), *board)
        + pawn(186, 182, t.accent, INK)
        + pawn(286, 226, YELLOW, "#cf9c2c")
        + turned(
            16,
            box(318, 322, 74, 74, CREAM, 16),
            *(disc(336 + 19 * n, 340 + 19 * n, 7, INK) for n in range(3)),
            x=355,
            y=359,
        )
    )


def cat_supplies(t: Tint) -> str:
    return (
        area("M136 232 L126 108 q2 -12 14 -6 l72 56 q28 -8 56 0 l72 -56 q12 -6 14 6 l-10 124 z", t.main)
        + disc(240, 228, 112, t.main, ry=92)
        + area("M146 148 l46 34 -40 26 z M334 148 l-46 34 40 26 z", "#f0b6ad")
        + disc(198, 224, 15, INK, ry=18)
        + disc(282, 224, 15, INK, ry=18)
        + disc(203, 217, 5, CREAM)
        + disc(287, 217, 5, CREAM)
        + area("M228 252 h24 q2 10 -12 16 q-14 -6 -12 -16 z", "#e58f86")
        + line("M240 268 q-14 20 -32 8 M240 268 q14 20 32 8", INK, 5)
        + line("M150 246 l-52 -8 M152 264 l-48 14 M330 246 l52 -8 M328 264 l48 14", t.deep, 4)
        + area("M130 338 h220 l26 46 q4 12 -10 12 h-252 q-14 0 -10 -12 z", t.accent)
        + disc(240, 338, 110, t.deep, ry=20)
        + disc(240, 334, 94, "#b07a4b", ry=15)
        + _fish(240, 372)
    )


def dog_supplies(t: Tint) -> str:
    return (
        area("M134 134 q-54 6 -46 92 q4 50 40 54 q20 -30 24 -84 z", t.deep)
        + area("M346 134 q54 6 46 92 q-4 50 -40 54 q-20 -30 -24 -84 z", t.deep)
        + disc(240, 210, 112, t.main, ry=108)
        + disc(240, 262, 62, CREAM, ry=50)
        + area("M240 104 q30 60 0 104 q-30 -44 0 -104 z", CREAM, more='opacity=".7"')
        + disc(196, 198, 14, INK, ry=17)
        + disc(284, 198, 14, INK, ry=17)
        + disc(201, 192, 5, CREAM)
        + disc(289, 192, 5, CREAM)
        + disc(240, 240, 20, INK, ry=14)
        + line("M240 254 v16 q-16 18 -32 4 M240 270 q16 18 32 4", INK, 5)
        + box(160, 306, 160, 24, t.accent, 12)
        + disc(240, 330, 15, YELLOW)
        + moved(
            0,
            0,
            box(178, 368, 124, 24, CREAM, 10),
            *(disc(x, y, 16, CREAM) for x in (178, 302) for y in (368, 392)),
        )
    )


def tents(t: Tint) -> str:
    return (
        disc(352, 116, 28, "#fff1c4")
        + area("M60 372 L222 124 q18 -22 36 0 L420 372 z", t.main)
        + area("M60 372 L222 124 q8 -10 18 -10 L178 372 z", t.light)
        + area("M240 152 L318 372 H178 z", t.deep)
        + area("M240 152 q-14 120 -62 220 h30 q34 -110 32 -220 z", t.accent)
        + area("M240 152 q14 120 78 220 h-34 q-46 -110 -44 -220 z", t.dark)
        + line("M222 126 l-12 -26 M258 126 l12 -26", "#8a6a4a", 8)
        + line("M66 368 l-30 22 M414 368 l30 22", "#8a6a4a", 5)
        + box(40, 370, 400, 12, "#8fae7a", 6)
    )


def notebooks(t: Tint) -> str:
    return turned(
        -7,
        box(142, 96, 220, 296, "#efe4d4", 14),
        "".join(line(f"M362 {120 + 24 * n} h-14", "#d9cbb6", 3) for n in range(11)),
        box(126, 88, 220, 296, t.main, 16),
        box(126, 88, 42, 296, t.dark, 16),
        box(156, 88, 12, 296, t.dark),
        box(196, 146, 118, 74, CREAM, 8),
        line("M212 170 h86 M212 192 h56", "#cdbfae", 6),
        box(310, 88, 16, 296, t.accent),
        area("M232 384 h22 v32 l-11 -10 -11 10 z", t.accent),
    )


def pens(t: Tint) -> str:
    def pen(x: float, lean: float, fill: str, dark: str) -> str:
        return turned(
            lean,
            box(x - 20, 74, 40, 30, dark, 10),
            box(x - 20, 98, 40, 206, fill, 4),
            box(x - 20, 98, 12, 206, CREAM, 4, more='opacity=".28"'),
            box(x + 12, 90, 9, 96, "#d9b26a", 4),
            box(x - 20, 286, 40, 18, "#d9b26a"),
            area(f"M{x - 20} 304 h40 l-14 62 h-12 z", dark),
            area(f"M{x - 6} 366 h12 l-6 34 z", "#d9b26a"),
            x=x,
            y=240,
        )

    return (
        line("M92 388 q50 -30 92 -4 t92 -2 t100 -8", t.deep, 6)
        + pen(292, 32, t.light, t.dark)
        + pen(226, 18, t.main, t.deep)
    )


def baby_care(t: Tint) -> str:
    return (
        area("M214 92 q-4 -34 26 -34 t26 34 q2 20 14 30 h-80 q12 -10 14 -30 z", "#f3cfa6")
        + box(178, 120, 124, 44, t.main, 14)
        + area("M188 164 h104 q26 18 26 52 v142 q0 40 -40 40 h-76 q-40 0 -40 -40 v-142 q0 -34 26 -52 z", GLASS)
        + area("M162 236 h156 v122 q0 40 -40 40 h-76 q-40 0 -40 -40 z", CREAM)
        + line("M318 244 h-30 M318 276 h-20 M318 308 h-30 M318 340 h-20", t.dark, 6)
        + area("M224 342 l-28 -28 q-12 -18 4 -28 q16 -6 24 10 q8 -16 24 -10 q16 10 4 28 z", t.accent)
        + box(176, 190, 12, 176, "#ffffff", 6, more='opacity=".8"')
        + moved(0, 0, disc(376, 352, 36, t.light), disc(376, 352, 16, t.pale), box(368, 378, 16, 30, t.main, 8))
    )


def strollers(t: Tint) -> str:
    def wheel(x: float, r: float) -> str:
        return disc(x, 372, r, INK) + disc(x, 372, r - 11, t.pale) + disc(x, 372, 6, INK)

    return (
        line("M356 216 L404 128 h24", t.deep, 13)
        + line("M156 300 L300 366 M330 288 L190 366", "#8d8f99", 11)
        + area("M112 214 h248 q-2 96 -96 96 h-56 q-94 0 -96 -96 z", t.main)
        + area("M112 214 h248 q0 18 -4 32 h-240 q-4 -14 -4 -32 z", t.dark)
        + area("M112 206 a124 124 0 0 1 124 -124 v124 z", t.accent)
        + area("M112 206 a124 124 0 0 1 40 -92 l84 92 z", t.light)
        + line("M236 84 v122 M152 114 l84 92", t.deep, 5)
        + wheel(184, 38)
        + wheel(312, 38)
        + box(170, 252, 130, 14, t.light, 7)
    )


def _fish(x: float, y: float) -> str:
    return (
        disc(x - 4, y, 20, CREAM, ry=10) + area(f"M{x + 12} {y} l16 -10 v20 z", CREAM) + disc(x - 14, y - 2, 2.5, INK)
    )


SHAPES: dict[str, Shape] = {
    "building_sets": building_sets,
    "puzzles": puzzles,
    "board_games": board_games,
    "cat_supplies": cat_supplies,
    "dog_supplies": dog_supplies,
    "tents": tents,
    "notebooks": notebooks,
    "pens": pens,
    "baby_care": baby_care,
    "strollers": strollers,
}

"""Shoes, clothes, bags and beauty."""

from __future__ import annotations

from bot.demo.shapes.ink import CREAM, INK, Shape, Tint, area, box, disc, line, turned

GOLD = "#d9b26a"


def running_shoes(t: Tint) -> str:
    return turned(
        -8,
        area("M76 330 q4 34 40 34 h250 q42 0 44 -34 q0 -18 -20 -22 h-300 q-14 4 -14 22 z", CREAM),
        area("M80 344 q10 20 36 20 h250 q34 0 42 -22 q-60 14 -160 6 t-168 -4 z", t.accent),
        area(
            "M82 318 q-12 -62 10 -118 q6 -14 20 -8 q24 22 54 8 q16 -10 26 -24 q8 -8 18 -2 "
            "q52 78 138 100 q50 10 56 52 q-6 12 -24 12 h-270 q-22 0 -28 -20 z",
            t.main,
        ),
        area("M82 318 q-12 -62 10 -118 q6 -14 20 -8 q12 60 60 90 q-20 40 -90 36 z", t.dark),
        area("M300 264 q40 14 66 18 q38 12 38 44 q-6 12 -24 12 h-80 q-30 -40 0 -74 z", t.light),
        line("M214 214 l32 -16 M234 236 l32 -18 M258 256 l30 -18", CREAM, 8),
        line("M150 330 q40 -70 110 -66", t.pale, 10),
        line("M182 332 q36 -48 84 -48", t.pale, 7),
    )


def sneakers(t: Tint) -> str:
    return turned(
        -5,
        box(84, 318, 320, 40, CREAM, 18),
        box(84, 342, 320, 16, "#e4d9ca", 8),
        area("M92 320 v-120 q4 -16 22 -10 q40 18 82 -14 q10 -8 18 2 q44 62 112 74 q66 10 72 68 z", t.main),
        area("M92 320 v-120 q4 -16 22 -10 q10 6 24 8 q6 60 -8 122 z", t.accent),
        area("M330 254 q62 12 68 66 h-88 q-8 -44 20 -66 z", CREAM),
        line("M204 226 l34 -16 M224 246 l32 -18 M248 262 l30 -18", CREAM, 9),
        line("M142 298 q70 -4 120 -34", t.dark, 6),
        line("M96 330 h296", "#e4d9ca", 4),
    )


def boots(t: Tint) -> str:
    return (
        area("M168 84 h118 q8 0 8 10 v150 q4 30 44 46 q52 18 52 62 v12 h-222 q-14 0 -14 -14 z", t.main)
        + area("M168 84 h46 v280 h-46 q-14 0 -14 -14 z", t.dark)
        + area("M154 364 h236 v22 q0 8 -8 8 h-96 l-18 -14 h-32 v10 q0 8 -8 8 h-66 q-8 0 -8 -8 z", INK)
        + area("M168 84 h118 q8 0 8 10 v26 h-132 v-26 q0 -10 6 -10 z", t.light)
        + "".join(line(f"M258 {150 + 30 * n} l36 -6", CREAM, 6) for n in range(4))
        + area("M322 284 q68 20 68 68 h-66 q-26 -34 -2 -68 z", t.light)
        + line("M186 90 v-18 h22 v18", t.accent, 7)
    )


def jackets(t: Tint) -> str:
    return (
        area("M176 96 L104 138 q-14 8 -18 26 L66 330 q-2 14 12 16 l38 6 q12 0 14 -12 l24 -120 z", t.dark)
        + area("M304 96 l72 42 q14 8 18 26 l20 166 q2 14 -12 16 l-38 6 q-12 0 -14 -12 l-24 -120 z", t.dark)
        + area("M176 96 h128 l32 30 q8 120 0 264 q0 8 -8 8 h-176 q-8 0 -8 -8 q-8 -144 0 -264 z", t.main)
        + area("M178 96 q62 -44 124 0 q6 30 -14 52 q-48 26 -96 0 q-20 -22 -14 -52 z", t.light)
        + area("M204 100 q36 -20 72 0 q-8 30 -36 34 q-28 -4 -36 -34 z", t.deep)
        + line("M240 136 v258", t.deep, 7)
        + box(234, 178, 12, 22, t.accent, 4)
        + line("M176 292 l38 -14 M304 292 l-38 -14", t.deep, 7)
        + box(146, 376, 188, 22, t.dark, 6)
    )


def t_shirts(t: Tint) -> str:
    return (
        area(
            "M180 100 L96 146 q-10 6 -6 18 l28 68 q4 8 12 4 l30 -16 v158 q0 12 12 12 h136 q12 0 12 -12 v-158 "
            "l30 16 q8 4 12 -4 l28 -68 q4 -12 -6 -18 l-84 -46 q-60 44 -120 0 z",
            t.main,
        )
        + area("M180 100 q60 44 120 0 l12 8 q-72 66 -144 0 z", t.dark)
        + line("M160 220 v-46 M320 220 v-46", t.dark, 5)
        + (
            disc(240, 232, 34, t.accent) + area("M206 232 a34 34 0 0 0 68 0 z", t.pale)
            if t.turn == 0
            else box(268, 178, 34, 36, t.light, 5)
            if t.turn == 1
            else line("M164 236 h152 M164 258 h152", t.accent, 10)
        )
    )


def backpacks(t: Tint) -> str:
    return (
        line("M206 108 q0 -40 34 -40 t34 40", t.deep, 14)
        + box(96, 214, 60, 138, t.dark, 26)
        + box(324, 214, 60, 138, t.dark, 26)
        + area("M134 190 q0 -96 106 -96 t106 96 v178 q0 28 -28 28 h-156 q-28 0 -28 -28 z", t.main)
        + area("M134 196 q0 -102 106 -102 t106 102 q-40 26 -106 26 t-106 -26 z", t.light)
        + line("M146 196 q40 22 94 22 t94 -22", t.deep, 5)
        + box(164, 262, 152, 112, t.dark, 22)
        + line("M170 296 h140", t.deep, 6)
        + box(266, 290, 14, 34, t.accent, 6)
        + box(216, 150, 48, 22, t.accent, 6)
    )


def handbags(t: Tint) -> str:
    return (
        line("M178 216 q-6 -124 62 -124 t62 124", t.deep, 15)
        + area("M128 196 h224 q12 0 14 14 l24 154 q2 24 -22 24 h-256 q-24 0 -22 -24 l24 -154 q2 -14 14 -14 z", t.main)
        + area("M128 196 h224 q12 0 14 14 l6 40 q-60 48 -132 48 t-132 -48 l6 -40 q2 -14 14 -14 z", t.light)
        + line("M108 250 q60 48 132 48 t132 -48", t.dark, 5)
        + box(220, 280, 40, 34, GOLD, 8)
        + disc(240, 297, 6, t.deep)
        + disc(178, 214, 9, GOLD)
        + disc(302, 214, 9, GOLD)
        + line("M112 366 h256", t.dark, 5)
    )


def suitcases(t: Tint) -> str:
    return (
        line("M200 130 V72 h80 v58", "#8d8f99", 11)
        + box(192, 58, 96, 20, INK, 10)
        + box(136, 122, 208, 262, t.dark, 30)
        + box(136, 122, 198, 262, t.main, 30)
        + "".join(box(x, 140, 12, 226, t.light, 6) for x in (164, 206, 252, 294))
        + box(126, 234, 18, 40, t.deep, 6)
        + box(218, 118, 44, 14, t.deep, 6)
        + box(300, 168, 34, 26, t.accent, 6)
        + "".join(disc(x, 396, 13, INK) + disc(x, 396, 5, "#8d8f99") for x in (166, 314))
    )


def skincare(t: Tint) -> str:
    return (
        box(124, 176, 112, 208, t.main, 22)
        + box(132, 186, 14, 180, t.light, 7)
        + box(156, 138, 48, 40, t.deep, 8)
        + area("M166 108 h52 q16 0 16 14 v8 h-16 v12 h-52 z", t.deep)
        + box(140, 240, 80, 88, CREAM, 8)
        + _petal(180, 284, t.accent)
        + box(252, 290, 128, 94, t.pale, 18)
        + box(246, 258, 140, 42, t.dark, 12)
        + box(270, 324, 92, 34, CREAM, 8)
        + disc(316, 341, 9, t.accent)
    )


def sunscreen(t: Tint) -> str:
    rays = "".join(turned(45 * n, box(236, 196, 8, 20, "#f0a63c", 4), x=240, y=252) for n in range(8))
    return (
        area("M156 92 h168 q8 0 6 10 l-20 232 h-140 l-20 -232 q-2 -10 6 -10 z", t.main)
        + box(150, 84, 180, 24, t.dark, 6)
        + area("M172 112 l14 210 h-12 l-20 -210 z", t.light)
        + box(178, 334, 124, 60, t.deep, 12)
        + box(178, 348, 124, 5, t.dark)
        + disc(240, 252, 58, CREAM)
        + disc(240, 252, 26, "#f6bd4f")
        + rays
        + box(196, 142, 88, 14, t.pale, 7)
        + box(212, 166, 56, 10, t.pale, 5)
    )


def lipsticks(t: Tint) -> str:
    return turned(
        8,
        box(184, 262, 96, 132, INK, 10),
        box(184, 262, 22, 132, "#57505e", 10),
        box(192, 218, 80, 50, GOLD, 6),
        box(192, 218, 18, 50, "#efd59d", 6),
        area("M204 220 v-92 q0 -14 14 -24 l26 -18 q16 -8 16 12 v122 z", t.main),
        area("M204 150 v-22 q0 -14 14 -24 l26 -18 q16 -8 16 12 q-8 34 -56 52 z", t.light),
        turned(
            14, box(318, 222, 78, 160, INK, 10), box(318, 222, 18, 160, "#57505e", 10), box(318, 362, 78, 20, GOLD, 4)
        ),
    )


def _petal(x: float, y: float, fill: str) -> str:
    return "".join(turned(72 * n, disc(x, y - 15, 9, fill, ry=13), x=x, y=y) for n in range(5)) + disc(x, y, 6, GOLD)


SHAPES: dict[str, Shape] = {
    "running_shoes": running_shoes,
    "sneakers": sneakers,
    "boots": boots,
    "jackets": jackets,
    "t_shirts": t_shirts,
    "backpacks": backpacks,
    "handbags": handbags,
    "suitcases": suitcases,
    "skincare": skincare,
    "sunscreen": sunscreen,
    "lipsticks": lipsticks,
}

"""Food and drink, kitchen, home, gifts."""

from __future__ import annotations

from bot.demo.shapes.ink import CREAM, GLASS, INK, Shape, Tint, area, box, disc, line, turned

STEEL = "#c9ccd3"
WOOD = "#b98b5e"


def coffee(t: Tint) -> str:
    def bean(x: float, y: float, lean: float) -> str:
        return turned(
            lean,
            disc(x, y, 22, "#6b4630", ry=30),
            line(f"M{x} {y - 26} q12 26 0 52", "#3f281b", 5),
            x=x,
            y=y,
        )

    return (
        area("M160 92 h160 l14 40 v246 q0 14 -14 14 h-160 q-14 0 -14 -14 v-246 z", t.main)
        + area("M160 92 h160 l14 40 h-188 z", t.dark)
        + box(156, 80, 168, 18, t.deep, 5)
        + area("M146 132 h30 v260 h-16 q-14 0 -14 -14 z", t.light)
        + box(188, 196, 122, 134, CREAM, 12)
        + bean(249, 256, 24)
        + box(214, 304, 70, 8, t.accent, 4)
        + bean(354, 368, 60)
        + bean(126, 376, -50)
        + disc(240, 156, 10, t.deep)
    )


def tea(t: Tint) -> str:
    return (
        box(108, 116, 150, 248, t.main, 14)
        + box(108, 116, 30, 248, t.light, 14)
        + box(100, 98, 166, 48, t.dark, 12)
        + box(140, 192, 88, 112, CREAM, 8)
        + area("M184 216 q40 30 0 72 q-40 -42 0 -72 z", "#6f9a5c")
        + line("M184 228 v66", "#4c7440", 4)
        + area("M236 292 h148 q0 84 -74 84 t-74 -84 z", CREAM)
        + line("M376 308 q34 -4 30 26 t-44 26", CREAM, 12)
        + disc(310, 292, 74, "#efe6da", ry=14)
        + disc(310, 292, 62, "#b9793f", ry=10)
        + line("M286 262 q-12 -16 0 -32 t0 -32 M326 262 q-12 -16 0 -32 t0 -32", "#ffffff", 7, more='opacity=".8"')
        + disc(310, 384, 80, t.accent, ry=10)
    )


def snacks(t: Tint) -> str:
    teeth = "".join(f"l10 {'-12' if n % 2 == 0 else '12'}" for n in range(18))
    return (
        area(f"M150 106 {teeth} v250 " + teeth.replace("l10", "l-10") + " z", t.main)
        + area("M150 106 h26 v250 h-26 z", t.light)
        + box(150, 128, 180, 8, t.dark)
        + box(150, 330, 180, 8, t.dark)
        + disc(240, 224, 66, CREAM)
        + disc(240, 224, 46, "#d9a25f")
        + "".join(
            disc(x, y, 6, "#6b4630")
            for x, y in ((222, 208), (252, 202), (264, 232), (234, 242), (214, 232), (246, 224))
        )
        + box(192, 300, 96, 12, t.accent, 6)
        + disc(346, 364, 34, "#d9a25f")
        + "".join(disc(x, y, 5, "#6b4630") for x, y in ((336, 354), (356, 360), (344, 376)))
    )


def mugs(t: Tint) -> str:
    return (
        line("M316 208 q84 -6 76 62 t-92 66", t.dark, 24)
        + area("M120 166 h208 v170 q0 50 -50 50 h-108 q-50 0 -50 -50 z", t.main)
        + area("M120 166 h36 v196 q-36 -8 -36 -46 z", t.light)
        + disc(224, 166, 104, t.dark, ry=22)
        + disc(224, 168, 90, "#7a4f34", ry=15)
        + (
            area("M224 316 l-38 -38 q-16 -24 6 -38 q20 -8 32 14 q12 -22 32 -14 q22 14 6 38 z", t.accent)
            if t.turn == 0
            else line("M156 262 h172 M156 290 h172", t.accent, 12)
            if t.turn == 1
            else "".join(disc(178 + 32 * (n % 4), 250 + 40 * (n // 4), 8, t.accent) for n in range(8))
        )
        + line("M196 126 q-14 -18 0 -36 t0 -36 M248 126 q-14 -18 0 -36 t0 -36", "#ffffff", 8, more='opacity=".85"')
    )


def pans(t: Tint) -> str:
    if t.turn == 1:  # a pot with two ears
        return (
            line("M110 258 h-28 M370 258 h28", t.deep, 20)
            + area("M110 218 h260 v104 q0 50 -50 50 h-160 q-50 0 -50 -50 z", t.main)
            + area("M110 218 h40 v146 q-40 -8 -40 -48 z", t.light)
            + area("M104 214 q136 -92 272 0 z", t.dark)
            + line("M150 190 q60 -34 130 -30", t.light, 7)
            + box(216, 138, 48, 22, t.deep, 10)
            + box(100, 208, 280, 20, t.deep, 10)
        )
    return turned(
        -28,
        box(318, 222, 140, 34, t.deep, 17),
        box(324, 230, 60, 10, t.dark, 5),
        disc(438, 239, 7, CREAM),
        disc(214, 240, 132, t.dark),
        disc(214, 240, 116, t.deep),
        disc(214, 240, 100, t.main if t.main < "#777777" else t.dark),
        area(
            "M158 236 q6 -44 52 -40 q30 -22 56 6 q34 14 20 50 q-6 40 -52 34 q-40 22 -62 -10 q-22 -12 -14 -40 z", CREAM
        ),
        disc(222, 244, 27, "#f3b43f"),
        disc(213, 235, 8, "#fbd88a"),
        x=230,
        y=240,
    )


def kettles(t: Tint) -> str:
    return (
        line("M318 170 q78 10 66 96 t-58 84", t.deep, 22)
        + area("M150 190 l-66 -30 q-14 0 -8 16 l62 110 z", t.dark)
        + area("M162 138 h140 q14 0 18 16 l28 204 q2 20 -18 20 h-196 q-20 0 -18 -20 l28 -204 q4 -16 18 -16 z", t.main)
        + area("M162 138 h36 l-20 240 h-44 q-20 0 -18 -20 l28 -204 q4 -16 18 -16 z", t.light)
        + area("M160 138 q72 -56 144 0 z", t.dark)
        + disc(232, 104, 15, t.deep)
        + box(116, 372, 232, 22, INK, 8)
        + box(252, 220, 18, 110, GLASS, 9)
        + box(252, 268, 18, 62, "#8fc1d9", 9)
        + disc(322, 383, 5, t.accent)
    )


def lamps(t: Tint) -> str:
    if t.turn == 1:  # a shade on a foot
        return (
            area("M168 250 h144 l60 140 h-264 z", "#ffe9ad", more='opacity=".55"')
            + box(230, 236, 20, 132, t.deep, 6)
            + box(164, 362, 152, 26, t.deep, 13)
            + area("M180 96 h120 q8 0 10 8 l44 140 q2 10 -8 10 h-212 q-10 0 -8 -10 l44 -140 q2 -8 10 -8 z", t.main)
            + area("M180 96 h30 l-34 158 h-42 q-10 0 -8 -10 l44 -140 q2 -8 10 -8 z", t.light)
            + line("M296 256 v42", t.accent, 5)
            + disc(296, 304, 7, t.accent)
        )
    return (
        area("M262 190 l118 118 q-70 70 -190 66 z", "#ffe9ad", more='opacity=".6"')
        + box(106, 370, 148, 24, t.deep, 12)
        + line("M180 374 L146 226 L262 138", t.dark, 14)
        + disc(146, 226, 15, t.deep)
        + disc(180, 370, 13, t.deep)
        + turned(
            0,
            area("M236 112 q50 -44 100 6 l52 70 q4 8 -4 12 l-110 74 q-8 4 -12 -4 l-40 -84 q-14 -44 14 -74 z", t.main),
            area("M236 112 q20 -18 42 -20 q-40 40 -20 92 l22 80 q-10 10 -18 2 l-40 -80 q-14 -44 14 -74 z", t.light),
            area("M388 190 l-114 78 q22 26 64 -2 t50 -76 z", "#fff3cf"),
        )
    )


def bedding(t: Tint) -> str:
    return (
        box(72, 112, 336, 150, WOOD, 26)
        + box(104, 174, 126, 82, CREAM, 28)
        + box(250, 174, 126, 82, CREAM, 28)
        + line("M130 200 q34 12 72 0 M276 200 q34 12 72 0", "#e4d9ca", 6)
        + area("M72 252 q168 -34 336 0 v112 q0 12 -12 12 h-312 q-12 0 -12 -12 z", t.main)
        + area("M72 252 q168 -34 336 0 v42 q-168 -34 -336 0 z", t.light)
        + line("M150 300 q10 40 0 74 M244 292 q10 44 0 84 M332 300 q10 40 0 74", t.dark, 5)
        + box(84, 376, 24, 22, WOOD, 4)
        + box(372, 376, 24, 22, WOOD, 4)
        + area("M72 286 q168 -34 336 0 v12 q-168 -34 -336 0 z", t.accent)
    )


def water_bottles(t: Tint) -> str:
    return turned(
        6,
        line("M214 92 q26 -44 52 0", t.deep, 12),
        box(196, 86, 88, 56, t.deep, 14),
        box(196, 118, 88, 8, t.dark),
        area("M186 142 h108 q22 16 22 48 v180 q0 28 -28 28 h-96 q-28 0 -28 -28 v-180 q0 -32 22 -48 z", t.main),
        area("M186 142 h24 q-18 20 -18 52 v204 q-28 0 -28 -28 v-180 q0 -32 22 -48 z", t.light),
        area("M258 236 q40 44 0 82 q-40 -38 0 -82 z", t.pale),
        box(164, 350, 152, 14, t.dark),
        box(284, 190, 10, 130, t.light, 5),
    )


def gift_sets(t: Tint) -> str:
    return (
        box(110, 218, 260, 168, t.main, 12)
        + box(110, 218, 60, 168, t.light, 12)
        + box(94, 168, 292, 62, t.dark, 12)
        + box(216, 168, 48, 218, t.accent)
        + area("M240 168 q-96 8 -92 -46 q10 -46 92 46 z", t.accent)
        + area("M240 168 q96 8 92 -46 q-10 -46 -92 46 z", t.accent)
        + area(
            "M226 158 q-56 -2 -56 -30 q10 -18 56 30 z M254 158 q56 -2 56 -30 q-10 -18 -56 30 z",
            t.deep,
            more='opacity=".35"',
        )
        + box(220, 150, 40, 30, t.accent, 10)
        + turned(14, box(300, 262, 56, 38, CREAM, 6), disc(310, 281, 5, t.deep), x=320, y=270)
    )


SHAPES: dict[str, Shape] = {
    "coffee": coffee,
    "tea": tea,
    "snacks": snacks,
    "mugs": mugs,
    "pans": pans,
    "kettles": kettles,
    "lamps": lamps,
    "bedding": bedding,
    "water_bottles": water_bottles,
    "gift_sets": gift_sets,
}

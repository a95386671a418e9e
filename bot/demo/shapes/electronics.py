"""Audio, phones, computing, wearables and cameras."""

from __future__ import annotations

from bot.demo.shapes.ink import CREAM, GLASS, INK, Shape, Tint, area, box, disc, line, mix, turned

SCREEN = "#2b2a38"


def headphones(t: Tint) -> str:
    return (
        line("M126 272 V236 a114 114 0 0 1 228 0 V272", t.dark, 24)
        + line("M126 262 V236 a114 114 0 0 1 228 0 V262", t.main, 14)
        + line("M180 146 a114 114 0 0 1 120 0", t.light, 8)
        + box(122, 244, 52, 116, t.deep, 22)
        + box(306, 244, 52, 116, t.deep, 22)
        + box(94, 250, 52, 104, t.main, 24)
        + box(334, 250, 52, 104, t.main, 24)
        + box(104, 266, 12, 72, t.light, 6)
        + disc(360, 302, 9, t.accent)
    )


def earbuds(t: Tint) -> str:
    def bud(x: float, lean: float) -> str:
        return turned(
            lean,
            box(x - 11, 158, 22, 92, t.light, 11),
            disc(x, 150, 34, t.main),
            disc(x - 9, 140, 11, t.light),
            disc(x, 150, 13, t.deep),
            box(x - 5, 234, 10, 6, t.dark, 3),
            x=x,
            y=200,
        )

    return (
        bud(180, 8)
        + bud(300, -8)
        + box(134, 262, 212, 116, t.main, 46)
        + area("M134 308 a46 46 0 0 1 46 -46 h120 a46 46 0 0 1 46 46 z", t.light)
        + line("M134 308 h212", t.dark, 4)
        + disc(240, 338, 6, t.accent)
    )


def speakers(t: Tint) -> str:
    if t.turn == 1:  # a round portable one
        return (
            box(106, 172, 268, 172, t.main, 86)
            + box(128, 192, 224, 132, t.dark, 66)
            + "".join(disc(168 + 24 * c, 222 + 24 * r, 4.5, t.light) for c in range(7) for r in range(4))
            + line("M350 180 q54 -30 20 -76", t.accent, 10)
            + box(200, 160, 80, 16, t.light, 8)
        )
    return (
        box(150, 84, 180, 300, t.dark, 26)
        + box(158, 84, 164, 300, t.main, 22)
        + disc(240, 164, 42, t.deep)
        + disc(240, 164, 20, t.light)
        + disc(240, 286, 66, t.deep)
        + disc(240, 286, 46, t.dark)
        + disc(240, 286, 22, t.light)
        + disc(240, 108, 5, t.accent)
        + box(172, 384, 24, 10, t.deep, 3)
        + box(284, 384, 24, 10, t.deep, 3)
    )


def phones(t: Tint) -> str:
    return turned(
        -7,
        box(232, 92, 148, 292, t.dark, 30),
        box(238, 98, 136, 280, t.main, 26),
        box(252, 112, 62, 84, t.light, 22),
        disc(273, 135, 14, INK) + disc(273, 171, 14, INK) + disc(301, 153, 9, INK),
        disc(273, 135, 5, GLASS) + disc(273, 171, 5, GLASS),
        turned(
            5,
            box(110, 100, 150, 296, t.deep, 30),
            box(118, 108, 134, 280, SCREEN, 24),
            area("M118 300 q60 -60 134 -20 v84 a24 24 0 0 1 -24 24 h-86 a24 24 0 0 1 -24 -24 z", t.light),
            disc(210, 200, 30, t.accent),
            box(166, 120, 38, 9, "#15141c", 5),
        ),
    )


def power_banks(t: Tint) -> str:
    return (
        line("M276 116 C276 40 400 60 376 190 S 380 330 340 350", t.accent, 10)
        + box(326, 340, 26, 44, t.deep, 6)
        + turned(
            -6,
            box(140, 100, 168, 284, t.dark, 34),
            box(140, 100, 160, 284, t.main, 34),
            box(156, 118, 14, 230, t.light, 7),
            area("M236 190 l-34 62 h28 l-12 50 46 -70 h-30 l16 -42 z", CREAM),
            "".join(disc(196 + 20 * n, 352, 5, CREAM if n < 3 else t.dark) for n in range(4)),
            box(238, 94, 34, 12, t.deep, 4),
        )
    )


def chargers(t: Tint) -> str:
    return (
        line("M240 318 v36 c0 44 -96 34 -96 -8 s-64 -30 -52 22", t.accent, 11)
        + box(224, 300, 32, 34, t.deep, 6)
        + box(186, 92, 14, 54, "#b9bcc4", 4)
        + box(280, 92, 14, 54, "#b9bcc4", 4)
        + box(146, 136, 188, 172, t.dark, 34)
        + box(146, 136, 180, 172, t.main, 34)
        + box(164, 154, 12, 120, t.light, 6)
        + area("M252 176 l-38 58 h28 l-12 46 48 -66 h-30 z", t.pale)
    )


def phone_cases(t: Tint) -> str:
    return turned(
        6,
        box(148, 84, 184, 324, t.dark, 44),
        box(156, 90, 168, 312, t.main, 38),
        box(172, 106, 78, 98, t.dark, 28),
        box(178, 112, 66, 86, mix(t.main, "#ffffff", 0.82), 23),
        disc(200, 138, 14, INK) + disc(200, 174, 14, INK) + disc(226, 156, 9, INK),
        disc(240, 286, 46, "none", more=f'stroke="{t.light}" stroke-width="9"'),
        box(236, 338, 8, 26, t.light, 4),
        box(328, 164, 8, 52, t.deep, 4),
        line("M300 112 q12 6 12 26 v60", t.light, 6),
    )


def laptops(t: Tint) -> str:
    return (
        box(112, 112, 256, 186, t.dark, 18)
        + box(122, 122, 236, 164, SCREEN, 8)
        + area("M122 244 q70 -70 132 -20 t104 -30 v84 a8 8 0 0 1 -8 8 h-220 a8 8 0 0 1 -8 -8 z", t.accent)
        + disc(304, 168, 20, CREAM)
        + area("M76 298 h328 l18 44 a14 14 0 0 1 -14 18 h-336 a14 14 0 0 1 -14 -18 z", t.main)
        + area("M76 298 h328 l8 18 h-344 z", t.light)
        + area("M198 330 h84 l6 18 h-96 z", t.dark)
    )


def tablets(t: Tint) -> str:
    return turned(
        -5,
        box(92, 122, 280, 222, t.dark, 26),
        box(106, 136, 252, 194, CREAM, 12),
        box(128, 158, 92, 12, t.light, 6),
        "".join(box(128, 184 + 22 * n, 100 - 14 * (n % 2), 7, "#ddd5cc", 3) for n in range(5)),
        box(246, 158, 92, 148, t.pale, 10),
        area("M246 280 l30 -40 22 24 16 -20 24 36 v16 a10 10 0 0 1 -10 10 h-72 a10 10 0 0 1 -10 -10 z", t.main),
        disc(314, 188, 12, t.accent),
        turned(28, box(384, 116, 14, 212, t.light, 7), area("M384 324 h14 l-7 24 z", INK), x=390, y=230),
    )


def keyboards(t: Tint) -> str:
    keys = []
    for row in range(4):
        x, widths = 90.0, [22.0] * 10
        widths[0] += (0, 8, 12, 18)[row]
        widths[-1] += (26, 18, 14, 8)[row]
        for n, w in enumerate(widths):
            fill = t.accent if (row, n) in ((0, 0), (2, 9)) else t.pale if (n + row) % 5 else t.light
            keys.append(box(x, 192 + 27 * row, w, 22, fill, 5))
            x += w + 4.9
    space = box(166, 300, 148, 22, t.pale, 5)
    sides = "".join(box(x, 300, 32, 22, t.light, 5) for x in (90, 128, 320, 357))
    return turned(-6, box(70, 176, 340, 168, t.deep, 20), box(70, 170, 340, 166, t.main, 20), *keys, space, sides)


def mice(t: Tint) -> str:
    return turned(
        12,
        line("M240 118 C240 60 300 70 300 30", t.deep, 7) if t.turn == 1 else "",
        box(158, 116, 164, 254, t.dark, 82),
        box(158, 110, 164, 252, t.main, 82),
        area("M158 222 v-30 a82 82 0 0 1 82 -82 v112 z", t.light),
        line("M158 224 h164 M240 112 v112", t.dark, 5),
        box(228, 142, 24, 56, t.deep, 12),
        box(235, 152, 10, 24, t.accent, 5),
    )


def monitors(t: Tint) -> str:
    return (
        box(218, 300, 44, 64, t.dark)
        + box(160, 358, 160, 16, t.main, 8)
        + box(74, 108, 332, 208, t.dark, 16)
        + box(86, 120, 308, 174, SCREEN, 6)
        + area("M86 252 q80 -86 156 -24 t152 -44 v104 a6 6 0 0 1 -6 6 h-296 a6 6 0 0 1 -6 -6 z", t.accent)
        + area("M86 274 q90 -44 170 -14 t138 -14 v42 a6 6 0 0 1 -6 6 h-296 a6 6 0 0 1 -6 -6 z", t.light)
        + disc(330, 164, 22, CREAM)
    )


def smartwatches(t: Tint) -> str:
    square = t.turn == 1
    face = (
        box(158, 158, 164, 164, INK, 44) + box(168, 168, 144, 144, SCREEN, 36)
        if square
        else disc(240, 240, 90, INK) + disc(240, 240, 78, SCREEN)
    )
    return (
        area("M190 166 l10 -94 a12 12 0 0 1 12 -10 h56 a12 12 0 0 1 12 10 l10 94 z", t.main)
        + area("M190 314 l10 94 a12 12 0 0 0 12 10 h56 a12 12 0 0 0 12 -10 l10 -94 z", t.main)
        + "".join(disc(240, 358 + 18 * n, 4, t.deep) for n in range(3))
        + box(322, 224, 14, 32, t.dark, 5)
        + face
        + line("M240 190 a50 50 0 1 1 -43 25", t.accent, 10)
        + line("M240 240 v-30 M240 240 l22 14", CREAM, 6)
        + disc(240, 240, 5, CREAM)
    )


def cameras(t: Tint) -> str:
    return (
        area("M188 150 l16 -32 a10 10 0 0 1 9 -6 h54 a10 10 0 0 1 9 6 l16 32 z", t.dark)
        + box(112, 132, 46, 20, t.deep, 6)
        + box(330, 134, 34, 16, t.accent, 6)
        + box(84, 148, 312, 208, t.dark, 28)
        + box(84, 148, 312, 70, t.light, 28)
        + box(84, 188, 312, 130, t.main)
        + disc(240, 262, 86, INK)
        + disc(240, 262, 70, "#55505e")
        + disc(240, 262, 48, SCREEN)
        + disc(240, 262, 26, "#4a6a86")
        + disc(222, 244, 12, GLASS, more='opacity=".85"')
        + disc(360, 178, 12, CREAM)
        + box(104, 170, 52, 12, t.accent, 6)
    )


SHAPES: dict[str, Shape] = {
    "headphones": headphones,
    "earbuds": earbuds,
    "speakers": speakers,
    "phones": phones,
    "power_banks": power_banks,
    "chargers": chargers,
    "phone_cases": phone_cases,
    "laptops": laptops,
    "tablets": tablets,
    "keyboards": keyboards,
    "mice": mice,
    "monitors": monitors,
    "smartwatches": smartwatches,
    "cameras": cameras,
}

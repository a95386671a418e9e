import pytest

from bot.dialogue.slots import Slot


@pytest.mark.parametrize(
    ("slot", "value", "feature"),
    [
        (Slot("s", "text"), "x", (1.0,)),
        (Slot("s", "text"), "", (1.0,)),
        (Slot("s", "text"), None, (0.0,)),
        (Slot("s", "text", influences=False), "x", ()),
        (Slot("s", "any"), "x", ()),
        (Slot("s", "bool"), False, (1.0, 0.0)),
        (Slot("s", "bool"), "TRUE ", (1.0, 1.0)),
        (Slot("s", "bool"), "1", (1.0, 1.0)),
        (Slot("s", "bool"), 2, (1.0, 0.0)),
        (Slot("s", "bool"), "maybe", (0.0, 0.0)),
        (Slot("s", "bool"), None, (0.0, 0.0)),
        (Slot("s", "float", minimum=0, maximum=10), "5", (1.0, 0.5)),
        (Slot("s", "float", minimum=0, maximum=10), 50, (1.0, 1.0)),
        (Slot("s", "float"), "many", (0.0, 0.0)),
        (Slot("s", "categorical", values=("gold", "__other__")), "GOLD", (1.0, 0.0)),
        (Slot("s", "categorical", values=("gold", "__other__")), "tin", (0.0, 1.0)),
        (Slot("s", "categorical", values=("gold", "__other__")), None, (0.0, 0.0)),
        (Slot("s", "list"), ["x"], (1.0,)),
        (Slot("s", "list"), [], (0.0,)),
        (Slot("s", "list"), None, (0.0,)),
    ],
)
def test_features(slot: Slot, value: object, feature: tuple[float, ...]) -> None:
    assert slot.feature(value) == feature


def test_a_list_slot_wraps_single_values() -> None:
    slot = Slot("s", "list")
    assert [slot.stored(v) for v in ("x", ["x"], None, "")] == [["x"], ["x"], None, ""]

import pytest

from bot.dialogue.fallback import with_fallback


def parse(*confidences: float) -> dict:
    ranking = [{"name": f"i{n}", "confidence": confidence} for n, confidence in enumerate(confidences)]
    return {"intent": ranking[0], "intent_ranking": ranking}


@pytest.mark.parametrize(
    ("confidences", "unclear"),
    [((0.9, 0.1), False), ((0.3, 0.1), False), ((0.29, 0.01), True), ((0.5, 0.45), True), ((0.5,), False)],
)
def test_what_is_unclear(confidences: tuple[float, ...], unclear: bool) -> None:
    understood = parse(*confidences)
    found = with_fallback(understood, 0.3, 0.1)
    if not unclear:
        assert found is understood
        return
    assert found["intent"] == {"name": "nlu_fallback", "confidence": 0.3}
    assert [intent["name"] for intent in found["intent_ranking"]] == [
        "nlu_fallback",
        *(f"i{n}" for n in range(len(confidences))),
    ]


def test_nothing_understood_is_unclear() -> None:
    assert with_fallback({}, 0.3, 0.1)["intent"]["name"] == "nlu_fallback"

import pytest

from bot.dialogue.pipeline_config import UNMAPPED, component, parts


@pytest.mark.parametrize(
    ("name", "mapped"),
    [
        ("DIETClassifier", ("intents", "entities")),
        ("rasa.nlu.classifiers.diet_classifier.DIETClassifier", ("intents", "entities")),
        ("JiebaTokenizer", ("encoder",)),
        ("RegexEntityExtractor", ("patterns",)),
        ("components.sentiment.DIETClassifier", None),
        ("NoSuchThing", None),
        *((name, None) for name in UNMAPPED),
    ],
)
def test_what_a_component_becomes(name: str, mapped: tuple[str, ...] | None) -> None:
    assert component(name) == mapped


def test_parts_of_a_config() -> None:
    config = {"pipeline": [{"name": "WhitespaceTokenizer"}, {"name": "DIETClassifier"}, "DIETClassifier", {"name": 3}]}
    assert parts(config) == {"encoder", "intents", "entities"}
    assert parts({"pipeline": "supervised"}) == parts({}) == frozenset()

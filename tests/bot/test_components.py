import pytest

from bot.components import components
from bot.dialogue.errors import ProjectError
from nlu.components import DIMENSIONS, Components, Fallback, PatternOptions


def of(*pipeline: dict[str, object]) -> Components:
    return components({"pipeline": list(pipeline)})


def test_without_a_pipeline_everything_runs() -> None:
    assert components({}) == components({"pipeline": None}) == Components()


def test_rasas_default_pipeline() -> None:
    names = (
        "WhitespaceTokenizer",
        "CountVectorsFeaturizer",
        "DIETClassifier",
        "EntitySynonymMapper",
        "ResponseSelector",
    )
    fallback = {"name": "FallbackClassifier", "threshold": 0.4}
    assert of(*({"name": name} for name in names), fallback) == Components(patterns=None, fallback=Fallback(0.4, 0.1))


def test_a_pipeline_decides_what_runs() -> None:
    assert of({"name": "LogisticRegressionClassifier"}) == Components(
        tagger=None, patterns=None, synonyms=False, selectors=(), fallback=None
    )
    entities_only = of({"name": "DIETClassifier", "intent_classification": False})
    assert (entities_only.intents, entities_only.tagger) == (False, "DIETClassifier")
    assert of({"name": "DIETClassifier", "entity_recognition": False}).tagger is None
    assert of({"name": "rasa.nlu.extractors.crf_entity_extractor.CRFEntityExtractor"}).tagger == "CRFEntityExtractor"


def test_settings_are_kept() -> None:
    chosen = of(
        {"name": "KeywordIntentClassifier", "case_sensitive": False},
        {"name": "RegexEntityExtractor", "case_sensitive": True, "use_lookup_tables": False},
        {"name": "DucklingEntityExtractor", "url": "http://localhost:8000"},
        {"name": "ResponseSelector", "retrieval_intent": "faq"},
        {"name": "ResponseSelector"},
    )
    assert chosen.keyword_case is False
    assert chosen.intents is False
    assert chosen.patterns == PatternOptions(case_sensitive=True, use_lookup_tables=False)
    assert chosen.dimensions == DIMENSIONS
    assert chosen.selectors == ("faq", None)


def test_dimensions_that_are_not_there_are_named() -> None:
    with pytest.warns(UserWarning, match="Duckling's temperature cannot be found here"):
        chosen = of({"name": "DucklingEntityExtractor", "dimensions": ["time", "temperature"]})
    assert chosen.dimensions == ("time",)


def test_a_projects_own_classifier_is_replaced() -> None:
    assert of({"name": "components.Sentiment"}).intents
    assert not of({"name": "KeywordIntentClassifier"}, {"name": "components.Sentiment"}).intents
    assert not of({"name": "SpacyEntityExtractor"}).intents


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"name": "FallbackClassifier", "threshold": 30}, "threshold of FallbackClassifier is 30; .* from 0 to 1"),
        ({"name": "FallbackClassifier", "ambiguity_threshold": True}, "is True; it must be a number"),
        ({"name": "RegexEntityExtractor", "case_sensitive": "yes"}, "is 'yes'; it must be true or false"),
        ({"name": "DucklingEntityExtractor", "dimensions": "time"}, "is 'time'; it must be a list"),
    ],
)
def test_wrong_settings_are_refused(entry: dict[str, object], problem: str) -> None:
    with pytest.raises(ProjectError, match=problem):
        of(entry)

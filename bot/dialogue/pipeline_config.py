"""What the components of a Rasa pipeline become here: one encoder and small heads on it do the work of most of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

Part = Literal["encoder", "intents", "entities", "patterns", "synonyms", "dimensions", "responses", "fallback"]

# `encoder` also stands for what only prepares text for a model: tokens, features, the language models of spaCy and MITIE.
_ENCODER: tuple[Part, ...] = ("encoder",)
COMPONENTS: Mapping[str, tuple[Part, ...]] = {
    "WhitespaceTokenizer": _ENCODER,
    "JiebaTokenizer": _ENCODER,
    "SpacyTokenizer": _ENCODER,
    "MitieTokenizer": _ENCODER,
    "SpacyNLP": _ENCODER,
    "MitieNLP": _ENCODER,
    "CountVectorsFeaturizer": _ENCODER,
    "LexicalSyntacticFeaturizer": _ENCODER,
    "RegexFeaturizer": _ENCODER,
    "SpacyFeaturizer": _ENCODER,
    "MitieFeaturizer": _ENCODER,
    "ConveRTFeaturizer": _ENCODER,
    "LanguageModelFeaturizer": _ENCODER,
    "DIETClassifier": ("intents", "entities"),
    "SklearnIntentClassifier": ("intents",),
    "LogisticRegressionClassifier": ("intents",),
    "MitieIntentClassifier": ("intents",),
    "KeywordIntentClassifier": ("intents",),
    "CRFEntityExtractor": ("entities",),
    "MitieEntityExtractor": ("entities",),
    "RegexEntityExtractor": ("patterns",),
    "EntitySynonymMapper": ("synonyms",),
    "DucklingEntityExtractor": ("dimensions",),
    "ResponseSelector": ("responses",),
    "FallbackClassifier": ("fallback",),
}
# Rasa's own that bring entities of their own names along, which no example of the project teaches.
UNMAPPED: Mapping[str, str] = {
    "SpacyEntityExtractor": "its persons, places and organisations are not found; annotate them, or list them as lookups",
}


def component(name: str) -> tuple[Part, ...] | None:
    """The parts of our understanding that take the place of a pipeline entry, by its class name or Rasa's dotted path to
    it. None for what has no counterpart: the project's own components, and those of `UNMAPPED`."""
    module, _, short = name.rpartition(".")
    if module and module.partition(".")[0] != "rasa":
        return None
    return COMPONENTS.get(short)


def entries(config: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and settings of each entry of the pipeline that is written as Rasa wants it."""
    pipeline = config.get("pipeline")
    for entry in pipeline if isinstance(pipeline, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            yield entry["name"], entry


def parts(config: Mapping[str, Any]) -> frozenset[Part]:
    """All parts of our understanding that a config asks for."""
    return frozenset(part for name, _ in entries(config) for part in component(name) or ())

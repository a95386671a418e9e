"""The understanding of any project, trained on its own examples: intents, entities, answers of retrieval intents.

Where `nlu.pipeline` knows a shop's world, this knows only what the project wrote. A parse is in Rasa's form, so that a
project's rules, stories and actions find what they found before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nlu.components import Components, PatternOptions
from nlu.data import MAX_CHARACTERS, OUT_OF_SCOPE
from nlu.dimensions import DimensionExtractor
from nlu.encoders import Encoder
from nlu.errors import NluError
from nlu.extractors.entity import Entity
from nlu.folders import replaced
from nlu.heads import Floats
from nlu.intents import IntentClassifier, IntentScores
from nlu.keywords import KeywordClassifier
from nlu.language import detect
from nlu.parse import FALLBACK, Thresholds
from nlu.regexes import PatternExtractor
from nlu.response_selector import ResponseSelector
from nlu.single_intent import SingleIntent
from nlu.synonyms import SynonymMapper
from nlu.tagger import EntityTagger
from nlu.tokenizer import clean
from nlu.training_data import Sentence, TrainingData

FORMAT = 1
_RANKED = 10
_OUTSIDE = Thresholds().outside
_FAR = 0.28  # centred cosine with the nearest example; of CLINC150's sentences out of scope 3 in 4 are farther off when five
# examples an intent are known, of those in scope 1 in 15

Report = Callable[[str], None]


class Classifier(Protocol):
    @property
    def classes(self) -> tuple[str, ...]: ...
    def score(self, features: Floats, texts: Sequence[str]) -> IntentScores: ...
    def save(self, folder: Path) -> None: ...


class Interpreter:
    """Everything trained for one project. Safe to share between threads."""

    def __init__(
        self,
        data: TrainingData,
        components: Components,
        encoder: Encoder,
        *,
        classifier: Classifier | None,
        tagger: EntityTagger | None,
        selectors: Sequence[ResponseSelector] = (),
        entities: frozenset[str] = frozenset(),
    ) -> None:
        """`data` needs sentences for keywords only; of the patterns those named like one of `entities` find entities."""
        self.components = components
        self.encoder = encoder
        self.classifier = classifier
        self.tagger = tagger
        self.selectors = tuple(selectors)
        self._data = data
        self._entities = entities
        self._patterns = None
        if components.patterns is not None:
            regexes, lookups = _named(data.regexes, entities), _named(data.lookups, entities)
            self._patterns = PatternExtractor(regexes, lookups, components.patterns)
        self._synonyms = SynonymMapper.of(data.synonyms) if components.synonyms else None
        self._dimensions = DimensionExtractor(components.dimensions) if components.dimensions else None
        self._keywords = None
        if components.keyword_case is not None:
            self._keywords = KeywordClassifier.of(data.sentences, case_sensitive=components.keyword_case)

    @classmethod
    def train(
        cls,
        data: TrainingData,
        *,
        encoder: Encoder,
        components: Components = Components(),  # noqa: B008 - frozen
        entities: Sequence[str] = (),
        seed: int = 0,
        report: Report = lambda _: None,
    ) -> Interpreter:
        """Train on a project's data; `entities` are the names that its domain lists beside the marked ones.

        Raises NluError when the data cannot be used.
        """
        sentences = _usable(data.sentences)
        texts = [sentence.text for sentence in sentences]
        tagger, classifier = None, None
        if components.tagger is not None:
            report("entities")
            tagger = EntityTagger.fit(
                sentences, encoder=encoder, patterns=_hints(data), extractor=components.tagger, seed=seed
            )
        report("intents")
        features = encoder.features(texts)
        if components.intents:
            classifier = _fit_intents(features, sentences, encoder.dim, seed)
        selectors = [
            ResponseSelector.fit(features, sentences, retrieval_intent=name, seed=seed) for name in components.selectors
        ]
        known = frozenset(entities) | data.entities
        return cls(
            replace(data, sentences=sentences),
            components,
            encoder,
            classifier=classifier,
            tagger=tagger,
            selectors=selectors,
            entities=known,
        )

    def save(self, folder: Path, *, stamp: str = "") -> None:
        """Writes the model as arrays and JSON; a model already there is replaced in one step. `stamp` says what it was
        trained on, for `stamp_of`."""
        with replaced(folder) as fresh:
            if self.classifier is not None:
                self.classifier.save(fresh)
            if self.tagger is not None:
                self.tagger.save(fresh)
            for i, selector in enumerate(self.selectors):
                selector.save(fresh, i)
            document = {
                "format": FORMAT,
                "stamp": stamp,
                "encoder": self.encoder.fingerprint,
                "components": self.components.as_dict(),
                "classifier": _kind(self.classifier),
                "synonyms": dict(self._data.synonyms),
                "regexes": {name: list(found) for name, found in self._data.regexes.items()},
                "lookups": {name: list(found) for name, found in self._data.lookups.items()},
                "responses": {name: [dict(v) for v in found] for name, found in self._data.responses.items()},
                "entities": sorted(self._entities),
                "retrieval_intents": self._data.retrieval_intents,
                "sentences": [(s.text, s.intent, s.response) for s in self._kept()],
            }
            (fresh / "interpreter.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, encoder: Encoder) -> Interpreter:
        """What `save` wrote. Raises NluError when it is absent, broken, or made with another encoder or version."""
        try:
            document = json.loads((folder / "interpreter.json").read_text(encoding="utf-8"))
            made_with, version = document["encoder"], document["format"]
            data = TrainingData(
                [Sentence(text, intent, response) for text, intent, response in document["sentences"]],
                *(document[key] for key in ("synonyms", "regexes", "lookups", "responses")),
            )
            components = Components.from_dict(document["components"])
            kind, entities = document["classifier"], frozenset(document["entities"])
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise NluError(
                f"No trained model in {str(folder)!r} ({err}); train it: daogou train --project DIR"
            ) from err
        if (made_with, version) != (encoder.fingerprint, FORMAT):
            raise NluError(
                f"The model in {str(folder)!r} was made by version {version!r} with the encoder {made_with!r}, not "
                f"{FORMAT!r} and {encoder.fingerprint!r}; train it again"
            )
        classifiers: dict[str | None, Callable[[Path], Classifier]] = {
            "single": SingleIntent.load,
            "intents": IntentClassifier.load,
        }
        return cls(
            data,
            components,
            encoder,
            classifier=classifiers[kind](folder) if kind in classifiers else None,
            tagger=EntityTagger.load(folder, encoder=encoder, patterns=_hints(data)),
            selectors=[ResponseSelector.load(folder, i) for i in range(len(components.selectors))],
            entities=entities,
        )

    def parse(self, text: str, *, today: date | None = None) -> dict[str, Any]:
        """Understand one message, in Rasa's form and JSON-ready; `today` is the day that "tomorrow" counts from."""
        entities = self._extract(text, today)  # first: the encoder's pass for it serves the rest, too
        features = self.encoder.features([text]) if self.classifier is not None or self.selectors else None
        ranking = self._rank(text, features)
        best, confidence = ranking[0] if ranking else (None, 0.0)
        parse: dict[str, Any] = {
            "text": text,
            "intent": {"name": best, "confidence": confidence},
            "intent_ranking": [{"name": name, "confidence": value} for name, value in ranking],
            "entities": [entity.as_dict() for entity in entities],
            "language": detect(text),
        }
        if self.selectors and features is not None:
            retrieval = self._data.retrieval_intents
            chosen: dict[str, Any] = {s.name: s.select(features, text, self._data.responses) for s in self.selectors}
            parse["response_selector"] = {"all_retrieval_intents": retrieval, **chosen}
            if best in retrieval:
                full = chosen.get(best, {}).get("response", {}).get("intent_response_key")
                parse["intent"]["full_retrieval_intent_name"] = full
        return parse

    def _kept(self) -> list[Sentence]:
        """The sentences that a loaded interpreter still needs."""
        if self._keywords is not None:
            return list(self._data.sentences)
        seen = {s.intent: s for s in self._data.sentences if s.response is not None}
        return list(seen.values())  # one of each retrieval intent, for its name

    def _extract(self, text: str, today: date | None) -> list[Entity]:
        if not clean(text):
            return []
        found = self.tagger.extract(text) if self.tagger is not None else []
        found += self._patterns.extract(text) if self._patterns is not None else []
        found += self._dimensions.extract(text, today=today) if self._dimensions is not None else []
        found = _without_repetitions(found)
        return self._synonyms.apply(found) if self._synonyms is not None else found

    def _rank(self, text: str, features: Floats | None) -> list[tuple[str, float]]:
        """Intents with their confidence, best first; `nlu_fallback` before them when the message is unclear."""
        ranking: list[tuple[str, float]] = []
        scope = 0.0
        if self.classifier is not None and features is not None and clean(text):
            scores = self.classifier.score(features, [text])
            probability, scope = scores.probability[0], float(scores.scope[0])
            order = np.argsort(-probability, kind="stable")[:_RANKED]
            ranking = [(self.classifier.classes[i], float(probability[i])) for i in order]
        said = self._keywords.classify(text) if self._keywords is not None else None
        if said is not None:
            return [(said, 1.0), *(pair for pair in ranking if pair[0] != said)][:_RANKED]
        limits = self.components.fallback
        if limits is None:
            return ranking
        best, confidence = ranking[0] if ranking else (None, 0.0)
        apart = confidence - ranking[1][1] if len(ranking) > 1 else 1.0
        lonely = len(ranking) == 1 or confidence < _OUTSIDE
        far = features is not None and self._is_far(features)
        unlike = best != OUT_OF_SCOPE and (far or (scope < 0 and lonely))
        if confidence < limits.threshold or apart < limits.ambiguity or unlike:
            ranking.insert(0, (FALLBACK, limits.threshold))  # Rasa gives the threshold as its confidence, too
        return ranking

    def _is_far(self, features: Floats) -> bool:
        """Is a text unlike every single example? Confidence does not tell: of few intents one is always likely."""
        if not isinstance(self.classifier, IntentClassifier):
            return False
        vector = features[0, : self.encoder.dim] - self.classifier.centre
        return float((self.classifier.bank @ vector).max()) < _FAR * float(np.linalg.norm(vector))


def stamp_of(folder: Path) -> str | None:
    """The stamp that a saved interpreter got; None where there is none."""
    try:
        return str(json.loads((folder / "interpreter.json").read_text(encoding="utf-8"))["stamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _kind(classifier: Classifier | None) -> str | None:
    if classifier is None:
        return None
    return "single" if isinstance(classifier, SingleIntent) else "intents"


def _usable(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Without repetitions and empty texts. Raises NluError when nothing is left or a text is no sentence."""
    found = [sentence for sentence in dict.fromkeys(sentences) if clean(sentence.text)]
    if not found:
        raise NluError("There are no examples to train on; give some sentences for each intent under 'nlu'")
    for sentence in found:
        if len(sentence.text) > MAX_CHARACTERS:
            raise NluError(
                f"An example of the intent {sentence.intent!r} has {len(sentence.text)} characters "
                f"({sentence.text[:40]!r}…); at most {MAX_CHARACTERS} are allowed"
            )
    return found


def _fit_intents(features: Floats, sentences: Sequence[Sentence], dim: int, seed: int) -> Classifier | None:
    rows = [i for i, sentence in enumerate(sentences) if sentence.intent]
    labels = [sentences[i].intent for i in rows]
    if len(set(labels)) < 2:
        return SingleIntent.fit(features[rows][:, :dim], labels[0]) if labels else None
    return IntentClassifier.fit(features[rows], [sentences[i].text for i in rows], labels, dim=dim, seed=seed)


def _named(patterns: Mapping[str, Sequence[str]], names: frozenset[str]) -> dict[str, Sequence[str]]:
    return {name: found for name, found in patterns.items() if name in names}


def _hints(data: TrainingData) -> PatternExtractor:
    """All patterns and lists, whatever their names: to the tagger they are features."""
    return PatternExtractor(data.regexes, data.lookups, PatternOptions())


def _without_repetitions(entities: Sequence[Entity]) -> list[Entity]:
    """What two extractors found alike counts once, with the role and group that one of them knows."""
    kept: dict[tuple[str, int, int], list[Entity]] = {}
    for entity in entities:
        same = kept.setdefault((entity.entity, entity.start, entity.end), [])
        if not same or (entity.role, entity.group) not in [(None, None), *((e.role, e.group) for e in same)]:
            same.append(entity)
    return sorted((e for same in kept.values() for e in same), key=lambda e: (e.start, e.end))

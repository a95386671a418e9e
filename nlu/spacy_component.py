"""For those who live in spaCy: the extractor as a pipeline component that sets `doc.ents`.

Our own path does not pass through spaCy: an utterance costs a quarter of a millisecond without its Doc objects.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from nlu.entities import Entity, Extractor
from nlu.vocabulary import Vocabulary

FACTORY = "daogou_entities"
if not Doc.has_extension("entities"):
    Doc.set_extension("entities", default=[])
if not Span.has_extension("entity"):
    Span.set_extension("entity", default=None)


class EntityComponent:
    """Sets `doc.ents`, `doc._.entities` (all that was found) and `span._.entity` (value, role …). Set `today` to anchor
    dates elsewhere; set `extractor` to another vocabulary's to reload."""

    def __init__(self, extractor: Extractor, today: date | None = None) -> None:
        self.extractor = extractor
        self.today = today

    def __call__(self, doc: Doc) -> Doc:
        found = self.extractor.extract(doc.text, today=self.today)
        doc._.entities = found
        doc.set_ents(spacy.util.filter_spans([s for e in found if (s := _span(doc, e)) is not None]))
        return doc


def spacy_pipeline(
    vocabulary: Vocabulary, language: Literal["zh", "en"] = "zh", *, segmenter: Literal["char", "jieba"] = "char"
) -> Language:
    """A blank spaCy pipeline with the extractor at its end. `segmenter` is for zh: characters keep entity borders exact,
    jieba's words may swallow one (a span then grows to whole words)."""
    if language not in ("zh", "en"):
        raise ValueError(f"language must be 'zh' or 'en', got {language!r}")
    if segmenter not in ("char", "jieba"):
        raise ValueError(f"segmenter must be 'char' or 'jieba', got {segmenter!r}")
    config = {"nlp": {"tokenizer": {"segmenter": segmenter}}} if language == "zh" else {}
    pipeline = spacy.blank(language, config=config)
    component: Any = pipeline.add_pipe(FACTORY)
    component.extractor = Extractor(vocabulary)
    return pipeline


@Language.factory(FACTORY, assigns=["doc.ents"])
def _factory(nlp: Language, name: str) -> EntityComponent:  # noqa: ARG001 spaCy's signature
    return EntityComponent(Extractor(Vocabulary.builtin()))


def _span(doc: Doc, entity: Entity) -> Span | None:
    span = doc.char_span(entity.start, entity.end, label=entity.entity, alignment_mode="expand")
    if span is not None:
        span._.entity = entity
    return span

import warnings
from datetime import date

import pytest

from nlu.vocabulary import Vocabulary

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # spaCy's own imports, and jieba's
    from nlu.spacy_component import spacy_pipeline


@pytest.mark.parametrize(
    ("language", "text", "entities"),
    [
        (
            "zh",
            "不要索尼的，明天要两双跑鞋",
            [("索尼", "brand"), ("明天", "date"), ("两双", "quantity"), ("跑鞋", "category")],
        ),
        ("en", "headphones under $50", [("headphones", "category"), ("under $50", "price")]),
    ],
)
def test_pipeline_sets_entities(language, text, entities):
    pipeline = spacy_pipeline(Vocabulary.builtin(), language)
    pipeline.get_pipe("daogou_entities").today = date(2026, 11, 18)
    doc = pipeline(text)
    assert [(e.text, e.label_) for e in doc.ents] == entities
    assert [e._.entity.value for e in doc.ents] == [e.value for e in doc._.entities]


def test_unknown_language_is_refused():
    with pytest.raises(ValueError, match="language must be 'zh' or 'en', got 'fr'"):
        spacy_pipeline(Vocabulary.builtin(), "fr")

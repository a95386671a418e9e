from dataclasses import replace

import numpy as np
import pytest
from knowledge_support import SHOP, HashingEncoder

from knowledge.article import Language
from knowledge.errors import KnowledgeError
from knowledge.index import Index
from knowledge.retrieve import Retriever


@pytest.mark.parametrize(
    ("question", "language", "slug", "answered_in"),
    [
        ("运费多少", "zh", "shipping-fee", "zh"),
        ("運費多少", "zh", "shipping-fee", "zh"),
        ("咖啡可以退吗", "zh", "return-food", "zh"),
        ("how much is postage", "en", "shipping-fee", "en"),
        ("运费多少", "en", "shipping-fee", "en"),  # a Chinese word in an English talk
        ("when are you open", "zh", "opening-hours", "en"),  # no Chinese article: its twin
    ],
)
def test_the_article_is_found(
    retriever: Retriever, question: str, language: Language, slug: str, answered_in: Language
) -> None:
    hits = retriever.search(question, language=language)
    assert hits[0].article.key == (slug, answered_in)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.article.slug for hit in hits}) == len(hits) == 3  # each topic once


def test_a_given_vector_is_used(retriever: Retriever, encoder: HashingEncoder) -> None:
    vector = encoder.encode(["shipping cost"])[0]
    before = encoder.calls
    assert retriever.search("shipping cost", vector=vector, language="en") == retriever.search(
        "shipping cost", vector=vector, language="en"
    )
    assert encoder.calls == before


def test_passages_are_those_of_the_article_in_order(retriever: Retriever) -> None:
    hit = retriever.search("can I return coffee", language="en", k=1)[0]
    assert [passage.text for passage in hit.passages] == [hit.article.text]
    hit = retriever.search("运费多少", language="zh", k=1)[0]
    assert "\n\n".join(passage.text for passage in hit.passages) == hit.article.text


def test_a_shop_with_one_article_works(tmp_path: object, index: Index) -> None:
    index.ingest([replace(SHOP[0], questions=())])
    hits = Retriever(index).search("运费怎么算", language="zh")
    assert [hit.article.slug for hit in hits] == ["shipping-fee"]
    assert np.isfinite(hits[0].score)


def test_refresh_serves_what_is_new(retriever: Retriever, index: Index) -> None:
    index.ingest([SHOP[4]])
    assert retriever.article("shipping-fee", "zh") == SHOP[0]
    retriever.refresh()
    assert retriever.article("shipping-fee", "zh") is None
    assert retriever.article("opening-hours", "en") == SHOP[4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "fr"}, "language 'fr' is none of zh, en"),
        ({"language": "zh", "k": 0}, "k is 0"),
        ({"language": "zh", "vector": np.zeros(3, np.float32)}, r"shape \(3,\); this index needs \(128,\)"),
    ],
)
def test_wrong_arguments(retriever: Retriever, options: dict[str, object], message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        retriever.search("x", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "   ", "？？？", "😀", "\x00", "x" * 2000])
def test_no_text_breaks_it(retriever: Retriever, text: str) -> None:
    assert all(np.isfinite(hit.score) for hit in retriever.search(text, language="en"))

"""The demo shop's articles answer what customers ask of them, and mostly leave alone what they do not."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.training import encoder
from knowledge.answer import Answerer
from knowledge.article import LANGUAGES, Language
from knowledge.index import Index
from knowledge.retrieve import Retriever

DATA = Path(__file__).parent / "data"


def rows(name: str, language: Language) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["language"] == language]


@pytest.fixture(scope="module")
def retriever(prepared_home: Path) -> Iterator[Retriever]:
    settings = Settings(home=prepared_home)
    index = Index(settings.chroma, encoder(settings))
    yield Retriever(index)
    index.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_in_other_words_find_their_article(retriever: Retriever, language: Language) -> None:
    answerer = Answerer(retriever)
    asked = rows("demo_questions.csv", language)
    found = [[hit.article.slug for hit in retriever.search(r["question"], language=language, k=3)] for r in asked]
    right = [set(r["slugs"].split("|")) for r in asked]
    assert sum(got[0] in want for got, want in zip(found, right, strict=True)) >= 0.9 * len(asked)
    assert all(want & set(got) for got, want in zip(found, right, strict=True))
    assert sum(answerer.answer(r["question"], language=language).known for r in asked) >= 0.95 * len(asked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_of_what_no_article_answers_is_not_known(retriever: Retriever, language: Language) -> None:
    answerer = Answerer(retriever)
    asked = [row["text"] for row in rows("off_topic.csv", language)]
    assert sum(answerer.answer(text, language=language).known for text in asked) <= 0.3 * len(asked)


@pytest.mark.parametrize(
    ("question", "language", "figure"),
    [
        ("咖啡能退吗", "zh", "7 天"),
        ("偏遠地區運費", "zh", "20 元"),
        ("when are you open", "en", "09:00 to 22:00"),
        ("can I return opened skincare", "en", "7 days"),
    ],
)
def test_the_figure_is_in_the_answer(retriever: Retriever, question: str, language: Language, figure: str) -> None:
    answer = Answerer(retriever).answer(question, language=language)
    assert figure in answer.text
    assert len(answer.sources) == 1

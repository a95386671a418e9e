"""A small shop's index, retriever and answerer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from knowledge_support import SHOP, HashingEncoder

from knowledge.answer import Answerer
from knowledge.index import Index
from knowledge.retrieve import Retriever


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def index(tmp_path: Path, encoder: HashingEncoder) -> Iterator[Index]:
    made = Index(tmp_path / "chroma", encoder)
    made.ingest(SHOP)
    yield made
    made.close()


@pytest.fixture
def retriever(index: Index) -> Retriever:
    return Retriever(index)


@pytest.fixture
def answerer(retriever: Retriever) -> Answerer:
    return Answerer(retriever)

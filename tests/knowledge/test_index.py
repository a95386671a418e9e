from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from knowledge_support import SHOP, HashingEncoder

from knowledge.errors import KnowledgeError
from knowledge.index import Index, Ingested
from nlu.encoders import Floats, Kind

FEE, FEE_EN, FOOD, *REST = SHOP


def test_a_snapshot_holds_what_was_ingested(index: Index) -> None:
    snapshot = index.snapshot()
    assert set(snapshot.articles.values()) == set(SHOP)
    texts = {(e.kind, e.side, e.text, e.position) for e in snapshot.entries if (e.slug, e.language) == FEE.key}
    assert texts == {
        ("title", "query", "运费怎么算", 0),
        ("question", "query", "运费多少", 0),
        ("question", "query", "邮费怎么收", 0),
        ("passage", "passage", "大陆地区满 99 元包邮，不满收 10 元运费。", 0),
        ("passage", "passage", "偏远地区每单固定收取 20 元，例如新疆和西藏。", 1),
    }
    assert snapshot.vectors.shape == (len(snapshot.entries), index.encoder.dim)


def test_unchanged_articles_are_not_encoded_again(index: Index, encoder: HashingEncoder) -> None:
    before = encoder.calls
    assert index.ingest(SHOP) == Ingested(added=0, changed=0, removed=0, unchanged=5)
    assert encoder.calls == before


def test_only_what_changed_is_written(index: Index, encoder: HashingEncoder) -> None:
    before = encoder.calls
    newer = replace(FEE, questions=(*FEE.questions, "寄过来多少钱"))
    new = replace(FEE, slug="new")
    assert index.ingest([newer, FEE_EN, new, *REST]) == Ingested(added=1, changed=1, removed=1, unchanged=3)
    articles = index.snapshot().articles
    assert FOOD.key not in articles
    assert articles[newer.key] == newer
    new_rows = sum(1 for e in index.snapshot().entries if e.slug == "new")
    assert encoder.calls - before == new_rows + 2  # the question, and the title's row that lists the questions


def test_the_index_outlives_the_process(index: Index, tmp_path: Path, encoder: HashingEncoder) -> None:
    index.close()
    again = Index(tmp_path / "chroma", encoder)
    assert set(again.snapshot().articles.values()) == set(SHOP)
    again.close()


def test_sources_do_not_touch_each_other(index: Index) -> None:
    note = replace(FEE, slug="note")
    assert index.ingest([note], source="notes").removed == 0
    assert index.ingest(SHOP).removed == 0
    assert note.key in index.snapshot().articles
    taken = replace(FEE, title="新运费")  # the same name from elsewhere replaces, never stands beside
    assert index.ingest([taken], source="notes") == Ingested(added=0, changed=1, removed=1, unchanged=0)
    found = [e for e in index.snapshot().entries if (e.slug, e.language, e.kind) == (*FEE.key, "title")]
    assert [e.text for e in found] == ["新运费"]


def test_another_encoder_needs_another_ingest(index: Index, tmp_path: Path) -> None:
    other = Index(tmp_path / "chroma", HashingEncoder(dim=32, fingerprint="hashing-2"))
    with pytest.raises(KnowledgeError, match="made with the encoder hashing-1, and 'hashing-2' is asked for"):
        other.snapshot()
    assert other.ingest(SHOP).added == 5
    assert other.snapshot().vectors.shape[1] == 32
    with pytest.raises(KnowledgeError, match="made with the encoder hashing-2"):
        index.snapshot()
    other.close()


def test_an_empty_index_says_so(tmp_path: Path, encoder: HashingEncoder) -> None:
    empty = Index(tmp_path, encoder)
    with pytest.raises(KnowledgeError, match="holds nothing yet"):
        empty.snapshot()
    empty.close()


class FailingEncoder(HashingEncoder):
    """Breaks off when it has to encode `word`, as a killed process would."""

    word = ""

    def encode(self, texts: Sequence[str], *, kind: Kind = "query") -> Floats:
        if self.word and any(self.word in text for text in texts):
            raise RuntimeError("killed")
        return super().encode(texts, kind=kind)


def test_an_interrupted_ingest_leaves_a_readable_index_and_is_completed(tmp_path: Path) -> None:
    encoder = FailingEncoder()
    index = Index(tmp_path, encoder)
    index.ingest(SHOP)
    many = [replace(FEE, slug=f"fee-{n}", title=f"标题{n}") for n in range(200)]
    encoder.word = "标题199"
    with pytest.raises(RuntimeError, match="killed"):
        index.ingest(many)
    between = index.snapshot().articles
    assert {a.key for a in SHOP} < between.keys()  # nothing old is deleted before all that is new is there
    encoder.word = ""
    assert index.ingest(many).removed == 5
    assert set(index.snapshot().articles.values()) == set(many)
    index.close()


@pytest.mark.parametrize(
    ("articles", "source", "message"),
    [
        ((), "shop", "no article to ingest"),
        ((FEE, FEE), "shop", "Two articles are named 'shipping-fee' in 'zh'"),
        ((FEE,), "", "'' cannot name a source"),
        ((FEE,), "background", "'background' cannot name a source"),
    ],
)
def test_what_cannot_be_ingested(index: Index, articles: tuple[()], source: str, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        index.ingest(articles, source=source)


def test_progress_counts_rows(tmp_path: Path, encoder: HashingEncoder) -> None:
    seen: list[tuple[int, int]] = []
    index = Index(tmp_path, encoder)
    index.ingest(
        [replace(FEE, slug=str(n)) for n in range(100)], progress=lambda done, total: seen.append((done, total))
    )
    assert len(seen) > 1
    assert seen[-1][0] == seen[-1][1] == encoder.calls
    index.close()

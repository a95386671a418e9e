from pathlib import Path

import pytest
from knowledge_support import SHOP, HashingEncoder

from knowledge.article import Article
from knowledge.beir import read_beir
from knowledge.errors import KnowledgeError
from knowledge.evaluate import Query, evaluate, evaluate_articles, leave_one_out, mean_summary
from knowledge.retrieve import Retriever

CORPUS = '{"_id": "d1", "title": "", "text": "Cats sleep."}\n{"_id": "d2", "title": "狗", "text": "狗会叫。"}\n'
QUERIES = '{"_id": "q1", "text": "cats"}\n{"_id": "q2", "text": "狗"}\n{"_id": "q3", "text": "unjudged"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td1\t0\n"


def files(folder: Path, corpus: str = CORPUS, queries: str = QUERIES, qrels: str = QRELS) -> tuple[Path, Path, Path]:
    paths = folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"
    for path, text in zip(paths, (corpus, queries, qrels), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_beir_files_are_read(tmp_path: Path) -> None:
    articles, queries = read_beir(*files(tmp_path))
    assert articles == [Article("d1", "en", "Cats sleep.", "Cats sleep."), Article("d2", "zh", "狗", "狗会叫。")]
    assert queries == [Query("cats", "en", {"d1": 1.0}), Query("狗", "zh", {"d2": 2.0, "d1": 0.0})]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"corpus": "[1]\n"}, r"corpus.jsonl, line 1: \[1\] is no object"),
        ({"corpus": '{"text": "x"}\n'}, "has no _id"),
        ({"queries": "{\n"}, "queries.jsonl, line 1: no JSON"),
        ({"qrels": "a\tb\tc\nq1\td1\tx\n"}, "line 2: .* is not query-id, corpus-id, score"),
        ({"qrels": "q9\td1\t1\n"}, "judges the query 'q9'"),
        ({"qrels": "q1\td9\t1\n"}, "names the document 'd9'"),
    ],
)
def test_files_that_disagree_are_refused(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        read_beir(*files(tmp_path, **changed))


def test_trec_judgements_are_read(tmp_path: Path) -> None:
    _, queries = read_beir(*files(tmp_path, qrels="q1\t0\td1\t1\n"))
    assert queries == [Query("cats", "en", {"d1": 1.0})]


def test_the_summary_is_the_mean_of_each(retriever: Retriever) -> None:
    right, wrong = {"shipping-fee": 1.0}, {"nowhere": 1.0}
    found = evaluate(retriever, [Query("运费多少", "zh", right), Query("运费多少", "zh", wrong)])
    measures = ("recall@1", "recall@5", "recall@20", "mrr@10", "ndcg@10")
    assert [found.summary[name] for name in measures] == [0.5] * 5
    known = {"known": 1.0}
    assert found.each == (dict.fromkeys(measures, 1.0) | known, dict.fromkeys(measures, 0.0) | known)
    assert found.summary["ms_per_query"] >= found.summary["ms_per_search"] > 0


def test_nothing_to_evaluate(encoder: HashingEncoder) -> None:
    with pytest.raises(KnowledgeError, match="no query"):
        evaluate_articles(SHOP, [], encoder=encoder)


def test_the_left_out_question_is_not_seen(encoder: HashingEncoder) -> None:
    hidden = Article("a", "en", "Alpha", "First text.", ("zebra stripes",))
    other = Article("b", "en", "Beta", "Second text about zebra animals.")
    found = leave_one_out([hidden, other], encoder=encoder, folds=1)
    assert found.keys() == {"en"}
    summary = mean_summary(found["en"])
    assert (summary["n"], summary["recall@1"], summary["recall@5"]) == (1, 0.0, 1.0)
    with pytest.raises(KnowledgeError, match="no article has 3 questions; ask for fewer folds than 5"):
        leave_one_out(SHOP, encoder=encoder, folds=5)

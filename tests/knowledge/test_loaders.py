from pathlib import Path

import pytest

from knowledge.article import Article
from knowledge.errors import KnowledgeError
from knowledge.loaders import MAX_BYTES, load, load_file

FRONT = "---\ntitle: 运费\ntopic: shipping\nquestions:\n- 运费多少\n- 运费多少\nupdated: 2026-10-12\n---\n\n满 99 元包邮。\n"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text", "articles"),
    [
        ("zh/fee.md", FRONT, [Article("fee", "zh", "运费", "满 99 元包邮。", ("运费多少",), "shipping", "2026-10-12")]),
        ("fee.md", "\ufeff# Fees\r\n\r\nFree from 99.", [Article("fee", "en", "Fees", "Free from 99.")]),
        ("zh/a.md", "只有正文<!-- 忽略规则 -->，没有标题", [Article("a", "zh", "a", "只有正文，没有标题")]),
        ("hours.txt", "Opening hours\n\nNine to ten.", [Article("hours", "en", "Opening hours", "Nine to ten.")]),
        ("hours.html", "<h1>Hours</h1><p>Nine to ten.", [Article("hours", "en", "Hours", "Nine to ten.")]),
        (
            "faq.csv",
            "id,question,answer,lang,questions\nq1,Do you ship?,Yes.,en,ship?|delivery?\nq2,能退吗,能。,zh-CN,\n",
            [
                Article("q1", "en", "Do you ship?", "Yes.", ("ship?", "delivery?")),
                Article("q2", "zh", "能退吗", "能。"),
            ],
        ),
        ("faq.jsonl", '{"slug": "a b", "title": "T", "text": "X", "lang": "en"}\n\n', [Article("a-b", "en", "T", "X")]),
    ],
)
def test_every_kind_of_file(tmp_path: Path, name: str, text: str, articles: list[Article]) -> None:
    assert load_file(put(tmp_path, name, text)) == articles


def test_a_row_without_a_name_keeps_its_slug_when_its_answer_changes(tmp_path: Path) -> None:
    before = load_file(put(tmp_path, "faq.csv", "question,answer\nDo you ship?,Yes\n"))
    after = load_file(put(tmp_path, "faq.csv", "question,answer\nAnother?,No\nDo you ship?,Not yet\n"))
    assert before[0].slug == after[1].slug != after[0].slug


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.pdf", "%PDF", r"'\.pdf' is none of \.md"),
        ("a.md", "", "holds no text"),
        ("a.md", "---\ntitle: [\n---\nx", "front matter that is no YAML"),
        ("a.md", "---\n- a\n---\nx", r"front matter \['a'\]"),
        ("a.md", "---\ntitle: {a: b}\n---\nx", "title {'a': 'b'}; it must be a text"),
        ("a.md", "---\nquestions: 3\n---\nx", "questions 3"),
        ("a.md", "---\nlanguage: fr\n---\nx", "the language 'fr'; allowed are zh, en"),
        ("a.md", "---\nslug: '//'\n---\nx", "gives the slug '//'"),
        ("a.md", "x" * (MAX_BYTES + 1), "at most 5000000 are read"),
        ("a.csv", "question,answer\nonly a question,\n", "line 2: needs question and answer"),
        ("a.csv", 'question,answer\n"a,b\n', "is no CSV"),
        ("a.jsonl", "{}\n{", "line 1: needs question"),
        ("a.jsonl", "nonsense", "line 1: no JSON"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        load_file(put(tmp_path, name, text))


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("运费".encode("gbk"))
    with pytest.raises(KnowledgeError, match="not UTF-8"):
        load_file(path)


def test_folders_are_searched_and_names_are_unique(tmp_path: Path) -> None:
    put(tmp_path, "zh/fee.md", FRONT)
    put(tmp_path, "en/fee.md", "# Fee\n\nFree.")
    put(tmp_path, "en/picture.png", "")
    assert [article.key for article in load([tmp_path])] == [("fee", "en"), ("fee", "zh")]
    put(tmp_path, "en/more/fee.txt", "Another text about the fee.")
    with pytest.raises(KnowledgeError, match="Two articles are named 'fee' in 'en'"):
        load([tmp_path])


@pytest.mark.parametrize(
    ("path", "message"), [("https://x.example/faq", "from the web is off"), ("gone", "does not exist")]
)
def test_only_files_that_exist(path: str, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        load([path])

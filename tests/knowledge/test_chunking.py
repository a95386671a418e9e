import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import MAX_TOKENS, Passage, estimate_tokens, passages, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("满 99.5 元包邮。“好的！”可以；行！", ["满 99.5 元包邮。", "“好的！”", "可以；行！"]),
        ("It costs 3.5 yuan, e.g. here. No. Yes?", ["It costs 3.5 yuan, e.g. here.", "No.", "Yes?"]),
        ("- one\n- two", ["- one", "- two"]),
        ("真的吗？！是的", ["真的吗？！", "是的"]),
        ("", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


def test_paragraphs_stand_under_their_headings() -> None:
    long = "This paragraph has quite enough words to stand alone as a passage of its own."
    text = f"{long}\n\n# Care\n\nPlease note:\n\n{long}\n\n## Wool\n\n{long}\n\n# Other\n\nShort."
    assert passages(text) == [
        Passage("", long),
        Passage("Care", f"Please note:\n{long}"),
        Passage("Care › Wool", long),
        Passage("Other", "Short."),
    ]


@pytest.mark.parametrize(
    "text", ["字" * 3000, "word " * 900, "这是一句完整的话，说的是运费。" * 60, "- an item of a list\n" * 90]
)
def test_long_texts_are_cut_without_loss(text: str) -> None:
    found = passages(text)
    assert len(found) > 1
    assert max(estimate_tokens(passage.text) for passage in found) <= MAX_TOKENS
    assert "".join("".join(p.text for p in found).split()) == "".join(text.split())


@given(st.text(alphabet="字a 。.\n-#1", max_size=400))
def test_every_letter_of_the_body_survives(text: str) -> None:
    body = "\n".join(line for line in text.split("\n") if not re.match(r"#{1,6}\s", line))
    kept = "".join(passage.text for passage in passages(text) if passage.text)
    assert sorted(c for c in kept if c in "字a1") == sorted(c for c in body if c in "字a1")

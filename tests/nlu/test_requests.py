"""Where messages are cut; single requests must stay whole."""

from __future__ import annotations

import pytest

from nlu.requests import Part, accept, split


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("取消订单10023，另外看看有没有黑色耳机", ["取消订单10023", "看看有没有黑色耳机"]),
        ("Where is my order? And also do you take PayPal?", ["Where is my order?", "do you take PayPal?"]),
        ("I want to return this. By the way, when is the sale?", ["I want to return this", "when is the sale?"]),
        ("这个有货吗？多久能到？", ["这个有货吗？", "多久能到？"]),
        ("帮我查下快递，顺便开个发票，还有积分多少", ["帮我查下快递", "开个发票", "积分多少"]),
        ("track 10023 and can you cancel 10024", ["track 10023", "can you cancel 10024"]),
        ("你好，我想退货", ["我想退货"]),
        ("thanks, but I want to change the colour", ["I want to change the colour"]),
        ("Hello there! Where is my parcel?", ["Where is my parcel?"]),
    ],
)
def test_split(text: str, parts: list[str]) -> None:
    found = split(text)
    assert [part.text for part in found] == [
        p.rstrip("?？") if p.endswith(("?", "？")) and p not in text else p for p in parts
    ]
    assert all(text[part.start : part.end] == part.text for part in found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "你好",
        "thanks!",
        "我想退货",
        "收到是坏的，我要退货",
        "The vase arrived cracked. I want my money back.",
        "还有货吗",
        "还有多少库存",
        "也要黑色的",
        "is it also waterproof",
        "black and white sneakers under 50",
        "有没有另外一款",
        "除了这个还有别的吗",
        "by the way",
        "a? " * 50,
    ],
)
def test_single_requests_stay_whole(text: str) -> None:
    assert len(split(text)) < 2


ANNOUNCED = (Part("a", 0, 1), Part("b", 2, 3, announced=True))
QUESTIONS = (Part("a?", 0, 2, question=True), Part("b?", 3, 5, question=True))


@pytest.mark.parametrize(
    ("parts", "readings", "kept"),
    [
        (ANNOUNCED, [("x", 0.6), ("y", 0.6)], [0, 1]),
        (ANNOUNCED, [("x", 0.6), ("y", 0.4)], []),  # not understood: a veto
        (ANNOUNCED, [("x", 0.9), ("x", 0.9)], []),  # the same twice is one
        (ANNOUNCED, [("greet", 0.9), ("y", 0.9)], [1]),
        (QUESTIONS, [("x", 0.6), ("y", 0.9)], []),  # without an announcing word it must be surer
        (QUESTIONS, [("x", 0.8), ("y", 0.9)], [0, 1]),
    ],
)
def test_accept(parts: tuple[Part, ...], readings: list[tuple[str, float]], kept: list[int]) -> None:
    assert accept(parts, readings, social={"greet"}) == kept

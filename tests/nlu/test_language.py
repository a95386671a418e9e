import pytest

from nlu.language import detect, matching_form, normalise, reply_language, to_simplified


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("三百以内的降噪耳机有吗", "zh"),
        ("在吗", "zh"),
        ("iPhone15有货吗", "zh"),
        ("这个USB接口是什么样的", "zh"),
        ("订单号SF123456到哪了", "zh"),
        ("我的邮箱是lin@example.com", "zh"),
        ("想買一雙運動鞋", "zh"),
        ("hi", "en"),
        ("do you have it in size M?", "en"),
        ("any promo code?", "en"),
        ("I want the 黑 one please, thanks", "en"),
        ("有没有noise cancelling耳机", "mixed"),
        ("do you have 降噪耳机", "mixed"),
        ("这款的 battery life 怎么样", "mixed"),
        ("HELLO", "en"),
        ("OK", "und"),
        ("123456", "und"),
        ("😀👍", "und"),
        ("", "und"),
        ("こんにちは、ヘッドホンありますか", "und"),
        ("привет", "und"),
    ],
)
def test_detect(text, language):
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "session", "language"),
    [
        ("你好", "en", "zh"),
        ("hello there", "zh", "en"),
        ("有没有noise cancelling的", "en", "zh"),
        ("do you have 降噪耳机", "zh", "en"),
        ("48210", "zh", "zh"),
        ("48210", "en", "en"),
        ("👍", "zh", "zh"),
    ],
)
def test_reply_language(text, session, language):
    assert reply_language(text, session) == language


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("ＩＰＨＯＮＥ　１５", "IPHONE 15"),
        ("a\u200bb\ufeffc", "abc"),
        ("  two   spaces \n here ", "two spaces here"),
        ("nul\x00 and \ud83d lone", "nul and lone"),
        ("tag\U000e0041s", "tags"),
        ("黑色，1，300", "黑色，1，300"),
        ("￥199", "¥199"),
        ("plain ascii", "plain ascii"),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_normalise(text, clean):
    assert normalise(text).text == clean


@pytest.mark.parametrize(
    ("text", "part", "original"),
    [
        ("Ａ\u200bＢ   ＣＤ", "CD", "ＣＤ"),
        ("x\u200b\u200by ½ z", "z", "z"),
        ("cafe\u0301 noir", "café", "cafe\u0301"),
        ("  红色的  包", "包", "包"),
    ],
)
def test_normalise_keeps_offsets(text, part, original):
    clean = normalise(text)
    at = clean.text.index(part)
    start, end = clean.span(at, at + len(part))
    assert text[start:end] == original


def test_normalise_wants_a_string():
    with pytest.raises(TypeError, match="text must be a string, got int 3"):
        normalise(3)


@pytest.mark.parametrize(
    ("text", "simplified"),
    [
        ("藍牙耳機", "蓝牙耳机"),
        ("頭髮乾燥", "头发干燥"),
        ("蓝牙", "蓝牙"),
        ("ascii", "ascii"),
        ("滑鼠 mouse", "滑鼠 mouse"),
    ],
)
def test_to_simplified_keeps_the_length(text, simplified):
    assert to_simplified(text) == simplified
    assert len(to_simplified(text)) == len(text)


def test_matching_form():
    assert matching_form("Noise-Cancelling 藍牙 WH-1000XM5 İ") == (
        "noise cancelling 蓝牙 wh-1000xm5 İ",
        "Noise Cancelling 蓝牙 WH-1000XM5 İ",
    )

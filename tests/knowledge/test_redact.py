import pytest

from knowledge.redact import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("我的手机 13800138000 打不通", "我的手机 [number] 打不通"),
        ("call +1 (415) 555-2671 please", "call [number] please"),
        ("write to Ann.Lee+shop@mail.example.com", "write to [email]"),
        ("身份证11010519491231002X", "身份证[id]"),
        ("card 4111 1111 1111 1111", "card [card]"),
        ("card 4111 1111 1111 1112", "card [number]"),
        ("请寄：上海市浦东新区世纪大道100号2栋501室", "请寄：[address]"),
        ("你们路上要几天，三号能到吗", "你们路上要几天，三号能到吗"),
        ("满 99 元，20000 毫安，2026-10-12 前", "满 99 元，20000 毫安，2026-10-12 前"),
    ],
)
def test_personal_data_is_named_not_kept(text: str, redacted: str) -> None:
    assert redact(text) == redacted

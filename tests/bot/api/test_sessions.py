"""Sessions and identities: only what we or the shop signed counts."""

import time

import pytest

from bot.api.limits import RateLimit
from bot.api.sessions import Session, Sessions

SESSIONS = Sessions(b"k" * 32, ["new", "old"])


def test_a_token_brings_its_session_back():
    session = SESSIONS.new("C1")
    assert SESSIONS.read(SESSIONS.token(session)) == session
    assert len(session.sender_id) == 32


@pytest.mark.parametrize(
    "damage", [lambda t: t[:-2], lambda t: "A" + t[1:], lambda t: "", lambda t: "a.b", lambda t: "é.é"]
)
def test_a_damaged_token_is_nobody(damage):
    assert SESSIONS.read(damage(SESSIONS.token(SESSIONS.new()))) is None


def test_another_secret_or_an_old_token_is_nobody():
    token = SESSIONS.token(SESSIONS.new())
    assert Sessions(b"x" * 32).read(token) is None
    assert SESSIONS.read(SESSIONS.token(Session("a", None, int(time.time()) - 1))) is None


@pytest.mark.parametrize(("secret", "vouched"), [("new", True), ("old", True), ("other", False)])
def test_both_secrets_count_during_rotation(secret, vouched):
    expires = int(time.time()) + 60
    given = Sessions(b"z", [secret]).identity("C1", expires)
    assert SESSIONS.vouched("C1", expires, str(given["signature"])) is vouched
    assert not SESSIONS.vouched("C2", expires, str(given["signature"]))


def test_an_expired_identity_does_not_count():
    past = int(time.time()) - 1
    assert not SESSIONS.vouched("C1", past, str(SESSIONS.identity("C1", past)["signature"]))


def test_the_bucket_refills():
    now = [0.0]
    limit = RateLimit(60, clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(60)] == [0.0] * 60
    assert limit.wait("a") == pytest.approx(1.0)
    assert limit.wait("b") == 0.0
    now[0] = 1.0
    assert limit.wait("a") == 0.0
    assert limit.wait("a") > 0

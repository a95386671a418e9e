"""Signed sessions of the widget, and customers vouched for by the shop's own server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger()
LIFETIME = 30 * 86400
"""Seconds a widget session lives without being renewed."""


@dataclass(frozen=True, slots=True)
class Session:
    """`sender_id` is the conversation (128 random bits); `customer_id` only when the shop vouched for it."""

    sender_id: str
    customer_id: str | None
    expires: int


class Sessions:
    def __init__(self, secret: bytes, identity_secrets: Sequence[str] = ()) -> None:
        self._secret = secret
        self._identity_secrets = tuple(identity_secrets)

    def new(self, customer_id: str | None = None) -> Session:
        return Session(secrets.token_hex(16), customer_id, int(time.time()) + LIFETIME)

    def token(self, session: Session) -> str:
        body = json.dumps([session.sender_id, session.customer_id, session.expires]).encode()
        return f"{_b64(body)}.{_b64(self._sign(body))}"

    def read(self, token: str) -> Session | None:
        """The session of a token that we signed and that has not expired, else None."""
        body, _, signature = token.partition(".")
        try:
            raw, given = _unb64(body), _unb64(signature)
        except ValueError:
            return None
        if not hmac.compare_digest(given, self._sign(raw)):
            return None
        session = Session(*json.loads(raw))
        return session if session.expires > time.time() else None

    def identity(self, user_id: str, expires: int) -> dict[str, str | int]:
        """What the shop's server hands to its page: signed with the newest secret."""
        if not self._identity_secrets:
            raise ValueError("no identity secret is set; set DAOGOU_IDENTITY_SECRETS to sign customers in")
        return {
            "user_id": user_id,
            "expires": expires,
            "signature": _vouch(self._identity_secrets[0], user_id, expires),
        }

    def vouched(self, user_id: str, expires: int, signature: str) -> bool:
        """Is it `HMAC-SHA256(secret, user_id + "." + expires)` by one of our secrets, and still valid?"""
        if expires <= time.time():
            log.info("identity_expired", user_id=user_id)
            return False
        good = any(hmac.compare_digest(_vouch(s, user_id, expires), signature) for s in self._identity_secrets)
        if not good:
            log.warning("identity_refused", user_id=user_id)
        return good

    def paid(self, number: str, expires: int, signature: str) -> bool:
        """Does the shop's server say that an order was paid: `HMAC-SHA256(secret, "paid." + number + "." + expires)`?"""
        return self.vouched(f"paid.{number}", expires, signature)

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self._secret, b"session:" + body, hashlib.sha256).digest()


def _vouch(secret: str, user_id: str, expires: int) -> str:
    return hmac.new(secret.encode(), f"{user_id}.{expires}".encode(), hashlib.sha256).hexdigest()


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""Who may use Rasa's HTTP API: whoever has the token, or a JWT with the role admin; role user, for its own conversation.

The flags are Rasa's: --auth-token, --jwt-secret (or the public key), --jwt-method."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from bot.api.rasa.errors import ApiError


@dataclass(frozen=True, slots=True)
class Access:
    """With neither token nor secret, everybody may."""

    token: str | None = None
    jwt_secret: str | None = None
    jwt_method: str = "HS256"

    def check(self, request: Request) -> None:
        """Raises ApiError, 401 or 403."""
        if self.token is None and self.jwt_secret is None:
            return
        given = request.query_params.get("token", "")
        if self.token is not None and hmac.compare_digest(given.encode(), self.token.encode()):
            return
        claims = self._claims(request.headers.get("authorization", ""))
        if claims is None:
            raise ApiError(401, "NotAuthenticated", "User is not authenticated.")
        if not _suffices(claims, request.path_params.get("conversation_id")):
            raise ApiError(403, "NotAuthorized", "User has insufficient permissions.")

    def _claims(self, header: str) -> Mapping[str, Any] | None:
        scheme, _, token = header.partition(" ")
        if self.jwt_secret is None or scheme.lower() != "bearer":
            return None
        import jwt  # brings the whole of cryptography

        try:
            claims: Mapping[str, Any] = jwt.decode(token.strip(), self.jwt_secret, algorithms=[self.jwt_method])
        except jwt.PyJWTError:
            return None
        return claims


def _suffices(claims: Mapping[str, Any], conversation_id: str | None) -> bool:
    user = claims.get("user")
    if not isinstance(user, Mapping):
        return False
    own = conversation_id is not None and user.get("username") == conversation_id
    return user.get("role") == "admin" or (user.get("role") == "user" and own)

"""A server that endpoints.yml names: the action server, the understanding, the response server."""

from __future__ import annotations

import os
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.dialogue.errors import ProjectError

TIMEOUT_SECONDS = 300.0  # Rasa's own, for the whole answer
CONNECT_SECONDS = 10.0
CONNECT_RETRIES = 2  # a server that restarts; a request that was sent is never repeated


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`selective_domain`: send the domain only to actions that ask for it. `compress`: send bodies deflated."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None
    cafile: str | None = None
    selective_domain: bool = False
    compress: bool = False

    @classmethod
    def read(cls, data: Any, name: str, file: Path) -> Endpoint:
        """From the entry `name` of endpoints.yml. Raises ProjectError for one that cannot be used as written."""
        if not isinstance(data, Mapping) or not isinstance(data.get("url"), str) or not data["url"]:
            raise ProjectError(f"{name} is {data!r:.60}; it needs a url.", file)
        if not data["url"].startswith(("http://", "https://")):
            raise ProjectError(f"{name}.url is {data['url']!r:.80}; it must begin with http:// or https://.", file)
        for key in ("headers", "params", "basic_auth"):
            if not isinstance(data.get(key) or {}, Mapping):
                raise ProjectError(f"{name}.{key} is {data[key]!r:.60}; it must be a mapping.", file)
        basic = data.get("basic_auth") or {}
        params = {str(key): str(value) for key, value in (data.get("params") or {}).items()}
        if data.get("token"):
            params[str(data.get("token_name") or "token")] = str(data["token"])
        cafile = data.get("cafile")
        if cafile is not None and not Path(str(cafile)).is_file():
            raise ProjectError(f"{name}.cafile is {cafile!r}; there is no such file.", file)
        return cls(
            url=data["url"],
            headers={str(key): str(value) for key, value in (data.get("headers") or {}).items()},
            params=params,
            auth=httpx.BasicAuth(str(basic.get("username", "")), str(basic.get("password", ""))) if basic else None,
            cafile=None if cafile is None else str(cafile),
            selective_domain=bool(data.get("enable_selective_domain", False)),
            compress=os.environ.get("COMPRESS_ACTION_SERVER_REQUEST", "").lower() == "true",
        )


class Caller:
    """Posts JSON to an endpoint, over connections that are kept. A given `client` is used as it is."""

    def __init__(self, endpoint: Endpoint, client: httpx.AsyncClient | None = None) -> None:
        self.endpoint = endpoint
        self._client = client

    async def post(self, content: bytes, path: str = "", *, compress: bool = False) -> httpx.Response:
        """Only a connection that cannot be made is tried again. Raises httpx.HTTPError."""
        endpoint = self.endpoint
        headers = {"Content-Type": "application/json", **endpoint.headers}
        if compress:
            content, headers["Content-Encoding"] = zlib.compress(content), "deflate"
        if self._client is None:
            verify = ssl.create_default_context(cafile=endpoint.cafile) if endpoint.cafile else True
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS),
                transport=httpx.AsyncHTTPTransport(
                    verify=verify, retries=CONNECT_RETRIES, limits=httpx.Limits(max_connections=None)
                ),
            )
        return await self._client.post(
            f"{endpoint.url.rstrip('/')}/{path}" if path else endpoint.url,
            content=content,
            headers=headers,
            params=dict(endpoint.params) or None,
            auth=endpoint.auth or httpx.USE_CLIENT_DEFAULT,
        )

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

"""Servers that endpoints.yml names."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.dialogue.endpoint import Caller, Endpoint
from bot.dialogue.errors import ProjectError

FILE = Path("endpoints.yml")


def test_what_an_entry_may_say() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    entry = {
        "url": "http://nlu/",
        "token": "t",
        "token_name": "key",
        "headers": {"X-A": 1},
        "basic_auth": {"username": "ada", "password": "pw"},
    }
    caller = Caller(Endpoint.read(entry, "nlu", FILE), httpx.AsyncClient(transport=httpx.MockTransport(answer)))
    asyncio.run(caller.post(b"{}", "model/parse"))
    assert str(asked[0].url) == "http://nlu/model/parse?key=t"
    assert (asked[0].headers["x-a"], asked[0].headers["authorization"]) == ("1", "Basic YWRhOnB3")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, "needs a url"),
        ("http://x", "needs a url"),
        ({"url": "localhost:5055"}, "must begin with http:// or https://"),
        ({"url": "http://x", "headers": ["a"]}, "headers is ['a']; it must be a mapping"),
        ({"url": "http://x", "cafile": "/nowhere.pem"}, "there is no such file"),
    ],
)
def test_an_entry_that_cannot_be_used(entry: Any, problem: str) -> None:
    with pytest.raises(ProjectError) as caught:
        Endpoint.read(entry, "nlu", FILE)
    assert problem in str(caught.value)

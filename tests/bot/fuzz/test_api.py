"""Every route of the server, from its own OpenAPI description: no answer is a 5xx, none shows a traceback, and all are as
described."""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from fastapi.testclient import TestClient
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

CHECKS: list[Any] = [not_a_server_error, content_type_conformance, response_schema_conformance]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "5"))


def test_every_route(client: TestClient) -> None:
    schema = schemathesis.openapi.from_dict(client.app.openapi())  # type: ignore[attr-defined]
    problems: list[str] = []
    asked = 0
    for operation in schema.get_all_operations():
        asked += 1
        problems += ask(operation.ok(), client)
    assert problems == []
    assert asked > 20


def ask(operation: Any, client: TestClient) -> list[str]:
    """What is wrong with the answers of one operation: the smallest request that shows it."""

    @settings(max_examples=EXAMPLES)
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url="http://testserver")
        asked.pop("cookies", None)  # the client keeps its own
        if isinstance(asked.get("data"), str | bytes):
            asked["content"] = asked.pop("data")
        answer = client.request(**asked)
        assert "Traceback" not in answer.text
        case.validate_response(answer, checks=CHECKS)

    try:
        check()
    except (AssertionError, schemathesis.errors.SchemathesisError, ExceptionGroup) as err:
        return [f"{operation.method.upper()} {operation.path}: {err!s:.300}"]
    return []

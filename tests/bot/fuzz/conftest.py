"""A small project served whole: every route there is without a shop, in well under three seconds."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings

from bot.app import create_app
from bot.settings import Settings

# CI looks at a few examples of everything; FUZZ_EXAMPLES asks for more.
MORE = "FUZZ_EXAMPLES" in os.environ
settings.register_profile("fuzz", deadline=None, suppress_health_check=list(HealthCheck), derandomize=not MORE)
settings.load_profile("fuzz")

DOMAIN = """
intents: [hi, inform, book, stop]
entities: [color, {city: {roles: [to]}}]
slots:
  color: {type: text, mappings: [{type: from_entity, entity: color}]}
  city: {type: text, mappings: [{type: from_entity, entity: city, role: to}]}
  size: {type: categorical, values: [s, m], mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: size}]}]}
  tags: {type: list, mappings: []}
  age: {type: float, mappings: []}
  ok: {type: bool, mappings: []}
forms: {f: {required_slots: [color, size], ignored_intents: [stop]}}
responses:
  utter_hi: [{text: "hello {color}", buttons: [{title: book, payload: /book}]}]
  utter_ask_color: [{text: color?}]
  utter_ask_size: [{text: size?}]
  utter_done: [{text: "{color} {size}"}]
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: book, steps: [{intent: book}, {action: f}, {active_loop: f}]}
- {rule: booked, condition: [{active_loop: f}], steps: [{action: f}, {active_loop: null}, {action: utter_done}]}
- rule: stop
  condition: [{active_loop: f}]
  steps: [{intent: stop}, {action: action_deactivate_loop}, {active_loop: null}, {action: utter_hi}]
"""


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    root = tmp_path_factory.mktemp("plain")
    project: Path = root / "project"
    (project / "data").mkdir(parents=True)
    (project / "domain.yml").write_text(DOMAIN)
    (project / "data" / "rules.yml").write_text(RULES)
    (project / "config.yml").write_text("policies: [{name: AugmentedMemoizationPolicy}, {name: RulePolicy}]\n")
    limits = {"messages_per_minute": 10**6}
    return create_app(Settings(project=project, home=root / "home", enable_api=True, **limits))


@pytest.fixture(scope="module")
def client(plain_app: FastAPI) -> Iterator[TestClient]:
    """Errors come out as the client would see them: as answers."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*no NLU examples")  # it is warned of that
        yield from _open(plain_app)


def _open(plain_app: FastAPI) -> Iterator[TestClient]:
    with TestClient(plain_app, raise_server_exceptions=False) as made:
        yield made

"""Projects written by hand, and a way to talk with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.calls import Action
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.messages import UserMessage

CONFIG = "policies:\n- name: MemoizationPolicy\n- name: RulePolicy\n"

Said = str | tuple[str, Mapping[str, Any]]


class Talk:
    """A runtime with one customer. `say` takes a text, or a text with its parse."""

    def __init__(
        self,
        project: Project,
        actions: Mapping[str, Action] | None = None,
        client: httpx.AsyncClient | None = None,
        store: MemoryTrackerStore | None = None,
    ) -> None:
        self.now = 1_000_000.0
        self.store = store or MemoryTrackerStore()
        self.runtime = EmbeddedRuntime(
            project,
            parse=self._parse,
            actions=actions or {},
            store=self.store,
            clock=lambda: self.now,
            seed=1,
            client=client,
        )

    async def _parse(self, message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
        return {"intent": {"name": "inform", "confidence": 0.9}, "entities": [], "text": message.text}

    def turn(self, said: Said, sender: str = "ada") -> Turn:
        text, parse = (said, None) if isinstance(said, str) else said
        self.now += 1
        return asyncio.run(self.runtime.turn(UserMessage(text, sender, parse=parse)))

    def say(self, said: Said, sender: str = "ada") -> list[str]:
        """The texts of the answer."""
        return [message.text or "" for message in self.turn(said, sender).messages]

    def talk(self, turns: Sequence[tuple[Said, list[str]]]) -> None:
        """Every turn must be answered by exactly these actions."""
        got = [(said, self.turn(said).actions) for said, _ in turns]
        assert got == list(turns)

    @property
    def tracker(self) -> Tracker:
        return self.runtime.tracker("ada")


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    """Writes project files: `domain`, `rules`, `stories`, `nlu`, `config`, `endpoints` as YAML text."""

    def make(domain: str, *, config: str = CONFIG, endpoints: str = "", **data: str) -> Project:
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "domain.yml").write_text(domain, encoding="utf-8")
        (tmp_path / "config.yml").write_text(config, encoding="utf-8")
        (tmp_path / "endpoints.yml").write_text(endpoints, encoding="utf-8")
        for name, text in data.items():
            (tmp_path / "data" / f"{name}.yml").write_text(text, encoding="utf-8")
        return Project.load(tmp_path, environment={})

    return make


@pytest.fixture
def talk(project: Callable[..., Project]) -> Callable[..., Talk]:
    def make(
        domain: str,
        *,
        actions: Mapping[str, Action] | None = None,
        client: httpx.AsyncClient | None = None,
        store: MemoryTrackerStore | None = None,
        **files: str,
    ) -> Talk:
        return Talk(project(domain, **files), actions, client, store)

    return make

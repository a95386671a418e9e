"""Models that were trained over Rasa's HTTP API: projects on disk, kept beside what else belongs to the served one."""

from __future__ import annotations

import io
import secrets
import shutil
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.domain_file import DOMAIN_KEYS
from bot.dialogue.embedded import EmbeddedRuntime, Parse
from bot.dialogue.errors import DialogueError
from bot.dialogue.project import Project
from bot.dialogue.yaml_file import plain, read_yaml

_CONFIG_KEYS = ("recipe", "language", "assistant_id", "pipeline", "policies")
KEPT = 5
"""Of the models that were trained here, the newest; older ones are removed."""


class Models:
    """`understand` gives the understanding of a project, trained if need be; None of the methods waits for the event
    loop, and all but `serve` may take long."""

    def __init__(
        self, runtime: EmbeddedRuntime, folder: Path, understand: Callable[[Project], Parse], parse: Parse
    ) -> None:
        self.runtime = runtime
        self.loaded: str | None = runtime.project.path.name
        self.training = 0
        self._own = runtime.project
        self._folder = folder
        self._understand = understand
        self._parses: dict[str, tuple[Project, Parse]] = {self._own.path.name: (self._own, parse)}
        self._lock = threading.Lock()

    def train(self, content: bytes) -> str:
        """Trains on one YAML text with everything of a project; returns the model's file name.

        Raises DialogueError for a text that is none. Nothing is kept of it then."""
        stem = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        folder = self._folder / stem
        (folder / "data").mkdir(parents=True)
        try:
            given = folder / "data" / "data.yml"
            given.write_bytes(content)
            _split(given)
            project = replace(Project.load(folder), endpoints=self._own.endpoints, credentials=self._own.credentials)
            _ = project.policies
            parse = self._understand(project)
        except BaseException as err:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(err, DialogueError):  # where it lay here means nothing to who sent it
                raise DialogueError(str(err).replace(f"{folder}/", "")) from err
            raise
        name = f"{stem}.tar.gz"
        with self._lock:
            self._parses[name] = (project, parse)
            for old in sorted(known for known in self._parses if known.endswith(".tar.gz"))[:-KEPT]:
                if old != self.loaded:
                    shutil.rmtree(self._parses.pop(old)[0].path, ignore_errors=True)
        return name

    def archive(self, name: str) -> bytes:
        """The files of a trained model."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            archive.add(self._parses[name][0].path, arcname=name.removesuffix(".tar.gz"))
        return packed.getvalue()

    def read_again(self) -> None:
        """Reads the served project's own files anew. Raises DialogueError, and changes nothing, where they are wrong."""
        project = Project.load(self._own.path)
        _ = project.policies
        parse = self._understand(project)
        with self._lock:
            self._own = project
            self._parses[project.path.name] = (project, parse)

    def is_own(self, name: str) -> bool:
        return name in (self._own.path.name, str(self._own.path))

    def knows(self, name: str) -> bool:
        return Path(name).name in self._parses

    def serve(self, name: str) -> None:
        """Goes on with a model that is known. Call it on the event loop."""
        key = Path(name).name
        self.runtime.load(*self._parses[key])
        self.loaded = key

    def unload(self) -> None:
        self.loaded = None


def _split(given: Path) -> None:
    """One text holds domain, configuration and data; a project has a file for each."""
    block: Any = plain(read_yaml(given))
    root = given.parent.parent
    for name, keys in (("domain.yml", DOMAIN_KEYS), ("config.yml", _CONFIG_KEYS)):
        part = {key: block.pop(key) for key in keys if key in block}
        (root / name).write_text(yaml.safe_dump(part, allow_unicode=True, sort_keys=False), encoding="utf-8")
    given.write_text(yaml.safe_dump(block, allow_unicode=True, sort_keys=False), encoding="utf-8")

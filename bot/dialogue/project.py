"""A Rasa 3 project on disk, read whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.dialogue.config_file import refuse_config
from bot.dialogue.domain import Domain
from bot.dialogue.domain_file import DOMAIN_KEYS, Source, read_domain
from bot.dialogue.endpoint import Endpoint
from bot.dialogue.entry import Entry
from bot.dialogue.errors import ProjectError, refuse, warn
from bot.dialogue.nlu_data import NluData
from bot.dialogue.policies.ensemble import build_policies
from bot.dialogue.policies.prediction import Policy
from bot.dialogue.stories import BotStep, Story, read_stories
from bot.dialogue.training import unroll
from bot.dialogue.yaml_file import Block, read_yaml

NEWEST_FORMAT = (3, 1)
_NOT_DATA = frozenset(("models", "results", ".rasa", ".venv", "node_modules", "__pycache__"))


@dataclass(frozen=True)
class Project:
    """`tests` are the stories of files named test_*; `config`, `endpoints` and `credentials` are the files as written,
    and so are the `domain_files`, in the order in which they count."""

    path: Path
    domain: Domain
    stories: tuple[Story, ...] = ()
    nlu: NluData = field(default_factory=NluData)
    config: Mapping[str, Any] = field(default_factory=dict)
    endpoints: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, Any] = field(default_factory=dict)
    tests: tuple[Story, ...] = ()
    domain_files: tuple[Source, ...] = ()

    @classmethod
    def load(cls, path: Path | str, *, environment: Mapping[str, str] | None = None) -> Project:
        """Reads a project folder: domain.yml or domain/, data/, config.yml, endpoints.yml, credentials.yml, tests/.

        `${NAME}` in endpoints and credentials is filled from `environment`, by default the process's.
        Raises ProjectError with file, line and remedy for what cannot be read.
        """
        root = Path(path)
        if not root.is_dir():
            raise ProjectError(f"is not a folder (got {str(path)!r}); name the folder that holds domain.yml.", root)
        variables = os.environ if environment is None else environment
        reader = _Reader(root)
        reader.read()
        domain = read_domain(
            reader.domains, retrieval_intents=reader.nlu.retrieval_intents, action_texts=_texts(reader.stories)
        )
        file, config = _optional(root, "config")
        refuse_config(config, file)
        return cls(
            path=root,
            domain=domain,
            stories=tuple(reader.stories),
            nlu=reader.nlu,
            config=config,
            endpoints=_optional(root, "endpoints", variables)[1],
            credentials=_optional(root, "credentials", variables)[1],
            tests=tuple(reader.tests),
            domain_files=tuple(reader.domains),
        )

    @cached_property
    def policies(self) -> list[Policy]:
        """Trained when first asked for; what takes time is kept in the project's folder `models`. Raises ProjectError for
        rules and stories that contradict each other."""
        tracks = unroll(self.stories, self.domain)
        file, models = self.path / "config.yml", self.path / "models"
        return build_policies(self.config.get("policies"), tracks, self.domain, file, models=models)

    @property
    def action_endpoint(self) -> Endpoint | None:
        return self.endpoint("action_endpoint")

    def endpoint(self, name: str) -> Endpoint | None:
        """A server of endpoints.yml: action_endpoint, nlu, nlg. Raises ProjectError for an entry that cannot be used."""
        data = self.endpoints.get(name)
        return Endpoint.read(data, name, self.path / "endpoints.yml") if data else None

    @property
    def fallback_thresholds(self) -> tuple[float, float] | None:
        """Confidence and ambiguity thresholds of the pipeline's FallbackClassifier; None where it has none."""
        for entry in self.config.get("pipeline") or []:
            if isinstance(entry, Mapping) and str(entry.get("name", "")).rpartition(".")[2] == "FallbackClassifier":
                return float(entry.get("threshold", 0.3)), float(entry.get("ambiguity_threshold", 0.1))
        return None


class _Reader:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._problems: list[ProjectError] = []
        self.domains: list[Source] = []
        self.stories: list[Story] = []
        self.tests: list[Story] = []
        self.nlu = NluData()

    def read(self) -> None:
        domain = [file for name in ("domain.yml", "domain.yaml", "domain") for file in _yaml_files(self._root / name)]
        if not domain:
            raise ProjectError("has no domain.yml and no domain folder; a project needs one.", self._root)
        for path in domain:
            self._try_file(path, is_domain=True)
        for folder in ("data", "tests"):
            for path in _yaml_files(self._root / folder):
                self._try_file(path, is_test=folder == "tests" or path.name.startswith("test_"))
        refuse(self._problems)

    def _try_file(self, path: Path, *, is_domain: bool = False, is_test: bool = False) -> None:
        try:
            self._read_file(path, is_domain=is_domain, is_test=is_test)
        except ProjectError as problem:
            self._problems.append(problem)

    def _read_file(self, path: Path, *, is_domain: bool = False, is_test: bool = False) -> None:
        block = read_yaml(path)
        if not _is_readable(path, block):
            return
        Entry("the file", block, path, 1).suggest((*DOMAIN_KEYS, "version", "nlu", "stories", "rules"))
        if is_domain or (not is_test and any(key in block for key in DOMAIN_KEYS)):
            self.domains.append((path, block))
        if not is_test and block.get("nlu") is not None:
            self.nlu.read(path, block["nlu"], block.lines["nlu"])
        (self.tests if is_test else self.stories).extend(read_stories(path, block))


def _yaml_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix in (".yml", ".yaml") and file.is_file())
    return [file for file in found if not _NOT_DATA.intersection(file.relative_to(path).parts)]


def _is_readable(path: Path, block: Block) -> bool:
    version = block.get("version")
    if not version:
        return True
    line = block.lines["version"]
    if not isinstance(version, str):
        raise ProjectError(f'version is {version!r}; write it as text, e.g. version: "3.1".', path, line)
    try:
        numbers = tuple(int(part) for part in version.split("."))
    except ValueError as err:
        raise ProjectError(f'version is {version!r}; write e.g. version: "3.1".', path, line) from err
    if numbers > NEWEST_FORMAT:
        warn(
            f"format {version} is newer than 3.1; the file is skipped. Write 3.1 if it holds nothing newer.", path, line
        )
        return False
    if numbers < NEWEST_FORMAT:
        warn(f"format {version} is older than 3.1 and is read as 3.1; write 3.1.", path, line)
    return True


def _optional(root: Path, name: str, environment: Mapping[str, str] | None = None) -> tuple[Path, Block]:
    for file in (root / f"{name}.yml", root / f"{name}.yaml"):
        if file.is_file():
            return file, read_yaml(file, environment=environment)
    return root / f"{name}.yml", Block()


def _texts(stories: list[Story]) -> list[str]:
    return [step.text for story in stories for step in story.steps if isinstance(step, BotStep)]

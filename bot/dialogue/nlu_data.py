"""Training examples for understanding: intents, synonyms, patterns and lookup tables of nlu files."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.errors import ProjectError
from bot.dialogue.yaml_file import Block, plain

_ENTITY = re.compile(
    r"\[(?P<text>[^\]]+?)\]"
    r"(?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|\{(?P<one>[^}]+?)\}|\[(?P<many>.*?)\])"
)
_ONE = re.compile(r"\{(?P<one>[^}]+?)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """`intent` is the label to learn; `response` the part behind the first `/` of a retrieval intent."""

    text: str
    intent: str
    response: str | None = None
    entities: tuple[dict[str, Any], ...] = ()
    metadata: Any = None


@dataclass
class NluData:
    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    regexes: dict[str, list[str]] = field(default_factory=dict)
    lookups: dict[str, list[str]] = field(default_factory=dict)

    @property
    def retrieval_intents(self) -> frozenset[str]:
        return frozenset(example.intent for example in self.examples if example.response is not None)

    def read(self, path: Path, items: Any, line: int) -> None:
        """Adds what the `nlu` key of a file holds."""
        if not isinstance(items, list):
            raise ProjectError(f"nlu is {items!r:.60}; it must be a list of blocks.", path, line)
        for item, at in zip(items, getattr(items, "lines", [line] * len(items)), strict=True):
            if not isinstance(item, Block):
                warnings.warn(f"{path}:{at}: {item!r:.60} is no nlu block and is skipped.", stacklevel=2)
                continue
            self._read_item(path, at, item)

    def _read_item(self, path: Path, line: int, item: Block) -> None:
        kind = next((key for key in ("intent", "synonym", "regex", "lookup") if key in item), None)
        name = item.get(kind) if kind else None
        if not kind or not isinstance(name, str) or not name:
            warnings.warn(f"{path}:{line}: a block without intent, synonym, regex or lookup is skipped.", stacklevel=2)
            return
        if kind == "intent":
            self._read_intent(path, line, name, item)
            return
        for text, _ in _lines(path, line, name, item.get("examples")):
            if kind == "synonym":
                self.synonyms.setdefault(text, name)
            else:
                (self.regexes if kind == "regex" else self.lookups).setdefault(name, []).append(text)

    def _read_intent(self, path: Path, line: int, name: str, item: Block) -> None:
        intent, _, response = name.partition("/")
        for raw, metadata in _lines(path, line, name, item.get("examples")):
            try:
                text, entities = parse_entities(raw)
            except ValueError as err:
                raise ProjectError(f"intent {name!r}, example {raw!r}: {err}", path, line) from err
            for entity in entities:
                said = text[entity["start"] : entity["end"]]
                if entity["value"] != said:
                    self.synonyms.setdefault(said, str(entity["value"]))
            if text:
                meta = metadata if metadata is not None else item.get("metadata")
                self.examples.append(Example(text, intent, response or None, tuple(entities), plain(meta)))


def parse_entities(raw: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text of an annotated example and its entities (`start`, `end` in characters of the plain text).

    Raises ValueError for an annotation in braces that is not JSON.
    """
    text, entities, end = "", [], 0
    for match in _ENTITY.finditer(raw):
        text += raw[end : match.start()]
        said = match["text"]
        for label in _labels(match, said):
            entities.append({"start": len(text), "end": len(text) + len(said), **label})
        text += said
        end = match.end()
    return text + raw[end:], entities


def _labels(match: re.Match[str], said: str) -> Iterator[dict[str, Any]]:
    if match["entity"] is not None:
        yield {"value": match["value"] or said, "entity": match["entity"]}
        return
    bodies = [match["one"]] if match["one"] is not None else [one["one"] for one in _ONE.finditer(match["many"])]
    for body in bodies:
        try:
            data = json.loads("{" + body + "}")
        except json.JSONDecodeError as err:
            raise ValueError(f'{{{body}}} is not valid JSON; write [text]{{{{"entity": "name"}}}}.') from err
        label = {"value": data.get("value", said), "entity": data.get("entity")}
        yield {**label, **{key: data[key] for key in ("role", "group") if data.get(key) is not None}}


def _lines(path: Path, line: int, name: str, examples: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(examples, list):
        for example in examples:
            if isinstance(example, Block) and isinstance(example.get("text"), str):
                yield example["text"].strip("\n\r "), example.get("metadata")
            elif isinstance(example, str):
                yield example.strip("\n\r "), None
        return
    if not isinstance(examples, str):
        warnings.warn(f"{path}:{line}: {name!r} has no examples and is skipped.", stacklevel=2)
        return
    for text in examples.splitlines():
        if text.startswith("-"):
            yield text[1:].strip("\n\r "), None
        elif text.strip():
            warnings.warn(f"{path}:{line}: {name!r}: {text!r} does not begin with '-' and is skipped.", stacklevel=2)

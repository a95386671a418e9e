"""Training examples for understanding: intents, synonyms, patterns and lookup tables of nlu files."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.entry import Entry, short
from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.yaml_file import plain

_ENTITY = re.compile(
    r"\[(?P<text>[^\]]+?)\]"
    r"(?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|\{(?P<one>[^}]+?)\}|\[(?P<many>.*?)\])"
)
_KINDS = ("intent", "synonym", "regex", "lookup")
_ONE = re.compile(r"\{(?P<one>[^}]+?)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """`intent` is the label to learn; `response` the part behind the first `/` of a retrieval intent."""

    text: str
    intent: str
    response: str | None = None
    entities: tuple[dict[str, Any], ...] = ()
    metadata: Any = None
    path: Path | None = field(default=None, compare=False)
    line: int = field(default=0, compare=False)


@dataclass
class NluData:
    """`synonyms` maps what is said to what is meant; `places` says where each (kind, name) of a synonym, regex or lookup
    is written."""

    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    regexes: dict[str, list[str]] = field(default_factory=dict)
    lookups: dict[str, list[str]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Path, int]] = field(default_factory=dict)
    _annotated: set[str] = field(default_factory=set)

    @property
    def retrieval_intents(self) -> frozenset[str]:
        return frozenset(example.intent for example in self.examples if example.response is not None)

    def read(self, path: Path, items: Any, line: int) -> None:
        """Adds what the `nlu` key of a file holds."""
        if not isinstance(items, list):
            raise ProjectError(f"nlu is {short(items)}; it must be a list of blocks.", path, line)
        for item, at in zip(items, getattr(items, "lines", [line] * len(items)), strict=True):
            entry = Entry("an nlu block", item, path, at, "write `- intent: name`")
            entry.only((*_KINDS, "examples", "metadata"))
            kind = next((key for key in _KINDS if key in entry.data), None)
            if kind is None:
                raise ProjectError(f"an nlu block names none of {', '.join(_KINDS)}; name one.", path, at)
            name = entry.text(kind)
            if not name:
                warn(f"the {kind} has no name; its block is skipped.", path, at)
            elif not entry.data.get("examples"):
                warn(f"{kind} {name!r} has no examples and is skipped.", path, at)
            else:
                entry.what = f"{kind} {name!r}"
                self._read_block(kind, name, entry)

    def _read_block(self, kind: str, name: str, entry: Entry) -> None:
        path = Path(entry.path)
        if kind == "intent":
            self._read_intent(path, name, entry)
            return
        self.places.setdefault((kind, name), (path, entry.line))
        for text, _, line in _lines(entry):
            if kind == "synonym":
                self._add_synonym(text, name, path, line)
                continue
            if kind == "regex":
                _refuse_broken(text, name, path, line)
            (self.regexes if kind == "regex" else self.lookups).setdefault(name, []).append(text)

    def _read_intent(self, path: Path, name: str, entry: Entry) -> None:
        intent, _, response = name.partition("/")
        for raw, metadata, line in _lines(entry):
            try:
                text, entities = parse_entities(raw)
            except ValueError as err:
                raise ProjectError(f"intent {name!r}, example {short(raw)}: {err}", path, line) from err
            for entity in entities:
                said = text[entity["start"] : entity["end"]]
                if entity["value"] != said:
                    self._annotated.discard(said)
                    self._add_synonym(said, str(entity["value"]), path, line)
                    self._annotated.add(said)
            if text:
                meta = metadata if metadata is not None else entry.data.get("metadata")
                example = Example(text, intent, response or None, tuple(entities), plain(meta), path, line)
                self.examples.append(example)

    def _add_synonym(self, said: str, meant: str, path: Path, line: int) -> None:
        """The last one counts, as in Rasa, and one that an example is annotated with before a listed one."""
        known = self.synonyms.get(said)
        if known not in (None, meant):
            warn(f"{said!r} means {meant!r} here and {known!r} elsewhere; keep one.", path, line)
        if said not in self._annotated:
            self.synonyms[said] = meant


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
        except (json.JSONDecodeError, RecursionError) as err:
            raise ValueError(f'{{{body}}} is not valid JSON; write [text]{{"entity": "name"}}.') from err
        for key in ("entity", "role", "group"):
            if data.get(key) is not None and not isinstance(data[key], str):
                raise ValueError(f"{{{body}}} has the {key} {data[key]!r}; it must be text (quote it).")
        if not data.get("entity"):
            raise ValueError(f'{{{body}}} names no entity; write [text]{{"entity": "name"}}.')
        if isinstance(data.get("value"), list | dict | bool):
            raise ValueError(f"{{{body}}} has the value {data['value']!r}; it must be text or a number.")
        label = {"value": data.get("value", said), "entity": data["entity"]}
        yield {**label, **{key: data[key] for key in ("role", "group") if data.get(key) is not None}}


def _refuse_broken(pattern: str, name: str, path: Path, line: int) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python will one day read differently is no mistake yet
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as err:
        raise ProjectError(f"regex {name!r}: {short(pattern)} is no valid pattern: {err}.", path, line) from err


def _lines(entry: Entry) -> Iterator[tuple[str, Any, int]]:
    """Text, metadata and line of each example."""
    examples = entry.data["examples"]
    first = entry.line_of("examples")
    if isinstance(examples, list) and entry.what.startswith("intent "):
        for example, line in zip(examples, getattr(examples, "lines", [first] * len(examples)), strict=True):
            one = Entry(
                f"{entry.what}: an example", example, entry.path, line, "write `examples: |` and a line `- …` each"
            )
            one.only(("text", "metadata"))
            yield (one.text("text") or "").strip("\n\r "), one.data.get("metadata"), line
        return
    if not isinstance(examples, str):
        raise entry.error("examples", "write `examples: |` and a line `- …` each")
    several = 1 if "\n" in examples else 0  # the text of `|` begins below its key
    for line, text in enumerate(examples.splitlines(), first + several):
        if text.startswith("-"):
            yield text[1:].strip("\n\r "), None, line
        elif text.strip():
            warn(f"{entry.what}: {short(text)} does not begin with '-' and is skipped.", entry.path, line)

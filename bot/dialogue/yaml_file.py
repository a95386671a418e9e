"""YAML as Rasa reads it (version 1.2: `yes` and `on` are words), remembering the line of everything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.errors import ProjectError


class Block(dict[str, Any]):
    """A mapping that knows its own line and the line of each key (1-based)."""

    line: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Items(list[Any]):
    """A sequence that knows its own line and the line of each item (1-based)."""

    line: int = 0

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


# The core schema of YAML 1.2, section 10.3.2.
for tag, pattern, first in (
    ("merge", r"^<<$", ["<"]),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)

MAX_DEPTH = 100  # deeper ones would exhaust the stack of the C parser
MAX_REPEATED = 50_000  # values that aliases bring in: they may stand for aliases, and so on; memory must not follow

_TAGS = frozenset(("null", "bool", "int", "float", "str", "map", "seq", "!"))
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def read_yaml(path: Path, *, environment: Mapping[str, str] | None = None) -> Block:
    """The mapping at the top of a file. `environment` fills `${NAME}`, as Rasa does in
    endpoints.yml and credentials.yml. Raises ProjectError for broken YAML, wrong encoding, or a top that is no mapping."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise ProjectError(f"is not UTF-8 (byte {err.start}); save it as UTF-8.", path) from err
    except OSError as err:
        raise ProjectError(f"cannot be read: {err.strerror}.", path) from err
    return parse_yaml(text, path, environment=environment)


def parse_yaml(text: str, path: Path | str = "<text>", *, environment: Mapping[str, str] | None = None) -> Block:
    """As `read_yaml`, for text at hand; `path` is only for messages."""
    try:
        _refuse_depth(text, path)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            value = _Builder(loader, path, environment).build(node) if node is not None else Block()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        raise ProjectError(
            f"is not valid YAML: {err.problem or err.context}{_remedy(text, mark)}.",
            path,
            mark.line + 1 if mark else None,
        ) from err
    except yaml.YAMLError as err:
        raise ProjectError(f"is not valid YAML: {str(err).partition(chr(10))[0]}; remove it.", path) from err
    if value is None:
        return Block()
    if not isinstance(value, Block):
        raise ProjectError(f"must hold a mapping such as `nlu:` or `stories:` at its top, not {_kind(value)}.", path, 1)
    return value


def plain(value: Any) -> Any:
    """The same without lines: nothing but dicts, lists and scalars, as they may leave the reader."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _refuse_depth(text: str, path: Path | str) -> None:
    depth = 0
    events: Any = yaml.parse(text, Loader=_Loader)
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                line = mark.line + 1
                raise ProjectError(f"is nested deeper than {MAX_DEPTH} levels; flatten it.", path, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _remedy(text: str, mark: Any) -> str:
    line = text.splitlines()[mark.line : mark.line + 1] if mark else []
    if line and "\t" in line[0][: len(line[0]) - len(line[0].lstrip())]:
        return "; indent with spaces, not with tabs"
    if line and line[0].startswith("---"):
        return "; keep one document in a file, without ---"
    return ""


class _Builder:
    def __init__(self, loader: Any, path: Path | str, environment: Mapping[str, str] | None) -> None:
        self._loader = loader
        self._path = path
        self._environment = environment
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def build(self, node: yaml.Node) -> Any:
        line = node.start_mark.line + 1
        if id(node) in self._seen:
            self._repeated += 1
            if self._repeated > MAX_REPEATED:
                raise ProjectError(f"repeats more than {MAX_REPEATED} values; use fewer aliases.", self._path, line)
        if id(node) in self._open:
            raise ProjectError("holds an alias of a value inside that value; write it out.", self._path, line)
        self._seen.add(id(node))
        self._open.add(id(node))
        value = self._value(node, line)
        self._open.discard(id(node))
        return value

    def _value(self, node: yaml.Node, line: int) -> Any:
        if not node.tag.startswith(("tag:yaml.org,2002:", "!")) or node.tag.rpartition(":")[2] not in _TAGS:
            raise ProjectError(f"has the tag {node.tag!r}, which means nothing here; remove it.", self._path, line)
        if isinstance(node, yaml.MappingNode):
            return self._block(node, line)
        if isinstance(node, yaml.SequenceNode):
            items = Items()
            items.line = line
            for child in node.value:
                items.append(self.build(child))
                items.lines.append(child.start_mark.line + 1)
            return items
        try:
            return _scalar(node, self._environment)
        except ValueError as err:
            kind = node.tag.rpartition(":")[2]
            raise ProjectError(
                f"has {str(node.value)[:40]!r}, which is no {kind}; quote it.", self._path, line
            ) from err

    def _block(self, node: yaml.MappingNode, line: int) -> Block:
        block = Block()
        block.line = line
        written: set[str] = set()
        own = {id(key_node) for key_node, _ in node.value}
        self._loader.flatten_mapping(node)  # `<<` brings keys of another mapping in front, which our own may replace
        for key_node, value_node in node.value:
            at = key_node.start_mark.line + 1
            key = self.build(key_node)
            if isinstance(key, Block | Items):
                raise ProjectError(f"uses {_kind(key)} as a key; keys are words.", self._path, at)
            name = key if isinstance(key, str) else str(key_node.value)
            if name in written:
                first = block.lines[name]
                raise ProjectError(f"has the key {name!r} twice (first in line {first}); keep one.", self._path, at)
            if id(key_node) in own:
                written.add(name)
            block[name] = self.build(value_node)
            block.lines[name] = at
        return block


def _scalar(node: yaml.Node, environment: Mapping[str, str] | None) -> Any:
    text = str(node.value)
    if environment is not None:
        text = _VARIABLE.sub(lambda m: environment.get(m.group(1), m.group(0)), text)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else repr(value)

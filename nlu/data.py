"""Labelled texts from files: CSV and JSON Lines (gzipped or not), Rasa's nlu.yml, and folders of them."""

from __future__ import annotations

import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.errors import NluError

OUT_OF_SCOPE = "out_of_scope"
MAX_CHARACTERS = 20_000  # of one example; longer ones are a broken file, not a sentence
_TABLES = (".csv", ".jsonl", ".csv.gz", ".jsonl.gz")
_YAML = (".yml", ".yaml")
# [text](entity), [text](entity:value), [text]{"entity": "…"}
_ANNOTATION = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\{[^{}]*\})")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it means; `lang` is "" where the file does not say."""

    text: str
    label: str
    lang: str = ""


def read_examples(paths: Sequence[Path], *, label: str = "intent", split: str = "") -> list[Example]:
    """All examples of files and folders, in order.

    `label` is the column that holds the class. Where a table has a column `split`, only the rows of the wanted one
    count (a table without such rows counts whole). Raises NluError naming file and line.
    """
    examples = [example for path in paths for file in _files(path) for example in _read(file, label, split)]
    if not examples:
        raise NluError(
            f"No examples in {', '.join(repr(str(p)) for p in paths)}; give CSV, JSONL or nlu.yml with {label!r}"
        )
    return examples


def strip_annotations(text: str) -> str:
    """Rasa's training text without its entity marks: `[red](color) shoes` → `red shoes`."""
    return _ANNOTATION.sub(r"\1", text)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith((*_TABLES, *_YAML)))
    if not path.is_file():
        raise NluError(f"{str(path)!r} does not exist; give a CSV, JSONL or nlu.yml file, or a folder of them")
    return [path]


def _read(path: Path, label: str, split: str) -> list[Example]:
    if path.name.endswith(_YAML):
        return list(_yaml_examples(path))
    if not path.name.endswith(_TABLES):
        raise NluError(f"{str(path)!r} is of an unknown kind; allowed are {', '.join((*_TABLES, *_YAML))}")
    rows = list(_csv_rows(path) if ".csv" in path.name else _json_rows(path))
    if any(row.get("split") == split for _, row in rows):
        rows = [(line, row) for line, row in rows if row.get("split") == split]
    return [_example(path, line, row, label) for line, row in rows]


def _example(path: Path, line: int, row: dict[str, Any], label: str) -> Example:
    for key in ("text", label):
        if row.get(key) is None:
            raise NluError(f"{str(path)!r} line {line}: no {key!r}; every row needs 'text' and {label!r}")
    text, name = str(row["text"]), str(row[label]).strip()
    if not name:
        raise NluError(f"{str(path)!r} line {line}: {label!r} is empty; every row needs a class")
    return Example(_checked(text, path, line), OUT_OF_SCOPE if name == "oos" else name, str(row.get("lang") or ""))


def _checked(text: str, path: Path, line: int) -> str:
    if len(text) > MAX_CHARACTERS:
        raise NluError(
            f"{str(path)!r} line {line}: a text of {len(text)} characters; at most {MAX_CHARACTERS} are allowed"
        )
    return text


def _content(path: Path) -> str:
    try:
        raw = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise NluError(
            f"{str(path)!r} line {line}: not UTF-8 (byte {raw[err.start]:#04x}); save the file as UTF-8"
        ) from err
    except (OSError, EOFError, zlib.error) as err:
        raise NluError(f"{str(path)!r} cannot be read: {err}") from err


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(_content(path).splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as err:
        raise NluError(f"{str(path)!r} line {reader.line_num}: broken CSV ({err})") from err


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_content(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as err:
            raise NluError(f"{str(path)!r} line {number}: broken JSON ({err})") from err
        if not isinstance(row, dict):
            raise NluError(f"{str(path)!r} line {number}: {line[:60]!r} is no JSON object")
        yield number, row


def _yaml_examples(path: Path) -> Iterator[Example]:
    content = _content(path)
    try:
        document = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise NluError(f"{str(path)!r} line {line}: broken YAML ({getattr(err, 'problem', err)})") from err
    except RecursionError as err:
        raise NluError(f"{str(path)!r}: YAML nested too deeply") from err
    if document is None:
        return
    blocks = document.get("nlu", []) if isinstance(document, dict) else None
    if not isinstance(blocks, list):
        raise NluError(f"{str(path)!r}: no list under 'nlu'; see Rasa's nlu.yml format")
    lang = next((part for part in path.name.split(".")[1:-1] if part in ("zh", "en")), "")
    for block in blocks:
        if not isinstance(block, dict):
            raise NluError(f"{str(path)!r}: {block!r} under 'nlu' is no mapping; write '- intent: name'")
        if "intent" not in block:
            continue  # synonyms, regexes and lookups carry no intent
        name = str(block["intent"])
        texts = list(_example_texts(block.get("examples")))
        if not texts:
            raise NluError(
                f"{str(path)!r} line {_line_of(content, name)}: intent {name!r} has no examples; add some or drop it"
            )
        for text in texts:
            # retrieval intents (faq/opening_hours) are classified by the part before the slash
            yield Example(_checked(strip_annotations(text), path, _line_of(content, name)), name.split("/")[0], lang)


def _example_texts(examples: Any) -> Iterator[str]:
    if isinstance(examples, list):
        for item in examples:
            text = item.get("text", "") if isinstance(item, dict) else item
            yield str(text).strip().removeprefix("- ").strip()
        return
    pending = ""
    for line in str(examples or "").split("\n"):
        if line.startswith("-"):
            if pending:
                yield pending
            pending = line[1:].strip()
        elif line.strip():  # a line without a dash continues the example above it
            pending = f"{pending} {line.strip()}".strip()
    if pending:
        yield pending


def _line_of(content: str, intent: str) -> int:
    found = re.search(rf"intent:\s*['\"]?{re.escape(intent)}\b", content)
    return content.count("\n", 0, found.start()) + 1 if found else 1

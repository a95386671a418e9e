"""Labelled texts from files: CSV and JSON Lines (gzipped or not), Rasa's nlu.yml, and folders of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from nlu.errors import NluError

OUT_OF_SCOPE = "out_of_scope"
MAX_CHARACTERS = 100_000  # of one example: reviews have 30,000; longer ones are a broken file
_MAX_BYTES = 512 * 1024 * 1024  # of one file once unpacked: a small archive can hold any amount
_MAX_LABEL = 200
_MAX_DEPTH = 50  # of YAML; Rasa's files need five
_TABLES = (".csv", ".jsonl", ".csv.gz", ".jsonl.gz")
_YAML = (".yml", ".yaml")
# [text](entity), [text](entity:value), [text]{"entity": "…"}, [text][{"entity": "…"}, …]
_ANNOTATION = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\{[^{}]*\}|\[\s*\{[^\[\]]*\}\s*\])")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what it means; `lang` is "" where the file does not say; `columns` are a table's further cells."""

    text: str
    label: str
    lang: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


def read_examples(paths: Sequence[Path], *, label: str = "intent", split: str = "") -> list[Example]:
    """All examples of files and folders, in order.

    `label` is the column that holds the class. Where a table has a column `split`, only the rows of the wanted one
    count (a table without such rows counts whole). Raises NluError naming file and line.
    """
    examples = [example for path in paths for file in files(path) for example in _read(file, label, split)]
    if not examples:
        raise NluError(
            f"No examples in {', '.join(repr(str(p)) for p in paths)}; give CSV, JSONL or nlu.yml with {label!r}"
        )
    return examples


def strip_annotations(text: str) -> str:
    """Rasa's training text without its entity marks: `[red](color) shoes` → `red shoes`."""
    return _ANNOTATION.sub(r"\1", text)


def files(path: Path) -> list[Path]:
    """A file itself, or the data files of a folder. Raises NluError where there is nothing."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and file.name.endswith((*_TABLES, *_YAML)))
    if not path.is_file():
        raise NluError(f"{str(path)!r} does not exist; give a CSV, JSONL or nlu.yml file, or a folder of them")
    return [path]


def _read(path: Path, label: str, split: str) -> list[Example]:
    if path.name.endswith(_YAML):
        return [replace(e, text=strip_annotations(e.text)) for e in annotated_examples(path)]
    if not path.name.endswith(_TABLES):
        raise NluError(f"{str(path)!r} is of an unknown kind; allowed are {', '.join((*_TABLES, *_YAML))}")
    rows = list(_csv_rows(path, label) if ".csv" in path.name else json_rows(path))
    if any(row.get("split") == split for _, row in rows):
        rows = [(line, row) for line, row in rows if row.get("split") == split]
    return [_example(path, line, row, label) for line, row in rows]


def _example(path: Path, line: int, row: dict[str, Any], label: str) -> Example:
    for key in ("text", label):
        if row.get(key) is None:
            raise NluError(f"{str(path)!r} line {line}: no {key!r}; every row needs 'text' and {label!r}")
        if not isinstance(row[key], str | int | float):
            raise NluError(f"{str(path)!r} line {line}: {key!r} is {_shown(row[key])}; it must be a text")
    text, name = str(row["text"]), str(row[label]).strip()
    if not name:
        raise NluError(f"{str(path)!r} line {line}: {label!r} is empty; every row needs a class")
    name = OUT_OF_SCOPE if name == "oos" else name
    known = ("text", label, "lang", "split")
    further = {key: str(cell) for key, cell in row.items() if key not in known and cell not in (None, "")}
    return Example(
        _checked(text, path, line), _checked_label(name, path, line), str(row.get("lang") or ""), columns=further
    )


def _checked(text: str, path: Path, line: int) -> str:
    if len(text) > MAX_CHARACTERS:
        raise NluError(
            f"{str(path)!r} line {line}: a text of {len(text)} characters; at most {MAX_CHARACTERS} are allowed"
        )
    return _whole(text, path, line)


def _checked_label(name: str, path: Path, line: int) -> str:
    if len(name) > _MAX_LABEL:
        raise NluError(
            f"{str(path)!r} line {line}: a class name of {len(name)} characters; at most {_MAX_LABEL} are allowed"
        )
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise NluError(f"{str(path)!r} line {line}: the class {name!r} has control characters; write a plain name")
    return _whole(name, path, line)


def _whole(text: str, path: Path, line: int) -> str:
    """The text, if it can be written to a file again: JSON and YAML can name halves of characters and NUL."""
    half = next((character for character in text if "\ud800" <= character <= "\udfff" or character == "\0"), None)
    if half is not None:
        what = "a NUL character" if half == "\0" else f"half a character ({half!a})"
        raise NluError(f"{str(path)!r} line {line}: {what} in {_shown(text)}; write whole characters, in UTF-8")
    return text


def _shown(value: Any) -> str:
    """A value of a file for a message. Never the inside of lists: YAML's references make small files of endless ones."""
    if isinstance(value, list | dict):
        return f"a {'list' if isinstance(value, list) else 'mapping'} of {len(value)}"
    return f"{value!r:.80}"


def _content(path: Path) -> str:
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as stream:
            raw = stream.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise NluError(f"{str(path)!r} holds more than {_MAX_BYTES >> 20} MB; split it into several files")
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        kind = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte {raw[err.start]:#04x}"
        raise NluError(f"{str(path)!r} line {line}: not UTF-8 ({kind}); save the file as UTF-8") from err
    except (OSError, EOFError, zlib.error) as err:
        raise NluError(f"{str(path)!r} cannot be read: {err}") from err
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise NluError(f"{str(path)!r} line {line}: a NUL character; this is no UTF-8 text, save the file as UTF-8")
    return text


def _csv_rows(path: Path, label: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(_content(path), newline=""), strict=True)
    try:
        missing = [key for key in ("text", label) if key not in (reader.fieldnames or (key,))]
        if missing:
            raise NluError(
                f"{str(path)!r} line 1: no {missing[0]!r} among the columns {', '.join(reader.fieldnames or ())!r:.80}; the first "
                f"line must name 'text' and {label!r}"
            )
        for row in reader:
            if None in row:
                raise NluError(
                    f"{str(path)!r} line {reader.line_num}: more cells than the {len(reader.fieldnames or ())} columns; "
                    "put a text that holds commas in quotes"
                )
            yield reader.line_num, row
    except csv.Error as err:
        raise NluError(f"{str(path)!r} line {reader.line_num}: broken CSV ({err})") from err


def json_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, object) of JSON Lines, gzipped or not."""
    for number, line in enumerate(_content(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as err:  # numbers of too many digits are no JSONDecodeError
            raise NluError(f"{str(path)!r} line {number}: broken JSON ({err})") from err
        if not isinstance(row, dict):
            raise NluError(f"{str(path)!r} line {number}: {line[:60]!r} is no JSON object")
        yield number, row


def annotated_examples(path: Path) -> Iterator[Example]:
    """The examples of an nlu.yml with their entity marks as written."""
    content = _content(path)
    document = _yaml(path, content)
    if document is None:
        return
    blocks = document.get("nlu", []) if isinstance(document, dict) else None
    if not isinstance(blocks, list):
        raise NluError(f"{str(path)!r}: no list under 'nlu'; see Rasa's nlu.yml format")
    lang = next((part for part in path.name.split(".")[1:-1] if part in ("zh", "en")), "")
    for block in blocks:
        if not isinstance(block, dict):
            raise NluError(f"{str(path)!r}: {_shown(block)} under 'nlu' is no mapping; write '- intent: name'")
        if "intent" not in block:
            continue  # synonyms, regexes and lookups carry no intent
        if not isinstance(block["intent"], str | int | float):
            raise NluError(f"{str(path)!r}: the intent {_shown(block['intent'])} is no name")
        name = str(block["intent"])
        line = _line_of(content, name)
        texts = list(_example_texts(block.get("examples"), path, line))
        if not texts:
            raise NluError(f"{str(path)!r} line {line}: intent {name!r} has no examples; add some or drop it")
        # retrieval intents (faq/opening_hours) are classified by the part before the slash
        label = _checked_label(name.split("/")[0], path, line)
        for text in texts:
            yield Example(_checked(text, path, line), label, lang)


def _yaml(path: Path, content: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(content, Loader=loader):  # the parser does not recurse, what builds the document does
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise NluError(f"{str(path)!r} line {line}: YAML nested more than {_MAX_DEPTH} deep")
        return yaml.load(content, Loader=loader)  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError) as err:  # a date such as 2024-13-45 is a ValueError
        mark = getattr(err, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = " ".join(str(getattr(err, "problem", None) or err).split())
        raise NluError(f"{str(path)!r} line {line}: broken YAML ({problem})") from err


def _example_texts(examples: Any, path: Path, line: int) -> Iterator[str]:
    if isinstance(examples, list):
        for item in examples:
            text = item.get("text", "") if isinstance(item, dict) else item
            if not isinstance(text, str | int | float):
                raise NluError(f"{str(path)!r} line {line}: the example {_shown(text)} is no text")
            yield str(text).strip().removeprefix("- ").strip()
        return
    if examples is not None and not isinstance(examples, str):
        raise NluError(f"{str(path)!r} line {line}: 'examples' is {_shown(examples)}; write a text or a list")
    pending = ""
    for row in str(examples or "").split("\n"):
        if row.startswith("-"):
            if pending:
                yield pending
            pending = row[1:].strip()
        elif row.strip():  # a line without a dash continues the example above it
            pending = f"{pending} {row.strip()}".strip()
    if pending:
        yield pending


def _line_of(content: str, intent: str) -> int:
    found = re.search(rf"intent:\s*['\"]?{re.escape(intent)}\b", content)
    return content.count("\n", 0, found.start()) + 1 if found else 1

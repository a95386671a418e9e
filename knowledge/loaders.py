"""Files to articles: Markdown with front matter, plain text, HTML, and tables of questions and answers (CSV, JSONL).

The text of a document is data. Nothing in it is obeyed, and what no reader would see is dropped on the way in.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.article import LANGUAGES, Article, Language
from knowledge.errors import KnowledgeError
from knowledge.html_text import read_html
from knowledge.sanitise import sanitise, without_comments
from nlu.language import reply_language

MAX_BYTES = 5_000_000  # a file; nobody writes an article this long, and a bomb should not reach the parser
_MAX_FRONT = 65_536
_MAX_QUESTION = 500
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.S)
_FIRST_HEADING = re.compile(r"#\s+(.+?)\s*#*\s*(?:\n|\Z)")
_NOT_SLUG = re.compile(r"[^\w.-]+")
_CONVERT = "; save it as Markdown, text or HTML"


def load(paths: Iterable[Path | str]) -> list[Article]:
    """The articles of files and folders (searched for known endings), sorted; a name used twice is refused."""
    found: dict[tuple[str, Language], tuple[Article, Path]] = {}
    for path in paths:
        for file in _files(path):
            for article in load_file(file):
                if article.key in found:
                    raise KnowledgeError(
                        f"Two articles are named {article.slug!r} in {article.language!r}: "
                        f"{found[article.key][1]} and {file}; give one another slug"
                    )
                found[article.key] = article, file
    return [found[key][0] for key in sorted(found)]


def load_file(path: Path) -> list[Article]:
    """The articles of one file. Raises KnowledgeError for an unknown ending, a broken or an empty file."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise KnowledgeError(f"{path} cannot be read: {path.suffix!r} is none of {', '.join(_READERS)}{_CONVERT}")
    articles = list(reader(_text(path), path))
    if not articles:
        raise KnowledgeError(f"{path} holds no text; remove it or fill it")
    return articles


def _files(named: Path | str) -> Iterator[Path]:
    if str(named).lower().startswith(("http:", "https:")):
        raise KnowledgeError(f"{str(named)!r} is an address, and reading from the web is off; save the page as a file")
    path = Path(named)
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _READERS and file.is_file())
        if not files:
            raise KnowledgeError(f"The folder {path} holds no file with one of {', '.join(_READERS)}")
        yield from files
    elif path.is_file():
        yield path
    else:
        raise KnowledgeError(f"{str(path)!r} does not exist; give a file or a folder")


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise KnowledgeError(f"{path} has {size} bytes, at most {MAX_BYTES} are read; split it")
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as err:
        raise KnowledgeError(f"{path} is not UTF-8 (byte {err.start}); save it as UTF-8") from err


def _markdown(text: str, path: Path) -> Iterator[Article]:
    front: dict[str, Any] = {}
    opened = _FRONT.match(text)
    if opened:
        front = _front_matter(opened[1], path)
        text = text[opened.end() :]
    body = sanitise(without_comments(text))
    heading = _FIRST_HEADING.match(body)
    title = front.get("title")
    if heading and title in (None, heading[1]):
        title, body = heading[1], body[heading.end() :].strip()
    yield from _article(front | {"title": title}, body, path)


def _front_matter(block: str, path: Path) -> dict[str, Any]:
    if len(block) > _MAX_FRONT:
        raise KnowledgeError(f"{path} has {len(block)} characters of front matter, at most {_MAX_FRONT} are allowed")
    try:
        front = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        reason = " ".join(str(err).split())
        raise KnowledgeError(f"{path} has front matter that is no YAML: {reason}") from err
    if not isinstance(front, dict):
        raise KnowledgeError(f"{path} has front matter {front!r}; write `title: …`, `questions: […]`, `updated: …`")
    return front


def _plain(text: str, path: Path) -> Iterator[Article]:
    body = sanitise(text)
    first, _, rest = body.partition("\n")
    if rest.strip() and len(first) <= 80:
        yield from _article({"title": first}, rest.strip(), path)
    else:
        yield from _article({}, body, path)


def _html(text: str, path: Path) -> Iterator[Article]:
    title, body = read_html(text)
    yield from _article({"title": title}, sanitise(body), path)


def _csv(text: str, path: Path) -> Iterator[Article]:
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as err:
        raise KnowledgeError(f"{path} is no CSV: {err}") from err
    for line, row in enumerate(rows, start=2):
        yield from _row(row, path, line)


def _jsonl(text: str, path: Path) -> Iterator[Article]:
    for line, raw in enumerate(text.split("\n"), start=1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except (json.JSONDecodeError, RecursionError) as err:
            raise KnowledgeError(f"{path}, line {line}: no JSON ({err})") from err
        if not isinstance(row, dict):
            raise KnowledgeError(f"{path}, line {line}: {row!r} is no object with question and answer")
        yield from _row(row, path, line)


def _row(row: Mapping[str, Any], path: Path, line: int) -> Iterator[Article]:
    question = row.get("question") or row.get("title")
    answer = row.get("answer") or row.get("text")
    if not isinstance(question, str) or not isinstance(answer, str) or not question.strip() or not answer.strip():
        raise KnowledgeError(f"{path}, line {line}: needs question and answer, got {dict(row)!r}"[:500])
    named = row.get("id") or row.get("slug") or row.get("doc_id")
    digest = hashlib.sha256(question.encode()).hexdigest()[:8]
    front = {
        "slug": str(named) if named else f"{path.stem}-{digest}",
        "language": row.get("language") or row.get("lang"),
        "title": question,
        "questions": row.get("questions") or [],
        "topic": row.get("topic"),
        "updated": row.get("updated"),
    }
    yield from _article(front, sanitise(answer), path)


_READERS: dict[str, Callable[[str, Path], Iterator[Article]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
    ".html": _html,
    ".htm": _html,
    ".csv": _csv,
    ".jsonl": _jsonl,
}


def _article(front: Mapping[str, Any], body: str, path: Path) -> Iterator[Article]:
    if not body:
        return
    title = sanitise(_string(front, "title", path)).replace("\n", " ") or path.stem
    slug = _NOT_SLUG.sub("-", sanitise(_string(front, "slug", path) or path.stem)).strip("-.")
    if not slug:
        raise KnowledgeError(f"{path} gives the slug {front.get('slug')!r}; use letters, digits and hyphens")
    yield Article(
        slug=slug,
        language=_language(front.get("language"), path, f"{title}\n{body}"),
        title=title,
        text=body,
        questions=_questions(front.get("questions"), path),
        topic=_string(front, "topic", path),
        updated=_string(front, "updated", path),
    )


def _string(front: Mapping[str, Any], key: str, path: Path) -> str:
    value = front.get(key)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str | int | float):
        raise KnowledgeError(f"{path} has {key} {value!r}; it must be a text")
    return str(value)


def _questions(value: object, path: Path) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = value.split("|")
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise KnowledgeError(f"{path} has questions {value!r}; write a list of texts")
    cleaned = (sanitise(entry).replace("\n", " ")[:_MAX_QUESTION] for entry in value)
    return tuple(dict.fromkeys(entry for entry in cleaned if entry))


def _language(value: object, path: Path, text: str) -> Language:
    if value is not None and value != "":
        for language in LANGUAGES:
            if str(value).lower().replace("_", "-").split("-")[0] == language:
                return language
        raise KnowledgeError(f"{path} has the language {value!r}; allowed are {', '.join(LANGUAGES)}")
    for language in LANGUAGES:
        if language == path.parent.name:
            return language
    return reply_language(text, "en")

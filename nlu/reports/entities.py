"""Entities found against entities annotated: exact and partial spans, for every entity and language."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu import data
from nlu.errors import NluError
from nlu.extractors.entity import Entity
from nlu.language import detect
from nlu.reports.rasa import EntityResult

_ANNOTATION = re.compile(r"\[([^\[\]]*)\](?:\(([^():]+)(?::([^()]*))?\)|(\{[^{}]*\}|\[\s*\{[^\[\]]*\}\s*\]))")
_ERRORS = 100


@dataclass(frozen=True)
class Annotated:
    """A text and the entities it holds, in Rasa's format: `entity`, `start`, `end`, `value`, and maybe `role`, `group`."""

    text: str
    entities: tuple[dict[str, Any], ...]
    lang: str = ""


def read_annotated(paths: Sequence[Path]) -> list[Annotated]:
    """The texts of nlu.yml files (annotated or not) and of JSON Lines with `text` and a list `entities`.

    Tables have no place for entities and are skipped. Raises NluError naming file and line.
    """
    return [row for path in paths for file in data.files(path) for row in _read(file)]


def evaluate_entities(
    annotated: Sequence[Annotated], extract: Callable[[str], Sequence[Entity]]
) -> tuple[dict[str, Any], list[EntityResult]]:
    """Span scores of what `extract` finds, and the single results for Rasa's report.

    The scores: `precision`, `recall`, `f1` of exact spans with the right entity, `partial_f1` where a span of the right
    entity that only overlaps counts half (as in MUC-5's scoring), `support`; the same `per_entity` and `per_lang`; and
    `errors`, sentences with mistakes. Only entities that are annotated somewhere are scored: what nobody annotates cannot
    be wrong.
    """
    known = {entity["entity"] for row in annotated for entity in row.entities}
    if not known:
        raise NluError("No example has annotated entities; mark them as [red](color) in nlu.yml")
    results = []
    counts: dict[tuple[str, str], _Count] = defaultdict(_Count)
    for row in annotated:
        found = [entity.as_dict() for entity in extract(row.text) if entity.entity in known]
        results.append(EntityResult(row.text, row.entities, found))
        lang = row.lang or detect(row.text)
        for name in {entity["entity"] for entity in (*row.entities, *found)}:
            true, said = (
                [(e["start"], e["end"]) for e in side if e["entity"] == name] for side in (row.entities, found)
            )
            counts[name, lang].add(true, said)
    shown = _total(counts.values()).as_dict()
    shown["per_entity"] = {
        name: _total(c for (entity, _), c in counts.items() if entity == name).as_dict()
        for name in sorted({name for name, _ in counts})
    }
    shown["per_lang"] = {
        lang: _total(c for (_, spoken), c in counts.items() if spoken == lang).as_dict()
        for lang in sorted({lang for _, lang in counts})
    }
    shown["errors"] = [
        {"text": r.text, "true": _written(r.text, r.true), "found": _written(r.text, r.found)}
        for r in results
        if _spans(r.true) != _spans(r.found)
    ][:_ERRORS]
    return shown, results


@dataclass
class _Count:
    exact: int = 0
    partial: int = 0
    true: int = 0
    found: int = 0

    def add(self, true: list[tuple[int, int]], found: list[tuple[int, int]]) -> None:
        self.true += len(true)
        self.found += len(found)
        rest_true, rest_found = [s for s in true if s not in found], [s for s in found if s not in true]
        self.exact += len(true) - len(rest_true)
        for start, end in rest_true:
            near = next((s for s in rest_found if s[0] < end and start < s[1]), None)
            if near is not None:
                rest_found.remove(near)
                self.partial += 1

    def as_dict(self) -> dict[str, Any]:
        both = self.true + self.found
        return {
            "precision": round(self.exact / self.found, 5) if self.found else 0.0,
            "recall": round(self.exact / self.true, 5) if self.true else 0.0,
            "f1": round(2 * self.exact / both, 5) if both else 0.0,
            "partial_f1": round((2 * self.exact + self.partial) / both, 5) if both else 0.0,
            "support": self.true,
        }


def _total(counts: Any) -> _Count:
    total = _Count()
    for count in counts:
        total.exact += count.exact
        total.partial += count.partial
        total.true += count.true
        total.found += count.found
    return total


def _spans(entities: Sequence[dict[str, Any]]) -> set[tuple[str, int, int]]:
    return {(e["entity"], e["start"], e["end"]) for e in entities}


def _written(text: str, entities: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{text[e['start'] : e['end']]} ({e['entity']})" for e in entities) or "nothing"


def _read(path: Path) -> Iterator[Annotated]:
    if path.name.endswith((".yml", ".yaml")):
        for example in data.annotated_examples(path):
            yield Annotated(*_parsed(path, example.text), example.lang)
    elif ".jsonl" in path.name:
        for line, row in data.json_rows(path):
            entities = row.get("entities")
            if entities is None:
                continue
            if not isinstance(row.get("text"), str) or not _well_formed(entities, len(row["text"])):
                raise NluError(
                    f"{str(path)!r} line {line}: 'entities' must be a list of objects with entity, start and end inside 'text'"
                )
            yield Annotated(row["text"], tuple(entities), str(row.get("lang") or ""))


def _well_formed(entities: Any, length: int) -> bool:
    return isinstance(entities, list) and all(
        isinstance(e, dict)
        and isinstance(e.get("entity"), str)
        and isinstance(e.get("start"), int)
        and isinstance(e.get("end"), int)
        and 0 <= e["start"] < e["end"] <= length
        for e in entities
    )


def _parsed(path: Path, raw: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    text, entities, end = "", list[dict[str, Any]](), 0
    for match in _ANNOTATION.finditer(raw):
        text += raw[end : match.start()]
        said, name, value, body = match.groups()
        end = match.end()
        try:
            marks = [{"entity": name, "value": value or said}] if body is None else json.loads(body)
        except ValueError as err:
            raise NluError(f'{str(path)!r}: {body} in {raw!r:.80} is no JSON; write {{"entity": "name"}}') from err
        for mark in marks if isinstance(marks, list) else [marks]:
            if isinstance(mark, dict) and isinstance(mark.get("entity"), str) and said:
                entities.append({"value": said, **mark, "start": len(text), "end": len(text) + len(said)})
        text += said
    return text + raw[end:], tuple(entities)

"""Understanding of projects that are no shop: intents and entities by cross-validation, beside the real Rasa's default pipeline.

    python tests/benchmarks/any_project.py folds --golden DIR --data DIR --out DIR
    python tests/benchmarks/any_project.py ours --folds DIR --home DIR
    RASA_PYTHON tests/benchmarks/any_project.py rasa --folds DIR
    python tests/benchmarks/any_project.py score --folds DIR

`folds` cuts the annotated data once, so that both are trained and tested on the same sentences.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SEED = 7
FOLDS = 3
PROJECTS = ("moodbot", "concertbot", "formbot")
SLOT_SENTENCES = 300
# `rasa init` 3.6.21, its pipeline with the parameters it writes; the response selector has nothing to learn here.
RASA_CONFIG = """
recipe: default.v1
assistant_id: benchmark
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: 100
  constrain_similarities: true
  random_seed: 7
- name: EntitySynonymMapper
"""
Row = dict[str, Any]


def folds(golden: Path, data: Path, out: Path) -> None:
    """Writes set-fold/train.jsonl and test.jsonl: text, intent, entities as [start, end, name]."""
    sets = {name: list(_project(golden / name / "project")) for name in PROJECTS}
    sets["multidogo_software"] = list(_multidogo(data / "intents/multidogo/software.csv.gz"))
    sets["smp_ecdt"] = list(_smp(data / "intents/smp_ecdt/smp_ecdt.csv"))
    for name, rows in sets.items():
        unique = list({row["text"]: row for row in rows}.values())
        for fold, (train, test) in enumerate(_split(unique)):
            folder = out / f"{name}-{fold}"
            folder.mkdir(parents=True, exist_ok=True)
            for kind, part in (("train", train), ("test", test)):
                lines = [json.dumps(row, ensure_ascii=False) for row in part]
                (folder / f"{kind}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ours(folder: Path, home: Path) -> None:
    """Trains and tests the interpreter on every fold; writes ours.jsonl."""
    from nlu.components import Components
    from nlu.encoders import E5Encoder
    from nlu.interpreter import Interpreter
    from nlu.training_data import Mark, Sentence, TrainingData

    for fold in sorted(folder.iterdir()):
        encoder = E5Encoder(home / "models" / "encoder")
        sentences = [
            Sentence(r["text"], r["intent"], marks=tuple(Mark(*e) for e in r["entities"]))
            for r in _rows(fold / "train")
        ]
        started = time.process_time()
        chosen = Components(selectors=(), fallback=None)
        interpreter = Interpreter.train(TrainingData(sentences), encoder=encoder, components=chosen, seed=SEED)
        spent = time.process_time() - started
        _write(fold / "ours", spent, ((r["text"], interpreter.parse(r["text"])) for r in _rows(fold / "test")))


def rasa(folder: Path) -> None:
    """The same with the real Rasa, under its own Python; writes rasa.jsonl."""
    import asyncio

    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    for fold in sorted(folder.iterdir()):
        messages = [
            Message.build(r["text"], r["intent"], entities=[_rasa_entity(r["text"], *e) for e in r["entities"]])
            for r in _rows(fold / "train")
        ]
        (fold / "nlu.yml").write_text(TrainingData(messages).nlu_as_yaml(), encoding="utf-8")
        (fold / "config.yml").write_text(RASA_CONFIG, encoding="utf-8")
        started = time.process_time()
        model = train_nlu(str(fold / "config.yml"), str(fold / "nlu.yml"), str(fold / "models"))
        spent = time.process_time() - started
        agent = Agent.load(model)
        texts = [r["text"] for r in _rows(fold / "test")]
        _write(fold / "rasa", spent, ((text, asyncio.run(agent.parse_message(text))) for text in texts))


def score(folder: Path) -> None:
    """Prints intent accuracy, entity span F1 (micro), training CPU seconds and the CPU of a parse, a line a set and system."""
    from nlu.metrics import accuracy

    for name in sorted({fold.name.rpartition("-")[0] for fold in folder.iterdir()}):
        for system in ("ours", "rasa"):
            found = [fold for fold in sorted(folder.glob(f"{name}-*")) if (fold / f"{system}.jsonl").exists()]
            wanted = [row for fold in found for row in _rows(fold / "test")]
            said = [row for fold in found for row in _rows(fold / system)]
            if not said:
                continue
            gold = [(i, *e) for i, row in enumerate(wanted) for e in row["entities"]]
            spans = [(i, *e) for i, row in enumerate(said) for e in row["entities"]]
            hits = len(set(gold) & set(spans))
            result = {
                "set": name,
                "system": system,
                "folds": len(found),
                "n": len(said),
                "accuracy": round(accuracy([r["intent"] for r in wanted], [str(r["intent"]) for r in said]), 3),
                "entities": len(gold),
                "entity_f1": round(2 * hits / (len(gold) + len(spans)), 3) if gold else None,
                "train_cpu_s": round(sum(r["train_cpu_s"] for r in said) / len(said), 1),
                "parse_ms": round(sorted(r["ms"] for r in said)[len(said) // 2], 1),
            }
            print(json.dumps(result))


def _project(path: Path) -> Iterator[Row]:
    from bot.dialogue.project import Project

    for example in Project.load(path).nlu.examples:
        marks = [[e["start"], e["end"], e["entity"]] for e in example.entities]
        yield {"text": example.text, "intent": example.intent, "entities": marks}


def _multidogo(path: Path) -> Iterator[Row]:
    """Slot tags a word; 7 in 10 sentences have one."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "train" and row["text"].strip()]
    random.Random(SEED).shuffle(rows)
    wanted = {True: SLOT_SENTENCES * 7 // 10, False: SLOT_SENTENCES * 3 // 10}
    seen: set[str] = set()
    for row in rows:
        words, tags = row["text"].split(" "), row["slot_labels"].split(" ")
        if len(words) != len(tags) or row["text"] in seen:
            continue
        seen.add(row["text"])
        marks: list[Any] = []
        at, before = 0, "O"
        for word, tag in zip(words, tags, strict=False):
            if tag != "O" and tag == before:
                marks[-1][1] = at + len(word)
            elif tag != "O":
                marks.append([at, at + len(word), tag])
            before, at = tag, at + len(word) + 1
        if wanted[bool(marks)]:
            wanted[bool(marks)] -= 1
            yield {"text": row["text"], "intent": row["intent"], "entities": marks}


def _smp(path: Path) -> Iterator[Row]:
    """Chinese; the domain is the intent, slot values are found in the text."""
    with path.open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "train" and row["slots"].strip()]
    random.Random(SEED).shuffle(rows)
    count = 0
    for row in rows:
        values = [
            (k, v) for k, v in json.loads(row["slots"]).items() if isinstance(v, str) and row["text"].count(v) == 1
        ]
        marks = sorted([row["text"].find(v), row["text"].find(v) + len(v), k] for k, v in values)
        if marks and all(a[1] <= b[0] for a, b in itertools.pairwise(marks)) and count < SLOT_SENTENCES:
            count += 1
            yield {"text": row["text"], "intent": row["domain"], "entities": marks}


def _split(rows: list[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Folds with each intent spread evenly."""
    rows = sorted(rows, key=lambda row: (row["intent"], row["text"]))
    random.Random(SEED).shuffle(rows)
    rows.sort(key=lambda row: row["intent"])
    for fold in range(FOLDS):
        test = rows[fold::FOLDS]
        yield [row for i, row in enumerate(rows) if i % FOLDS != fold], test


def _rasa_entity(text: str, start: int, end: int, name: str) -> Row:
    return {"start": start, "end": end, "entity": name, "value": text[start:end]}


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.with_suffix(".jsonl").read_text("utf-8").splitlines()]


def _write(path: Path, spent: float, parses: Iterator[tuple[str, Row]]) -> None:
    lines, started = [], time.process_time()
    for text, parse in parses:
        now = time.process_time()
        entities = [[e["start"], e["end"], e["entity"]] for e in parse["entities"]]
        row = {"text": text, "intent": parse["intent"]["name"], "entities": entities}
        lines.append(json.dumps({**row, "train_cpu_s": spent, "ms": (now - started) * 1000}, ensure_ascii=False))
        started = time.process_time()
    path.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["folds", "ours", "rasa", "score"])
    for name in ("golden", "data", "out", "folds", "home"):
        parser.add_argument(f"--{name}", type=Path)
    given = parser.parse_args()
    if given.command == "folds":
        folds(given.golden, given.data, given.out)
    elif given.command == "ours":
        ours(given.folds, given.home)
    else:
        {"rasa": rasa, "score": score}[given.command](given.folds)


if __name__ == "__main__":
    sys.exit(main())

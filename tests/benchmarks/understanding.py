"""How well the demo shop's understanding does on what it has not seen: python tests/benchmarks/understanding.py [--cross-validation]

Blind intents, sentiment, entity spans and product wishes (tests/data); with --cross-validation also 5 folds of nlu.*.yml.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from demo_words import vocabulary

from bot import stamps
from bot.settings import Settings
from nlu.constraints import constraints_of
from nlu.data import read_examples
from nlu.encoders import E5Encoder
from nlu.entities import Extractor
from nlu.evaluate import cross_validate
from nlu.language import detect
from nlu.metrics import macro_f1
from nlu.pipeline import Pipeline

DATA = Path(__file__).parents[1] / "data"


def intents(pipeline: Pipeline) -> dict[str, Any]:
    with (DATA / "blind_intents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parses = pipeline.parse_many([r["text"] for r in rows])
    right: dict[str, list[bool]] = defaultdict(list)
    for row, parse in zip(rows, parses, strict=True):
        for key in ("all", row["lang"]):
            right[key].append(parse.intent == row["intent"])
    moods = macro_f1([r["sentiment"] for r in rows], [p.sentiment for p in parses])
    accuracy = {key: round(sum(v) / len(v), 4) for key, v in right.items()}
    return {"n": len(rows), "intent_accuracy": accuracy, "sentiment_macro_f1": round(moods, 4)}


def wishes(extractor: Extractor, departments: dict[str, str], name: str = "blind_searches") -> dict[str, Any]:
    exact, hits, found, there = [], 0, 0, 0
    for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        day = date.fromisoformat(row.get("today", "2026-11-22"))
        entities = extractor.extract(row["text"], language=detect(row["text"]), today=day)
        spans = {(e.entity, e.start, e.end) for e in entities}
        gold = {(e["entity"], e["start"], e["end"]) for e in row["entities"]}
        hits, found, there = hits + len(spans & gold), found + len(spans), there + len(gold)
        if "constraints" in row:
            exact.append(constraints_of(entities, departments=departments) == row["constraints"])
    return {
        "n": len(exact),
        "exact": round(sum(exact) / len(exact), 4),
        "span_f1": round(2 * hits / (found + there), 4),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cross-validation", action="store_true")
    options = asked.parse_args()
    settings = Settings()
    encoder = E5Encoder(settings.models / "encoder", threads=os.cpu_count() or 1)
    words, departments = vocabulary()
    pipeline = Pipeline.load(settings.models / "nlu", encoder=encoder, vocabulary=words)
    result = {"blind_intents": intents(pipeline), "blind_searches": wishes(Extractor(words), departments)}
    if options.cross_validation:
        files, _ = stamps.nlu_files(settings.project)
        predictions = cross_validate(read_examples(files), encoder=encoder, folds=5, seed=0)
        result["cross_validation"] = predictions.summary()
    print(json.dumps(result, indent=1, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()

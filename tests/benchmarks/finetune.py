"""Frozen, fine-tuned and both, side by side: python tests/benchmarks/finetune.py DATA.csv --home HOME --out DIR [--shots 10]

DATA has the columns text, intent and split (train, dev, test); sentences out of scope are left out. With --shots the first sentences of
every intent are trained on, and the rest of train is dev, to which nothing is fitted; without, what is chosen is chosen by dev, or by an
eighth of train where there is none. --again only measures DIR.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import E5Encoder
from nlu.finetune import finetune, recipe_for
from nlu.finetuned import FinetunedEncoder
from nlu.training import fit_head


def parts(path: Path, shots: int, dev: int) -> dict[str, list[Example]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["intent"] not in (OUT_OF_SCOPE, "oos")]
    found: dict[str, list[Example]] = {"train": [], "dev": [], "test": []}
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row["intent"]] += row["split"] == "train"
        extra = row["split"] == "train" and shots and seen[row["intent"]] > shots
        if row["split"] in found and not (shots and row["split"] == "dev"):
            found["dev" if extra else row["split"]].append(Example(row["text"], row["intent"]))
    if shots:
        random.Random(0).shuffle(found["dev"])
        found["dev"] = found["dev"][:dev]
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path)
    asked.add_argument("--home", type=Path, default=Path("var"))
    asked.add_argument("--out", type=Path, required=True)
    asked.add_argument("--shots", type=int, default=0)
    asked.add_argument("--dev", type=int, default=1500, help="with --shots: sentences of dev that are measured")
    asked.add_argument("--layers", type=int)
    asked.add_argument("--epochs", type=int)
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--again", action="store_true")
    options = asked.parse_args()
    torch.set_num_threads(options.threads)
    cache = options.home / "models" / "encoder"
    data = parts(options.data, options.shots, options.dev)
    started = time.process_time()
    if not options.again:
        recipe = recipe_for(data["train"])
        recipe = replace(recipe, layers=options.layers or recipe.layers, epochs=options.epochs or recipe.epochs)
        base = E5Encoder(cache, threads=options.threads)
        judges = [] if options.shots else data["dev"]
        finetune(data["train"], options.out, encoder=base, dev=judges, recipe=recipe, seed=options.seed)
    seconds = time.process_time() - started
    encoder = FinetunedEncoder(options.out, cache, threads=options.threads)
    texts = [example.text for example in data["train"]]
    head, _ = fit_head(encoder.features(texts), texts, [e.label for e in data["train"]], seed=options.seed)
    for name in ("dev", "test"):
        texts = [example.text for example in data[name]]
        if not texts:
            continue
        true = np.array([head.classes.index(example.label) for example in data[name]])
        frozen = head.score(encoder.features(texts), texts).probability
        opinion = encoder.opinion(texts)
        views = {"frozen": frozen, "fine-tuned": np.exp(opinion.log_probability)}
        views["both"] = opinion.fuse(frozen, head.classes)
        found = {key: round(float((view.argmax(axis=1) == true).mean()), 4) for key, view in views.items()}
        print(json.dumps({"set": name, "n": len(true), **found, "cpu_seconds": round(seconds)}))


if __name__ == "__main__":
    main()

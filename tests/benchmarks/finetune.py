"""Frozen, fine-tuned and both, side by side: python tests/benchmarks/finetune.py DATA.csv... --home HOME --out DIR [--shots 10]

DATA has the columns text, intent and split (train, dev, test); sentences out of scope are left out. With --shots the first sentences of
every intent are trained on, and the rest of train is dev, to which nothing is fitted; without, what is chosen is chosen by dev, or by a
part of train where there is none. With few sentences an intent its name is one more, for both views. --again only measures DIR.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import E5Encoder
from nlu.feature_store import FeatureStore
from nlu.finetune import finetune, named, recipe_for
from nlu.finetuned import FinetunedEncoder
from nlu.training import fit_head


def parts(paths: Sequence[Path], shots: int, dev: int) -> dict[str, list[Example]]:
    """train, dev, and a test set for each file."""
    found: dict[str, list[Example]] = {"train": [], "dev": []}
    seen: Counter[str] = Counter()
    for path, row in ((file, row) for file in paths for row in _rows(file)):
        test = f"test {path.stem}"
        found.setdefault(test, [])
        seen[row["intent"]] += row["split"] == "train"
        extra = row["split"] == "train" and shots and seen[row["intent"]] > shots
        place = test if row["split"] == "test" else row["split"]
        if place in found and not (shots and place == "dev"):
            found["dev" if extra else place].append(Example(row["text"], row["intent"]))
    if shots:
        random.Random(0).shuffle(found["dev"])
        found["dev"] = found["dev"][:dev]
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["intent"] not in (OUT_OF_SCOPE, "oos")]


def loss(probability: NDArray[np.float32], true: NDArray[np.int64]) -> float:
    """The mean of -log p of the true class."""
    return float(-np.log(np.maximum(probability[np.arange(len(true)), true], 1e-12)).mean())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", type=Path, nargs="+")
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
    store = FeatureStore(encoder, cache)
    taught = named(data["train"]) if options.shots else data["train"]
    texts = [example.text for example in taught]
    head, _ = fit_head(store.features(texts), texts, [e.label for e in taught], seed=options.seed)
    for name, examples in data.items():
        texts = [example.text for example in examples]
        if name == "train" or not texts:
            continue
        true = np.array([head.classes.index(example.label) for example in examples])
        frozen = head.score(encoder.features(texts), texts).probability
        opinion = encoder.opinion(texts)
        views = {"frozen": frozen, "fine-tuned": np.exp(opinion.log_probability)}
        views["both"] = opinion.fuse(frozen, head.classes)
        found = {key: round(float((view.argmax(axis=1) == true).mean()), 4) for key, view in views.items()}
        losses = {f"loss {key}": round(loss(view, true), 4) for key, view in views.items()}
        print(json.dumps({"set": name, "n": len(true), **found, **losses, "cpu_seconds": round(seconds)}))


if __name__ == "__main__":
    main()

"""A whole parse beside its peers, sentence by sentence in one run; prints Markdown.

    make rasa-env && daogou demo && python -m nlu checkpoint --out CHECKPOINT
    OMP_NUM_THREADS=1 python tests/benchmarks/parse.py --checkpoint CHECKPOINT

Ours is everything that understands a message of the demo shop: language, encoding, intent, mood, entities with the
catalogue's names, further requests. sentence-transformers only encodes, in 32 bits, the same weights. Rasa is its default pipeline
(DIETClassifier) on `--shots` of the shop's sentences an intent. Each runs in a process of its own with one thread and
gets the same sentences in turn, none of them twice, so that nothing is answered from a cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
SEARCHES = ROOT / "tests" / "data" / "dev_searches.jsonl"
SCRIPTS = ROOT / "tests" / "e2e" / "scripts"
SHORT = {"zh": 16, "mixed": 24, "en": 48}
"""Characters up to which a sentence counts as short."""
BATCH = 64


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--checkpoint", type=Path, help="folder of `python -m nlu checkpoint`")
    asked.add_argument("--rasa", type=Path, default=ROOT / ".venv-rasa" / "bin" / "python", help="Rasa's Python")
    asked.add_argument("--rasa-model", type=Path, help="one already trained")
    asked.add_argument("--shots", type=int, default=20, help="sentences an intent for DIET")
    asked.add_argument("--sentences", type=int, default=300)
    asked.add_argument("--worker", choices=sorted(_WORKERS), help=argparse.SUPPRESS)
    asked.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.worker:
        _serve(_WORKERS[options.worker](options.model))
        return
    lone, batches = _sentences(options.sentences)
    with TemporaryDirectory() as folder:
        engines = {"daogou": _Engine(sys.executable, "daogou")}
        if options.checkpoint:
            engines["sentence-transformers fp32, encoding only"] = _Engine(
                sys.executable, "sentence_transformers", options.checkpoint
            )
        if options.rasa.exists():
            model = options.rasa_model or _train_rasa(options.rasa, Path(folder), options.shots)
            engines["Rasa 3.6.21, DIET"] = _Engine(options.rasa, "rasa", model)
        _compare(engines, lone)
    _throughput(batches)


def _compare(engines: dict[str, _Engine], lone: Sequence[str]) -> None:
    for engine in engines.values():
        for text in ("hello", "你好", "where is my order", "黑色的耳机"):
            engine.ask([text])
    spent: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    order = list(engines)
    for i, text in enumerate(lone):
        for name in order[i % len(order) :] + order[: i % len(order)]:
            spent[name].append(engines[name].ask([text]))
    print(f"{len(lone)} sentences. {platform.processor() or platform.machine()}, {os.cpu_count()} CPUs, ", end="")
    print(f"load {os.getloadavg()[0]:.1f}, {date.today()}\n")
    print("| | p50 ms | p95 ms | CPU ms, median | resident MB | × daogou's p50 |\n|---|---|---|---|---|---|")
    ours = statistics.median(answer["ms"] for answer in spent["daogou"])
    for name, answers in spent.items():
        wall = sorted(answer["ms"] for answer in answers)
        middle = statistics.median(wall)
        cpu = statistics.median(answer["cpu"] for answer in answers)
        memory = engines[name].ask([])["mb"]
        print(
            f"| {name} | {middle:.2f} | {wall[int(len(wall) * 0.95)]:.2f} | {cpu:.2f} | {memory:.0f} | {middle / ours:.2f} |"
        )
        engines[name].close()


def _throughput(batches: Sequence[Sequence[str]]) -> None:
    """Batches through one process that may use every CPU."""
    engine = _Engine(sys.executable, "daogou_batch")
    engine.ask(batches[0])
    rates = [len(batch) / (engine.ask(batch)["ms"] / 1000) for batch in batches[1:]]
    engine.close()
    print(
        f"\nIn batches of {BATCH} on {os.cpu_count()} CPUs: {statistics.median(rates):.0f} sentences a second (median)."
    )


def _sentences(count: int) -> tuple[list[str], list[list[str]]]:
    """Short sentences to be parsed alone, and batches of any length; none twice."""
    rows = [json.loads(line) for line in SEARCHES.read_text("utf-8").splitlines()]
    turns = [
        {"text": line, "lang": path.stem}
        for path in sorted(SCRIPTS.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    unique = list({row["text"]: row for row in (*turns, *rows)}.values())
    random.Random(0).shuffle(unique)
    short = [row["text"] for row in unique if len(row["text"]) <= SHORT[row["lang"]]][:count]
    alone = set(short)
    rest = [row["text"] for row in unique if row["text"] not in alone]
    return short, [rest[start : start + BATCH] for start in range(0, len(rest) - BATCH + 1, BATCH)]


class _Engine:
    """A process that answers each list of sentences with the milliseconds it took, and no sentence with its memory."""

    def __init__(self, python: str | Path, worker: str, model: Path | None = None) -> None:
        command = [str(python), str(Path(__file__).resolve()), "--worker", worker]
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", "HF_HUB_OFFLINE": "1"}
        one = {"OMP_NUM_THREADS": "1", "TF_INTRA_OP_PARALLELISM_THREADS": "1", "TF_INTER_OP_PARALLELISM_THREADS": "1"}
        self._process = subprocess.Popen(
            command + (["--model", str(model.resolve())] if model else []),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **quiet, **one},
            cwd=ROOT if worker.startswith("daogou") else None,
        )

    def ask(self, texts: Sequence[str]) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(list(texts)), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self._process.args!r} ended with status {self._process.wait()}")
        found: dict[str, float] = json.loads(answer)
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


def _serve(parse: Callable[[list[str]], object]) -> None:
    answers = os.fdopen(os.dup(1), "w")
    with redirect_stdout(sys.stderr):  # libraries may print
        for line in sys.stdin:
            texts = json.loads(line)
            wall, cpu = time.perf_counter(), time.process_time()
            if texts:
                parse(texts)
            spent = {"ms": (time.perf_counter() - wall) * 1000, "cpu": (time.process_time() - cpu) * 1000}
            spent["mb"] = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
            print(json.dumps(spent), file=answers, flush=True)


def _daogou(_: Path | None, *, threads: int = 1) -> Callable[[list[str]], object]:
    from demo_words import vocabulary

    from nlu.encoders import E5Encoder
    from nlu.pipeline import Pipeline

    folder = Path(os.environ.get("DAOGOU_HOME", "var")) / "models"
    encoder = E5Encoder(folder / "encoder", threads=threads)
    return Pipeline.load(folder / "nlu", encoder=encoder, vocabulary=vocabulary()[0]).parse_many


def _sentence_transformers(checkpoint: Path | None) -> Callable[[list[str]], object]:
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model = SentenceTransformer(str(checkpoint), device="cpu")
    return lambda texts: model.encode(texts, prompt_name="query", normalize_embeddings=True)


def _rasa(model: Path | None) -> Callable[[list[str]], object]:
    import asyncio

    from rasa.core.agent import Agent  # type: ignore[import-not-found]

    agent = Agent.load(str(model))
    loop = asyncio.new_event_loop()

    def parse(texts: list[str]) -> object:
        return [loop.run_until_complete(agent.parse_message(text)) for text in texts]

    return parse


def _train_rasa(python: Path, folder: Path, shots: int) -> Path:
    """Rasa's default pipeline on some of the demo shop's sentences."""
    import yaml

    from bot import stamps
    from bot.settings import Settings
    from nlu.data import read_examples

    files, _ = stamps.nlu_files(Settings().project)
    by_intent: dict[str, list[str]] = {}
    for example in read_examples(files):
        by_intent.setdefault(example.label, []).append(example.text.replace("\n", " "))
    (folder / "config.yml").write_text("recipe: default.v1\nassistant_id: peer\nlanguage: en\n")  # its default pipeline
    document: dict[str, Any] = {"version": "3.1", "nlu": []}
    for intent, texts in by_intent.items():
        examples = "".join(f"- {text}\n" for text in random.Random(0).sample(texts, min(shots, len(texts))))
        document["nlu"].append({"intent": intent, "examples": examples})
    (folder / "nlu.yml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    command = [
        str(python.with_name("rasa")),
        "train",
        "nlu",
        "--nlu",
        "nlu.yml",
        "--config",
        "config.yml",
        "--out",
        "own",
    ]
    command += ["--fixed-model-name", "diet"]
    quiet = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=quiet)
    return folder / "own" / "diet.tar.gz"


_WORKERS: dict[str, Callable[[Path | None], Callable[[list[str]], object]]] = {
    "daogou": _daogou,
    "daogou_batch": lambda model: _daogou(model, threads=os.cpu_count() or 1),
    "rasa": _rasa,
    "sentence_transformers": _sentence_transformers,
}

if __name__ == "__main__":
    main()

"""Real TED on the folds that `dialogue_policy.py --write FOLDER` wrote. Runs in an environment with Rasa 3.6:

RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 \\
    python tests/benchmarks/dialogue_policy_ted.py FOLDER

It is what `rasa train core` and `rasa test core` do, for all folds in one process.
"""

import asyncio
import json
import logging
import sys
import time
from pathlib import Path

from rasa.core import test
from rasa.core.agent import Agent
from rasa.model_training import train_core
from rasa.utils.log_utils import configure_structlog

AUGMENTATION = {"augmentation_factor": 5}  # 50 talks of several stories: about as many as the learned policy makes


def measure(fold: Path) -> dict:
    began = time.process_time()
    model = train_core(
        str(fold / "domain.yml"),
        str(fold / "config.yml"),
        str(fold / "train"),
        str(fold / "models"),
        "ted",
        AUGMENTATION,
    )
    training = time.process_time() - began
    agent = Agent.load(model)
    began = time.process_time()
    found = asyncio.run(
        test.test(
            str(fold / "test"), agent, out_directory=str(fold), disable_plotting=True, errors=False, warnings=False
        )
    )
    seconds = (time.process_time() - began) / max(1, len(found["actions"]))
    stories = json.loads((fold / "story_report.json").read_text("utf-8"))["conversation_accuracy"]
    return {"actions": found["actions"], "stories": stories, "training": training, "seconds": seconds}


def calibration_error(sure: list, bins: int = 10) -> float:
    error = 0.0
    for place in range(bins):
        inside = [(c, r) for c, r in sure if min(int(c * bins), bins - 1) == place]
        if inside:
            error += abs(sum(c - r for c, r in inside)) / len(sure)
    return error


def main() -> None:
    logging.basicConfig(level=logging.ERROR)
    configure_structlog(logging.ERROR)
    for project in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        print(project.name, flush=True)
        report([measure(fold) for fold in sorted(project.glob("fold-*"))])


def report(results: list) -> None:
    right, turns, every, sure = [], [], [], []
    for result in results:
        before = "action_listen"
        for action in result["actions"]:
            hit = action["action"] == action["predicted"]
            right.append(hit)
            by_ted = "TEDPolicy" in (action["policy"] or "")
            if by_ted:
                every.append((action["confidence"], hit))
            if before == "action_listen":
                turns.append(hit)
                if by_ted:
                    sure.append((action["confidence"], hit))
            before = action["action"]
    correct, total = (sum(r["stories"][key] for r in results) for key in ("correct", "total"))
    spoken = [hit for _, hit in sure]
    print(
        f"| TED | {100 * sum(right) / len(right):.1f} | {100 * sum(turns) / len(turns):.1f} | {100 * correct / total:.1f} "
        f"| {100 * sum(spoken) / max(1, len(spoken)):.1f} | {100 * len(spoken) / len(turns):.1f} "
        f"| {calibration_error(every):.3f} | {calibration_error(sure):.3f} | – "
        f"| {1000 * sum(r['seconds'] for r in results) / len(results):.2f} "
        f"| {sum(r['training'] for r in results) / len(results):.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()

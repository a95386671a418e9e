"""What a model was made from, as a digest that is kept beside it. Light: to compare needs no model's library."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def nlu_files(project: Path) -> tuple[list[Path], list[Path]]:
    """Training files of intents and of sentiment."""
    data = project / "data"
    return sorted(data.rglob("nlu*.yml")), sorted(data.rglob("sentiment*.csv"))


def of_files(files: Sequence[Path]) -> str:
    """SHA-256 of their names and contents, in this order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def of_values(value: Any) -> str:
    """SHA-256 of plain values, whatever the order of a mapping's keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()

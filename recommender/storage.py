"""Arrays and their description in one safetensors file, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from recommender.errors import RecommenderError


def write(path: Path, arrays: Mapping[str, NDArray[np.generic]], about: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    told = {"about": json.dumps(about, ensure_ascii=False)}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, part, metadata=told)
    part.replace(path)


def read(path: Path) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
    """The arrays and the description. Raises RecommenderError when the file is missing or is none of ours."""
    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {})["about"])
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118 - not a dict
    except FileNotFoundError as error:
        raise RecommenderError(f"{str(path)!r} does not exist; train first") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise RecommenderError(f"{str(path)!r} is not a model of ours ({error}); train again") from error

"""The program and where it lives: Python, packages, graphics card, home folder, disk."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from bot.doctor.findings import Finding, described
from bot.settings import Settings

OLDEST_PYTHON = (3, 11)
EXTRAS = {
    "approximate": "nearest items in very large catalogues",
    "distributed": "scoring and training on several machines",
    "finetune": "other encoders, and fine-tuning of the bundled one",
    "llm": "an optional language model",
    "parquet": "interactions in Parquet files",
    "server": "PostgreSQL and Redis",
    "simulate": "the simulated customer that dialogue policies are tried on",
}
"""What each optional part of the distribution is for; those for its developers are left out."""
TIGHT, FULL = 2 * 2**30, 200 * 2**20
"""Bytes free on the disk: fewer than the first are a warning, than the second a problem."""
_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^\]]*\])?(?:\s*>=\s*(?P<least>[\d.]+))?(?:.*extra\s*==\s*[\"'](?P<extra>[\w-]+)[\"'])?"
)
_CARDS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


def python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        least = ".".join(map(str, OLDEST_PYTHON))
        yield Finding("python", "problem", f"{version} is too old; install Python {least} or newer")
    else:
        yield Finding("python", "ok", version)


def packages() -> Iterator[Finding]:
    """What the distribution requires, and for each extra what it would take."""
    try:
        version, required = metadata.version("daogou"), metadata.requires("daogou") or []
    except metadata.PackageNotFoundError:
        yield Finding("packages", "warning", "Daogou runs from its source without being installed: pip install -e .")
        return
    wrong: dict[str, list[str]] = {}
    count = 0
    for line in required:
        found = _REQUIREMENT.match(line)
        if found is None:
            continue
        extra, said = found["extra"] or "", line.partition(";")[0].strip()
        count += not extra
        there = _installed(found["name"])
        if there is None:
            wrong.setdefault(extra, []).append(f"{found['name']} is missing")
        elif found["least"] and _numbers(there) < _numbers(found["least"]):
            wrong.setdefault(extra, []).append(f"{found['name']} is {there}, {said} is needed")
    if needed := wrong.get(""):
        yield Finding("packages", "problem", f"{'; '.join(needed)}: pip install --upgrade daogou")
    else:
        yield Finding("packages", "ok", f"daogou {version} with all {count} packages that it requires")
    for extra, purpose in EXTRAS.items():
        if extra not in wrong:
            yield Finding(f"extra {extra}", "ok", f"installed: {purpose}")
            continue
        old = any("is needed" in one for one in wrong[extra])
        lacks = f"{purpose}; {', '.join(wrong[extra])}: pip install 'daogou[{extra}]'"
        yield Finding(f"extra {extra}", "warning" if old else "ok", f"{'too old' if old else 'not installed'}: {lacks}")


def gpu() -> Iterator[Finding]:
    """Optional. torch is imported only where a card and a build that could use it are there."""
    version = _installed("torch")
    if version is None:
        return  # told with the packages
    if not any(Path(card).exists() for card in _CARDS):
        yield Finding("gpu", "ok", "there is none, and none is needed")
        return
    if version.endswith("+cpu"):
        yield Finding(
            "gpu",
            "warning",
            f"there is one, but torch {version} is built without it: see https://pytorch.org/get-started",
        )
        return
    import torch

    if torch.cuda.is_available():
        memory = torch.cuda.get_device_properties(0).total_memory / 2**30
        yield Finding("gpu", "ok", f"{torch.cuda.get_device_name(0)}, {memory:.0f} GiB, torch {version}")
    else:
        yield Finding(
            "gpu", "warning", f"there is one, but torch {version} cannot use it: check the driver (nvidia-smi)"
        )


def home(settings: Settings) -> Iterator[Finding]:
    """Can models, index and database be written there?"""
    folder = settings.home.absolute()
    remedy = "give the server's user write access, or set DAOGOU_HOME to another folder"
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as err:
        yield Finding("home", "problem", f"{folder} cannot be written to ({err.strerror or described(err)}); {remedy}")
        return
    state = "can be written to" if there == folder else "is made at the first start"
    yield Finding("home", "ok", f"{folder} {state}")
    free = shutil.disk_usage(there).free
    said = f"{free / 2**30:.1f} GiB are free under {there}"
    if free < TIGHT:
        yield Finding("disk", "problem" if free < FULL else "warning", f"{said}; make room, or move DAOGOU_HOME")
    else:
        yield Finding("disk", "ok", said)


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The release of a version: 2.13.0+cpu is (2, 13)."""
    parts = [int(part) for part in re.findall(r"\d+", re.split(r"[+a-zA-Z-]", version)[0])]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)

"""Helpers that tests and fixtures import."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bot.settings import Settings

TODAY = "2026-11-22"


def missing(service: str) -> None:
    """Skips, or fails where all services are asked for."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{service} is missing, and REQUIRE_SERVICES=1 asks for it")
    pytest.skip(f"{service} is missing")


def demo_copy(prepared: Path, home: Path) -> Settings:
    home.mkdir(parents=True)
    for name in ("models", "chroma"):
        (home / name).symlink_to(prepared / name, target_is_directory=True)
    shutil.copy(prepared / "daogou.db", home / "daogou.db")
    return Settings(home=home, today=TODAY)

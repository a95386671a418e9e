"""The demo shop, prepared once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests_support import TODAY, demo_copy

from bot.settings import Settings

PREPARED = Path(__file__).parents[1] / "var" / "test"


@pytest.fixture(scope="session")
def prepared_home() -> Path:
    """The demo shop trained and imported, kept in the tree: the first run makes it, later ones check it is current."""
    from bot.preparing import prepare_demo  # heavy, and most tests do without

    prepare_demo(Settings(home=PREPARED, today=TODAY), lambda _: None)
    return PREPARED


@pytest.fixture
def demo_settings(prepared_home: Path, tmp_path: Path) -> Settings:
    """The demo shop with a database of its own; models and index are shared, for tests only read them."""
    return demo_copy(prepared_home, tmp_path / "home")

import pytest

from bot.stores.database import open_database


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'shop.db'}")
    yield engine
    engine.dispose()

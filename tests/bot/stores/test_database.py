"""The migrations make just the tables that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.stores.schema import metadata
from recommender.inventory.ledger import metadata as ledger_metadata


def test_the_migrations_make_the_tables_of_the_schema(engine):
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), [metadata, ledger_metadata]) == []

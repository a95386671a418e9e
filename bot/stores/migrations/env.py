"""Alembic's entry: runs on the connection that `open_database` hands over."""

from alembic import context

from bot.stores.schema import metadata
from recommender.inventory.ledger import metadata as ledger_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[metadata, ledger_metadata],
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()

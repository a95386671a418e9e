"""A shop's own data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli_options import FileOption, out, settings_of


def import_data(
    products: FileOption = None,
    stock: FileOption = None,
    customers: FileOption = None,
    orders: FileOption = None,
    interactions: FileOption = None,
    articles: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
) -> None:
    """Brings a shop's own data in: CSV or JSON lines, articles as Markdown. All of it, or nothing."""
    from bot.importing import ShopImport
    from bot.stores.database import open_database
    from recommender.inventory.ledger import Ledger

    settings = settings_of(None)
    engine = open_database(settings.engine_url)
    job = ShopImport()
    given = {
        "products": products,
        "stock": stock,
        "customers": customers,
        "orders": orders,
        "interactions": interactions,
    }
    for kind, path in given.items():
        if path is not None:
            job.add(kind, path)
    counts = job.write(engine, Ledger(engine))
    if articles is not None:
        from bot import training

        counts["articles"] = training.ingest(settings, training.served_encoder(settings), articles)
    for kind, count in counts.items():
        out.print(f"{kind}: {count}", highlight=False)

"""Getting ready to serve: the demo shop in an empty database, and everything trained that is not yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date

from sqlalchemy import func, select

from bot import training
from bot.demo.simulator import simulate, write_csv
from bot.importing import ShopImport
from bot.settings import HERE, Settings
from bot.stores.catalog import Catalog
from bot.stores.database import open_database
from bot.stores.schema import products
from recommender.inventory.ledger import Ledger

DEMO = HERE / "demo"
Report = Callable[[str], None]


def train_all(settings: Settings, report: Report) -> None:
    """The encoder's runtime form, the understanding, the product vectors. What is current is left alone."""
    report("encoder")
    shared = training.encoder(settings, threads=os.cpu_count() or 1)
    report("understanding")
    training.train_nlu(settings, shared)
    report("products")
    training.product_vectors(settings, Catalog.load(open_database(settings.engine_url)), shared)
    articles = settings.shop / "articles"
    if articles.is_dir():
        report("articles")
        training.ingest(settings, shared, articles)


def prepare_demo(settings: Settings, report: Report) -> None:
    """Imports the demo shop when there are no products yet, with a simulated year that ends today; then trains."""
    engine = open_database(settings.engine_url)
    with engine.connect() as connection:
        empty = connection.execute(select(func.count()).select_from(products)).scalar_one() == 0
    if empty:
        report("demo shop")
        folder = settings.home / "demo"
        made = simulate(
            DEMO / "products.csv", today=date.fromisoformat(settings.today) if settings.today else date.today()
        )
        write_csv(made, folder)
        job = ShopImport()
        job.add("products", DEMO / "products.csv")
        job.add("stock", DEMO / "stock.csv")
        for kind in ("customers", "orders", "interactions"):
            job.add(kind, folder / f"{kind}.csv")
        job.write(engine, Ledger(engine))
        shutil.rmtree(folder)
    train_all(settings, report)

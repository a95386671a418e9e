"""Getting ready to serve: the demo shop in an empty database, and everything trained that is not yet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date

import torch
import yaml
from sqlalchemy import func, select

from bot import training
from bot.demo.simulator import simulate, write_csv
from bot.importing import ShopImport
from bot.settings import HERE, Settings
from bot.stores.catalog import Catalog
from bot.stores.database import open_database
from bot.stores.schema import products
from recommender.inventory.ledger import Ledger
from recommender.sources import cleaning_said
from recommender.versions import Versions

DEMO = HERE / "demo"
Report = Callable[[str], None]


def train_all(settings: Settings, report: Report) -> None:
    """The encoder's runtime form, the understanding, the product vectors. What is current is left alone."""
    report("encoder")
    shared = training.shop_encoder(settings, threads=os.cpu_count() or 1)
    report("understanding")
    training.train_nlu(settings, shared)
    report("products")
    training.product_vectors(settings, Catalog.load(open_database(settings.engine_url)), shared)
    articles = settings.shop / "articles"
    if articles.is_dir():
        report("articles")
        training.ingest(settings, shared, articles)


def refit(settings: Settings) -> str:
    """Fits the recommender anew to all that customers did, as a version that running servers take over; returns what it
    was fitted to. One thread, so that a server beside it keeps its own."""
    torch.set_num_threads(1)
    engine = open_database(settings.engine_url)
    try:
        catalog = Catalog.load(engine)
        taxonomy = yaml.safe_load((settings.shop / "taxonomy.yml").read_text("utf-8"))
        ready = training.shop_items(settings, catalog, taxonomy, training.served_encoder(settings))
        today = date.fromisoformat(settings.today) if settings.today else date.today()
        made = training.fit_recommender(engine, ready, today)
    finally:
        engine.dispose()
    version = Versions(settings.recommenders).write(made.save)
    learned = made.interactions
    return f"{version.name}: {len(learned.users)} customers, {cleaning_said(learned.report)}"


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

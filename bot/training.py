"""Making what the assistant runs on: the trained understanding, the indexed articles, the fitted recommender."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy import Engine

from bot import stamps
from bot.settings import Settings
from bot.stores.catalog import Catalog, Product
from bot.stores.feedback import Feedback
from knowledge.index import Index
from knowledge.loaders import load
from nlu.encoders import E5Encoder, Encoder
from nlu.feature_store import FeatureStore
from nlu.finetuned import FinetunedEncoder, carried
from nlu.pipeline import FORMAT, Pipeline
from nlu.vocabulary import Vocabulary
from recommender.cleaning import BOT_LIKE, without_bots
from recommender.data import Interactions, Items
from recommender.recommend import Recommender

log = structlog.get_logger()
SEED = 7


def encoder(settings: Settings, *, threads: int = 1) -> E5Encoder:
    """The bundled encoder; its runtime form is built under `home` the first time."""
    return E5Encoder(settings.models / "encoder", threads=threads)


def shop_encoder(settings: Settings, *, threads: int = 1) -> E5Encoder:
    """The encoder to train the shop's understanding with: the fine-tuned one that the settings name, else the bundled.
    Raises NluError when the folder holds none."""
    return _finetuned(settings, settings.encoder, threads)


def served_encoder(settings: Settings) -> E5Encoder:
    """The encoder to serve the shop with: what the settings name, else the fine-tuned one that the trained model brings
    along, else the bundled."""
    return _finetuned(settings, settings.encoder or carried(settings.models / "nlu"), 1)


def train_nlu(settings: Settings, shared: Encoder) -> Path:
    """Trains on the project's files, unless the model there was made from just these."""
    intents, moods = stamps.nlu_files(settings.project)
    folder = settings.models / "nlu"
    stamp = f"{stamps.of_files([*intents, *moods])} {shared.fingerprint} {FORMAT}"
    if not _current(folder, stamp):
        store = FeatureStore(shared, settings.models / "encoder")
        Pipeline.train(intents, sentiment=moods, encoder=shared, out=folder, store=store, seed=SEED)
        (folder / "trained_on").write_text(stamp)
    return folder


def ingest(settings: Settings, shared: Encoder, folder: Path) -> int:
    """Brings the index in line with the folder of articles; unchanged ones are left alone. Returns how many there are."""
    found = load([folder])
    Index(settings.chroma, shared).ingest(found)
    return len(found)


def item_rows(catalog: Catalog) -> Iterable[dict[str, object]]:
    """The catalogue as the recommender reads it."""
    for p in catalog.products.values():
        yield {
            "product_id": p.product_id,
            "category": p.category,
            "brand": p.brand,
            "price": p.price,
            "list_price": p.list_price,
            "colors": p.colors,
            "sizes": p.sizes,
            "materials": p.materials,
            "attributes": p.attributes,
            "rating": p.rating,
            "reviews": p.reviews,
            "launched": p.launched,
            "goes_with": p.goes_with,
        }


def items(catalog: Catalog, departments: dict[str, str], vectors: NDArray[np.float32] | None) -> Items:
    skus = [
        {"sku": v.sku, "product_id": v.product_id, "color": v.color, "size": v.size}
        for p in catalog.products.values()
        for v in p.variants
    ]
    return Items.from_rows(item_rows(catalog), variants=skus, departments=departments, vectors=vectors)


def product_text(p: Product) -> str:
    """What a product is embedded by: both names, both descriptions, keywords."""
    return " ".join((p.name_zh, p.name_en, p.description_zh, p.description_en, p.keywords))


def product_vectors(settings: Settings, catalog: Catalog, shared: Encoder) -> NDArray[np.float32]:
    """(products, dim), kept on disk until a text or the encoder changes."""
    texts = [product_text(p) for p in catalog.products.values()]
    stamp = hashlib.sha256("\n".join([shared.fingerprint, *texts]).encode()).hexdigest()
    path = settings.models / "products.npz"
    if path.exists():
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["stamp"]) == stamp:
                return np.asarray(kept["vectors"])
    vectors = shared.encode(texts, kind="passage")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new.npz")
    np.savez(fresh, stamp=np.array(stamp), vectors=vectors)
    fresh.replace(path)
    return vectors


def shop_items(settings: Settings, catalog: Catalog, taxonomy: Mapping[str, Any], shared: Encoder) -> Items:
    """The catalogue as the recommender knows it, departments and vectors included."""
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    return items(catalog, departments, product_vectors(settings, catalog, shared))


def fit_recommender(engine: Engine, ready: Items, today: date) -> Recommender:
    """Fitted on all that customers did so far, less what acts like a machine; what was left out is logged."""
    rows = [row for row in Feedback(engine).interactions() if row["kind"] != "reject"]
    people = without_bots(Interactions.from_rows(rows, items=ready.ids), per_hour=BOT_LIKE)
    if people.report.left_out():
        log.info("interactions_left_out", **people.report.left_out())
    return Recommender(ready, people, today=today).fit()


def vocabulary(taxonomy: dict[str, object], catalog: Catalog) -> Vocabulary:
    """The words of the world, of this shop's taxonomy, and of its products."""
    names = [(p.product_id, p.name_zh, p.name_en) for p in catalog.products.values()]
    return Vocabulary.builtin().with_taxonomy(taxonomy).with_products(names)


def _finetuned(settings: Settings, folder: Path | None, threads: int) -> E5Encoder:
    if folder is None:
        return encoder(settings, threads=threads)
    return FinetunedEncoder(folder, settings.models / "encoder", threads=threads)


def _current(folder: Path, stamp: str) -> bool:
    mark = folder / "trained_on"
    return mark.exists() and mark.read_text() == stamp

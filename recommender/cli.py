"""Evaluating scorers, and training and asking a recommender over a folder with products.csv and interactions.csv."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from recommender import cli_batch, cli_behaviour, cli_evaluate
from recommender.cleaning import BOT_LIKE, without_bots
from recommender.cli_evaluate import Json
from recommender.constraints import Constraints
from recommender.data import Interactions, Items, Query
from recommender.errors import RecommenderError
from recommender.explain import sentence
from recommender.recommend import Recommender, Slate
from recommender.rows import read_csv, text
from recommender.sources import cleaning_said
from recommender.traits import Traits

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Language = StrEnum("Language", ["zh", "en"])
Folder = Annotated[
    Path, typer.Argument(help="holds products.csv and, where there are any, stock.csv, interactions.csv, users.csv")
]
Model = Annotated[Path | None, typer.Option(help="a trained model; without it, one is trained on the way")]
Wish = Annotated[str, typer.Option(help='hard filters, as {"category": ["tea"], "price": {"max": 80}}')]
User = Annotated[str | None, typer.Option(help="a customer of interactions.csv")]
Trait = Annotated[list[str] | None, typer.Option(help="known of the customer, as level=gold; may be repeated")]
Friend = Annotated[list[str] | None, typer.Option(help="a customer whom they know; may be repeated")]
Viewed = Annotated[list[str] | None, typer.Option(help="an item looked at, oldest first; may be repeated")]
K = Annotated[int, typer.Option("--k", help="how many items")]
In = Annotated[Language, typer.Option(help="of names and reasons")]


for command in (*cli_evaluate.COMMANDS, *cli_behaviour.COMMANDS, *cli_batch.COMMANDS):
    app.command()(command)


@app.command()
def train(folder: Folder, out: Annotated[Path, typer.Option(help="a folder for the model")]) -> None:
    """Fits the shop's blend of scorers and stores it."""
    interactions = _trained(folder, out).interactions
    typer.echo(f"{len(interactions.users)} customers learned, stored in {out}: {cleaning_said(interactions.report)}")


@app.command()
def recommend(
    folder: Folder,
    user: User = None,
    viewed: Viewed = None,
    trait: Trait = None,
    friend: Friend = None,
    wish: Wish = "{}",
    k: K = 3,
    language: In = Language.en,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """What a customer may like, under hard filters. Without a history, by traits (of users.csv) and friends."""
    shop = _loaded(folder, model)
    known = _users(folder).of(dict(_pair(one) for one in trait)) if trait else ()
    query = Query(user, tuple(viewed or ()), known, tuple(friend or ()))
    slate = shop.recommend(query, k=k, constraints=_wish(wish), available=_available(shop, folder))
    _show(slate, folder, language, as_json)


@app.command()
def similar(
    folder: Folder, item: str, k: K = 3, language: In = Language.en, model: Model = None, as_json: Json = False
) -> None:
    """Items like one item."""
    shop = _loaded(folder, model)
    _show(shop.similar(item, k=k, available=_available(shop, folder)), folder, language, as_json)


@app.command()
def explain(
    folder: Folder,
    item: str,
    user: User = None,
    viewed: Viewed = None,
    wish: Wish = "{}",
    language: In = Language.en,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Every reason that holds for one item, or the wishes that it breaks."""
    shop, constraints = _loaded(folder, model), _wish(wish)
    reasons = shop.reasons_for(item, Query(user, tuple(viewed or ())), constraints)
    names = _names(folder, language)
    found = {
        "item": item,
        "reasons": [{"code": r.code, "value": r.value, "text": sentence(r, names, language)} for r in reasons],
        "violations": constraints.violations(shop.items, item, _available(shop, folder)),
    }
    lines = [sentence(r, names, language) for r in reasons] + [f"breaks: {kind}" for kind in found["violations"]]
    _say(found, as_json, lambda: lines or ["no reason holds"])


def main() -> None:
    try:
        app()
    except RecommenderError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)


def _items(folder: Path) -> Items:
    stock = folder / "stock.csv"
    return Items.from_csv(folder / "products.csv", stock=stock if stock.is_file() else None)


def _trained(folder: Path, out: Path | None = None) -> Recommender:
    items = _items(folder)
    interactions = Interactions.from_csv(folder / "interactions.csv", items=items.ids)
    shop = Recommender(items, without_bots(interactions, per_hour=BOT_LIKE), traits=_traits(folder)).fit()
    if out is not None:
        shop.save(out)
    return shop


def _loaded(folder: Path, model: Path | None) -> Recommender:
    return _trained(folder) if model is None else Recommender.load(model, _items(folder), traits=_traits(folder))


def _traits(folder: Path) -> Mapping[str, tuple[str, ...]]:
    return _users(folder).of_users if (folder / "users.csv").is_file() else {}


def _users(folder: Path) -> Traits:
    return Traits.from_csv(folder / "users.csv")


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals:
        raise RecommenderError(f"trait {said!r} is not of the form name=value")
    return name, value


def _available(shop: Recommender, folder: Path) -> Any:
    if not (folder / "stock.csv").is_file():
        return None
    rows = read_csv(folder / "stock.csv", ("sku", "on_hand"))
    return shop.availability(
        {text(row, "sku"): int(text(row, "on_hand") or 0) - int(text(row, "safety_stock") or 0) for row in rows}
    )


def _wish(said: str) -> Constraints:
    try:
        wish = json.loads(said)
    except json.JSONDecodeError as error:
        raise RecommenderError(f"wish {said!r} is not JSON: {error}") from error
    if not isinstance(wish, dict):
        raise RecommenderError(f"wish {said!r} is not a JSON object")
    return Constraints.from_wish(wish)


def _names(folder: Path, language: Language) -> dict[str, str]:
    rows = read_csv(folder / "products.csv", ("product_id",))
    return {text(row, "product_id"): text(row, f"name_{language}") or text(row, "product_id") for row in rows}


def _show(slate: Slate, folder: Path, language: Language, as_json: bool) -> None:
    names = _names(folder, language)
    told: list[dict[str, Any]] = [
        {
            "item": found.item_id,
            "name": names[found.item_id],
            "score": round(found.score, 4),
            "reasons": [phrase for r in found.reasons if (phrase := sentence(r, names, language))],
        }
        for found in slate.items
    ]
    loose = [{"kind": r.kind, "value": r.value, "count": r.count, "price": r.price} for r in slate.relaxations]
    lines = [f"{t['item']}  {t['name']}  {t['score']:.2f}  {'; '.join(t['reasons'])}" for t in told]
    lines += [f"without {r['kind']} {r['value'] or ''}: {r['count']} items" for r in loose]
    _say({"items": told, "total": slate.total, "relaxations": loose}, as_json, lambda: lines or ["nothing found"])


def _say(found: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False) if as_json else "\n".join(lines()))

"""The commands about behaviour: who the customers are, and what is bought together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from recommender.association import association_rules
from recommender.data import Interactions, Items
from recommender.errors import RecommenderError
from recommender.segments import Segments, shares

Folder = Annotated[Path, typer.Argument(help="holds products.csv and interactions.csv")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]


def segments(
    folder: Folder,
    user: Annotated[str | None, typer.Option(help="one customer instead of all")] = None,
    as_json: Json = False,
) -> None:
    """Recency, frequency, money, favourites, price level and the risk of churn."""
    items, interactions = _read(folder)
    found = Segments(interactions, items)
    if user is None:
        told = {"customers": len(interactions.users), "segments": dict(shares(found))}
        lines = [f"{name:>12}  {count}" for name, count in told["segments"].items()]  # type: ignore[attr-defined]
        typer.echo(json.dumps(told) if as_json else "\n".join(lines))
        return
    profile = found.profile(user)
    if profile is None:
        raise RecommenderError(f"customer {user!r} has no event in interactions.csv")
    told = profile.as_dict()
    typer.echo(
        json.dumps(told, ensure_ascii=False)
        if as_json
        else "\n".join(f"{key:>16}  {value}" for key, value in told.items())
    )


def rules(
    folder: Folder,
    min_count: Annotated[int, typer.Option(help="baskets that must hold all of a rule")] = 5,
    min_confidence: Annotated[float, typer.Option(help="share of the baskets that follow the rule")] = 0.05,
    most: Annotated[int, typer.Option(help="rules shown")] = 20,
    as_json: Json = False,
) -> None:
    """Bundles: who takes these takes that too, less what may be chance."""
    items, interactions = _read(folder)
    found = association_rules(interactions.over(items.ids), min_count=min_count, min_confidence=min_confidence)[:most]
    told = [{name: getattr(rule, name) for name in rule.__slots__} for rule in found]
    lines = [
        f"{' + '.join(r.items)} => {r.then}  {r.count} baskets, confidence {r.confidence:.2f}, lift {r.lift:.1f}, p {r.p:.2g}"
        for r in found
    ]
    typer.echo(json.dumps({"rules": told}, ensure_ascii=False) if as_json else "\n".join(lines or ["no rule holds"]))


def _read(folder: Path) -> tuple[Items, Interactions]:
    items = Items.from_csv(folder / "products.csv")
    return items, Interactions.from_csv(folder / "interactions.csv", items=items.ids)


COMMANDS: tuple[Callable[..., None], ...] = (segments, rules)

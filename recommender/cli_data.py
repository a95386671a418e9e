"""The data that evaluating commands read: two files or one to be cut, cleaned, with segments of users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recommender.cleaning import k_core, without_bots
from recommender.data import Interactions, Items
from recommender.errors import RecommenderError
from recommender.rows import read_csv, text
from recommender.sources import Format, Split, cleaning_said, cut, read

Train = Annotated[Path | None, typer.Option(help="interactions to learn from")]
Test = Annotated[Path | None, typer.Option(help="interactions to find again")]
Whole = Annotated[Path | None, typer.Option("--interactions", help="one file, cut by --split, instead of two")]
Cut = Annotated[Split, typer.Option(help="how one file is cut; given: its column 'split' says train or test")]
Share = Annotated[float, typer.Option(help="of the events that are the test of a cut by time")]
Form = Annotated[Format, typer.Option(help="of all files; .gz is read too, save of Parquet")]
Products = Annotated[Path | None, typer.Option(help="products.csv, for content, blend and diversity")]
Core = Annotated[int | None, typer.Option("--k-core", help="only users and items with so many partners (one file)")]
Bots = Annotated[int | None, typer.Option(help="leave users out with more events in an hour (one file)")]
Users = Annotated[Path | None, typer.Option(help="CSV of users, for --by")]
By = Annotated[str | None, typer.Option(help="a column of --users: measures for each of its values")]


@dataclass(frozen=True)
class Data:
    """What all commands read: the two parts, the catalogue where there is one, the segment of users where asked."""

    train: Interactions
    test: Interactions | None
    items: Items | None
    segment: Mapping[str, str] | None
    told: str


def read_data(
    train: Path | None,
    test: Path | None,
    whole: Path | None,
    split: Split,
    share: float,
    format: Format,
    items: Items | None,
    core: int | None,
    per_hour: int | None,
    users: Path | None,
    by: str | None,
) -> Data:
    """Raises RecommenderError when neither two files nor one to be cut are given, or both."""
    known = items.ids if items else None
    if (train is None) == (whole is None):
        raise RecommenderError("give either --train (and --test), or --interactions and --split")
    segment = _segments(users, by)

    def cleaned(found: Interactions) -> Interactions:
        left = without_bots(found, per_hour=per_hour) if per_hour is not None else found
        return k_core(left, core) if core is not None else left

    if whole is not None:
        learned, tested = cut(whole, format, split, share=share, items=known, cleaned=cleaned)
        return Data(learned, tested, items, segment, cleaning_said(learned.report))
    if train is None or core is not None or per_hour is not None:
        raise RecommenderError("--k-core and --bots-per-hour clean one file before it is cut; use --interactions")
    learned = read(train, format, items=known)
    return Data(
        learned, read(test, format, items=known) if test else None, items, segment, cleaning_said(learned.report)
    )


def tested(data: Data) -> Interactions:
    if data.test is None:
        raise RecommenderError("give --test beside --train")
    return data.test


def _segments(users: Path | None, by: str | None) -> dict[str, str] | None:
    if (users is None) != (by is None):
        raise RecommenderError("--users and --by go together: a file and one of its columns")
    if users is None or by is None:
        return None
    rows = list(read_csv(users, (by,)))
    key = next((n for n in ("customer_id", "user", "user_id") if rows and n in rows[0]), None)
    if key is None:
        raise RecommenderError(f"{users}: none of the columns customer_id, user, user_id is there")
    return {text(row, key): text(row, by) or "unknown" for row in rows}

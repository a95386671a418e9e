"""The command for large sets: lists for all users at once, in one process or on Ray."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from recommender import batches, distributed
from recommender.registry import make_scorer
from recommender.scorers.ials import Ials
from recommender.sources import Format, cleaning_said, read


def recommend_all(
    train: Annotated[Path, typer.Option(help="interactions to learn from")],
    out: Annotated[Path, typer.Option(help="a .csv or .parquet file: user, rank, item, score")],
    format: Annotated[Format, typer.Option(help="of --train; .gz is read too, save of Parquet")] = Format.csv,
    scorer: Annotated[str, typer.Option(help="as in evaluate; only ials is also trained by shards")] = "ials",
    k: Annotated[int, typer.Option("--k", help="items for each user")] = 20,
    device: Annotated[str, typer.Option(help="cpu or cuda")] = "cpu",
    workers: Annotated[int, typer.Option(min=0, help="processes of Ray; 0: this process alone")] = 0,
    address: Annotated[str | None, typer.Option(help="of a Ray cluster that runs already, host:port")] = None,
    approximate: Annotated[
        bool | None, typer.Option("--approximate/--exact", help="without either: approximate for large catalogues")
    ] = None,
) -> None:
    """Trains, and writes the best items of every user that they have not had."""
    interactions = read(train, format)
    typer.echo(cleaning_said(interactions.report))
    made = make_scorer(scorer, device=device)
    with distributed.cluster(address, workers=workers) if workers else nullcontext():
        if workers and isinstance(made, Ials):
            distributed.fit_ials(made, interactions, shards=workers)
        else:
            made.fit(interactions)
        found = (
            distributed.recommend_all(made, interactions, k=k, workers=workers, approximate=approximate)
            if workers
            else batches.recommend_all(made, interactions, k=k, approximate=approximate)
        )
        rows = batches.write(out, found, interactions.users, interactions.items)
    typer.echo(f"{rows} rows for {len(interactions.users)} users in {out}")


COMMANDS: tuple[Callable[..., None], ...] = (recommend_all,)

"""The commands that judge scorers: evaluate one, compare several, tune settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from recommender.cli_data import (
    Bots,
    By,
    Core,
    Cut,
    Data,
    Form,
    Products,
    Share,
    Test,
    Train,
    Users,
    Whole,
    read_data,
    tested,
)
from recommender.data import Items
from recommender.errors import RecommenderError
from recommender.evaluate import Evaluation
from recommender.evaluate import evaluate as evaluated
from recommender.features import item_features
from recommender.registry import SCORERS, make_scorer
from recommender.reports.html import write_page
from recommender.reports.page import Compared, page, trial_page
from recommender.significance import holm, paired
from recommender.sources import Format, Split
from recommender.strata import Stratum, by_history, by_item, by_segment
from recommender.tuning import Budget, read_settings, read_space
from recommender.tuning import tune as tuned

Device = StrEnum("Device", ["cpu", "cuda"])
Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
K = Annotated[int, typer.Option("--k", help="length of the lists")]
On = Annotated[Device, typer.Option(help="for ials, ease, graph and sequence")]
Html = Annotated[Path | None, typer.Option(help="also writes a page with charts")]
_LISTED = 8
"""Values of --by told on the page and in text; JSON has all."""


def evaluate(
    train: Train = None,
    test: Test = None,
    scorer: Annotated[str | None, typer.Option(help=f"one of {', '.join(SCORERS)}")] = None,
    settings: Annotated[Path | None, typer.Option(help="scorer and settings as `tune` wrote them")] = None,
    interactions: Whole = None,
    split: Cut = Split.LEAVE_ONE_OUT,
    test_share: Share = 0.2,
    format: Form = Format.lightgcn,
    products: Products = None,
    k: K = 20,
    device: On = Device.cpu,
    setting: Annotated[list[str] | None, typer.Option("--set", help="as dim=256; may be repeated")] = None,
    core: Core = None,
    bots_per_hour: Bots = None,
    users: Users = None,
    by: By = None,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Full ranking over all items, what training has seen left out; means over all users of the test set."""
    name, chosen = read_settings(settings) if settings else (scorer, {})
    if name is None or (scorer is not None and scorer != name):
        raise RecommenderError(
            "say which scorer, with --scorer or --settings"
            if name is None
            else f"{settings} is for {name}, not {scorer}"
        )
    chosen = chosen | dict(map(_setting, setting or ()))
    # before the data, which may take long to read
    items = _catalogue(products)
    made = make_scorer(name, device=_device(device), items=items, settings=chosen)
    data = read_data(train, test, interactions, split, test_share, format, items, core, bots_per_hour, users, by)
    found = evaluated(data.train, tested(data), made, k=k, features=_features(items))
    told: dict[str, Any] = {**found.as_dict(), "scorer": name, "settings": chosen, "strata": _strata(found, data)}
    told["cleaning"] = data.told
    if html:
        segments = {name: _most(by_segment(found, data.segment))} if data.segment else None
        write_page(html, page({name: found}, about=_about(data, found), segments=segments))
    lines = [f"{key:>18}  {value:.4f}" for key, value in found.as_dict().items()]
    lines += ["", *_stratum_lines(told["strata"], f"ndcg@{k}"), "", data.told]
    _say(told, as_json, lines)


def compare(
    scorers: Annotated[list[str], typer.Argument(help="names of scorers, or settings files (.json) of `tune`")],
    train: Train = None,
    test: Test = None,
    interactions: Whole = None,
    split: Cut = Split.LEAVE_ONE_OUT,
    test_share: Share = 0.2,
    format: Form = Format.lightgcn,
    products: Products = None,
    k: K = 20,
    device: On = Device.cpu,
    core: Core = None,
    bots_per_hour: Bots = None,
    users: Users = None,
    by: By = None,
    seed: Annotated[int, typer.Option(help="of the resampling")] = 0,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Several scorers on the same split, and whether their differences are more than luck (p adjusted after Holm)."""
    if len(set(scorers)) < 2:
        raise RecommenderError(f"comparing needs two different scorers, not {', '.join(scorers)}")
    items = _catalogue(products)
    made = {}
    for said in dict.fromkeys(scorers):
        name, chosen = read_settings(Path(said)) if said.endswith(".json") else (said, {})
        label = f"{name} ({Path(said).stem})" if chosen or said.endswith(".json") else name
        made[label] = make_scorer(name, device=_device(device), items=items, settings=chosen)
    data = read_data(train, test, interactions, split, test_share, format, items, core, bots_per_hour, users, by)
    features = _features(items)
    found: dict[str, Evaluation] = {}
    with _progress() as bar:
        task = bar.add_task("", total=len(made))
        for label, scorer in made.items():
            bar.update(task, description=label)
            found[label] = evaluated(data.train, tested(data), scorer, k=k, features=features)
            bar.advance(task)
    compared = differences(found, seed=seed)
    told = {
        "k": k,
        "users": next(iter(found.values())).users,
        "scorers": {name: {**e.as_dict(), "strata": _strata(e, data)} for name, e in found.items()},
        "differences": [
            {"first": c.first, "second": c.second, "measure": c.measure, **asdict(c.difference)} for c in compared
        ],
        "cleaning": data.told,
    }
    if html:
        segments = {n: _most(by_segment(e, data.segment)) for n, e in found.items()} if data.segment else None
        about = _about(data, next(iter(found.values())))
        write_page(html, page(found, about=about, segments=segments, compared=compared))
    _say(told, as_json, [*_comparison_lines(found, compared, k), "", data.told])


def tune(
    scorer: Annotated[str, typer.Option(help="whose settings")],
    budget: Annotated[str, typer.Option(help="candidates, as 40, or seconds, as 600s")] = "30",
    space: Annotated[
        str | None, typer.Option(help='JSON or a file: {"dim": [32, 64], "l2": {"low": 0.01, "high": 1, "log": true}}')
    ] = None,
    validation: Annotated[float, typer.Option(help="share of the training events held out, several times")] = 0.1,
    seed: Annotated[int, typer.Option(help="of candidates and hold-outs")] = 0,
    train: Train = None,
    interactions: Whole = None,
    split: Cut = Split.LEAVE_ONE_OUT,
    test_share: Share = 0.2,
    format: Form = Format.lightgcn,
    products: Products = None,
    k: K = 20,
    device: On = Device.cpu,
    core: Core = None,
    bots_per_hour: Bots = None,
    out: Annotated[Path | None, typer.Option(help="a file for --settings of evaluate and compare")] = None,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Random search and successive halving on hold-outs of the training data; test data takes no part."""
    allowed, ranges = Budget.parse(budget), read_space(space) if space else None
    items = _catalogue(products)
    make_scorer(scorer, device=_device(device), items=items, settings=dict.fromkeys(ranges or (), 1.0))
    data = read_data(train, None, interactions, split, test_share, format, items, core, bots_per_hour, None, None)
    with _progress() as bar:
        task = bar.add_task("", total=1.0)
        found = tuned(
            data.train,
            scorer,
            space=ranges,
            budget=allowed,
            validation=validation,
            k=k,
            seed=seed,
            device=device,
            items=items,
            told=lambda share, line: bar.update(task, completed=share, description=line),
        )
    found["cleaning"] = data.told
    if out:
        write_page(out, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    if html:
        write_page(html, trial_page(found, data.told))
    measure, best, defaults = found["measure"], found["validation"], found["defaults"]
    lines = [f"{name} = {value:g}" for name, value in found["settings"].items()] or ["the defaults"]
    lines.append(
        f"{measure} {best['mean']:.4f} on {best['holdouts']} hold-outs (defaults {defaults['mean']:.4f}, {len(found['trials'])} candidates)"
    )
    _say(found, as_json, lines)


def differences(found: Mapping[str, Evaluation], *, seed: int = 0) -> list[Compared]:
    """All pairs of evaluations on the same users, recall and NDCG, p adjusted over the pairs of each measure."""
    k = next(iter(found.values())).k
    out = []
    for measure in (f"recall@{k}", f"ndcg@{k}"):
        pairs = list(combinations(found, 2))
        tests = [paired(found[a].per_user[measure], found[b].per_user[measure], seed=seed) for a, b in pairs]
        adjusted = holm([test.p for test in tests])
        out += [
            Compared(a, b, measure, replace(test, holm_p=p))
            for (a, b), test, p in zip(pairs, tests, adjusted, strict=True)
        ]
    return out


def _catalogue(products: Path | None) -> Items | None:
    return Items.from_csv(products) if products else None


def _features(items: Items | None) -> Any:
    return None if items is None else (items.ids, item_features(items))


def _device(device: Device) -> str:
    if device is Device.cuda and not torch.cuda.is_available():
        raise RecommenderError("device 'cuda' is not there; use cpu")
    return device.value


def _setting(said: str) -> tuple[str, float]:
    name, _, value = said.partition("=")
    try:
        return name, float(value)
    except ValueError as error:
        raise RecommenderError(f"setting {said!r} is not like dim=256") from error


def _strata(found: Evaluation, data: Data) -> dict[str, dict[str, Stratum]]:
    out = {"history": by_history(found), "items": by_item(found)}
    return out if data.segment is None else out | {"segments": by_segment(found, data.segment)}


def _most(strata: dict[str, Stratum]) -> dict[str, Stratum]:
    return dict(sorted(strata.items(), key=lambda row: -row[1]["users"])[:_LISTED])


def _about(data: Data, found: Evaluation) -> str:
    return (
        f"Full ranking of {found.items:,} items for {found.users:,} users, training items left out. "
        f"Training: {len(data.train):,} events of {len(data.train.users):,} users; {data.told}."
    )


def _stratum_lines(strata: Mapping[str, Mapping[str, Stratum]], measure: str) -> list[str]:
    lines = []
    for kind, groups in strata.items():
        for group, row in _most(
            {n: {**r, "users": r.get("users", r.get("pairs", 0.0))} for n, r in groups.items()}
        ).items():
            told = f"found {row['found']:.4f}" if "found" in row else f"{measure} {row[measure]:.4f}"
            lines.append(f"{kind:>10} {group:<12} {int(row['users']):>8}  {told}")
    return lines


def _comparison_lines(found: Mapping[str, Evaluation], compared: list[Compared], k: int) -> list[str]:
    names = (f"recall@{k}", f"ndcg@{k}", f"hr@{k}", "coverage", "novelty", "gini", "fit_seconds")
    lines = [" ".join([f"{'':24}", *(f"{n:>11}" for n in names)])]
    for name, evaluation in found.items():
        told = evaluation.as_dict()
        lines.append(" ".join([f"{name[:24]:24}", *(f"{told[n]:11.4f}" for n in names)]))
    lines.append("")
    for c in compared:
        d = c.difference
        sure = "significant" if d.holm_p < 0.05 else "not significant"
        lines.append(
            f"{c.measure}: {c.second} - {c.first} {d.mean:+.4f} ({d.low:+.4f} to {d.high:+.4f}), p {d.p:.4f}, Wilcoxon {d.wilcoxon_p:.2g}, Holm {d.holm_p:.4f}: {sure}"
        )
    return lines


def _progress() -> Progress:
    """On a terminal only; nothing of it is in a file or a pipe."""
    console = Console(stderr=True)
    return Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _say(found: Any, as_json: bool, lines: list[str]) -> None:
    typer.echo(json.dumps(_plain(found), ensure_ascii=False) if as_json else "\n".join(lines))


def _plain(found: Any) -> Any:
    """JSON has no NaN: null."""
    if isinstance(found, dict):
        return {key: _plain(value) for key, value in found.items()}
    if isinstance(found, list):
        return [_plain(value) for value in found]
    return None if isinstance(found, float) and found != found else found


COMMANDS: tuple[Callable[..., None], ...] = (evaluate, compare, tune)

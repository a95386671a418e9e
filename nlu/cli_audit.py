"""`python -m nlu audit`: what is wrong with labelled data, on the terminal, as JSON and as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nlu.audit import Audit, Pair
from nlu.audit import audit as look
from nlu.cli_options import BUNDLED, HOME, EncoderName, Files, Home, HtmlFile, Json, Seed, cores, errors, load_encoder
from nlu.cli_options import progress as bar
from nlu.cli_options import show_table as show
from nlu.data import Example, files, read_examples
from nlu.reports import html

_SHOWN = 500  # rows of a table on the page


def audit(
    data: Files,
    label: Annotated[str, typer.Option(help="The column of the class: intent, or label for sentiment.")] = "intent",
    folds: Annotated[int, typer.Option("--folds", "-f", help="Folds; more find more and take longer.")] = 4,
    limit: Annotated[int, typer.Option(help="Rows of every table on the terminal.")] = 15,
    html_file: HtmlFile = None,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Find likely mislabelled, duplicate, contradicting and outlying examples."""
    with errors():
        examples, places = _read(data, label)
        coder = load_encoder(encoder, home, threads=cores())
        with bar("judging", folds) as step:
            found = look(examples, encoder=coder, folds=folds, seed=seed, progress=step)
        if html_file:
            html.write_page(html_file, page(found, places))
    if as_json:
        print(json.dumps(found.as_dict() | {"files": places}, ensure_ascii=False))  # noqa: T201
    else:
        _tables(found, places, limit)


def page(found: Audit, places: Sequence[str]) -> str:
    """The findings as one HTML file; `places` says for every example where it stands."""
    parts = [
        html.section(
            f"Likely mislabelled: {len(found.suspects)}",
            html.table(
                ("sentence", "label", "rather", "p(label)", "p(rather)", "file"),
                [(s.text, s.label, s.suggested, s.given, s.other, places[s.row]) for s in found.suspects[:_SHOWN]],
            ),
            note=f"Judged by classifiers that had not seen them. About {found.noise:.1%} of the labels are wrong or doubtful.",
        ),
        html.section(f"Contradictions: {len(found.contradictions)}", _pairs(found.contradictions)),
        html.section(
            f"Duplicates: {sum(len(rows) - 1 for rows in found.duplicates)}",
            html.table(
                ("file", "copies", "rows"),
                [(places[r[0]], len(r), ", ".join(map(str, r[:20]))) for r in found.duplicates[:_SHOWN]],
            ),
            note="The same sentence of the same class, but for case and closing punctuation; rows count from 0.",
        ),
        html.section(f"Near duplicates: {len(found.near_duplicates)}", _pairs(found.near_duplicates)),
        html.section(
            f"Outliers: {len(found.outliers)}",
            html.table(
                ("sentence", "label", "likeness", "file"),
                [(o.text, o.label, o.likeness, places[o.row]) for o in found.outliers[:_SHOWN]],
            ),
            note="Unlike all others of their class: another language, another topic, or a corner that needs more examples.",
        ),
        html.section(f"Classes: {len(found.classes)}", html.table(("class", "examples"), list(found.classes.items()))),
    ]
    names = ", ".join(sorted(set(places)))
    return html.frame("Audit of the training data", f"{found.n:,} examples of {names}", "".join(parts))


def _read(data: Sequence[Path], label: str) -> tuple[list[Example], list[str]]:
    """(examples, the file of each)."""
    examples: list[Example] = []
    places: list[str] = []
    for path in (file for given in data for file in files(given)):
        if label != "intent" and path.suffix in (".yml", ".yaml"):
            continue
        own = read_examples([path], label=label, split="train")
        examples += own
        places += [path.name] * len(own)
    return examples, places


def _pairs(pairs: Sequence[Pair]) -> str:
    rows = [(*p.texts, *p.labels, p.similarity) for p in pairs[:_SHOWN]]
    return html.table(("first", "second", "label of the first", "of the second", "similarity"), rows)


def _tables(found: Audit, places: Sequence[str], limit: int) -> None:
    sizes = list(found.classes.items())
    show(
        "",
        ("", ""),
        [
            ("examples", str(found.n)),
            ("classes", f"{len(sizes)}, from {sizes[0][1]} ({sizes[0][0]}) to {sizes[-1][1]} ({sizes[-1][0]})"),
            ("small classes", ", ".join(found.small_classes) or "none"),
            ("likely mislabelled", f"{len(found.suspects)} (estimated noise {found.noise:.2%})"),
            ("contradictions", str(len(found.contradictions))),
            ("duplicates", str(sum(len(rows) - 1 for rows in found.duplicates))),
            ("near duplicates", str(len(found.near_duplicates))),
            ("outliers", str(len(found.outliers))),
        ],
    )
    if found.suspects:
        show(
            "Likely mislabelled",
            ("sentence", "label", "rather", "p(label)", "p(rather)", "file"),
            [
                (s.text[:70], s.label, s.suggested, f"{s.given:.3f}", f"{s.other:.3f}", places[s.row])
                for s in found.suspects[:limit]
            ],
        )
    if found.contradictions:
        show(
            "Contradictions",
            ("first", "second", "labels", "similarity"),
            [
                (p.texts[0][:50], p.texts[1][:50], " / ".join(p.labels), f"{p.similarity:.3f}")
                for p in found.contradictions[:limit]
            ],
        )
    if found.outliers:
        rows = [(o.text[:70], o.label, f"{o.likeness:.3f}", places[o.row]) for o in found.outliers[:limit]]
        show("Outliers", ("sentence", "label", "likeness", "file"), rows)

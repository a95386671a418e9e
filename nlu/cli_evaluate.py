"""`python -m nlu evaluate` and `sentiment`: measure, compare, report, and say whether a model may be released."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from nlu import evaluate as evaluation
from nlu import gates
from nlu.cli_options import (
    BUNDLED,
    HOME,
    EncoderName,
    Files,
    Home,
    HtmlFile,
    Json,
    Seed,
    cores,
    errors,
    load_encoder,
    progress,
)
from nlu.cli_options import show_table as show
from nlu.data import Example, read_examples
from nlu.encoders import Encoder
from nlu.entities import Extractor
from nlu.errors import NluError
from nlu.pipeline import Pipeline
from nlu.predictions import Predictions, read_evaluation, read_predictions
from nlu.reports import html
from nlu.reports.comparison import verdict
from nlu.reports.document import document, shown_measures
from nlu.reports.entities import Annotated as AnnotatedText
from nlu.reports.entities import evaluate_entities, read_annotated
from nlu.reports.page import page
from nlu.reports.rasa import EntityResult, write_rasa_report
from nlu.reports.slices import DEFAULT
from nlu.vocabulary import Vocabulary

Train = Annotated[list[Path], typer.Option(help="Labelled files to train on.")]
Test = Annotated[list[Path], typer.Option(help="Labelled files to test on.")]
ModelFolder = Annotated[
    Path | None, typer.Option("--model", help="Evaluate this trained model instead of training one.")
]
Compare = Annotated[
    Path | None,
    typer.Option(help="A baseline on the same sentences: a model's folder, or an earlier evaluation (.json, .jsonl)."),
]
By = Annotated[
    list[str],
    typer.Option(help="Break down by lang, script, length, typos, entities or a column of the data; repeatable."),
]
FailUnder = Annotated[str, typer.Option(help="Exit 1 below any of these: accuracy=0.93,per_lang.zh=0.9.")]
FailOver = Annotated[str, typer.Option(help="Exit 1 above any of these: ece=0.05,latency.p95_ms=20.")]
NoWorseThan = Annotated[
    Path | None, typer.Option(help="Exit 1 when significantly worse than this earlier evaluation (.json, .jsonl).")
]
PredictionsFile = Annotated[Path | None, typer.Option("--predictions", help="Write every prediction, JSON Lines.")]
RasaReport = Annotated[Path | None, typer.Option(help="Write the files of `rasa test nlu` into this folder.")]
Successes = Annotated[bool, typer.Option("--successes", help="With --rasa-report: also what was right.")]
Fractions = Annotated[str, typer.Option("--curve", help="Learning curve over these fractions: 0.1,0.25,0.5,1.")]
_ROWS = 10


@dataclass(frozen=True)
class Outputs:
    """What an evaluation is to be compared with, and where it goes."""

    as_json: bool = False
    html: Path | None = None
    rasa: Path | None = None
    successes: bool = False
    predictions: Path | None = None
    fail_under: str = ""
    fail_over: str = ""
    no_worse_than: Path | None = None


def evaluate(
    train: Train = [],  # noqa: B006 - typer's way
    test: Test = [],  # noqa: B006
    model: ModelFolder = None,
    cross_validation: Annotated[bool, typer.Option("--cross-validation", help="Over the training files.")] = False,
    folds: Annotated[int, typer.Option("--folds", "-f", help="Folds of the cross-validation.")] = 5,
    compare: Compare = None,
    by: By = [],  # noqa: B006
    curve: Fractions = "",
    seeds: Annotated[int, typer.Option(help="Draws of every part of the learning curve.")] = 3,
    fail_under: FailUnder = "",
    fail_over: FailOver = "",
    no_worse_than: NoWorseThan = None,
    predictions: PredictionsFile = None,
    html_file: HtmlFile = None,
    rasa_report: RasaReport = None,
    successes: Successes = False,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure intents, out-of-scope and entities on labelled data, by training or with a trained model."""
    outputs = Outputs(as_json, html_file, rasa_report, successes, predictions, fail_under, fail_over, no_worse_than)
    with errors():
        limits = gates.parse_limits(fail_under), gates.parse_limits(fail_over)
        trained = read_examples(train, split="train") if train else []
        tested = read_examples(test, split="test") if test else []
        if not (tested and (trained or model)) and not (cross_validation and trained):
            raise NluError(
                "evaluate needs --train and --test, or --model and --test, or --train and --cross-validation"
            )
        baseline = _baseline(compare)
        coder = load_encoder(encoder, home, threads=cores())
        pipeline = Pipeline.load(model, encoder=coder) if model else None
        if cross_validation:
            with progress("cross-validation", folds) as step:
                result = evaluation.cross_validate(trained, encoder=coder, folds=folds, seed=seed, progress=step)
        elif pipeline:
            result = evaluation.evaluate_pipeline(pipeline, tested)
        else:
            result = evaluation.evaluate_intents(trained, tested, encoder=coder, seed=seed)
        if compare is not None and baseline is None:
            baseline = evaluation.evaluate_pipeline(Pipeline.load(compare, encoder=coder), result.examples)
        points = _curve(curve, trained, tested, coder, range(seed, seed + seeds))
        entities, spans = _entities(read_annotated(test or train))
        known = () if cross_validation else trained
        found = document(result, by=by or DEFAULT, train=known, baseline=baseline, curve=points, entities=entities)
        title = f"Intents: {', '.join(path.name for path in test or train)}"
        about = _about(trained, result, cross_validation * folds, model, coder, seed)
        broken = _finish(found, result, outputs, limits, title=title, about=about, spans=spans)
    if broken:
        raise typer.Exit(1)


def sentiment(
    test: Test,
    train: Train = [],  # noqa: B006
    model: ModelFolder = None,
    compare: Compare = None,
    by: By = [],  # noqa: B006
    fail_under: FailUnder = "",
    fail_over: FailOver = "",
    no_worse_than: NoWorseThan = None,
    predictions: PredictionsFile = None,
    html_file: HtmlFile = None,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure sentiment on files with text,label."""
    outputs = Outputs(as_json, html_file, None, False, predictions, fail_under, fail_over, no_worse_than)
    with errors():
        limits = gates.parse_limits(fail_under), gates.parse_limits(fail_over)
        trained = read_examples(train, label="label", split="train") if train else []
        tested = read_examples(test, label="label", split="test")
        if not trained and model is None:
            raise NluError("sentiment needs --train and --test, or --model and --test")
        baseline = _baseline(compare)
        coder = load_encoder(encoder, home, threads=cores())
        if model is not None:
            result = _sentiment_of(model, tested, coder)
        else:
            result = evaluation.evaluate_sentiment(trained, tested, encoder=coder, seed=seed)
        if compare is not None and baseline is None:
            baseline = _sentiment_of(compare, tested, coder)
        found = document(result, by=by or DEFAULT, train=trained, baseline=baseline)
        title = f"Sentiment: {', '.join(path.name for path in test)}"
        about = _about(trained, result, 0, model, coder, seed)
        broken = _finish(found, result, outputs, limits, title=title, about=about)
    if broken:
        raise typer.Exit(1)


def entities(data: Files, fail_under: FailUnder = "", as_json: Json = False) -> None:
    """Measure the built-in entities on nlu.yml files with marked entities, or JSONL with text and entities."""
    with errors():
        limits = gates.parse_limits(fail_under)
        found, _ = evaluate_entities(read_annotated(data), Extractor(Vocabulary.builtin()).extract)
        broken = gates.broken_limits(found, limits)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))  # noqa: T201
    else:
        _entity_table(found)
    _tell(broken)
    if broken:
        raise typer.Exit(1)


def _sentiment_of(folder: Path, tested: Sequence[Example], coder: Encoder) -> Predictions:
    pipeline = Pipeline.load(folder, encoder=coder)
    if pipeline.sentiment is None:
        raise NluError(f"The model in {str(folder)!r} was trained without sentiment; train it with --sentiment")
    return evaluation.predict_sentiment(pipeline.sentiment, tested, encoder=coder)


def _baseline(path: Path | None) -> Predictions | None:
    """Earlier predictions from a file; None where `path` is a model's folder, or nothing."""
    if path is None or path.is_dir():
        return None
    earlier = read_predictions(path)
    if earlier is None:
        raise NluError(f"{str(path)!r} holds no predictions; give an evaluation printed with --json")
    return earlier


def _curve(
    text: str, trained: Sequence[Example], tested: Sequence[Example], coder: Encoder, seeds: Sequence[int]
) -> list[evaluation.CurvePoint]:
    if not text:
        return []
    if not trained or not tested:
        raise NluError("A learning curve needs --train and --test")
    try:
        fractions = [float(part) for part in text.split(",")]
    except ValueError as err:
        raise NluError(f"{text!r} are no fractions; write --curve 0.1,0.25,0.5,1") from err
    with progress("learning curve", len(fractions) * len(seeds)) as step:
        return evaluation.learning_curve(
            trained, tested, encoder=coder, fractions=fractions, seeds=seeds, progress=step
        )


def _entities(annotated: Sequence[AnnotatedText]) -> tuple[dict[str, Any] | None, Sequence[EntityResult]]:
    if not any(row.entities for row in annotated):
        return None, ()
    return evaluate_entities(annotated, Extractor(Vocabulary.builtin()).extract)


def _about(
    trained: Sequence[Example], result: Predictions, folds: int, model: Path | None, coder: Encoder, seed: int
) -> str:
    how = f"{folds}-fold cross-validation" if folds else f"model {model}" if model else f"trained on {len(trained):,}"
    return f"{how} · {len(result.examples):,} test sentences · encoder {coder.fingerprint} · seed {seed}"


def _finish(
    found: dict[str, Any],
    result: Predictions,
    outputs: Outputs,
    limits: tuple[dict[str, float], dict[str, float]],
    *,
    title: str,
    about: str,
    spans: Sequence[EntityResult] = (),
) -> bool:
    """Prints, writes, and returns whether a gate is broken."""
    broken = [*gates.broken_limits(found, limits[0]), *gates.broken_limits(found, limits[1], upper=True)]
    asked = any(limits) or outputs.no_worse_than is not None
    if outputs.no_worse_than is not None:
        earlier = read_evaluation(outputs.no_worse_than)
        broken += gates.worse_than(earlier, read_predictions(outputs.no_worse_than), result)
    if outputs.predictions:
        result.save(outputs.predictions)
    if outputs.rasa:
        write_rasa_report(outputs.rasa, result, entities=spans, successes=outputs.successes)
    if outputs.html:
        html.write_page(outputs.html, page(found, title=title, about=about, gates=broken if asked else None))
    if outputs.as_json:
        print(json.dumps(found, ensure_ascii=False))  # noqa: T201
    else:
        _tables(found)
    _tell(broken)
    return bool(broken)


def _tables(found: dict[str, Any]) -> None:
    show("", ("measure", "value (95 % interval)"), shown_measures(found))
    rows = [
        (kind, value, str(row["n"]), f"{row['accuracy']:.4f}", "{:.3f} - {:.3f}".format(*row["ci95"]))
        for kind, values in found["slices"].items()
        for value, row in values.items()
    ]
    show("By kind of sentence", ("kind", "value", "n", "accuracy", "95 %"), rows)
    weakest = [
        (name, f"{r['f1']:.3f}", f"{r['precision']:.3f}", f"{r['recall']:.3f}", f"{r['support']:.0f}")
        for name, r in list(found["per_class"].items())[:_ROWS]
    ]
    show("Weakest classes", ("class", "f1", "precision", "recall", "n"), weakest)
    pairs = [(r["intent"], r["predicted"], str(r["n"]), r["examples"][0][:60]) for r in found["confusions"][:_ROWS]]
    show("Most confused", ("is", "taken for", "times", "example"), pairs)
    if found["entities"]:
        _entity_table(found["entities"])
    if found["comparison"]:
        Console().print(verdict(found["comparison"]), highlight=False)


def _entity_table(found: dict[str, Any]) -> None:
    columns = ("entity", "n", "precision", "recall", "f1", "partial f1")
    scores = {"all": found, **found["per_lang"], **found["per_entity"]}
    keys = ("precision", "recall", "f1", "partial_f1")
    rows = [(name, str(row["support"]), *(f"{row[key]:.3f}" for key in keys)) for name, row in scores.items()]
    show("Entities of the built-in extractor", columns, rows)


def _tell(broken: Sequence[str]) -> None:
    for sentence in broken:
        Console(stderr=True).print(f"gate: {sentence}", highlight=False, soft_wrap=True, markup=False)

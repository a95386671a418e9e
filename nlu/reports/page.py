"""An evaluation as one HTML page: tables, charts, examples; light and dark, also on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from nlu.data import OUT_OF_SCOPE
from nlu.reports import charts
from nlu.reports.comparison import verdict
from nlu.reports.html import cell_of, frame, head_cell, section, table
from nlu.reports.rasa import confusion_matrix

_HEAT = 24  # classes in the picture of confusions; more cannot be read
_PAIRS, _MISTAKES = 40, 300


def page(found: dict[str, Any], *, title: str, about: str = "", gates: Sequence[str] | None = None) -> str:
    """The document of an evaluation (`nlu.reports.document`) as HTML; `gates` are the sentences of broken conditions."""
    # where the model has no class out_of_scope, such sentences can only be rejected: the section of that name tells
    classes = {row["predicted"] for row in found["predictions"]} | set(found["per_class"])
    predictions = [r for r in found["predictions"] if r["intent"] != OUT_OF_SCOPE or OUT_OF_SCOPE in classes]
    sections = [
        _gates(gates),
        _measures(found),
        _comparison(found.get("comparison")),
        _slices(found["slices"]),
        _entities(found.get("entities")),
        _confusions(found["confusions"], predictions),
        _per_class(found["per_class"]),
        _calibration(found.get("calibration"), predictions),
        _scope(found.get("out_of_scope")),
        _learning_curve(found.get("learning_curve")),
        _latency(found["latency"]),
        _mistakes(predictions),
    ]
    return frame(title, about, "".join(sections))


def _figure(drawn: str, caption: str) -> str:
    return f"<figure>{drawn}<figcaption>{escape(caption)}</figcaption></figure>"


def _gates(gates: Sequence[str] | None) -> str:
    if gates is None:
        return ""
    if not gates:
        return '<section class="verdict good"><h2>All gates passed</h2></section>'
    rows = "".join(f"<li>{escape(sentence)}</li>" for sentence in gates)
    return f'<section class="verdict bad"><h2>Not to be released</h2><ul>{rows}</ul></section>'


def _measures(found: dict[str, Any]) -> str:
    scope, latency = found.get("out_of_scope"), found["latency"]
    cards = [
        ("Accuracy", found["accuracy"], _range(found["accuracy_ci95"])),
        ("Macro-F1", found["macro_f1"], _range(found["macro_f1_ci95"])),
        ("Among the best 3", found["top3_accuracy"], ""),
        ("Calibration error", found["ece"], "ECE, lower is better"),
        ("Out-of-scope AUROC", scope["auroc"] if scope else None, f"FPR@95 {scope['fpr_at_95']:.3f}" if scope else ""),
    ]
    shown = "".join(
        f'<div class="card"><span>{escape(name)}</span><b>{value:.4f}</b><small>{escape(more)}</small></div>'
        for name, value, more in cards
        if value is not None
    )
    if latency["n"]:
        shown += (
            f'<div class="card"><span>Latency, p50</span><b>{latency["p50_ms"]:.1f} ms</b>'
            f"<small>p95 {latency['p95_ms']:.1f} ms</small></div>"
        )
    return f'<div class="cards"><div class="card"><span>Sentences</span><b>{found["n"]:,}</b></div>{shown}</div>'


def _range(limits: Sequence[float]) -> str:
    return f"95 %: {limits[0]:.3f} – {limits[1]:.3f}"


def _comparison(comparison: dict[str, Any] | None) -> str:
    if comparison is None:
        return ""
    low, high = comparison["ci95"]
    note = (
        f"{verdict(comparison)}. Difference {comparison['difference']:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}."
    )
    langs = [
        (lang, row["n"], *row["accuracy"], row["accuracy"][1] - row["accuracy"][0], row["p"])
        for lang, row in comparison["per_lang"].items()
    ]
    intents = [
        (row["intent"], row["n"], *row["recall"], row["recall"][1] - row["recall"][0]) for row in comparison["intents"]
    ]
    changed = [
        (kind, row["text"], row["intent"], row["predicted"])
        for kind, key in (("newly wrong", "newly_wrong"), ("newly right", "newly_right"))
        for row in comparison[key]
    ]
    return section(
        "Against the baseline",
        table(("language", "n", "baseline", "now", "difference", "McNemar p"), langs),
        _folded(
            f"Intents whose recall differs: {len(intents)}",
            table(("intent", "n", "baseline", "now", "difference"), intents),
        ),
        _folded("Sentences that changed", table(("change", "sentence", "intent", "predicted now"), changed)),
        note=note,
    )


def _folded(title: str, body: str, *, opened: bool = False) -> str:
    return f"<details{' open' if opened else ''}><summary>{escape(title)}</summary>{body}</details>"


def _slices(slices: dict[str, dict[str, dict[str, Any]]]) -> str:
    rows = []
    for kind, values in slices.items():
        for value, row in values.items():
            low, high = row["ci95"]
            bar = (
                f'<div class="interval"><i style="left:{low:.2%};width:{high - low:.2%}"></i>'
                f'<b style="left:{row["accuracy"]:.2%}"></b></div>'
            )
            rows.append(
                "<tr>"
                + "".join(cell_of(cell) for cell in (kind, value, row["n"], row["accuracy"]))
                + f'<td class="bar">{bar}</td>'
                + cell_of(row["macro_f1"])
                + "</tr>"
            )
    names = ("kind", "value", "n", "accuracy", "95 % interval", "macro-F1")
    head = "".join(head_cell(name, number=name in ("n", "accuracy", "macro-F1")) for name in names)
    body = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    return (
        section("By kind of sentence", body, note="Over the sentences in scope; intervals after Wilson.")
        if rows
        else ""
    )


def _entities(entities: dict[str, Any] | None) -> str:
    if not entities:
        return ""
    rows = [
        (name, row["support"], row["precision"], row["recall"], row["f1"], row["partial_f1"])
        for name, row in entities["per_entity"].items()
    ]
    langs = [
        (lang, row["support"], row["precision"], row["recall"], row["f1"], row["partial_f1"])
        for lang, row in entities["per_lang"].items()
    ]
    names = ("n", "precision", "recall", "F1", "F1, partial")
    mistakes = [(row["text"], row["true"], row["found"]) for row in entities["errors"]]
    return section(
        "Entities",
        table(("language", *names), langs),
        table(("entity", *names), rows),
        _folded(f"Sentences with mistakes: {len(mistakes)}", table(("sentence", "true", "found"), mistakes)),
        note=f"Exact spans of the built-in extractor: F1 {entities['f1']:.4f} over {entities['support']} mentions; a span that only overlaps counts "
        "half under partial.",
    )


def _confusions(pairs: Sequence[dict[str, Any]], predictions: Sequence[dict[str, Any]]) -> str:
    if not pairs:
        return section("Confusions", note="None: every sentence was predicted rightly.")
    rows = [(row["intent"], row["predicted"], row["n"], " · ".join(row["examples"])) for row in pairs[:_PAIRS]]
    return section(
        "Confusions",
        _heat(predictions),
        table(("is", "taken for", "times", "examples, the surest mistakes first"), rows),
    )


def _heat(predictions: Sequence[dict[str, Any]]) -> str:
    names, matrix = confusion_matrix([row["intent"] for row in predictions], [row["predicted"] for row in predictions])
    wrong = matrix - np.diag(np.diag(matrix))
    chosen = np.sort(np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:_HEAT])
    top = max(1, int(wrong.max()))
    head = "".join(f'<th scope="col"><span>{escape(names[j])}</span></th>' for j in chosen)
    body = ""
    for i in chosen:
        cells = ""
        for j in chosen:
            n = int(matrix[i, j])
            shade = (f"--heat:{0.12 + 0.5 * n / top:.2f}" if i != j else "--heat:0") if n else "--heat:0"
            name = "same" if i == j else "other"
            cells += (
                f'<td class="{name}" style="{shade}" title="{escape(names[i])} → {escape(names[j])}">{n or ""}</td>'
            )
        body += f'<tr><th scope="row">{escape(names[i])}</th>{cells}</tr>'
    caption = "Rows are true, columns predicted" + (f"; the {_HEAT} most confused" if len(names) > _HEAT else "")
    heat = f'<div class="wide"><table class="heat"><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    return f"<figure>{heat}<figcaption>{caption}</figcaption></figure>"


def _per_class(rows: dict[str, dict[str, float]]) -> str:
    shown = [(name, int(r["support"]), r["precision"], r["recall"], r["f1"]) for name, r in rows.items()]
    return section("By class", table(("class", "n", "precision", "recall", "F1"), shown), note="The weakest first.")


def _calibration(calibration: dict[str, Any] | None, predictions: Sequence[dict[str, Any]]) -> str:
    if not calibration:
        return ""
    right = [row["confidence"] for row in predictions if row["intent"] == row["predicted"]]
    wrong = [row["confidence"] for row in predictions if row["intent"] != row["predicted"]]
    note = f"ECE {calibration['ece']:.4f}, the worst bin is off by {calibration['mce']:.3f}."
    if "temperature" in calibration:
        note += (
            f" The best temperature here would be {calibration['temperature']:.2f} (1 is as it is, above 1 too sure), "
            f"with an ECE of {calibration['ece_at_temperature']:.4f}."
        )
    return section(
        "Calibration",
        '<div class="pair">',
        _figure(charts.reliability(calibration["bins"]), "Does a confidence of .8 mean right in 8 of 10?"),
        _figure(charts.confidences(right, wrong), "How sure right and wrong predictions were"),
        "</div>",
        note=note,
    )


def _scope(scope: dict[str, Any] | None) -> str:
    if not scope:
        return ""
    rows = [
        (
            *(row["name"], row["threshold"], row["kept_in_scope"], row["answered_rightly"]),
            *(row["out_of_scope_recall"], row["out_of_scope_precision"], row["out_of_scope_f1"]),
        )
        for row in scope["thresholds"]
    ]
    names = (
        "threshold",
        "score",
        "in scope kept",
        "kept and right",
        "out of scope stopped",
        "precision of stopping",
        "F1",
    )
    return section(
        "Out of scope",
        '<div class="pair">',
        _figure(charts.roc(scope["curve"], scope["auroc"]), "ROC; the line is at 95 % of what is in scope"),
        _figure(charts.precision_recall(scope["precision_recall"], scope["aupr_out"]), "Finding out-of-scope"),
        "</div>",
        table(names, rows),
        note=f"{scope['n_out']:,} sentences out of scope against {scope['n_in']:,} in scope. By confidence alone the AUROC "
        f"would be {scope['auroc_of_confidence']:.4f}.",
    )


def _learning_curve(points: Sequence[dict[str, Any]] | None) -> str:
    if not points:
        return ""
    rows = [(p["n"], p["fraction"], p["seed"], p["accuracy"], p["macro_f1"]) for p in points]
    return section(
        "Learning curve",
        _figure(charts.learning_curve(points), "What more examples bring"),
        _folded("Every run", table(("n", "fraction", "seed", "accuracy", "macro-F1"), rows)),
    )


def _latency(latency: dict[str, Any]) -> str:
    if not latency["n"]:
        return ""
    rows = [(name, row["p50_ms"], row["p95_ms"]) for name, row in latency["stages"].items()]
    return section("Latency", table(("stage", "p50, ms", "p95, ms"), rows), note=f"{latency['n']} single sentences.")


def _mistakes(predictions: Sequence[dict[str, Any]]) -> str:
    wrong = sorted((r for r in predictions if r["intent"] != r["predicted"]), key=lambda row: -row["confidence"])
    if not wrong:
        return ""
    rows = [(row["text"][:200], row["intent"], row["predicted"], row["confidence"]) for row in wrong[:_MISTAKES]]
    shown = table(("sentence", "is", "taken for", "confidence"), rows)
    return section("Mistakes", _folded(f"{min(len(wrong), _MISTAKES)} of {len(wrong)}, the surest first", shown))

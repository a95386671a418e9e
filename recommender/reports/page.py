"""One or several evaluated scorers as an HTML page: figures, who is served how well, what is shown, what is luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.evaluate import Evaluation
from recommender.reports import charts
from recommender.reports.html import cards, figure, folded, frame, pair, section, table
from recommender.significance import Difference
from recommender.strata import Stratum, by_history, by_item

_RESAMPLES = 500


@dataclass(frozen=True)
class Compared:
    """Two scorers by name and the difference of a measure, second - first."""

    first: str
    second: str
    measure: str
    difference: Difference


def page(
    found: Mapping[str, Evaluation],
    *,
    about: str,
    segments: Mapping[str, Mapping[str, Stratum]] | None = None,
    compared: Sequence[Compared] = (),
) -> str:
    """`found` by the name of the scorer; `segments` by the same names."""
    first = next(iter(found.values()))
    told = {name: evaluation.as_dict() for name, evaluation in found.items()}
    best = max(told, key=lambda name: told[name][f"ndcg@{first.k}"])
    title = f"Recommendation: {best}" if len(found) == 1 else f"Recommendation: {len(found)} scorers"
    sections = [
        _glance(best, told[best], first),
        _measures(told, found, first.k),
        _significance(compared, best),
        _users(found),
        _segments(segments or {}, first.k),
        _items(found, told, first.k),
    ]
    return frame(title, about, "".join(sections))


def trial_page(found: dict[str, Any], about: str) -> str:
    """What `tune` tried."""
    trials, measure = found["trials"], found["measure"]
    names = sorted({name for trial in trials for name in trial["settings"]})
    drawn = []
    for name in names:
        points = [(t["settings"][name], t["scores"][0]) for t in trials if name in t["settings"]]
        low, high = min(v for v, _ in points), max(v for v, _ in points)
        drawn.append(
            figure(
                charts.trials(points, name, measure, logarithmic=low > 0 and high > 20 * low), f"{measure} over {name}"
            )
        )
    rows = [(*(_whole(t["settings"].get(n)) for n in names), len(t["scores"]), t["mean"], t["seconds"]) for t in trials]
    return frame(
        f"Settings of {found['scorer']}",
        about,
        cards(
            [
                (
                    f"Best {measure}",
                    f"{found['validation']['mean']:.4f}",
                    f"{found['validation']['holdouts']} hold-outs",
                ),
                ("Defaults", f"{found['defaults']['mean']:.4f}", f"{len(found['defaults']['scores'])} hold-outs"),
                ("Candidates", str(len(trials)), f"{found['seconds']:.0f} s"),
            ]
        )
        + section(
            "Every candidate",
            table((*names, "hold-outs", measure, "seconds"), rows),
            note="Those that reached the last hold-out first. A dash is the default. Test data took no part.",
        )
        + (section("By setting", pair(*drawn), note="Each dot is a candidate on the first hold-out.") if drawn else ""),
    )


def _whole(value: float | None) -> float | None:
    return int(value) if value is not None and value == int(value) else value


def _glance(name: str, told: Mapping[str, float], found: Evaluation) -> str:
    k = found.k
    shown = [
        (f"Recall@{k}", f"{told[f'recall@{k}']:.4f}", name),
        (f"NDCG@{k}", f"{told[f'ndcg@{k}']:.4f}", name),
        ("Coverage", f"{told['coverage']:.1%}", f"of {found.items:,} items"),
        ("Users", f"{found.users:,}", f"{int(found.relevant.sum()):,} to be found"),
        ("Fit", f"{told['fit_seconds']:.1f} s", f"{told['users_per_second']:,.0f} users/s ranked"),
    ]
    if "rmse" in told:
        shown.append(("RMSE", f"{told['rmse']:.3f}", f"MAE {told['mae']:.3f} stars"))
    return cards(shown)


def _measures(told: Mapping[str, Mapping[str, float]], found: Mapping[str, Evaluation], k: int) -> str:
    names = dict.fromkeys(n for row in told.values() for n in row if n not in ("users", "peak_mb"))
    rows = [(name, *(row.get(name) for row in told.values())) for name in names]
    drawn = [
        figure(charts.intervals({n: _interval(e, measure) for n, e in found.items()}, measure), "95 % over users")
        for measure in (f"recall@{k}", f"ndcg@{k}")
    ]
    return section("Measures", pair(*drawn) if len(told) > 1 else "", table(("measure", *told), rows))


def _interval(found: Evaluation, measure: str) -> charts.Interval:
    values = found.per_user[measure]
    random = np.random.default_rng(0)
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(values.mean()), float(high)


def _significance(compared: Sequence[Compared], best: str) -> str:
    if not compared:
        return ""
    short = [_against(c, best) for c in compared if best in (c.first, c.second)]
    rows = [
        (*(c.measure, c.first, c.second, d.mean, d.low, d.high), *(d.gain, d.lose, d.p, d.wilcoxon_p, d.holm_p))
        for c in compared
        for d in (c.difference,)
    ]
    columns = ("measure", "first", "second", "second - first", "low", "high", "gain", "lose", "p", "Wilcoxon", "Holm")
    return section(
        "Better, or luckier?",
        table(("measure", "scorer", f"behind {best} by", "95 % interval", "p, Holm", ""), short),
        folded(f"All {len(rows)} comparisons", table(columns, rows)),
        note=f"{best} against each of the others, paired over the same users: bootstrap interval, p by random signs, "
        "adjusted for all comparisons of a measure.",
    )


def _against(c: Compared, best: str) -> tuple[str, str, float, str, float, str]:
    sign, other = (1, c.first) if c.second == best else (-1, c.second)
    low, high = sorted((sign * c.difference.low, sign * c.difference.high))
    sure = "significant" if c.difference.holm_p < 0.05 else "may be luck"
    return c.measure, other, sign * c.difference.mean, f"{low:+.4f} to {high:+.4f}", c.difference.holm_p, sure


def _users(found: Mapping[str, Evaluation]) -> str:
    strata = {name: by_history(evaluation) for name, evaluation in found.items()}
    groups = list(next(iter(strata.values())))
    measure = next(name for name in next(iter(next(iter(strata.values())).values())) if name.startswith("ndcg"))
    drawn = charts.strata(
        {name: {g: row[measure] for g, row in own.items()} for name, own in strata.items()},
        groups,
        "items known of the user",
        measure,
    )
    return section(
        "New and regular users",
        _with_table(
            figure(drawn, f"{measure} by the length of the history"), _stratum_table("history", strata), strata
        ),
        note="0 is a cold start: training knows nothing of the user.",
    )


def _segments(segments: Mapping[str, Mapping[str, Stratum]], k: int) -> str:
    if not segments:
        return ""
    groups = list(next(iter(segments.values())))
    measure = f"ndcg@{k}"
    drawn = charts.strata(
        {name: {g: row[measure] for g, row in own.items()} for name, own in segments.items()},
        groups,
        "segment",
        measure,
    )
    shown = figure(drawn, f"{measure} by segment")
    return section("Segments", _with_table(shown, _stratum_table("segment", segments), segments))


def _with_table(drawn: str, told: str, strata: Mapping[str, object]) -> str:
    """Side by side for one scorer; the table of several is long and stands folded below."""
    return pair(drawn, told) if len(strata) == 1 else drawn + folded("All figures", told)


def _stratum_table(kind: str, strata: Mapping[str, Mapping[str, Stratum]]) -> str:
    measures = list(next(iter(next(iter(strata.values())).values())))
    rows = [
        (*((name,) if len(strata) > 1 else ()), group, *(int(v) if m == "users" else v for m, v in row.items()))
        for name, own in strata.items()
        for group, row in own.items()
    ]
    return table((*(("scorer",) if len(strata) > 1 else ()), kind, *measures), rows)


def _items(found: Mapping[str, Evaluation], told: Mapping[str, Mapping[str, float]], k: int) -> str:
    shown = {name: np.bincount(e.ranked.ravel(), minlength=e.items) for name, e in found.items()}
    strata = {name: by_item(e) for name, e in found.items()}
    groups = list(next(iter(strata.values())))
    found_share = {name: {g: row["found"] for g, row in own.items()} for name, own in strata.items()}
    drawn = [
        figure(charts.exposure(shown), "Who gets the places: the further below the line, the fewer items get them all"),
        figure(
            charts.strata(found_share, groups, "items to be found", "share found"),
            "Head is the most popular fifth, cold has no event in training",
        ),
    ]
    if len(found) > 1:
        points = {name: (row["coverage"], row[f"ndcg@{k}"]) for name, row in told.items()}
        drawn.append(
            figure(charts.trade(points, "coverage", f"ndcg@{k}"), "Right and wide at once is up and to the right")
        )
    return section("What is shown", pair(*drawn))

"""The page of a sweep, whole in one file: which points are best, what each parameter does, what failed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiment.figures.sweep import effects_figure, pairs_figure, parallel_figure, seeds_figure, time_figure
from experiment.figures.sweep.time import MOST_BARS, timed
from experiment.readouts import readable
from experiment.report.page import MISSING, amount, count, document, drawing, fold, table, text, write_page
from experiment.sweep.jobs import FAILED, FINISHED, STOPPED
from experiment.sweep.statistics import (
    HELD_OUT,
    Point,
    Summary,
    best_first,
    effect_of,
    is_continuous,
    pairs_by_interest,
    pareto_front,
    points_of,
    sampling_error,
)
from experiment.sweep.table import SweepTable, columns

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BEST = 10  # points
MOST_PAIRS = 6
MOST_NAMED = 3  # runs that failed for the same reason
MOST_REASONS = 10  # in sight
TOLD_ELSEWHERE = ("stage", "readout", "command", "reason")  # columns
WIDE = 1.96  # standard errors of a normal distribution that 95 % lie within
MODES = {
    "grid": "all combinations of the values",
    "random": "points drawn at random",
    "optimise": "points that a search proposed, by what it knew of earlier ones",
}
HOW_SURE = {
    "grid": "Bars are 95 % intervals of Student's t. Seeds and held-out parts are the replicates: at each value the accuracies "
    "of a replicate are averaged over the points.",
    "random": "Bars are 95 % intervals of Student's t. Points are the replicates, each with its mean over seeds and held-out "
    "parts, since they were drawn at random.",
    "optimise": "There are no intervals: a search goes where accuracies are high, so its points are no random sample.",
}
RUNS_LACK = "Where runs lack, a replicate counts with its differences from its points' means; where it has none, there is no bar."
PARTS_OVERLAP = "Parts share most of what they train on, which makes the intervals rather narrow."


def write_sweep_page(sweep: SweepTable, output: Path) -> None:
    """Write the page of a sweep.

    Raises:
        OptionError: something else than a page of this program is there.
        OSError: it cannot be written.
    """
    points = points_of(sweep)
    body = [*_summary(sweep, points)]
    body += ["<h2>Best points</h2>", *_best(sweep, points)]
    if told := [point for point in points if point.runs]:
        body += _effects(points, sweep) if sweep.parameters else _seeds(told[0])
        body += _pairs(points, sweep)
        body += _parallel(points, sweep) if sweep.parameters else []
        body += _times(points, sweep)
    body += ["<h2>Runs that did not finish</h2>", *_failures(sweep)]
    body += ["<h2>All runs</h2>", fold(f"All {count(len(sweep.rows), 'run')}", _all_runs(sweep))]
    write_page(output, document(f"Sweep {sweep.about['name']}", body))


def _summary(sweep: SweepTable, points: Sequence[Point]) -> Iterator[str]:
    about = sweep.about
    varied = ", ".join(sweep.parameters) or "nothing but the seed"
    told = _states(sweep.rows)
    yield f"<p>{text(about['sense'])}, {text(about['source'])} events. Varied: {text(varied)}; "
    yield f"{text(MODES[about['mode']])}. {count(len(points), 'point')}, "
    yield f"{count(len(sweep.rows), 'run')}{f': {text(told)}' if told else ''}.</p>"
    yield "<p>Points are compared and chosen by the accuracy on held-out <em>training</em> samples alone, told by "
    yield f"{text(readable(about['readout']))}. <strong>All figures show held-out samples.</strong> Test samples were used "
    yield "only for the point that had been chosen, with fresh seeds; what they say stands in the columns called test.</p>"
    yield f"<p>The whole sweep: <code>{text(about['command'])}</code></p>"


def _best(sweep: SweepTable, points: Sequence[Point]) -> Iterator[str]:
    ranked = best_first(points)
    if not ranked:
        yield "<p>No run has finished on held-out samples yet, so there is nothing to compare.</p>"
        return
    chosen = [point for point in points if point.finals]
    shown = ranked[:MOST_BEST] + [point for point in chosen if point in ranked[MOST_BEST:]]
    head = ["rank", "point", *map(text, sweep.parameters), "held-out accuracy (%)", "n", "sampling error (%)"]
    head += ["seconds a run", "test accuracy (%)"]
    rows = [_best_row(sweep, point, ranked.index(point) + 1) for point in shown]
    caption = "Accuracies on held-out training samples; test accuracy of the chosen point alone."
    yield f'<div class="whole">{table(caption, head, rows, words=2 + len(sweep.parameters))}</div>'
    yield _caption(
        "Mean ± standard deviation (n − 1) over n runs (seeds and held-out parts; test: fresh seeds). Sampling error: standard "
        "error of one accuracy of that height for the choice of the held-out samples alone, √(p (1 − p) / samples)."
    )
    if not all(point.is_complete for point in shown):
        yield "<p>Points of which runs lack come last: they cannot be chosen.</p>"
    if any(len(point.runs) < 2 for point in shown):
        yield "<p>Where n is 1 nothing is known of the spread over seeds: differences may be chance.</p>"
    for point in chosen:
        yield from _chosen(point, len(ranked))
    yield "<h3>To repeat them</h3>"
    yield "<p>The first run of each.</p>"
    runs = [(f"Point {point.number}, on test samples", point.finals[0]) for point in chosen]
    runs += [(f"Point {point.number}", point.runs[0]) for point in shown]
    commands = [f"<li>{title}: <code>{text(run['command'])}</code></li>" for title, run in runs]
    yield "\n".join(["<ul>", *commands, "</ul>"])


def _best_row(sweep: SweepTable, point: Point, rank: int) -> list[str]:
    found, tested = point.accuracy, point.test_accuracy
    error = sampling_error(found.mean, point.runs[0]["n_tested"]) if point.runs[0]["n_tested"] else None
    return [
        f"<strong>{rank}, chosen</strong>" if tested else str(rank),
        str(point.number),
        *(_value(point.values[name]) for name in sweep.parameters),
        _spread(found),
        str(found.n) if point.is_complete else f"{found.n} of {point.n_planned}",
        amount(error, 2),
        amount(point.mean("seconds"), 1),
        _spread(tested),
    ]


def _chosen(point: Point, n_points: int) -> Iterator[str]:
    held_out, tested = point.accuracy, point.test_accuracy
    error = tested.standard_error
    told = f"{tested.mean:.2f} % of {point.n_test:,} test samples right, mean over {count(tested.n, 'fresh seed')}"
    told += f", standard error {error:.2f} %" if error is not None else "; of a single seed there is no standard error"
    yield f"<p>Chosen: point {point.number}. It gets {told}."
    if held_out and point.n_held_out and point.n_test:
        own = sampling_error(held_out.mean, point.n_held_out), sampling_error(tested.mean, point.n_test)
        over_seeds = [each.standard_error or 0.0 for each in (held_out, tested)]
        allowed = WIDE * math.sqrt(sum(part**2 for part in (*own, *over_seeds)))
        differ = f"{held_out.mean - tested.mean:+.2f}".replace("-", "−")
        yield f"Held-out less test accuracy: {differ} %; chance allows for ±{allowed:.2f} % "
        yield f"(95 %: the sampling errors {own[0]:.2f} and {own[1]:.2f} % of the {point.n_held_out:,} held-out and the "
        yield f"{point.n_test:,} test samples, with the standard errors over seeds)."
        if n_points > 1:
            yield "The best of several held-out accuracies is on average somewhat too high."
    yield "</p>"


def _seeds(point: Point) -> Iterator[str]:
    several = " between dashed lines its 95 % interval (Student's t over runs)" if len(point.runs) > 1 else " of one run"
    yield "<h2>Single runs</h2>"
    yield _drawn(seeds_figure(point), "Held-out accuracy of each seed")
    yield _caption(f"Held-out accuracy of each run; the line is their mean,{several}.")


def _effects(points: Sequence[Point], sweep: SweepTable) -> Iterator[str]:
    mode = sweep.about["mode"]
    yield "<h2>Main effects</h2>"
    yield _drawn(effects_figure(points, sweep.parameters, mode), "Held-out accuracy by each parameter")
    yield _caption(_effects_caption(points, sweep.parameters, mode))


def _effects_caption(points: Sequence[Point], parameters: Sequence[str], mode: str) -> str:
    """What the figure of main effects shows, and how sure it is."""
    drawn = {name: is_continuous(points, name, mode) for name in parameters}
    found = {name: effect_of(points, name, mode) for name in parameters}
    words = ["Circles: mean held-out accuracy of each point; star: the best one; ×: no run finished."]
    if not all(drawn.values()):
        words.append(
            "Squares: mean over all points with that value" + "; the other parameters are averaged over" * (len(drawn) > 1) + "."
        )
    if any(found[name] for name in parameters if drawn[name]):
        words.append("Thick lines: mean over points with neighbouring numbers, as many in each.")
    elif any(drawn.values()):
        words.append("There are too few points for means over neighbouring numbers.")
    if mode == "grid" and all(len(point.runs) < 2 for point in points):
        words.append("There is one run a point, so there are no intervals; several seeds (--seed 0:5) show what is chance.")
    elif mode == "optimise" or any(level.margin is not None for levels in found.values() for level in levels):
        words.append(HOW_SURE[mode])
        told = [point for point in points if point.runs]
        if mode == "grid" and len({len(point.runs) for point in told}) > 1:
            words.append(RUNS_LACK)
        if mode == "grid" and len({row["validation"] for point in told for row in point.runs}) > 1:
            words.append(PARTS_OVERLAP)
    return " ".join(words)


def _pairs(points: Sequence[Point], sweep: SweepTable) -> Iterator[str]:
    mode = sweep.about["mode"]
    pairs = pairs_by_interest(points, sweep.parameters, mode)
    if not pairs:
        return
    yield "<h2>Pairs of parameters</h2>"
    yield _drawn(pairs_figure(points, pairs[:MOST_PAIRS], mode), "Held-out accuracy by pairs of parameters")
    some = f"Those {MOST_PAIRS} of {len(pairs)} pairs that tell most about the accuracy. " if len(pairs) > MOST_PAIRS else ""
    yield _caption(
        f"{some}Held-out accuracy; in cells the mean over all points with both values and the number n of their runs, hatched "
        "where no run finished; where numbers were drawn from a range a mark for each point, the larger the more accurate. "
        "Framed or ringed: the best point."
    )


def _parallel(points: Sequence[Point], sweep: SweepTable) -> Iterator[str]:
    yield "<h2>All points</h2>"
    yield _drawn(parallel_figure(points, sweep.parameters, sweep.about["mode"]), "Each point's values and held-out accuracy")
    yield _caption(
        "A line for each point, through its values to its mean held-out accuracy, the darker the more accurate. "
        "Black: the best point; dashed: the two after it. Lines through the same value stand beside each other."
    )


def _times(points: Sequence[Point], sweep: SweepTable) -> Iterator[str]:
    told = timed(points)
    if not told:
        return
    yield "<h2>Accuracy against time</h2>"
    yield _drawn(time_figure(told), "Held-out accuracy against seconds a run")
    bars = ", bars ± one standard deviation over runs" * (len(told) <= MOST_BARS and any(len(point.runs) > 1 for point in told))
    yield _caption(
        f"Mean held-out accuracy and mean time of each point{bars}. Squares, with their numbers where there is room: "
        "the Pareto front, to which no other point is both as quick and as accurate."
    )
    front = [told[k] for k in pareto_front([point.mean("seconds") for point in told], [point.accuracy.mean for point in told])]
    rows = [
        [
            str(point.number),
            *(_value(point.values[name]) for name in sweep.parameters),
            amount(point.mean("seconds"), 2),
            _spread(point.accuracy),
            str(len(point.runs)),
        ]
        for point in front
    ]
    head = ["point", *map(text, sweep.parameters), "seconds a run", "held-out accuracy (%)", "n"]
    of_front = table("The Pareto front; accuracies on held-out training samples.", head, rows, words=1 + len(sweep.parameters))
    yield f'<div class="whole">{of_front}</div>'


def _failures(sweep: SweepTable) -> Iterator[str]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in sweep.rows:
        if row["state"] in (FAILED, STOPPED):
            groups.setdefault((row["state"], row["reason"] or MISSING), []).append(row)
    if others := _states([row for row in sweep.rows if row["state"] not in (FAILED, STOPPED, FINISHED)]):
        yield f"<p>{text(others)}: --resume goes on with them.</p>"
    if not groups:
        yield "<p>None failed, none was stopped early.</p>"
        return
    lines = []
    for (state, reason), rows in sorted(groups.items(), key=lambda group: -len(group[1])):
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        names = "<br>".join(text(row["run"]) for row in rows[:MOST_NAMED])
        lines.append([text(reason), text(state), f"{names}{more}", f"<code>{text(rows[0]['command'])}</code>", f"{len(rows):,}"])
    head = ["reason", "state", "runs", "command", "number"]
    told = f'<div class="whole">{table("By reason; the command repeats the first.", head, lines, words=4)}</div>'
    yield told if len(lines) <= MOST_REASONS else fold(count(len(lines), "reason"), told)


def _all_runs(sweep: SweepTable) -> str:
    names = [name for name in columns(sweep.parameters) if name not in TOLD_ELSEWHERE]
    lines = [[_value(row[name]) for name in names] for row in sweep.rows]
    caption = f"The accuracy (%) is that of the split: {HELD_OUT} training samples, or test samples. Commands stand in sweep.csv."
    whole = table(caption, list(map(text, names)), lines, words=names.index("split") + 1)
    return f'<div class="whole small">{whole}</div>'


def _states(rows: Sequence[dict[str, Any]]) -> str:
    """How many runs are in which state, those that finished first."""
    states = Counter(row["state"] for row in rows)
    return ", ".join(f"{states[state]:,} {state}" for state in sorted(states, key=lambda state: (state != FINISHED, state)))


def _value(value: Any) -> str:
    if value is None or value == "":
        return MISSING
    return text(f"{value:.6g}" if isinstance(value, float) else value)


def _spread(found: Summary | None) -> str:
    if found is None:
        return MISSING
    return f"{found.mean:.2f}" if found.deviation is None else f"{found.mean:.2f} ± {found.deviation:.2f}"


def _drawn(figure: Figure, alt: str) -> str:
    return f'<div class="drawn">{drawing(figure, alt)}</div>'


def _caption(words: str) -> str:
    return f'<p class="quiet">{text(words)}</p>'

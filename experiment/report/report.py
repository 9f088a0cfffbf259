"""A page that compares runs, whole in one file: no network, no script, no font of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from experiment.baselines.saved import Measured, is_place
from experiment.command_line.options import Options, in_words
from experiment.figures import Curve, comparison_figure
from experiment.readouts import FURTHER_READOUTS, READOUTS, readable
from experiment.report.baselines import baselines_beside, baselines_section
from experiment.report.compared import SHAPING, Run, Setting, Statistic, pool, read_runs
from experiment.report.page import MISSING, amount, count, document, drawing, fold, image, swatch, table, text, write_page
from experiment.report.pictures import NoPictureError, read_picture

# What says nothing of how a network learns, or says it again: told with all options, not among those that differ.
QUIET = (
    "filename",
    "overwrite",
    "resume",
    "predict",
    "plot",
    "plot_interval",
    "plot_hold",
    "progress_interval",
    "data: train",
    "data: test",
)
TOLD_ANYWAY = ("sense", "dataset", "source", "stimuli", "n_test", "validation", "seed")  # by other columns of the accuracies
DESCRIBING = SHAPING | {"stimuli"}  # options that tell one setting from another where there is little room
UNTOLD_IN_CURVES = ("sense", "dataset", "seed", "n_test", "readout")
UNTOLD_IN_HEADINGS = (*UNTOLD_IN_CURVES, "source", "stimuli")  # they stand there anyway
PICTURES = {"test_confusion_matrix": "test confusion matrix", "weights": "weights"}
TESTED_ON = {"test samples": False, "training samples held out": True}
MOST_TOLD = 4  # options that describe a setting; of more, those in which it is unlike most
LONGEST_DESCRIPTION = 70  # letters
MOST_POINTS = 200  # of a curve
PICTURES_BYTES = 1_800_000  # of all pictures together, as long as each has its least
LEAST_BYTES, MOST_BYTES = 15_000, 150_000  # of a picture


def write_report(folders: Sequence[Path], output: Path) -> list[str]:
    """Write the page about the runs in the folders; what there is to say of it, a line each.

    Raises:
        OptionError: a folder is not there, none holds a run, or the page has no place.
        OSError: it cannot be written.
    """
    # results/* names the page of the last time too.
    folders = [folder for folder in folders if folder.resolve() != output.resolve()]
    places = [folder for folder in folders if is_place(folder)]
    runs, left_out = read_runs([folder for folder in folders if folder not in places])
    settings = pool(runs)
    baselines, no_baselines = baselines_beside(runs, places)
    notes = [*left_out, *no_baselines, *(problem for run in runs for problem in run.problems), *_repeats(settings)]
    page = _page(settings, baselines, notes)
    write_page(output, page, "--output ")
    done = f"{count(len(runs), 'run')} in {count(len(settings), 'setting')}: {output}"
    return [line if line.isprintable() else ascii(line) for line in (*notes, done)]


def _page(settings: Sequence[Setting], baselines: Sequence[Measured], notes: Sequence[str]) -> str:
    n_runs = sum(len(setting.all_runs) for setting in settings)
    rows = _option_rows(settings)
    body = [f"<p>{count(len(settings), 'setting')}. {_sources(settings)}</p>"]
    if notes:
        body += ["<h2>To know first</h2>", "<ul>", *(f"<li>{text(note)}</li>" for note in notes), "</ul>"]
    is_test = not any(run.is_held_out for setting in settings for run in setting.all_runs)
    body += [
        f"<h2>{'Test accuracy' if is_test else 'Accuracy'}</h2>",
        _accuracies(settings, rows),
        *_accuracies_of_runs(settings),
    ]
    body += baselines_section(settings, baselines)
    body += ["<h2>Options</h2>", *_options(settings, rows)]
    body += ["<h2>Running accuracy</h2>", *_curves(settings)]
    body += ["<h2>Time and memory</h2>", _times(settings)]
    body += ["<h2>Confusion matrices and weights</h2>", *_pictures(settings)]
    return document(f"Comparison of {count(n_runs, 'run')}", body)


def _repeats(settings: Sequence[Setting]) -> list[str]:
    """A line about each run whose seed another run of its setting has."""
    return [
        f"{run.folder}: repeats seed {run.seed} of setting {setting.number}; it counts in no mean"
        for setting in settings
        for run in setting.repeats
    ]


def _sources(settings: Sequence[Setting]) -> str:
    """Which settings are of recorded events, which of emulated ones, which of the user's own."""
    numbers: dict[str, list[str]] = {}
    for setting in settings:
        numbers.setdefault(setting.first.source, []).append(str(setting.number))
    parts = [f"{source} (setting{'s' * (len(which) > 1)} {', '.join(which)})" for source, which in numbers.items()]
    return text(f"Events: {'; '.join(parts)}.")


def _name(setting: Setting) -> str:
    """Number, line and first run of a setting, and how many more there are."""
    further = len(setting.all_runs) - 1
    runs = f"{setting.first.folder}{f' and {further} more' if further else ''}"
    runs += "" if setting.first.results else ": no results"
    return f'{setting.number} {swatch(setting.number)}<br><span class="quiet">{text(runs)}</span>'


def _where_from(run: Run) -> str:
    """The sense and its source; of one's own recordings also which."""
    own = f": {run.options.get('source')}" if run.source == "own" else ""
    stimuli = f", {run.options['stimuli']}" if run.options.get("stimuli") else ""
    return text(f"{run.sense}, {run.source}{own}{stimuli}")


def _tested_on(run: Run) -> str:
    """The number of samples tested on, and of those held out which part of the training samples they are."""
    number = amount(run.number("n_test"), 0)
    return text(f"{number} held out of training, part {run.options['validation']}") if run.is_held_out else number


def _samples(settings: Sequence[Setting]) -> str:
    """What was tested on: test samples, training samples held out, or some on these and some on those."""
    is_held_out = {run.is_held_out for setting in settings for run in setting.all_runs}
    return " or ".join(name for name, held_out in TESTED_ON.items() if held_out in is_held_out)


def _readouts(settings: Sequence[Setting]) -> list[str]:
    """Names of the read-outs that any run reports, the usual ones first."""
    found = [name for setting in settings for run in setting.all_runs for name in (run.results or {}).get("test_accuracy", ())]
    return list(dict.fromkeys([*READOUTS, *found]))


def _accuracies(settings: Sequence[Setting], rows: dict[str, list[str]]) -> str:
    readouts = _readouts(settings)
    told = {name: rows[name] for name in _differing(rows) if name not in TOLD_ANYWAY}
    if len(told) > MOST_TOLD:
        told = {"unlike most": _descriptions(settings, UNTOLD_IN_HEADINGS)}
    head = ["setting", "sense, source", *map(text, told), "seeds", _samples(settings), *(_heading(name) for name in readouts)]
    lines = []
    for place, setting in enumerate(settings):
        values = [_spread(setting.accuracy(name), len(setting.runs)) for name in readouts]
        size = _tested_on(setting.first)
        described = [_where_from(setting.first), *(text(words[place]) for words in told.values())]
        lines.append([_name(setting), *described, str(len(setting.runs)), size, *values])
    caption = f"Mean over seeds ± standard deviation (n − 1), in percent of the {_samples(settings)} right."
    return table(caption, head, lines, words=2 + len(told))


def _accuracies_of_runs(settings: Sequence[Setting]) -> Iterator[str]:
    if all(len(setting.all_runs) == 1 for setting in settings):
        return
    readouts = _readouts(settings)
    head = ["run", "setting", "seed", _samples(settings), *(_heading(name) for name in readouts)]
    lines = [
        [
            text(run.folder),
            str(setting.number),
            text(run.seed),
            _tested_on(run),
            *(amount(run.accuracy(name), 1) for name in readouts),
        ]
        for setting in settings
        for run in setting.all_runs
    ]
    yield fold("Each run", table(f"Percent of the {_samples(settings)} right.", head, lines))


def _option_rows(settings: Sequence[Setting]) -> dict[str, list[str]]:
    """All that was set: name → its values in each setting, in words."""
    usual = ["sense", "dataset", *(f.name for f in fields(Options))]
    told = [[_facts(run) for run in setting.all_runs] for setting in settings]
    names = dict.fromkeys([*usual, *(name for runs in told for run in runs for name in run)])
    return {name: [", ".join(dict.fromkeys(run.get(name, MISSING) for run in runs)) for runs in told] for name in names}


def _facts(run: Run) -> dict[str, str]:
    """Options, versions and keys of the data of a run in words."""
    shown = {f.name: f.metadata["shown"] for f in fields(Options)}
    told = {"sense": run.sense, "dataset": str(run.saved["modality"].get("dataset", MISSING))}
    told |= {name: _in_words(value, shown.get(name, "")) for name, value in run.options.items()}
    told |= {f"version of {name}": str(version) for name, version in run.saved["versions"].items()}
    return told | {f"data: {name}": str(key) for name, key in run.saved["data"].items()}


def _in_words(value: Any, shown: str) -> str:
    """An option's value; `shown` says what its absence means, unless that depends on the sense."""
    if value is None:
        return MISSING if "{" in shown else shown or MISSING
    return in_words(value)


def _differing(rows: dict[str, list[str]]) -> list[str]:
    """Names of what differs between settings; the quiet ones only if nothing else does."""
    names = [name for name, values in rows.items() if len(set(values)) > 1]
    return [name for name in names if name not in QUIET] or names


def _descriptions(settings: Sequence[Setting], untold: Sequence[str]) -> list[str]:
    """What tells each of these settings from the others, in words, but for what need not be told."""
    rows = _option_rows(settings)
    differing = [name for name in _differing(rows) if name not in untold]
    names = [name for name in differing if name in DESCRIBING] or differing
    found = []
    for place in range(len(settings)):
        told = names
        if len(names) > MOST_TOLD:
            told = [name for name in names if rows[name][place] != Counter(rows[name]).most_common(1)[0][0]]
        words = ", ".join(f"{name} {rows[name][place]}" for name in told)
        found.append(words if len(words) <= LONGEST_DESCRIPTION else words[: LONGEST_DESCRIPTION - 1] + "…")
    return [words or "as most" for words in found] if any(found) else found


def _options(settings: Sequence[Setting], rows: dict[str, list[str]]) -> Iterator[str]:
    head = ["option", *(f"{setting.number} {swatch(setting.number)}" for setting in settings)]
    lines = {name: [text(name), *map(text, values)] for name, values in rows.items()}
    differing = _differing(rows) if len(settings) > 1 else []
    if differing:
        yield table("What differs between the settings.", head, [lines[name] for name in differing], words=len(head))
    else:
        yield "<p>There is one setting, so no option differs.</p>"
    caption = "All options, versions and keys of the prepared data; ≠ marks what differs."
    marked = [len(set(values)) > 1 for values in rows.values()]
    yield fold("All options", table(caption, head, lines.values(), marked, words=len(head)))


def _curves(settings: Sequence[Setting]) -> Iterator[str]:
    """A figure for each sense and number of classes: chance and the number of samples differ between them."""
    yield "<p>Each block of samples is classified before its labels are learned. A line is the mean over the last samples,"
    yield "as many as an epoch has, and over seeds; a band shows ± one standard deviation over seeds.</p>"
    groups: dict[tuple[str, int], list[Setting]] = {}
    for setting in settings:
        if setting.curve(READOUTS[0]) is not None:
            groups.setdefault((setting.first.sense, setting.first.n_classes), []).append(setting)
    for (sense, n_classes), alike in groups.items():
        labels = [_legend(*pair) for pair in zip(alike, _descriptions(alike, UNTOLD_IN_CURVES), strict=True)]
        panels = {
            readable(name): [_curve(*pair, name) for pair in zip(alike, labels, strict=True)] for name in READOUTS
        }  # fmt: skip
        names = ", ".join(str(setting.number) for setting in alike)
        alt = f"Running accuracy over training samples seen, settings {names}"
        yield f"<h3>{text(sense)}, {n_classes} classes</h3>"
        yield drawing(comparison_figure(panels, n_classes), alt)
    if not groups:
        yield "<p>No run has an interval yet.</p>"


def _legend(setting: Setting, description: str) -> str:
    return f"{setting.number}: {description or setting.first.source} ({count(len(setting.runs), 'seed')})"


def _curve(setting: Setting, label: str, readout: str) -> Curve:
    n_seen, mean, deviation = setting.curve(readout)
    kept = np.unique(np.linspace(0, len(n_seen) - 1, MOST_POINTS).round().astype(int))
    return Curve(setting.number, label, n_seen[kept], mean[kept], None if deviation is None else deviation[kept])


def _times(settings: Sequence[Setting]) -> str:
    numbers = {
        "ms a training sample": ("ms_per_train_sample", 2),
        "ms a test sample": ("ms_per_test_sample", 2),
        "training (s)": ("train_seconds", 1),
        "test (s)": ("test_seconds", 1),
        "repetitions": ("repetitions", 0),
        "peak memory (MB)": ("peak_memory_mb", 0),
    }
    lines = []
    for setting in settings:
        for run in setting.all_runs:
            machine = [text((run.results or {}).get(name, MISSING)) for name in ("engine", "device")]
            values = [amount(run.number(name), places) for name, places in numbers.values()]
            lines.append([text(run.folder), str(setting.number), text(run.source), *machine, *values])
    caption = "Simulation only, without set-up, compiling and drawing; memory of the whole process at its peak."
    return table(caption, ["run", "setting", "source", "engine", "device", *numbers], lines, words=5)


def _pictures(settings: Sequence[Setting]) -> Iterator[str]:
    n_pictures = len(PICTURES) * sum(len(setting.all_runs) for setting in settings)
    largest = min(max(PICTURES_BYTES // n_pictures, LEAST_BYTES), MOST_BYTES)
    for setting, description in zip(settings, _descriptions(settings, UNTOLD_IN_HEADINGS), strict=True):
        told = f": {text(description)}" if description else ""
        yield f"<h3>Setting {setting.number}: {_where_from(setting.first)}{told}</h3>"
        for place, run in enumerate(setting.all_runs):
            pair = "\n".join(_picture(run, name, largest) for name in PICTURES)
            pair = f'<div class="pair">\n{pair}\n</div>'
            title = f"{run.folder}, seed {run.seed}"
            yield fold(title, pair) if place else f'<p class="quiet">{text(title)}</p>\n{pair}'


def _picture(run: Run, name: str, largest: int) -> str:
    """A figure that the run saved, of about so many bytes at most, or a line about why there is none."""
    found = sorted(run.folder.glob(f"{name}_*.png"))
    # Beside a read-out's own matrix lies that without its name.
    further = {f"{name}_{readout}_{path.name.removeprefix(f'{name}_')}" for path in found for readout in FURTHER_READOUTS}
    found = [path for path in found if path.name not in further]
    if len(found) != 1:
        return _no_picture(f"{run.folder}: holds {len(found) or 'no'} {name}_….png")
    try:
        title = PICTURES[name].replace("test", "validation") if run.is_held_out else PICTURES[name]
        return image(*read_picture(found[0], largest), f"{title} of {run.folder}")
    except NoPictureError as why:
        return _no_picture(why)


def _no_picture(why: object) -> str:
    return f"<p>{text(why)}</p>"


def _heading(readout: str) -> str:
    return f"{text(readable(readout))} (%)"


def _spread(accuracy: Statistic | None, n_runs: int) -> str:
    """Mean ± standard deviation; of fewer runs than there are, it says of how many."""
    if accuracy is None:
        return MISSING
    words = f"{accuracy.mean:.1f}" if accuracy.deviation is None else f"{accuracy.mean:.1f} ± {accuracy.deviation:.1f}"
    return words if accuracy.n_seeds == n_runs else f"{words} (of {accuracy.n_seeds})"

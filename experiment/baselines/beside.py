"""Finished runs on the samples that baselines were tested on."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from experiment.baselines.saved import Measured
from experiment.command_line.options import Options, in_words
from experiment.report.compared import Run, runs_in
from experiment.results.saved import has_begun

THE_SAME = ("source", "stimuli", "n_test")
SCRIPTS_OPTIONS = frozenset(f.name for f in fields(Options))


def runs_beside(measured: Measured, results: Path) -> list[Run]:
    """The finished runs in a folder of results that are beside baselines, by name."""
    folders = sorted(folder for folder in results.iterdir() if has_begun(folder)) if results.is_dir() else []
    return [run for run in runs_in(folders)[0] if are_beside(run, measured)]


def are_beside(run: Run, measured: Measured) -> bool:
    """Whether a run is finished, and was tested on as many test samples of the same sense and source."""
    if run.is_held_out:
        return False
    is_same = all(run.options.get(name) == measured.options.get(name) for name in ("source", "stimuli"))
    return is_same and run.sense == measured.sense and run.number("n_test") == measured.n_test


def unlike(run: Run, measured: Measured) -> str:
    """The values of a run's options that baselines had others of, in words; of training samples their number, for "all" too."""
    of_run = run.options | {"n_train": run.results.get("n_train", measured.n_train)}
    of_baselines = measured.options | {"n_train": measured.n_train}
    names = [name for name in of_baselines if name in SCRIPTS_OPTIONS and name not in THE_SAME]
    differing = [name for name in names if of_run.get(name) != of_baselines[name]]
    return ", ".join(f"{name} {in_words(of_run.get(name))}" for name in differing)

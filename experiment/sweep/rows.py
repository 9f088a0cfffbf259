"""What the folder of a run tells a sweep: a row of ``sweep.csv``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from experiment.command_line.options import Options, in_words, shown
from experiment.errors import OptionError, UnusableError
from experiment.protocol.record import Row
from experiment.results.metrics import MetricsFile
from experiment.results.saved import METRICS, has_begun, is_finished, read_results, read_saved
from experiment.sweep.jobs import FAILED, FINISHED, INTERRUPTED, Outcome
from experiment.sweep.points import SEED, VALIDATION, RunOfPoint, Space, typed

WAITING = "waiting"
ENOUGH_DIGITS = 9  # of an accuracy, %, behind the point
SPLITS = {True: "held out", False: "test"}
NOTHING = dict.fromkeys(("accuracy", "n_tested", "n_silent", "spikes_per_sample", "repetitions", "seconds"))


def row_of(space: Space, run: RunOfPoint, readout: str, folder: Path, ended: Outcome | None) -> dict[str, Any]:
    """The row of a run.

    Args:
        space: the sweep's.
        run: the run.
        readout: whose accuracy counts.
        folder: the run's.
        ended: what became of it where it did not finish, if that is known.
    """
    outcome, found = ended or Outcome(WAITING), NOTHING
    try:
        if has_begun(folder):
            _refuse_another(space, run, folder)
            outcome = ended or Outcome(INTERRUPTED)
        if is_finished(folder):
            outcome, found = Outcome(FINISHED), _figures(folder, readout)
    except OptionError as error:
        outcome = Outcome(FAILED, "; ".join(error.complaints))
    except OSError as error:
        outcome = Outcome(FAILED, f"{error.filename or folder}: {error.strerror}")
    words = typed(space.asked, space.options(run), run.name)
    return {
        "run": run.name,
        "point": run.point.number,
        "stage": run.stage,
        **run.point.texts,
        SEED: run.seed,
        VALIDATION: run.validation or "",
        "state": outcome.state,
        "split": SPLITS[run.validation is not None],
        "readout": readout,
        **found,
        "command": shlex.join(["python", *words]),
        "reason": outcome.reason,
    }


def metrics_of(folder: Path) -> list[Row]:
    """The rows of update intervals that a run has written.

    Raises:
        OptionError: they are damaged.
    """
    file = MetricsFile(folder / METRICS)
    try:
        return file.rows(file.path.stat().st_size)
    except (UnusableError, OSError) as error:
        raise OptionError([f"{file.path}: {error}"]) from None


def _refuse_another(space: Space, run: RunOfPoint, folder: Path) -> None:
    """Refuses a folder that holds another run than this one.

    Raises:
        OptionError: says which option tells.
    """
    before = read_saved(folder)["options"]
    for name, value in space.options(run).items():
        if Options.__dataclass_fields__[name].metadata["shapes"] and in_words(before.get(name)) != in_words(value):
            raise OptionError([f"{folder}: holds another run, with {name} {shown(in_words(before.get(name)))}"])


def _figures(folder: Path, readout: str) -> dict[str, Any]:
    results, rows = read_results(folder), metrics_of(folder)
    epoch = [row for row in rows if row["epoch"] == rows[-1]["epoch"]]
    n_spikes = sum(row["spikes_per_sample"] * row["n_samples"] for row in epoch)
    try:
        return {
            "accuracy": round(float(results["test_accuracy"][readout]), ENOUGH_DIGITS),
            "n_tested": int(results["n_test"]),
            "n_silent": rows[-1]["n_silent"],
            "spikes_per_sample": n_spikes / sum(row["n_samples"] for row in epoch),
            "repetitions": int(results["repetitions"]),
            "seconds": round(results["train_seconds"] + results["test_seconds"], 3),
        }
    except (KeyError, TypeError, ValueError, IndexError):
        raise OptionError([f"{folder}: its results are not what a run writes, or lack {readout}"]) from None

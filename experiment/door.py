"""The door for Python programs and notebooks: a run as a value."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from experiment.command_line.keywords import expanded, keyword_options
from experiment.command_line.signals import Signals
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.pause import Watch
from experiment.progress import no_bar, notebook_bar
from experiment.results.folder import refuse_place
from experiment.results.saved import has_begun, is_finished, refuse_changes
from experiment.results.trained import TrainedNetwork
from experiment.run import Run
from experiment.run_training import run_training
from experiment.senses import declared


def train(
    sense: str | Modality,
    *,
    folder: str | Path | None = None,
    progress: bool = True,
    figures: bool = True,
    watch: Watch | None = None,
    **options: Any,
) -> Run:
    """Train and test a network, as the script of a sense does, with the same result.

    Nothing of the program around is changed when it returns: neither its threads, its log nor its signals. Several may train side
    by side in threads; while they do, torch computes in one thread each. Lines go to Python's log
    (``logging.getLogger("experiment")``) as its levels say. With a folder they all go to the log file there, too, for which the
    project's own loggers let all lines pass meanwhile: handlers of these loggers themselves see more, those above do not.

    Args:
        sense: "Visual", "Auditory", "Tactile", or another of which there is a script; or what such a script declares.
        folder: where results are kept, as a script keeps them in ``results/<filename>`` (with ``plot=True`` also `live.png`, the
            network at work); None keeps none.
        progress: whether bars are shown.
        figures: whether they are drawn into the folder; all else there is the same without.
        watch: is called between two pieces of the simulation, so at least every second or so, with the rows of ``metrics.csv``
            that are new to it, often none; a run that goes on gives those of before first. Where it answers what is true, the run
            is stopped, and saved if there is a folder, so that ``resume=True`` goes on.
        options: the script's options by name, such as ``n_train=2000, nu=0.1, som=True, readout=["ngram"]``. Data are prepared by
            several processes in a notebook, and in a program if ``n_workers`` is given: each of them imports the program's file
            anew, so what it does must then stand under ``if __name__ == "__main__":``.

    Raises:
        OptionError: options are wrong, one line each as on the command line, or do not fit the machine or the data.
        datasets.DatasetError: the data cannot be had.
        experiment.command_line.signals.Interrupted: `watch` has stopped the run; a KeyboardInterrupt.
    """
    modality = sense if isinstance(sense, Modality) else declared(sense)
    place = None if folder is None else expanded(folder)
    asked = keyword_options(modality, options, None if place is None else place.name)
    if place is not None:
        refuse_place(modality, asked, place)
        if asked.resume and has_begun(place):
            refuse_changes(place, asked)
        if asked.resume and is_finished(place):
            raise OptionError([f"--resume: the run in {place} is finished; load it"])
    bars = notebook_bar if progress else no_bar
    is_program = hasattr(sys.modules["__main__"], "__file__")
    n_processes = 1 if is_program and "n_workers" not in options else None
    how = {"console": False, "progress": progress, "n_processes": n_processes, "figures": figures, "watch": watch}
    return run_training(modality, asked, place, Signals(), bars, **how)


def load(folder: str | Path, device: str = "cpu") -> TrainedNetwork:
    """The trained network in a folder of results, whether a script or `train` left it there.

    Raises:
        OptionError: the folder holds no trained network, or a damaged one.
    """
    return TrainedNetwork(expanded(folder), device)

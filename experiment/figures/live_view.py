"""The live view of ``--plot``: what goes on in the network, in a window or, without a display, in ``live.png``."""

from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.save import save_figure
from bindsnet.numbers.random import ELSEWHERE
from experiment.figures.live import MOST_FIELDS, Moment, live_figure
from experiment.figures.of_run import note_of
from experiment.figures.window import RESPONSE_TIME, Window
from experiment.model.network import EXCITATORY
from experiment.model.parameters import SILENCING
from experiment.progress import is_terminal
from experiment.readouts import READOUTS, readable
from experiment.run_data import RunData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

LARGEST_SHARE = 0.2  # of the run's time that may be spent on the view
N_VOLTAGES = 3  # neurons whose voltages are shown
WINDOW = "live"  # its name


class LiveView:
    """Shows a figure by the clock.

    Args:
        window: where it is shown; None shows it in a file.
        path: that file.
        interval: least time between two drawings, s.
    """

    def __init__(self, window: Window | None, path: Path, interval: float) -> None:
        self.window = window
        self.path = path
        self.interval = interval
        self.next = self.next_response = time.perf_counter()

    def update(self, draw: Callable[[], Figure], at_once: bool = False) -> None:
        """Show what ``draw`` returns, if it is time or must be; a drawing that takes long is followed by a longer pause."""
        started = time.perf_counter()
        if self.window is not None and started >= self.next_response:
            self.window.respond()
            self.next_response = started + RESPONSE_TIME
        if (started < self.next and not at_once) or not self.is_watched():
            return
        figure = draw()
        if self.window is None:
            save_figure(figure, self.path)
        else:
            self.window.show(figure)
        ended = time.perf_counter()
        self.next = ended + max(self.interval, (ended - started) * (1 / LARGEST_SHARE - 1))

    def hold(self, seconds: float | None, stop: Callable[[], bool]) -> None:
        """Let the window stay once all is done: that long at most, by default until it is closed, if someone sits before it."""
        if seconds is None:
            seconds = math.inf if is_terminal(sys.stdin) else 0.0
        if self.window is not None and self.window.is_open() and seconds:
            limit = f", at most {seconds:g} s" if math.isfinite(seconds) else ""
            log.info("The window stays until it is closed%s; Ctrl-C closes it too (--plot_hold 0: it does not stay)", limit)
            self.window.hold(seconds, stop)

    def is_watched(self) -> bool:
        """Whether there is somewhere to show it: a window that was closed stays closed."""
        return self.window is None or self.window.is_open()


def figure_of(run: RunData) -> Figure:
    """The live figure of a run as it stands: the sample presented last, presented once more to a copy that does not learn."""
    training, rows, network = run.training, run.record.rows, run.network
    number = training.latest()
    frozen = network.clone().train(False)
    sample = seen = (run.features or training).spike_trains.select([number])
    if run.layers is not None:
        seen = run.layers.clone().see(sample, training.seed, training.engine)
    how = {"spike_times": True, "engine": training.engine, "record": {EXCITATORY: list(frozen.watched)}}
    answer = frozen.answer(seen, [number], training.seed, ELSEWHERE, **how)
    spikes = answer.spike_trains.to_dense()[0].bool()
    watched = {name: answer.records[EXCITATORY, name][0] for name in frozen.watched}
    v, thresholds = watched["v"], frozen.thresholds(watched)
    # Those that fired most, then those that came nearest to their threshold.
    nearness = spikes.sum(0) + torch.sigmoid((v - watched["theta"]).max(0).values)
    neurons = torch.argsort(nearness, descending=True, stable=True)[:N_VOLTAGES]
    drawn, shape = network.w[:, :MOST_FIELDS], run.sense.input_shape
    if run.layers is not None:
        drawn, shape = run.layers.drawn_back(drawn)
    return live_figure(
        Moment(
            label=int(training.labels[number]),
            input_steps=sample.steps.numpy(),
            input_units=sample.units.numpy(),
            input_shape=run.sense.input_shape,
            n_inputs=sample.n_units,
            n_steps=len(v),
            dt=network.dt,
            spikes=spikes.numpy(),
            neurons=neurons.numpy(),
            voltages=v.where(v > -SILENCING / 2, math.nan)[:, neurons].numpy(),  # a decision's end is off the scale
            thresholds=thresholds[:, neurons].numpy(),
            w=drawn.detach().cpu().numpy(),
            w_max=network.w_max if run.options.model == "diehl_cook" else float(drawn.max()),  # of others few come near it
            w_shape=shape,
            assignments=training.label_counts.assignments.numpy(),
            samples_seen=[row["n_seen"] for row in rows],
            accuracies={readable(name): [_percent(row[name]) for row in rows] for name in READOUTS},
            n_train=training.n_train,
            class_names=run.sense.class_names,
            note=note_of(run),
        )
    )


def _percent(accuracy: float | None) -> float:
    return np.nan if accuracy is None else accuracy

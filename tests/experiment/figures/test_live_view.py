"""The live view: what it shows, when it is drawn, and that it changes nothing."""

from __future__ import annotations

import io
import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from builders import overlapping, random_trains

from experiment.command_line.parse import parse_options
from experiment.figures.live import Moment, live_figure
from experiment.figures.live_view import LiveView, figure_of
from experiment.main import main
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.protocol.training import Training
from experiment.run_training import new_run
from experiment.samples import Samples
from Visual_network import VISUAL


def moment(
    input_shape: tuple[int, int], n_polarities: int = 1, n_neurons: int = 7, names: tuple[str, ...] = ("cat", "dog")
) -> Moment:
    n_inputs = n_polarities * input_shape[0] * input_shape[1]
    spikes = np.zeros((20, n_neurons), bool)
    spikes[[3, 9], [0, n_neurons - 1]] = True
    return Moment(
        label=1, input_steps=np.array([0, 5, 5]), input_units=np.array([0, 1, n_inputs - 1]), input_shape=input_shape,
        w_shape=input_shape, n_inputs=n_inputs, n_steps=20, dt=0.5, spikes=spikes, neurons=np.array([0]),
        voltages=np.full((20, 1), -65.0),
        thresholds=np.full((20, 1), -52.0), w=np.full((n_inputs, n_neurons), 0.3), w_max=1.0,
        assignments=np.array([-1] * (n_neurons - 1) + [1]), samples_seen=[10, 20], accuracies={"all activity": [np.nan, 50.0]},
        n_train=20, class_names=names, note="emulated events",
    )  # fmt: skip


@pytest.mark.parametrize(("shape", "n_polarities"), [((34, 34), 1), ((10, 10), 2), ((64, 1), 1), ((1, 1), 1)])
def test_every_sensor_has_a_picture_whose_titles_count(shape, n_polarities):
    figure = live_figure(moment(shape, n_polarities))
    titles = {axes.get_title(loc="left") for axes in figure.axes}
    assert {"Input, n = 3 spikes", "Excitatory layer, n = 2 spikes", "Labels; n = 6 neurons silent so far"} <= titles
    assert figure.get_suptitle() == "A training sample of class dog in 7 neurons, after n = 20 samples"
    figure.canvas.draw()


@pytest.mark.parametrize("names", [("cat", "dog"), tuple(f"a class of a long name {k}" for k in range(1000))], ids=len)
@pytest.mark.parametrize(("shape", "n_polarities"), [((34, 34), 1), ((34, 34), 2), ((10, 10), 2), ((1, 64), 1)])
def test_nothing_in_the_view_overprints(shape, n_polarities, names, monkeypatch):
    assert overlapping(live_figure(moment(shape, n_polarities, 1600, names)), monkeypatch) == []


def test_the_view_tells_the_running_accuracy_that_the_line_and_the_figure_have():
    figure = live_figure(moment((10, 10)))
    legend = [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    assert "all activity: 50.0 %" in legend


class OpenWindow:
    """A window that nobody closes."""

    def __init__(self) -> None:
        self.held: list[float] = []

    def is_open(self) -> bool:
        return True

    def hold(self, seconds: float, stop: Callable[[], bool]) -> None:
        self.held.append(seconds)


class Stream(io.StringIO):
    """Standard input, from a terminal or not."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.isatty = lambda: is_terminal


@pytest.mark.parametrize(
    ("stdin", "seconds", "held"),
    [
        (Stream(True), None, [math.inf]),
        (Stream(True), 0.0, []),
        (Stream(True), 5.0, [5.0]),
        (Stream(False), None, []),
        (Stream(False), 5.0, [5.0]),
        (None, None, []),
    ],
)
def test_window_stays_until_it_is_closed_at_a_terminal_and_elsewhere_only_as_long_as_asked(
    stdin, seconds, held, tmp_path, monkeypatch
):
    monkeypatch.setattr(sys, "stdin", stdin)
    view = LiveView(OpenWindow(), tmp_path, 1.0)
    view.hold(seconds, lambda: False)
    assert view.window.held == held
    LiveView(None, tmp_path, 1.0).hold(seconds, lambda: False)  # nothing to wait for


@pytest.fixture
def training() -> Training:
    trains = random_trains(12, 30, 1156, 0.05)
    return Training(DiehlCookNetwork(1156, 9), trains, torch.arange(12) % 10, 10, n_epochs=1, seed=0, engine="plain")


def test_looking_changes_nothing_that_is_trained(training):
    pieces = iter(training)
    next(pieces)
    before = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    data = Samples(training.spike_trains, training.labels, torch.arange(12), "", "", [], tuple("0123456789"), (34, 34))
    run = replace(
        new_run(VISUAL, parse_options(VISUAL, []), None, torch.device("cpu"), data, data),
        training=training,
        network=training.network,
    )
    figure = figure_of(run)
    assert "after n = 0 samples" in figure.get_suptitle()
    after = training.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert training.network.learning


def test_latest_is_the_sample_presented_last(training, monkeypatch):
    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
    seen = []
    for n, _ in training:
        assert n == 1
        seen.append(training.latest())
    assert sorted(seen) == list(range(12))


def test_a_view_is_drawn_by_the_clock_and_pauses_longer_after_a_long_drawing(tmp_path):
    drawn = []

    def draw():
        drawn.append(time.perf_counter())
        return live_figure(moment((10, 10)))

    view = LiveView(None, tmp_path / "live.png", interval=1000.0)
    view.update(draw)
    view.update(draw)
    assert len(drawn) == 1
    view.update(draw, at_once=True)
    assert len(drawn) == 2
    view = LiveView(None, tmp_path / "live.png", interval=0.0)
    view.update(draw)
    assert view.next - time.perf_counter() > 2 * (time.perf_counter() - drawn[-1])
    assert [path.name for path in tmp_path.iterdir()] == ["live.png"]


@pytest.mark.parametrize("watched", [[], ["--plot", "--plot_interval", "0"]])
def test_a_watched_run_ends_as_an_unwatched_one(watched, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    words = ["--source", "emulated", "--n_train", "12", "--n_test", "2", "--n_neurons", "4", "--pattern_time", "20"]
    assert main(VISUAL, [*words, "--filename", "bare"]) == 0
    assert main(VISUAL, [*words, "--filename", "other", *watched]) == 0
    names = ("w", "theta", "assignments")
    bare, other = (np.load(tmp_path / "results" / name / f"network_{name}.npz") for name in ("bare", "other"))
    assert all(np.array_equal(bare[name], other[name]) for name in names)
    assert (tmp_path / "results/other/live.png").exists() == bool(watched)


def test_what_features_of_a_row_of_channels_are_drawn_back_to_is_no_spectrum():
    shown = moment((1, 64), 1)
    of_features = replace(shown, w=np.full((2 * 64 * 8, shown.w.shape[1]), 0.3), w_shape=(64, 8))
    labels = [{axes.get_xlabel() for axes in live_figure(each).axes} for each in (shown, of_features)]
    assert [any(label.startswith("neurons 0 to") for label in each) for each in labels] == [False, True]

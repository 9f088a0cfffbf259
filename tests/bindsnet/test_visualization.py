"""Examples, movies and summaries show what they are given; pipelines' plots follow what runs."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from bindsnet.analysis.pipeline_analysis import MatplotlibAnalyzer, PipelineAnalyzer, TensorboardAnalyzer, moving_mean
from bindsnet.analysis.visualization import plot_spike_trains_for_example, plot_voltage, plot_weights_movie, summary
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def raster() -> np.ndarray:
    """Spikes ``[2, 4, 6]``: in example 1 neurons 0 to 3 fire 1, 0, 3 and 2 times."""
    spikes = np.zeros((2, 4, 6), bool)
    spikes[1, 0, 4] = spikes[1, 2, :3] = spikes[1, 3, 4:] = True
    return spikes


def places(axes) -> list[list[float]]:
    return axes.collections[0].get_offsets().tolist()


def test_spikes_of_an_example_are_those_of_all_neurons_of_the_busiest_or_of_some():
    ax = plot_spike_trains_for_example(raster(), 1)
    assert places(ax) == [[0, 2], [1, 2], [2, 2], [4, 0], [4, 3], [5, 3]]
    assert ax.get_title() == "example 1: 6 spikes of all neurons, n = 4"
    ax = plot_spike_trains_for_example(torch.from_numpy(raster()), 1, top_k=2)
    assert places(ax) == [[0, 0], [1, 0], [2, 0], [4, 1], [5, 1]]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["2", "3"]
    ax = plot_spike_trains_for_example(raster(), 1, indices=[3, 0])
    assert places(ax) == [[4, 0], [4, 1], [5, 0]]
    assert places(plot_spike_trains_for_example(raster(), 0)) == []
    assert plot_spike_trains_for_example(np.arange(80).reshape(1, 40, 2) > 40, 0, top_k=30).get_ylabel() == "row of a neuron"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({}, "n_ex is needed"), ({"n_ex": 2}, "there are 2"), ({"n_ex": 0, "top_k": 1, "indices": [0]}, "exclude each other")],
)
def test_examples_that_there_are_not_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        plot_spike_trains_for_example(raster(), **arguments)


def test_voltage_of_one_neuron_is_a_line_with_its_threshold():
    voltage = torch.rand(2, 3, 8)
    ax = plot_voltage(voltage, 1, 2, time=(2, 5), threshold=0.5, quantity="trace x")
    assert ax.lines[0].get_xdata().tolist() == [2, 3, 4]
    assert ax.lines[0].get_ydata().tolist() == voltage[1, 2, 2:5].tolist()
    assert ax.lines[1].get_ydata() == [0.5, 0.5]
    assert (ax.get_ylabel(), ax.get_title()) == ("trace x", "neuron 2 in example 1")
    for wrong in ({"n_ex": 2}, {"n_neuron": 3}, {"time": (5, 5)}, {"time": (0, 9)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            plot_voltage(voltage, **wrong)


def test_examples_are_saved_into_a_folder_that_is_made(tmp_path):
    from matplotlib import pyplot

    plot_spike_trains_for_example(raster(), 0, save=tmp_path / "a" / "spikes.png")
    plot_voltage(torch.rand(1, 1, 3), save=tmp_path / "b" / "voltage.png")
    for path in ("a/spikes.png", "b/voltage.png"):
        assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")
    assert pyplot.get_fignums() == []


def test_weights_over_time_are_a_movie_of_all_examples():
    ws = torch.rand(2, 3, 4, 5)
    movie = plot_weights_movie(ws, sample_every=2)
    frames = [ws[example, :, :, step] for example in (0, 1) for step in (0, 2, 4)]
    for number, frame in enumerate(frames):
        (im,) = movie._func(number)
        assert np.array_equal(im.get_array(), frame)
    assert movie._save_count == len(frames)
    with pytest.raises(ValueError, match="n_targets, time"):
        plot_weights_movie(torch.rand(3, 4))


def test_movie_is_saved_as_a_gif_of_all_frames(tmp_path):
    from PIL import Image

    plot_weights_movie(torch.rand(1, 3, 4, 5), save=tmp_path / "new" / "movie.gif")
    with Image.open(tmp_path / "new" / "movie.gif") as gif:
        assert (gif.format, gif.n_frames) == ("GIF", 5)


def test_windows_are_opened_and_waited_for_only_where_there_are_some(monkeypatch):
    from matplotlib import pyplot
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    called = []
    monkeypatch.setattr(pyplot, "show", lambda **how: called.append(how))
    monkeypatch.setattr(pyplot, "pause", called.append)
    plot_voltage(torch.rand(1, 1, 3))
    MatplotlibAnalyzer().finalize_step()
    assert called == []
    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "a toolkit", raising=False)
    plot_voltage(torch.rand(1, 1, 3))
    MatplotlibAnalyzer().finalize_step()
    assert called == [{"block": False}, 1e-8]


def test_summary_counts_neurons_and_weights_and_what_learns():
    network = Network()
    network.add_layer(Input(n=20, traces=True), "X")
    network.add_layer(LIFNodes(shape=[2, 3], traces=True), "Y")
    layers = network.layers
    network.add_connection(Connection(layers["X"], layers["Y"], update_rule=PostPre, nu=0.1), "X", "Y")
    network.add_connection(Connection(layers["Y"], layers["Y"]), "Y", "Y")
    assert summary(network).splitlines() == [
        "network of 2 layers, batch size 1",
        "X: 20 neurons (20,), trainable",
        "    to Y: Connection, 120 weights, trainable",
        "Y: 6 neurons (2, 3), trainable",
        "    to Y: Connection, 36 weights, not trainable",
        "neurons in all: 26, trainable 26",
        "weights in all: 156, trainable 120",
    ]


def show_all(analyzer: PipelineAnalyzer, obs: torch.Tensor) -> None:
    analyzer.plot_obs(obs)
    analyzer.plot_reward([1.0, 3.0, 8.0], reward_window=2)
    analyzer.plot_spikes({"A": torch.eye(4), "B": torch.zeros(4, 1, 2)})
    analyzer.plot_voltages({"A": torch.eye(4)}, {"A": torch.tensor(1.0)})
    analyzer.plot_conv2d_weights(torch.arange(8.0).view(2, 1, 2, 2))
    analyzer.finalize_step()


@pytest.mark.parametrize("volts_type", ["color", "line"])
def test_plots_of_a_pipeline_have_a_figure_for_each_tag_and_follow_it(volts_type):
    from matplotlib import pyplot

    analyzer = MatplotlibAnalyzer(volts_type=volts_type)
    for n_channels in (1, 1, 1):
        show_all(analyzer, torch.rand(n_channels, 4, 5))
    assert len(pyplot.get_fignums()) == len(analyzer.plots) == 5
    assert analyzer.plots["reward"][2].get_ydata().tolist() == [1.0, 2.0, 5.5]
    assert analyzer.plots["obs"][1].get_array().shape == (4, 5)
    with pytest.raises(TypeError, match="got volts"):
        MatplotlibAnalyzer(volts="line")


def test_plots_of_a_pipeline_are_written_for_tensorboard(monkeypatch, tmp_path):
    written = {}

    class SummaryWriter:
        def __init__(self, folder):
            self.folder = folder

        def add_image(self, tag, picture, step):
            assert (picture.min(), picture.max()) in ((0, 0), (0, 1))
            written[tag] = picture.shape

        def add_scalar(self, tag, number, step):
            written[tag] = number

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    show_all(TensorboardAnalyzer(str(tmp_path)), torch.rand(3, 4, 5))
    shapes = {"obs": (3, 4, 5), "spike_A": (1, 4, 4), "spike_B": (1, 2, 4), "voltage_A": (1, 4, 4), "conv2d": (1, 4, 4)}
    assert written == {"reward": 8.0, **shapes}
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        TensorboardAnalyzer(str(tmp_path))


def test_means_are_of_a_value_and_those_before_it():
    assert moving_mean([], 3).tolist() == []
    assert moving_mean([1, 2, 6, 9], 3).tolist() == [1, 1.5, 3, pytest.approx(17 / 3)]

"""Plots show the numbers that they are given, can be drawn anew and saved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from builders import overlapping

from bindsnet.analysis import plotting
from bindsnet.analysis.plotting import (
    plot_assignments,
    plot_conv2d_weights,
    plot_input,
    plot_local_connection_2d_weights,
    plot_locally_connected_weights,
    plot_performance,
    plot_spikes,
    plot_voltages,
    plot_weights,
)
from bindsnet.analysis.save import save_figure
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import LocalConnection, LocalConnection1D, LocalConnection2D

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def texts(figure) -> list[str]:
    from matplotlib.text import Text

    figure.canvas.draw()
    return [text.get_text() for text in figure.findobj(Text)]


def test_of_many_classes_some_are_named_beside_the_colours_so_that_all_names_can_be_read(monkeypatch):
    names = [f"class {k}" for k in range(1000)]
    figure = plot_assignments(torch.randint(-1, 1000, (20, 20)), classes=names).figure
    assert overlapping(figure, monkeypatch) == []
    assert "silent" in texts(figure)
    assert 10 <= sum(text.startswith("class ") for text in texts(figure)) <= 2 * 25  # a tick has a label on either side


def test_each_spike_is_a_dot_at_its_time_and_neuron():
    spikes = torch.zeros(4, 1, 3)
    spikes[1, 0, 2] = spikes[3, 0, 0] = 1
    ims, axes = plot_spikes({"A": spikes, "B": torch.zeros(4, 1, 2, 1, 3, dtype=torch.bool)})
    assert ims[0].get_offsets().tolist() == [[1, 2], [3, 0]]
    assert len(ims[1].get_offsets()) == 0
    titles = ["A: 2 spikes, neurons 0 to 2, steps 0 to 3", "B: 0 spikes, neurons 0 to 5, steps 0 to 3"]
    assert [ax.get_title() for ax in axes] == titles


def test_spikes_of_some_steps_and_neurons_keep_their_numbers():
    ims, axes = plot_spikes({"A": torch.eye(6)}, time=(2, 5), n_neurons={"A": (3, 6)})
    assert ims[0].get_offsets().tolist() == [[3, 3], [4, 4]]
    assert axes[0].get_xlim() == (1.5, 4.5)
    assert axes[0].get_ylim() == (2.5, 5.5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(0, 1, 3), (4, 0)])
def test_what_a_monitor_holds_before_the_first_run_is_an_empty_plot(shape):
    ims, _ = plot_spikes({"A": torch.zeros(shape)})
    assert len(ims[0].get_offsets()) == 0
    plot_voltages({"A": torch.zeros(shape)})
    plot_voltages({"A": torch.zeros(shape)}, plot_type="line")


def test_spikes_are_drawn_anew_into_the_same_figure():
    from matplotlib import pyplot

    ims, axes = plot_spikes({"A": torch.eye(3)})
    again, same_axes = plot_spikes({"A": torch.zeros(5, 3)}, ims=ims, axes=axes)
    assert same_axes == axes
    assert len(again[0].get_offsets()) == 0
    assert len(pyplot.get_fignums()) == 1


def test_voltages_are_colours_with_time_from_left_to_right():
    voltages = torch.tensor([[-65.0, -60.0], [-64.0, -59.0], [-63.0, -58.0]])
    ims, axes = plot_voltages({"A": voltages})
    assert ims[0].get_array().tolist() == voltages.T.tolist()
    assert "voltage (mV)" in texts(axes.figure)
    ims, _ = plot_voltages({"A": voltages[:, :1] + 10}, ims, axes)
    assert ims[0].get_array().tolist() == [[-55, -54, -53]]
    assert ims[0].get_clim() == (-55, -53)


def test_voltages_are_lines_with_their_thresholds():
    voltages = torch.tensor([[-65.0, -60.0], [-64.0, -59.0]])
    for thresholds in (torch.tensor(-52.0), torch.tensor([-52.0, -50.0])):
        lines, axes = plot_voltages({"A": voltages}, plot_type="line", thresholds={"A": thresholds})
        assert [line.get_ydata().tolist() for line in lines[0]] == voltages.T.tolist()
        assert any(text.startswith("threshold") for text in texts(axes.figure))
    again, _ = plot_voltages({"A": voltages[:1]}, lines, axes, plot_type="line")
    assert [line.get_ydata().tolist() for line in again[0]] == [[-65], [-60]]


def test_unknown_type_of_plot_is_refused():
    with pytest.raises(ValueError, match='expected "color" or "line"'):
        plot_voltages({"A": torch.zeros(1, 1)}, plot_type="colour")


def test_axes_that_do_not_suffice_are_refused():
    _, axes = plot_spikes({"A": torch.zeros(2, 2)})
    with pytest.raises(ValueError, match="expected as many axes, got 1"):
        plot_spikes({"A": torch.zeros(2, 2), "B": torch.zeros(2, 2)}, axes=axes)


def test_weights_are_an_image_that_follows_them():
    im = plot_weights(torch.tensor([[0.0, 0.5]]), wmin=0, wmax=0.5)
    assert im.get_clim() == (0, 0.5)
    assert "weight" in texts(im.figure)
    assert plot_weights(torch.tensor([[0.25, 0.0]]), im=im) is im
    assert im.get_array().tolist() == [[0.25, 0.0]]
    assert im.get_clim() == (0, 0.25)  # as in BindsNET 0.3.4
    assert plot_weights(torch.rand(3, 5), im=im).get_extent() == [-0.5, 4.5, 2.5, -0.5]
    assert plot_weights(torch.ones(2, 2), title="X to Y").axes.get_title() == "X to Y Weights"
    with pytest.raises(ValueError, match=r"\[4, 1, 2, 2\]"):
        plot_weights(torch.zeros(4, 1, 2, 2))


def test_filters_of_a_convolution_are_an_image_without_the_rows_that_have_none():
    weights = torch.rand(3, 2, 2, 4)
    im = plot_conv2d_weights(weights)
    picture = im.get_array()
    assert picture.shape == (2 * 2 * 2, 2 * 2 * 4)
    assert np.array_equal(picture[:2, 4:8], weights[1, 0])
    assert np.array_equal(picture[:2, 8:12], weights[0, 1])
    assert picture.mask[2:4, 4:8].all()  # no fourth filter
    assert im.axes.get_ylim() == (3.5, -0.5)  # the second row of input channels holds none
    assert plot_conv2d_weights(2 * weights, im=im) is im
    assert np.array_equal(im.get_array()[:2, 4:8], 2 * weights[1, 0])


def local_weights(connection, **options):
    """The picture of a LocalConnection."""
    shapes = connection.n_filters, connection.kernel_size, connection.conv_size
    return plot_locally_connected_weights(connection.w, *shapes, connection.locations, connection.input_shape, **options)


def test_filters_of_local_connections_stand_at_their_positions():
    matrix = LocalConnection(Input(shape=[4, 8]), LIFNodes(n=3 * 4), (2, 4), (2, 4), 3)
    channels = LocalConnection2D(Input(shape=[2, 4, 8]), LIFNodes(n=3 * 4), (2, 4), (2, 4), 3)
    channels.w.data[1] = matrix.w.T[matrix.mask.T].view(12, 8)  # each target's field
    for im in (local_weights(matrix), plot_local_connection_2d_weights(channels, input_channel=1)):
        picture = im.get_array()
        assert picture.shape == (2 * 2 * 2, 2 * 2 * 4)
        # Filter 1 at the position in row 1, column 0 sees the rows 2 and 3 of the columns 0 to 3.
        assert np.array_equal(picture[4:6, 4:8], matrix.w.data[[16, 17, 18, 19, 24, 25, 26, 27], 1 * 4 + 2].view(2, 4))
        assert len(im.axes.collections) == 4  # lines between fields and between positions
    assert len(local_weights(matrix, lines=False).axes.collections) == 0
    one = plot_local_connection_2d_weights(channels, 1, output_channel=2)
    assert np.array_equal(one.get_array()[:2, 4:], channels.w.data[1, 2 * 4 + 1].view(2, 4))
    assert plot_local_connection_2d_weights(channels, 0, 2, im=one) is one
    assert np.array_equal(one.get_array()[:2, 4:], channels.w.data[0, 2 * 4 + 1].view(2, 4))
    assert one.get_clim() == (channels.w[1, 8:].min(), channels.w[1, 8:].max())  # without bounds: those of the weights shown
    line = LocalConnection1D(Input(shape=[1, 8]), LIFNodes(n=2 * 2), 4, 4, 2)
    assert plot_local_connection_2d_weights(line).get_array().shape == (2, 2 * 2 * 4)
    for wrong in ({"input_channel": 2}, {"output_channel": 3}):
        with pytest.raises(ValueError, match="the connection has"):
            plot_local_connection_2d_weights(channels, **wrong)


def test_labels_have_a_colour_each_and_silent_neurons_their_own():
    im = plot_assignments(torch.tensor([[0, 1], [-1, 1]]), classes=["zero", "one"])
    colours = im.to_rgba(im.get_array())
    assert len({tuple(colour) for colour in colours.reshape(-1, 4)}) == 3
    assert np.array_equal(colours[0, 1], colours[1, 1])
    assert {"silent", "zero", "one"} <= set(texts(im.figure))
    assert plot_assignments(torch.tensor([[1, 1], [1, 1]]), im=im).get_array().tolist() == [[1, 1], [1, 1]]


def test_labels_in_a_row_stand_on_a_lattice():
    im = plot_assignments(torch.tensor([3, -1, 12]))
    assert im.get_array().filled(-9).tolist() == [[3, -1], [12, -9]]
    assert "12" in texts(im.figure)  # more classes than ten


def test_performance_is_a_line_for_each_read_out_over_the_samples():
    ax = plot_performance({"all": [10.0, 30.0], "proportion": [20.0]}, x_scale=12)
    ax = plot_performance({"all": [10.0, 30.0, 50.0], "proportion": [20.0]}, ax=ax, x_scale=12)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0, 10], [12, 30], [24, 50]], [[0, 20]]]
    assert ax.get_ylim() == (0, 100)
    assert {"all", "proportion", "accuracy (%)", "samples"} <= set(texts(ax.figure))


def test_image_stands_beside_its_spikes():
    image, counts = torch.rand(4, 3), torch.ones(4, 3)
    axes, ims = plot_input(image, counts, label=7)
    axes, ims = plot_input(image, 2 * counts, label=8, axes=axes, ims=ims)
    assert ims[1].get_array().tolist() == (2 * counts).tolist()
    assert "image (label 8)" in texts(axes[0].figure)


def test_images_may_have_channels_a_batch_or_colours():
    image = torch.rand(4, 5)
    shapes = {(1, 1, 4, 5): (4, 5), (2, 4, 5): (4, 5 + 1 + 5), (5, 4, 5): (4 + 1 + 4, 5 + 1 + 5 + 1 + 5), (4, 5, 3): (4, 5, 3)}
    for shape, drawn in shapes.items():
        _, ims = plot_input(torch.rand(shape), image)
        assert ims[0].get_array().shape == drawn
    with pytest.raises(ValueError, match=r"\[2, 2, 4, 4\]"):
        plot_input(torch.rand(2, 2, 4, 4), image)


PLOTS = {
    "input": lambda **how: plot_input(torch.rand(4, 4), torch.rand(4, 4), **how),
    "spikes": lambda **how: plot_spikes({"A": torch.eye(3)}, **how),
    "voltages": lambda **how: plot_voltages({"A": torch.eye(3)}, **how),
    "lines": lambda **how: plot_voltages({"A": torch.eye(3)}, plot_type="line", **how),
    "weights": lambda **how: plot_weights(torch.rand(2, 2), **how),
    "filters": lambda **how: plot_conv2d_weights(torch.rand(2, 1, 2, 2), **how),
    "local": lambda **how: local_weights(LocalConnection(Input(shape=[4, 8]), LIFNodes(n=12), (2, 4), (2, 4), 3), **how),
    "local 1D": lambda **how: plot_local_connection_2d_weights(
        LocalConnection1D(Input(shape=[1, 8]), LIFNodes(n=4), 4, 4, 2), **how
    ),
    "labels": lambda **how: plot_assignments(torch.zeros(2, 2, dtype=torch.long), **how),
    "performance": lambda **how: plot_performance({"all": [1.0]}, **how),
}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_every_plot_is_saved_into_a_folder_that_is_made_and_leaves_no_window(plot, tmp_path):
    from matplotlib import pyplot

    plot(save=tmp_path / "new" / "folder" / "plot.png")
    assert (tmp_path / "new" / "folder" / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), ("", b"\x89PNG")])
def test_plots_are_saved_in_the_format_that_the_name_asks_for(ending, start, tmp_path):
    for name in ("weights", "labels", "performance"):
        PLOTS[name](save=str(tmp_path / f"{name}{ending}"))
        assert (tmp_path / f"{name}{ending}").read_bytes().startswith(start)


@pytest.mark.parametrize("ending", [".png", ""])
@pytest.mark.parametrize("name", ["weights", "labels"])
def test_weights_and_labels_are_saved_as_a_series_as_bindsnet_does(name, ending, tmp_path):
    folder = tmp_path / "run.7"
    path = str(folder / f"w{ending}")
    for number in (1, 2, 3):
        im, path = PLOTS[name](save=path)
        assert path == str(folder / f"w.{number}{ending}")
        assert (folder / f"w{ending}").read_bytes() == Path(path).read_bytes()
    again, _ = PLOTS[name](im=im, save=path)
    assert again is im
    assert len(list(folder.iterdir())) == 1 + 4


@pytest.mark.parametrize("plot", [plot_weights, plot_assignments])
def test_what_a_saved_plot_returned_is_drawn_anew_as_programs_hand_it_back(plot, tmp_path):
    first = plot(torch.zeros(4, 4), save=str(tmp_path / "w.png"))
    image, path = plot(torch.ones(4, 4), im=first, save=first[1])
    assert image is first[0]
    assert image.get_array().min() == 1
    assert path != first[1]
    assert plot(torch.zeros(4, 4), im=first) is image


def test_plots_drawn_again_open_no_further_figure_and_change_nothing_of_pyplots():
    from matplotlib import pyplot, rcParams
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    before, interactive = dict(rcParams), pyplot.isinteractive()
    weights = {"weights": "im", "filters": "im", "local": "im", "local 1D": "im", "labels": "im", "performance": "ax"}
    for name, keyword in weights.items():
        drawn = PLOTS[name]()
        for _ in range(3):
            assert PLOTS[name](**{keyword: drawn}) is drawn
        drawn.figure.canvas.draw()
        # Laid out once, which takes as long as to draw; lines of accuracies change their axes.
        assert isinstance(drawn.figure.get_layout_engine(), ConstrainedLayoutEngine) == (name == "performance")
    for name in ("spikes", "voltages", "lines"):
        ims, axes = PLOTS[name]()
        for _ in range(3):
            ims, axes = PLOTS[name](ims=ims, axes=axes)
    assert len(pyplot.get_fignums()) == len(weights) + 3
    assert (dict(rcParams), pyplot.isinteractive()) == (before, interactive)


def test_what_is_returned_is_what_bindsnet_returns():
    layers = {"A": torch.rand(5, 1, 3), "B": torch.rand(5, 2, 2)}
    one = {"A": layers["A"]}
    assert isinstance(plot_spikes(one)[1], list)  # of plots of a single layer one returns a list, the other does not
    assert not isinstance(plot_voltages(one)[1], list)
    ims, axes = plot_voltages(layers, plot_type="line", thresholds={"A": torch.tensor(1.0)})
    assert [len(ims), len(axes)] == [3, 2]  # A's lines, its threshold, B's lines
    again, _ = plot_voltages(layers, ims, axes, plot_type="line", thresholds={"A": torch.tensor(1.0)})
    assert [len(im) if isinstance(im, list) else im.get_label() for im in again] == [3, "threshold", 4]


def test_other_variables_are_shown_by_their_name():
    traces = {"A": torch.rand(5, 1, 3), "B": torch.zeros(5, 4)}
    for plot_type in ("color", "line"):
        ims, axes = plot_voltages(traces, plot_type=plot_type, quantity="trace x")
        assert texts(axes[0].figure).count("trace x") == 2
        assert "voltage (mV)" not in texts(axes[0].figure)
    ims, _ = plot_voltages(traces)
    assert ims[1].get_clim() == (-0.5, 0.5)  # of zeros only


@pytest.mark.parametrize("n", [1, 50, 1600])
def test_texts_of_plots_do_not_overlap_whatever_the_number_of_neurons(n, monkeypatch):
    side = -int(-(n**0.5) // 1)
    spikes = torch.rand(40, 1, n) < 0.1
    plot_spikes({"X": torch.zeros(40, 784), "Y": spikes, "Z": spikes[:, 0]})
    plot_voltages({"Y": spikes.float()})
    plot_voltages({"Y": spikes.float()[..., :50]}, plot_type="line", thresholds={"Y": torch.tensor(1.0)})
    plot_assignments(torch.full((side, side), -1))
    plot_weights(torch.rand(side, side))
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        assert overlapping(pyplot.figure(number), monkeypatch) == []


def test_nothing_is_needed_to_plot_but_a_figure_and_nothing_is_imported_before(tmp_path):
    program = (
        "import sys, torch\n"
        "import bindsnet.analysis\n"
        "assert not {'matplotlib', 'PIL'} & set(sys.modules)\n"
        "from bindsnet.analysis.plotting import plot_spikes\n"
        "plot_spikes({'A': torch.eye(3)})\n"
        "from bindsnet.analysis.pipeline_analysis import MatplotlibAnalyzer\n"
        "MatplotlibAnalyzer().finalize_step()\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-W", "error", "-c", program], env=environment, check=True, cwd=ROOT)


def test_programs_find_pyplot_beside_the_plots():
    from matplotlib import pyplot

    from bindsnet.analysis import plotting

    assert plotting.plt is pyplot
    assert not hasattr(plotting, "plots")


def test_sparse_records_and_those_of_16_bits_are_plotted():
    ims, _ = plot_spikes({"A": torch.eye(3).to_sparse()})
    assert ims[0].get_offsets().tolist() == [[0, 0], [1, 1], [2, 2]]
    assert plot_weights(torch.full((2, 2), 0.5, dtype=torch.bfloat16)).get_array().tolist() == [[0.5, 0.5]] * 2


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int64])
def test_where_there_is_no_filter_nothing_is_shown_whatever_the_type_of_weights(dtype):
    picture = plotting.plot_conv2d_weights(torch.ones(3, 1, 2, 2, dtype=dtype)).get_array()
    assert np.ma.masked_invalid(picture).filled(7.0).tolist() == [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 7, 7], [1, 1, 7, 7]]


@pytest.mark.parametrize(
    ("plot", "complaint"),
    [
        (lambda: plotting.plot_spikes({"A": torch.tensor(1.0)}), r"'A' is expected as \[time, ...\], got a single number"),
        (lambda: plotting.plot_voltages({"A": None}), "numbers, got NoneType"),
        (lambda: plotting.plot_voltages({"A": torch.zeros(3, 2, dtype=torch.complex64)}), "real numbers, got torch.complex64"),
        (lambda: plotting.plot_weights(torch.zeros(0, 4)), r"weights \[rows, columns\] are expected, got the shape \[0, 4\]"),
        (lambda: plotting.plot_assignments(torch.tensor([float("inf")])), "labels .* each a number"),
        (lambda: plotting.plot_weights(torch.ones(2, 2), save=""), "'.' is no name of a file"),
    ],
)
def test_what_is_no_plot_is_refused(plot, complaint):
    with pytest.raises(ValueError, match=complaint):
        plot()


def test_accuracies_and_weights_of_any_kind_are_plotted():
    axes = plotting.plot_performance({"all": torch.tensor([10.0, 50.0], dtype=torch.bfloat16, requires_grad=True)})
    assert axes.lines[0].get_ydata().tolist() == [10.0, 50.0]
    im = plotting.plot_weights(torch.rand(2, 2))
    limits = im.get_clim()
    plotting.plot_weights(torch.full((2, 2), float("nan")), im=im)
    assert im.get_clim() == limits


def test_no_layer_is_refused():
    with pytest.raises(ValueError, match="no layer is given"):
        plot_spikes({})


def figure():
    return plot_performance({}).figure


def test_saved_figure_is_a_png_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "performance.png"
    path.write_bytes(b"an older picture")
    save_figure(figure(), path)
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_keeps_the_older_picture(tmp_path, monkeypatch):
    path = tmp_path / "performance.png"
    path.write_bytes(b"an older picture")
    drawn = figure()

    def fail(file, **_settings):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(drawn, "savefig", fail)
    with pytest.raises(OSError, match="No space"):
        save_figure(drawn, path)
    assert path.read_bytes() == b"an older picture"
    assert list(tmp_path.iterdir()) == [path]


def test_signs_that_the_font_lacks_are_told_in_one_line(tmp_path, caplog):
    drawn = figure()
    drawn.suptitle("日本")
    save_figure(drawn, tmp_path / "a.png")
    assert caplog.text.count("some signs are shown as boxes") == 1
    assert len(caplog.records) == 1

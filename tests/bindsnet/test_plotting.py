"""Plots show the numbers that they are given, can be drawn anew and saved."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch
from builders import overlapping

from bindsnet.analysis import plotting
from bindsnet.analysis.plotting import (
    plot_assignments,
    plot_conv2d_weights,
    plot_input,
    plot_performance,
    plot_spikes,
    plot_voltages,
    plot_weights,
)
from bindsnet.analysis.save import save_figure

# As in BindsNET 0.2.9, which its users' scripts call.
SIGNATURES = {
    "plot_input": "image, inpt, label=None, axes=None, ims=None, figsize=(8, 4)",
    "plot_spikes": "spikes, time=None, n_neurons=None, ims=None, axes=None, figsize=(8.0, 4.5)",
    "plot_voltages": "voltages, ims=None, axes=None, time=None, n_neurons=None, cmap='jet', plot_type='color', "
    "thresholds=None, figsize=(8.0, 4.5)",
    "plot_weights": "weights, wmin=0, wmax=1, im=None, figsize=(5, 5), cmap='hot_r', save=None",
    "plot_conv2d_weights": "weights, wmin=0.0, wmax=1.0, im=None, figsize=(5, 5), cmap='hot_r'",
    "plot_assignments": "assignments, im=None, figsize=(5, 5), classes=None, save=None",
    "plot_performance": "performances, ax=None, figsize=(7, 4), x_scale=1, save=None",
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    from matplotlib import pyplot

    pyplot.close("all")


def texts(figure) -> list[str]:
    from matplotlib.text import Text

    figure.canvas.draw()
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("name", SIGNATURES)
def test_names_parameters_and_defaults_are_those_that_users_know(name):
    signature = inspect.signature(getattr(plotting, name))
    plain = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    assert ", ".join(map(str, plain)) == SIGNATURES[name]


def test_of_many_classes_some_are_named_beside_the_colours_so_that_all_names_can_be_read(monkeypatch):
    names = [f"class {k}" for k in range(1000)]
    figure = plot_assignments(torch.randint(-1, 1000, (20, 20)), classes=names).figure
    assert overlapping(figure, monkeypatch) == []
    assert "silent" in texts(figure)
    assert 10 <= sum(text.startswith("class ") for text in texts(figure)) <= 2 * 25  # a tick has a label on either side


def test_each_spike_is_a_dot_at_its_time_and_neuron():
    spikes = torch.zeros(4, 1, 3)
    spikes[1, 0, 2] = spikes[3, 0, 0] = 1
    ims, axes = plot_spikes({"A": spikes, "B": torch.zeros(4, 2, dtype=torch.bool)})
    assert ims[0].get_offsets().tolist() == [[1, 2], [3, 0]]
    assert len(ims[1].get_offsets()) == 0
    assert "A spikes: neurons 0 to 2, steps 0 to 3" in texts(axes[0].figure)


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
    assert "voltage (mV)" in texts(axes[0].figure)
    ims, _ = plot_voltages({"A": voltages[:, :1] + 10}, ims, axes)
    assert ims[0].get_array().tolist() == [[-55, -54, -53]]
    assert ims[0].get_clim() == (-55, -53)


def test_voltages_are_lines_with_their_thresholds():
    voltages = torch.tensor([[-65.0, -60.0], [-64.0, -59.0]])
    for thresholds in (torch.tensor(-52.0), torch.tensor([-52.0, -50.0])):
        lines, axes = plot_voltages({"A": voltages}, plot_type="line", thresholds={"A": thresholds})
        assert [line.get_ydata().tolist() for line in lines[0]] == voltages.T.tolist()
        assert any(text.startswith("threshold") for text in texts(axes[0].figure))
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


def test_filters_of_a_convolution_are_an_image():
    assert plot_conv2d_weights(torch.rand(3, 1, 2, 2)).get_array().shape == (4, 4)


def test_labels_have_a_colour_each_and_silent_neurons_their_own():
    im = plot_assignments(torch.tensor([[0, 1], [-1, 1]]), classes=["zero", "one"])
    colours = im.to_rgba(im.get_array())
    assert len({tuple(colour) for colour in colours.reshape(-1, 4)}) == 3
    assert np.array_equal(colours[0, 1], colours[1, 1])
    assert {"silent", "zero", "one"} <= set(texts(im.figure))
    assert plot_assignments(torch.tensor([[1, 1], [1, 1]]), im=im).get_array().tolist() == [[1, 1], [1, 1]]


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


@pytest.mark.parametrize(("ending", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), ("", b"\x89PNG")])
def test_plots_are_saved_in_the_format_that_the_name_asks_for(ending, start, tmp_path):
    for number, plot in enumerate(
        [
            lambda path: plot_weights(torch.zeros(2, 2), save=path),
            lambda path: plot_assignments(torch.zeros(2, 2, dtype=torch.long), save=str(path)),
            lambda path: plot_performance({"all": [1.0]}, save=path),
        ]
    ):
        path = tmp_path / f"{number}{ending}"
        plot(path)
        assert path.read_bytes().startswith(start)


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

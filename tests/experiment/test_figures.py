"""Figures: what they say is right, whatever the size of the network, and files are whole."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiment.figures import (
    assignments_figure,
    confusion_figure,
    cumulative_spikes_figure,
    labels_figure,
    performance_figure,
    spectra_figure,
    weights_figure,
)

ROOT = Path(__file__).resolve().parents[2]
DIGITS = [str(digit) for digit in range(10)]
SHAPE = (4, 3)


def texts(figure: Figure) -> str:
    """All words of a figure, drawn first so that ticks have theirs."""
    from matplotlib.text import Text

    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def fields_drawn(figure: Figure) -> np.ndarray:
    """The picture of the weights, as RGBA."""
    return np.asarray(figure.axes[0].images[0].get_array())


def all_figures(n_neurons: int) -> dict[str, Figure]:
    rng = np.random.default_rng(0)
    seen, labels = [12, 24, 30], rng.integers(10, size=30)
    assignments = rng.integers(-1, 10, n_neurons)
    return {
        "weights": weights_figure(rng.random((12, n_neurons)), SHAPE, note="emulated events"),
        "spectra": spectra_figure(rng.random((64, n_neurons)), assignments, DIGITS, note="emulated events"),
        "assignments": assignments_figure(assignments, DIGITS, note="emulated events"),
        "performance": performance_figure(seen, {"all activity": [np.nan, 20.0, 40.0]}, 10, 30, note="emulated events"),
        "labels": labels_figure([3, 9], {"all activity": np.full((2, 2), 40.0)}, 4, 10, 30, note="emulated events"),
        "confusion": confusion_figure(labels, labels, DIGITS, title="Test", note="emulated events"),
        "spikes": cumulative_spikes_figure(seen, [5, 6, 7], rng.integers(9, size=n_neurons), note="emulated events"),
    }


def overlapping(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Pairs of texts that are drawn and whose boxes overlap by more than a pixel."""
    from matplotlib.text import Text

    drawn = []
    draw = Text.draw
    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", lambda text, renderer: (drawn.append(text), draw(text, renderer)))
        figure.canvas.draw()
    found = [(text.get_text(), text.get_window_extent()) for text in drawn if text.get_text()]
    return [
        (a, b)
        for index, (a, box_a) in enumerate(found)
        for b, box_b in found[index + 1 :]
        if min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0) > 1 and min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0) > 1
    ]


@pytest.mark.parametrize("n_neurons", [1, 2, 50, 400, 1600])
def test_every_figure_is_drawn_with_its_note_and_without_overlapping_texts(n_neurons, monkeypatch):
    for name, figure in all_figures(n_neurons).items():
        assert isinstance(figure, Figure), name
        assert "emulated events" in texts(figure), name
        assert overlapping(figure, monkeypatch) == [], name


@pytest.mark.parametrize("names", [["a very long name of a class", "cat"], [f"class {k}" for k in range(60)]], ids=len)
def test_classes_of_any_name_and_number_fit_into_the_figures(names, monkeypatch):
    rng = np.random.default_rng(0)
    assignments, labels = (rng.integers(low, len(names), 200) for low in (-1, 0))
    for figure in (
        assignments_figure(assignments, names),
        confusion_figure(labels, labels, names, title="Test"),
        spectra_figure(rng.random((64, 200)), assignments, names),
    ):
        assert overlapping(figure, monkeypatch) == []
        width, height = figure.get_size_inches() * figure.dpi
        box = figure.get_tightbbox(figure.canvas.get_renderer())
        assert min(box.x0, box.y0) >= 0
        assert max(box.x1 / width, box.y1 / height) * figure.dpi <= 1


def test_figures_need_no_display_and_leave_pyplot_alone(tmp_path):
    program = (
        "import sys, numpy as np\n"
        "from bindsnet.analysis.save import save_figure\n"
        "from experiment.figures import performance_figure\n"
        "assert 'matplotlib' not in sys.modules\n"
        f"save_figure(performance_figure([], {{}}, 10, 1), {str(tmp_path / 'a.png')!r})\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {"MPLBACKEND": "TkAgg", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, cwd=ROOT)
    assert (tmp_path / "a.png").exists()


def test_a_run_without_data_yet_is_drawn_and_says_so():
    assert "no data yet" in texts(performance_figure([], {"all activity": []}, 10, 1))
    empty = np.zeros(0, dtype=int)
    assert "no data yet, n = 0" in texts(confusion_figure(empty, empty, DIGITS, title="Training"))
    spikes = texts(cumulative_spikes_figure([], [], np.zeros(7, dtype=int)))
    assert "0 of 7 neurons ever fired (0.0 %)" in spikes
    assert "7 silent" in texts(assignments_figure(np.full(7, -1), DIGITS))


def test_weights_stand_row_by_row_on_the_lattice():
    w = np.zeros((12, 5))  # side 3, two rows
    w[7, 4] = 1.0  # input at row 2, column 1 of neuron 4, which stands at row 1, column 1
    picture = fields_drawn(weights_figure(w, SHAPE))
    assert picture.shape[:2] == (2 * 4 + 1, 3 * 3 + 2)
    zero, highest = picture[0, 0], picture[1 * 5 + 2, 1 * 4 + 1]
    assert not np.array_equal(zero, highest)
    assert np.count_nonzero((picture == highest).all(axis=2)) == 1
    assert (picture[5:, 8:] == 255).all()  # no sixth neuron


def test_on_inputs_are_drawn_left_and_off_inputs_right():
    w = np.zeros((24, 1))
    w[0], w[12 + 5] = 1.0, 1.0  # ON row 0, column 0; OFF row 1, column 2
    figure = weights_figure(w, SHAPE)
    picture = fields_drawn(figure)
    assert picture.shape[:2] == (4, 3 + 1 + 3)
    bright = np.argwhere((picture == picture[0, 0]).all(axis=2))
    assert bright.tolist() == [[0, 0], [1, 4 + 2]]
    assert "ON left, OFF right" in texts(figure)


def test_long_fields_are_stretched():
    assert fields_drawn(weights_figure(np.zeros((64, 1)), (64, 1))).shape[:2] == (64, 64)


def test_more_weights_than_pixels_are_drawn_as_means_of_blocks():
    n_neurons, shape = 400, (125, 125)  # 20 fields of 125 in a row: 2,500 weights, so blocks of 2 × 2
    w = np.zeros((125 * 125, n_neurons))
    w[0, 0], w[1, 0], w[125 * 125 - 1, 0] = 0.5, 1.0, 0.375
    w[:, 1] = 0.375  # neuron 1: the very colour that the blocks of neuron 0 must have
    figure = weights_figure(w, shape)
    picture = fields_drawn(figure)
    assert picture.shape[:2] == (20 * 64 - 1, 20 * 64 - 1)
    field, its_mean = picture[:63, :63], picture[0, 64]
    found = np.argwhere((field == its_mean).all(axis=2))
    assert found.tolist() == [[0, 0], [62, 62]]  # the mean of 0.5, 1, 0, 0; the last block is a single weight
    assert "a pixel the mean of up to 2 × 2" in texts(figure)


def test_drawing_many_weights_takes_a_few_times_their_memory(tmp_path):
    w = np.zeros((1156, 6400), np.float32)
    tracemalloc.start()
    weights_figure(w, (34, 34)).savefig(tmp_path / "weights.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * w.nbytes


def test_weights_that_do_not_fit_the_sensor_are_refused():
    with pytest.raises(ValueError, match="13 inputs"):
        weights_figure(np.zeros((13, 2)), SHAPE)


def test_assignments_count_silent_neurons_and_each_class():
    figure = assignments_figure(np.array([0, 0, 2, -1, -1, -1]), ["a", "b", "c"])
    assert "n = 6 excitatory neurons, 3 silent" in texts(figure)
    bars = [bar.get_width() for bar in figure.axes[1].patches]
    assert bars == [2, 0, 1, 3]
    lattice = np.asarray(figure.axes[0].images[0].get_array())
    silent = figure.axes[1].patches[3].get_facecolor()[:3]
    assert np.allclose(lattice[1], silent)
    assert not np.allclose(lattice[0, 2], silent)


def test_performance_names_last_average_best_and_chance():
    figure = performance_figure([10, 20, 25], {"all activity": [np.nan, 60.0, 50.0]}, 8, 25)
    words = texts(figure)
    assert "all activity: last 50.0 %, average 55.0 %, best 60.0 %" in words
    assert "chance: 12.5 %" in words
    assert "n = 25 training samples" in words
    assert figure.axes[0].get_ylim() == (0, 100)


def test_performance_is_a_line_of_means_over_an_epoch_and_a_point_an_interval():
    figure = performance_figure([10, 20, 25, 35, 45], {"all activity": [np.nan, 60.0, 30.0, 0.0, 90.0]}, 8, 25)
    points, line = figure.axes[0].lines[2:]
    assert np.array_equal(points.get_ydata(), [np.nan, 60, 30, 0, 90], equal_nan=True)
    means = [np.nan, 60, (10 * 60 + 5 * 30) / 15, (10 * 60 + 5 * 30 + 0) / 25, (5 * 30 + 0 + 10 * 90) / 25]
    assert np.allclose(line.get_ydata(), means, equal_nan=True)
    assert "points: an update interval each; lines: mean over an epoch (last 25 samples)" in texts(figure)


def test_performance_refuses_a_read_out_of_another_length():
    with pytest.raises(ValueError, match="2 accuracies for 1"):
        performance_figure([10], {"all activity": [1.0, 2.0]}, 10, 10)


def test_accuracy_by_labels_names_chance_samples_and_the_labels_of_the_run_and_averages_draws():
    percent = np.array([[20.0, 50.0, 70.0], [40.0, 60.0, 70.0]])
    figure = labels_figure([8, 40, 2000], {"all activity": percent}, 100, 8, 150)
    words = texts(figure)
    assert "n = 150 test samples" in words
    assert "chance: 12.5 %" in words
    assert "labels that this run used: 100" in words
    assert "all activity: 30.0 % with 8 labels, 70.0 % with 2,000" in words
    assert figure.axes[0].lines[2].get_xydata().tolist() == [[8, 30], [40, 55], [2000, 70]]
    with pytest.raises(ValueError, match="for 2 numbers of labels"):
        labels_figure([8, 40], {"all activity": percent}, 100, 8, 150)


def test_confusion_counts_samples_without_answer_as_wrong_in_a_column_of_their_own():
    labels, predictions = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, -1, -1])
    figure = confusion_figure(labels, predictions, ["a", "b"], title="Test, all activity")
    words = texts(figure)
    assert "Test, all activity: 40.0 %, n = 5, chance 50.0 %" in words
    assert "none" in words
    assert "a  (n = 4)" in words
    percent = np.asarray(figure.axes[0].images[0].get_array())
    assert percent.tolist() == [[50, 25, 25], [0, 0, 100]]


def test_neurons_that_fired_once_are_seen_beside_one_that_fired_a_thousand_times():
    by_neuron = cumulative_spikes_figure([10], [1600], np.array([1000, *[1] * 600, *[0] * 999])).axes[1]
    bottom, once, top = by_neuron.transData.transform([(1, 0), (1, 1), (1, 1000)])[:, 1]
    assert (once - bottom) / (top - bottom) > 0.1


def test_spikes_are_summed_over_training_and_sorted_over_neurons():
    figure = cumulative_spikes_figure([10, 20], [3, 4], np.array([0, 5, 2, 0]))
    words = texts(figure)
    assert "7 spikes, n = 20 samples" in words
    assert "2 of 4 neurons ever fired (50.0 %)" in words
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[0, 0], [10, 3], [20, 7]]
    assert figure.axes[1].patches[0].get_data().values.tolist() == [5, 2, 0, 0]


def test_spectra_have_a_row_a_neuron_grouped_by_label_and_within_by_channel():
    w = np.zeros((64, 5))
    w[[50, 3, 20, 60, 10], np.arange(5)] = 1.0
    figure = spectra_figure(w, np.array([1, 0, 1, -1, 1]), DIGITS)
    assert np.asarray(figure.axes[0].images[0].get_array()).argmax(1).tolist() == [3, 10, 20, 50, 60]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["0 (1)", "1 (3)", "silent (1)"]


@pytest.mark.parametrize(("largest", "end"), [(0.3, 0.3), (1.0, 1.0), (0.0, 1.0)])
def test_colours_of_weights_end_with_the_largest_that_there_is(largest, end):
    w = np.linspace(0, largest, 6 * 4).reshape(6, 4)
    fields = weights_figure(w, (2, 3))
    spectra = spectra_figure(w, np.array([0, 1, 1, -1]), DIGITS)
    for figure in (fields, spectra):
        assert figure.axes[1].get_ylim() == pytest.approx((0, end))


def test_each_weight_of_many_small_fields_has_pixels_of_its_own():
    figure = weights_figure(np.random.default_rng(0).random((200, 1600)), (10, 10))
    n_weights = 40 * 2 * 10
    assert figure.axes[0].get_position().width * figure.get_figwidth() * figure.dpi >= 2 * n_weights

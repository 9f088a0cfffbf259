"""Figures: what they say is right, whatever the size of the network, and files are whole."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from builders import overlapping
from matplotlib.figure import Figure

from bindsnet.analysis.style import class_colours
from experiment.figures import (
    Neurons,
    assignments_figure,
    confusion_figure,
    cumulative_spikes_figure,
    labels_figure,
    performance_figure,
    spectra_figure,
    weights_figure,
)

ROOT = Path(__file__).resolve().parents[3]
DIGITS = [str(digit) for digit in range(10)]
SHAPE = (4, 3)
NOTE = f"run {'a_rather_long_name' * 5}, seed 3; emulated events; n_train 2000, nu 0.02"


def texts(figure: Figure) -> str:
    """All words of a figure, drawn first so that ticks have theirs."""
    from matplotlib.text import Text

    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def fields_drawn(figure: Figure) -> np.ndarray:
    """The picture of the weights, as RGBA."""
    return np.asarray(figure.axes[0].images[0].get_array())


def neurons(n: int, names: list[str] = DIGITS, enough: int = 0) -> Neurons:
    """Neurons with labels and spikes drawn at random, some without any."""
    rng = np.random.default_rng(0)
    return Neurons(rng.integers(-1, len(names), n), names, rng.integers(0, 30, n), enough)


def fields_of(w: np.ndarray, shape: tuple[int, int]) -> Figure:
    """Weights of neurons that have learned enough."""
    return weights_figure(w, shape, neurons(w.shape[1]))


def all_figures(n_neurons: int) -> dict[str, Figure]:
    rng = np.random.default_rng(0)
    seen, labels = [12, 24, 30], rng.integers(10, size=30)
    assignments = rng.integers(-1, 10, n_neurons)
    return {
        "weights": weights_figure(rng.random((12, n_neurons)), SHAPE, neurons(n_neurons, enough=9), note=NOTE),
        "spectra": spectra_figure(rng.random((64, n_neurons)), neurons(n_neurons, enough=9), note=NOTE),
        "assignments": assignments_figure(assignments, DIGITS, note=NOTE),
        "performance": performance_figure(seen, {"all activity": [np.nan, 20.0, 40.0]}, 10, 30, note=NOTE),
        "labels": labels_figure([3, 9], {"all activity": np.full((2, 2), 40.0)}, 4, 10, 30, {"all activity": 35.0}, note=NOTE),
        "confusion": confusion_figure(labels, labels, DIGITS, title="Test", note=NOTE),
        "spikes": cumulative_spikes_figure(seen, [5, 6, 7], rng.integers(9, size=n_neurons), note=NOTE),
    }


@pytest.mark.parametrize("n_neurons", [1, 2, 50, 400, 1600])
def test_every_figure_is_drawn_with_its_note_and_without_overlapping_texts(n_neurons, monkeypatch):
    for name, figure in all_figures(n_neurons).items():
        assert isinstance(figure, Figure), name
        assert NOTE in texts(figure).replace("\n", " "), name
        assert overlapping(figure, monkeypatch) == [], name


@pytest.mark.parametrize(
    "names", [["a very long name of a class", "cat"], *([f"class {k}" for k in range(n)] for n in (60, 80, 1000))], ids=len
)
def test_classes_of_any_name_and_number_fit_into_the_figures(names, monkeypatch):
    rng = np.random.default_rng(0)
    assignments, labels = (rng.integers(low, len(names), 200) for low in (-1, 0))
    for figure in (
        assignments_figure(assignments, names),
        confusion_figure(labels, labels, names, title="Test"),
        spectra_figure(rng.random((64, 200)), neurons(200, names)),
        weights_figure(rng.random((12, 200)), SHAPE, neurons(200, names)),
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


def rows_a_cell(picture: np.ndarray, n_cells: int) -> int:
    """Rows from one field to the next below it: a line of them is the field, its bar and its text, and a gap."""
    rows, rest = divmod(len(picture) + 1, n_cells)
    assert rest == 0
    return rows


def test_weights_stand_row_by_row_on_the_lattice():
    w = np.zeros((12, 5))  # side 3, two rows
    w[7, 4] = 1.0  # input at row 2, column 1 of neuron 4, which stands at row 1, column 1
    picture = fields_drawn(fields_of(w, SHAPE))
    assert picture.shape[1] == 3 * 3 + 2
    pitch = rows_a_cell(picture, 2)
    zero, highest = picture[0, 0], picture[1 * pitch + 2, 1 * 4 + 1]
    assert not np.array_equal(zero, highest)
    assert np.count_nonzero((picture == highest).all(axis=2)) == 1
    assert (picture[pitch:, 8:] == 255).all()  # no sixth neuron


def test_on_inputs_are_drawn_left_and_off_inputs_right():
    w = np.zeros((24, 1))
    w[0], w[12 + 5] = 1.0, 1.0  # ON row 0, column 0; OFF row 1, column 2
    figure = fields_of(w, SHAPE)
    picture = fields_drawn(figure)
    assert picture.shape[1] == 3 + 1 + 3
    bright = np.argwhere((picture == picture[0, 0]).all(axis=2))
    assert bright.tolist() == [[0, 0], [1, 4 + 2]]
    assert "ON left, OFF right" in texts(figure)


def test_long_fields_are_stretched():
    picture = fields_drawn(fields_of(np.zeros((64, 1)), (64, 1)))
    assert picture.shape[1] == 64
    assert (picture[:64] == picture[0, 0]).all()


def test_more_weights_than_pixels_are_drawn_as_means_of_blocks():
    n_neurons, shape = 400, (125, 125)  # 20 fields of 125 in a row: 2,500 weights, so blocks of 2 × 2
    w = np.zeros((125 * 125, n_neurons))
    w[0, 0], w[1, 0], w[125 * 125 - 1, 0] = 0.5, 1.0, 0.375
    w[:, 1] = 0.375  # neuron 1: the very colour that the blocks of neuron 0 must have
    figure = fields_of(w, shape)
    picture = fields_drawn(figure)
    assert picture.shape[1] == 20 * 64 - 1
    field, its_mean = picture[:63, :63], picture[0, 64]
    found = np.argwhere((field == its_mean).all(axis=2))
    assert found.tolist() == [[0, 0], [62, 62]]  # the mean of 0.5, 1, 0, 0; the last block is a single weight
    assert "a pixel the mean of up to 2 × 2" in texts(figure)


def test_fields_are_grey_below_so_many_spikes_and_coloured_from_there_on():
    w = np.tile(np.linspace(0, 1, 12)[:, None], (1, 4))
    seldom = Neurons(np.array([0, 1, 1, -1]), DIGITS, np.array([15, 14, 200, 0]), 15)
    figure = weights_figure(w, SHAPE, seldom)
    picture = fields_drawn(figure).astype(int)
    pitch = rows_a_cell(picture, 2)
    fields = [picture[row : row + 4, column : column + 3] for row in (0, pitch) for column in (0, 4)]
    is_grey = [bool((np.ptp(field[..., :3], axis=2) <= 2).all()) for field in fields]
    assert is_grey == [False, True, False, True]
    assert "grey (2 of 4): fired fewer than 15 times" in texts(figure)


@pytest.mark.parametrize("n", [1, 4, 400])
def test_below_each_field_stand_its_label_and_its_spikes(n, monkeypatch):
    stamped = []
    monkeypatch.setattr("experiment.figures.weights.stamp", lambda axes, words, *_: stamped.extend(words))
    of = neurons(n)
    figure = weights_figure(np.zeros((12, n)), SHAPE, of)
    assert stamped == [f"{DIGITS[k] if k >= 0 else '–'} · {spikes}" for k, spikes in zip(of.assignments, of.spikes, strict=True)]
    assert "below a field: label · spikes in training" in texts(figure)


def test_without_room_for_words_a_bar_below_each_field_tells_class_and_spikes():
    n = 6400
    spikes, labels = np.zeros(n, int), np.full(n, 3)
    spikes[0], spikes[1] = 99, 9
    figure = weights_figure(np.zeros((12, n)), SHAPE, Neurons(labels, DIGITS, spikes))
    picture = fields_drawn(figure)
    assert rows_a_cell(picture, 80) == 4 + 1 + 1  # field, bar, gap
    bar = (picture[4] == np.rint(255 * class_colours(10)[3])).all(axis=1)
    assert bar[:12].tolist() == [True, True, True, False] + [True, True, False, False] + [False] * 4
    assert "a bar for its spikes, log scale to 99" in texts(figure)


def test_drawing_many_weights_takes_a_few_times_their_memory(tmp_path):
    w = np.zeros((1156, 6400), np.float32)
    tracemalloc.start()
    fields_of(w, (34, 34)).savefig(tmp_path / "weights.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * w.nbytes


def test_weights_that_do_not_fit_the_sensor_are_refused():
    with pytest.raises(ValueError, match="13 inputs"):
        fields_of(np.zeros((13, 2)), SHAPE)


def test_assignments_count_silent_neurons_and_each_class():
    figure = assignments_figure(np.array([0, 0, 2, -1, -1, -1]), ["a", "b", "c"])
    assert "n = 6 excitatory neurons, 3 silent" in texts(figure)
    bars = [bar.get_width() for bar in figure.axes[1].patches]
    assert bars == [2, 0, 1, 3]
    lattice = np.asarray(figure.axes[0].images[0].get_array())
    silent = figure.axes[1].patches[3].get_facecolor()[:3]
    assert np.allclose(lattice[1], silent)
    assert not np.allclose(lattice[0, 2], silent)


def test_performance_names_last_average_best_each_with_its_samples_and_chance():
    figure = performance_figure([10, 20, 25], {"all activity": [np.nan, 60.0, 80.0]}, 8, 25)
    words = texts(figure)
    assert "all activity: 80.0 % (last, n = 5), 66.7 % (average, n = 15), 60.0 % (best, n = 10)" in words
    assert figure.axes[0].lines[3].get_ydata()[-1] == pytest.approx(200 / 3)  # the line ends at the average
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
    figure = labels_figure([8, 40, 2000], {"all activity": percent}, 100, 8, 150, {"all activity": 62.7})
    words = texts(figure)
    assert "n = 150 test samples" in words
    assert "chance: 12.5 %" in words
    assert "labels that this run used: 100" in words
    assert "all activity: 30.0 % with 8 labels, 70.0 % with 2,000" in words
    assert figure.axes[0].lines[2].get_xydata().tolist() == [[8, 30], [40, 55], [2000, 70]]
    with pytest.raises(ValueError, match="for 2 numbers of labels"):
        labels_figure([8, 40], {"all activity": percent}, 100, 8, 150, {"all activity": 62.7})


def test_accuracy_by_labels_says_that_neurons_are_labelled_anew_and_shows_the_test_of_the_run_beside():
    figure = labels_figure([8, 40], {"all activity": np.full((2, 2), 68.7)}, 40, 8, 150, {"all activity": 62.7})
    assert "neurons are labelled anew once training is done" in texts(figure)
    assert "crosses: the test of this run" in texts(figure)
    assert [40, 62.7] in [
        line.get_xydata()[0].tolist() for line in figure.axes[0].lines if line.get_marker() == "x" and len(line.get_xdata())
    ]


def test_confusion_counts_samples_without_answer_as_wrong_in_a_column_of_their_own():
    labels, predictions = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 1, -1, -1])
    figure = confusion_figure(labels, predictions, ["a", "b"], title="Test, all activity")
    words = texts(figure)
    assert "Test, all activity: 40.0 %, n = 5, chance 50.0 %" in words
    assert "none" in words
    assert "a  (n = 4)" in words
    percent = np.asarray(figure.axes[0].images[0].get_array())
    assert percent.tolist() == [[50, 25, 25], [0, 0, 100]]


def inches_between_labels(axis) -> float:
    """The least that lies between two of an axis's labels."""
    axis.axes.figure.canvas.draw()
    places = np.sort(
        [label.get_window_extent().get_points().mean(0)[int(axis is axis.axes.yaxis)] for label in axis.get_ticklabels()]
    )
    return np.diff(places).min() / axis.axes.figure.dpi


@pytest.mark.parametrize("n_classes", [80, 1000])
def test_names_of_many_classes_are_thinned_out_and_what_has_no_class_stays_in_sight(n_classes):
    names = [f"class {k}" for k in range(n_classes)]
    of = neurons(400, names)
    of.assignments[:20] = -1
    labels, predictions = np.arange(n_classes), np.full(n_classes, -1)
    confusion, assignments, spectra = (
        confusion_figure(labels, predictions, names, title="Test"),
        assignments_figure(of.assignments, names),
        spectra_figure(np.random.default_rng(0).random((64, 400)), of),
    )
    matrix, lattice, spectrum = (figure.axes[0] for figure in (confusion, assignments, spectra))
    classes = assignments.axes[1]
    for axis in (matrix.xaxis, matrix.yaxis, classes.yaxis, spectrum.yaxis):
        assert inches_between_labels(axis) > 0.06
    assert matrix.get_xticklabels()[-1].get_text() == "none"
    none = np.asarray(matrix.images[0].get_array())[:, n_classes:]
    assert (none == 100).all()
    assert none.shape[1] / n_classes >= 0.02  # of the width
    assert classes.get_yticklabels()[-1].get_text() == "silent"
    assert spectrum.get_yticklabels()[-1].get_text().startswith("silent")
    assert lattice.images


def test_each_cell_of_a_thousand_classes_has_a_pixel():
    labels = np.arange(1000)
    figure = confusion_figure(labels, labels, [str(k) for k in labels], title="Test")
    axes = figure.axes[0]
    assert axes.get_position().width * figure.get_figwidth() * figure.dpi >= 1000
    assert axes.images[0].get_interpolation() == "nearest"


def test_names_are_drawn_as_they_are_written_not_as_formulas(monkeypatch):
    names = ["$\\frac$", "a$b$"]
    of = Neurons(np.array([0, 1, -1]), names, np.array([3, 2, 0]))
    for figure in (
        confusion_figure(np.array([0, 1]), np.array([0, -1]), names, title="Test", note="own recordings: $\\x$"),
        assignments_figure(of.assignments, names),
        spectra_figure(np.zeros((64, 3)), of),
        weights_figure(np.zeros((12, 3)), SHAPE, of),
    ):
        figure.canvas.draw()


def test_letters_that_the_font_lacks_become_boxes_in_the_footnote_without_a_warning(recwarn):
    figure = performance_figure([], {"all activity": []}, 10, 1, note="run 研究_\udce9")
    assert "run □□_□" in texts(figure)
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


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
    figure = spectra_figure(w, Neurons(np.array([1, 0, 1, -1, 1]), DIGITS, np.array([4, 0, 5, 0, 6]), 5))
    assert np.asarray(figure.axes[0].images[0].get_array()).argmax(1).tolist() == [3, 10, 20, 50, 60]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["0 (1)", "1 (3)", "silent (1)"]


@pytest.mark.parametrize(("largest", "end"), [(0.3, 0.3), (1.0, 1.0), (0.0, 1.0)])
def test_colours_of_weights_end_with_the_largest_that_there_is(largest, end):
    w = np.linspace(0, largest, 6 * 4).reshape(6, 4)
    fields = fields_of(w, (2, 3))
    spectra = spectra_figure(w, neurons(4))
    for figure in (fields, spectra):
        assert figure.axes[1].get_ylim() == pytest.approx((0, end))


def test_each_weight_of_many_small_fields_has_pixels_of_its_own():
    figure = fields_of(np.random.default_rng(0).random((200, 1600)), (10, 10))
    n_weights = 40 * 2 * 10
    assert figure.axes[0].get_position().width * figure.get_figwidth() * figure.dpi >= 2 * n_weights

"""What maps have learned, and a recording in all layers."""

from __future__ import annotations

import numpy as np
from builders import overlapping

from experiment.figures.maps import maps_figure
from experiment.figures.raster import LayerSpikes, raster_figure


def test_maps_are_sorted_by_use_on_red_and_off_blue(monkeypatch):
    kernels, spikes = np.zeros((5, 2, 3, 3)), np.zeros((5, 4, 4), int)
    kernels[3, 0], kernels[1, 1] = 1.0, 1.0  # the one sees ON, the other OFF
    spikes[3], spikes[1, 2, 2] = 3, 12
    figure = maps_figure(kernels, spikes, "a note")
    seen, where = (axes.images[0].get_array() for axes in figure.axes)
    first, second = seen[0, 0], seen[0, 4]
    assert first[0] > first[2]
    assert second[2] > second[0]
    assert seen[0, 8].tolist() == [1.0, 1.0, 1.0]
    assert [text.get_text() for text in figure.axes[0].texts] in ([], ["80.0 %", "20.0 %", "–", "–", "–"])
    assert where[2, 2].tolist() == [0.0, 0.0, 0.0]
    assert overlapping(figure, monkeypatch) == []


def test_a_layer_that_never_fired_and_one_polarity_have_a_picture():
    figure = maps_figure(np.zeros((2, 1, 3, 3)), np.zeros((2, 4, 4), int))
    assert len(figure.axes) == 2


def test_a_recording_is_shown_in_all_layers_and_the_decision_after_it(monkeypatch):
    steps, neurons = np.array([0, 3, 9]), np.array([1, 2, 3])
    layers = [LayerSpikes("Input", [1, 2, 2], steps, neurons), LayerSpikes("Excitatory", [4], steps[:1], neurons[:1])]
    figure = raster_figure(layers, 10, 5, 0.5, "7, taken for 7", "a note")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Input, 1×2×2: 3 spikes", "Excitatory, 4: 1 spike"]
    assert figure.axes[0].collections[-1].get_offsets().tolist() == [[0.0, 1.0], [1.5, 2.0], [4.5, 3.0]]
    assert all(axes.get_xlim() == (0.0, 7.5) for axes in figure.axes)
    assert overlapping(figure, monkeypatch) == []

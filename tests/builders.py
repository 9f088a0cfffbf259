"""What several tests build."""

from __future__ import annotations

import pytest
import torch
from matplotlib.figure import Figure

from bindsnet.engine import SpikeTrains
from experiment.model.diehl_cook import DiehlCookNetwork


def small_network(n_inputs: int = 20, n_neurons: int = 6, **options) -> DiehlCookNetwork:
    """The standard network, small, with weights large enough that a few inputs make it fire."""
    network = DiehlCookNetwork(n_inputs, n_neurons, **options)
    network.w.uniform_(0.5, 1.0, generator=torch.Generator().manual_seed(1))
    return network


def random_trains(n_samples: int = 5, n_steps: int = 60, n_units: int = 20, rate: float = 0.15, seed: int = 0) -> SpikeTrains:
    """Spike trains in which every unit fires with the same probability in every step."""
    generator = torch.Generator().manual_seed(seed)
    return SpikeTrains.from_dense(torch.rand(n_samples, n_steps, n_units, generator=generator) < rate)


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

"""Plots of examples that were stored as ``[n_examples, n_neurons, time]``, a movie of weights, and a summary of a network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.analysis.panels import PathLike, as_array, keep_layout, new_figure, new_image, panels, save_plot, show
from bindsnet.analysis.plotting.voltages import draw_thresholds
from bindsnet.analysis.records import draw_spikes, label_neurons, label_steps, place_spikes
from bindsnet.analysis.style import LINE_COLOURS
from bindsnet.learning import NoOp
from common.durable import write_file

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from bindsnet.network import Network

FRAME_MS = 1000  # of a movie in a window
GIF_FRAME_MS = 200
MOST_NUMBERS = 25  # of neurons beside their spikes
SMALL_FIGURE, WIDE_FIGURE = (6.4, 4.8), (8.0, 4.5)  # inches


def plot_weights_movie(
    ws: np.ndarray | torch.Tensor, sample_every: int = 1, save: PathLike | None = None
) -> FuncAnimation | None:
    """Weights as they change, from 0 (white) to 1.

    Args:
        ws: ``[n_examples, n_sources, n_targets, time]``, or of one example ``[n_sources, n_targets, time]``.
        sample_every: time steps from one frame to the next.
        save: GIF to be written; no window is opened then.

    Returns:
        The movie in its window (BindsNET: None); None where it is saved.

    Raises:
        ValueError: the shape is another, or there is no frame.
    """
    weights = as_array(ws)
    if weights.ndim == 3:
        weights = weights[None]
    if weights.ndim != 4 or not weights.size:
        raise ValueError(f"weights [n_examples, n_sources, n_targets, time] are expected, got the shape {list(weights.shape)}")
    frames = weights[..., ::sample_every].transpose(0, 3, 1, 2).reshape(-1, *weights.shape[1:3])
    figure = new_figure(*SMALL_FIGURE, save)
    ax = figure.add_subplot()
    im = new_image(ax, frames[0], "hot_r", "weight", vmin=0, vmax=1)
    ax.set(xlabel="target", ylabel="source")
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True)
    if save is not None:
        write_movie(im, frames, save)
        return None
    from matplotlib.animation import FuncAnimation

    def draw(number: int) -> list[AxesImage]:
        im.set_data(frames[number])
        ax.set_title(f"frame {number + 1} of {len(frames)}")
        return [im]

    movie = FuncAnimation(figure, draw, frames=len(frames), interval=FRAME_MS)
    figure.movie = movie  # which runs only as long as somebody knows it
    figure.canvas.draw()
    show(figure)
    return movie


def write_movie(im: AxesImage, frames: np.ndarray, path: PathLike) -> None:
    """Write an image with these pictures in its place, one after another, as a GIF that begins anew when it has ended."""
    from PIL import Image

    figure, drawn = im.figure, []
    im.axes.set_title(f"frame 1 of {len(frames)}")
    keep_layout(figure)
    for number, frame in enumerate(frames):
        im.set_data(frame)
        im.axes.set_title(f"frame {number + 1} of {len(frames)}")
        figure.canvas.draw()
        drawn.append(Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB").quantize())
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(
        path, lambda file: drawn[0].save(file, "gif", save_all=True, append_images=drawn[1:], duration=GIF_FRAME_MS, loop=0)
    )


def plot_spike_trains_for_example(
    spikes: torch.Tensor | np.ndarray,
    n_ex: int | None = None,
    top_k: int | None = None,
    indices: Sequence[int] | None = None,
    save: PathLike | None = None,
) -> Axes:
    """The spikes of one example, of all neurons, of those with most spikes, or of some.

    Args:
        spikes: ``[n_examples, n_neurons, time]``.
        n_ex: number of the example, from 0.
        top_k: so many neurons, that with most spikes in row 0.
        indices: the neurons, in the order of their rows; not together with `top_k`.
        save: file to be written.

    Returns:
        The axes (BindsNET: None).

    Raises:
        ValueError: there is no such example, or both `top_k` and `indices` are given.
    """
    record = _examples(spikes)
    if n_ex is None:
        raise ValueError(f"n_ex is needed: the number of one of {len(record)} examples, from 0")
    example = record[_place("n_ex", n_ex, len(record))] != 0
    if top_k is not None and indices is not None:
        raise ValueError("top_k and indices exclude each other: give one of them")
    which, rows = "all neurons", np.arange(len(example))
    if top_k is not None:
        rows = np.argsort(-example.sum(1), kind="stable")[:top_k]
        which = "the neurons with most spikes"
    elif indices is not None:
        rows = np.asarray(indices, dtype=int)
        which = "some neurons"
    ax = panels(1, None, WIDE_FIGURE, save)[0]
    places = np.argwhere(example[rows].T)  # step and row
    place_spikes(draw_spikes(ax, len(rows)), places, len(rows))
    label_steps(ax, range(example.shape[1]))
    label_neurons(ax, range(len(rows)))
    if len(rows) <= MOST_NUMBERS:
        ax.set_yticks(range(len(rows)), rows.tolist())
    elif not np.array_equal(rows, np.arange(len(rows))):
        ax.set_ylabel("row of a neuron")
    ax.set_title(f"example {n_ex}: {len(places):,} spikes of {which}, n = {len(rows):,}")
    return _finished(ax, save)


def plot_voltage(
    voltage: torch.Tensor | np.ndarray,
    n_ex: int = 0,
    n_neuron: int = 0,
    time: tuple[int, int] | None = None,
    threshold: float | None = None,
    save: PathLike | None = None,
    quantity: str = "voltage (mV)",
) -> Axes:
    """The voltage of one neuron in one example.

    Args:
        voltage: ``[n_examples, n_neurons, time]``, mV, or another recorded variable.
        n_ex, n_neuron: numbers of the example and the neuron, from 0.
        time: first time step shown and the one after the last; all by default.
        threshold: of the neuron, mV; a dashed line.
        save: file to be written.
        quantity: what is shown, with its unit.

    Returns:
        The axes (BindsNET: None).

    Raises:
        ValueError: there is no such example, neuron or time.
    """
    record = _examples(voltage)
    course = record[_place("n_ex", n_ex, len(record)), _place("n_neuron", n_neuron, record.shape[1])]
    first, end = time or (0, len(course))
    if not 0 <= first < end <= len(course):
        raise ValueError(f"time is {time}: expected (first step, the one after the last) within 0 to {len(course)}")
    ax = panels(1, None, WIDE_FIGURE, save)[0]
    ax.plot(np.arange(first, end), course[first:end], color=LINE_COLOURS[0], linewidth=1.2)
    if threshold is not None:
        draw_thresholds(ax, np.array(threshold))
    label_steps(ax, range(first, end))
    ax.set(ylabel=quantity, title=f"neuron {n_neuron} in example {n_ex}")
    return _finished(ax, save)


def summary(net: Network) -> str:
    """What a network is made of: layers, connections, and how many neurons and weights there are in all.

    Trainable are layers that move what learning moves, and weights that a rule of learning changes in them (BindsNET, which
    colours the text, counts all weights into such layers).
    """
    lines = [f"network of {len(net.layers)} layers, batch size {net.batch_size}"]
    counts = {"neurons": [0, 0], "weights": [0, 0]}
    for name, layer in net.layers.items():
        lines.append(f"{name}: {layer.n:,} neurons {tuple(layer.shape)}, {_trainable(layer.learning)}")
        _count(counts["neurons"], layer.n, layer.learning)
        for (source, target), connection in net.connections.items():
            if source == name:
                n_weights = _n_weights(connection.parameters())
                learns = net.layers[target].learning and not isinstance(connection.update_rule, NoOp)
                lines.append(f"    to {target}: {type(connection).__name__}, {n_weights:,} weights, {_trainable(learns)}")
                _count(counts["weights"], n_weights, learns)
    return "\n".join([*lines, *(f"{kind} in all: {n:,}, trainable {k:,}" for kind, (n, k) in counts.items())])


def _trainable(learns: bool) -> str:
    return "trainable" if learns else "not trainable"


def _count(count: list[int], n: int, learns: bool) -> None:
    count[0] += n
    count[1] += n * bool(learns)


def _n_weights(parameters: Iterable[torch.Tensor]) -> int:
    return sum(each.numel() for each in parameters)


def _examples(record: torch.Tensor | np.ndarray) -> np.ndarray:
    record = as_array(record)
    if record.ndim != 3:
        raise ValueError(f"[n_examples, n_neurons, time] is expected, got the shape {list(record.shape)}")
    return record


def _place(name: str, number: int, n: int) -> int:
    if not 0 <= number < n:
        raise ValueError(f"{name} is {number}: there are {n}, from 0")
    return number


def _finished(axes: Axes, save: PathLike | None) -> Axes:
    save_plot(axes.figure, save)
    show(axes.figure)
    return axes

"""What a pipeline shows while it runs: plots that follow it, each known by a tag, in windows or as what TensorBoard reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch

from bindsnet.analysis.panels import as_array, new_image, panels, redraw
from bindsnet.analysis.plotting import plot_conv2d_weights, plot_spikes, plot_voltages
from bindsnet.analysis.records import Layers, window_of
from bindsnet.utils import lattices_of_filters

REWARD_FIGURE, OBSERVATION_FIGURE = (6.4, 4.0), (4.5, 4.5)  # inches


class PipelineAnalyzer(ABC):
    """Shows what is new in a step of a pipeline."""

    @abstractmethod
    def finalize_step(self) -> None:
        """See that what was plotted in this step is seen."""

    @abstractmethod
    def plot_obs(self, obs: torch.Tensor, tag: str = "obs", step: int | None = None) -> None:
        """An observation, ``[n_channels, rows, columns]``: grey, or of three channels in colour."""

    @abstractmethod
    def plot_reward(
        self, reward_list: Sequence[float], reward_window: int | None = None, tag: str = "reward", step: int | None = None
    ) -> None:
        """The reward of each episode, as a mean over so many episodes up to it."""

    @abstractmethod
    def plot_spikes(self, spike_record: Layers, tag: str = "spike", step: int | None = None) -> None:
        """Spikes of layers, ``[time, ...]``."""

    @abstractmethod
    def plot_voltages(
        self, voltage_record: Layers, thresholds: Layers | None = None, tag: str = "voltage", step: int | None = None
    ) -> None:
        """Voltages of layers, ``[time, ...]``."""

    @abstractmethod
    def plot_conv2d_weights(self, weights: torch.Tensor, tag: str = "conv2d", step: int | None = None) -> None:
        """Filters of a convolution, ``[n_out, n_in, rows, columns]``."""


class MatplotlibAnalyzer(PipelineAnalyzer):
    """Shows them in windows, one for each tag; without a display nothing is seen, and nothing fails.

    Args:
        volts_type: how voltages are shown, "color" or "line".

    Attributes:
        plots: by tag, what was returned by the plot.
    """

    def __init__(self, **kwargs: Any) -> None:
        self.volts_type = kwargs.pop("volts_type", "color")
        if kwargs:
            raise TypeError(f"MatplotlibAnalyzer takes volts_type only, got {', '.join(kwargs)}")
        self.plots: dict[str, Any] = {}

    def finalize_step(self) -> None:
        """Let the windows draw what is new."""
        from matplotlib import pyplot

        if pyplot.get_fignums() and pyplot.gcf().canvas.required_interactive_framework is not None:
            pyplot.pause(1e-8)

    def plot_obs(self, obs: torch.Tensor, tag: str = "obs", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_obs`."""
        picture = as_array(obs).transpose(1, 2, 0).squeeze()
        if tag not in self.plots:
            ax = panels(1, None, OBSERVATION_FIGURE)[0]
            ax.set(title="observation", xticks=[], yticks=[])
            self.plots[tag] = ax, new_image(ax, picture, "gray")
        else:
            redraw(self.plots[tag][1], picture)

    def plot_reward(
        self, reward_list: Sequence[float], reward_window: int | None = None, tag: str = "reward", step: int | None = None
    ) -> None:
        """See :meth:`PipelineAnalyzer.plot_reward`."""
        means = moving_mean(reward_list, reward_window or 1)
        if tag not in self.plots:
            ax = panels(1, None, REWARD_FIGURE)[0]
            ax.set(title="accumulated reward", xlabel="episode", ylabel="reward")
            self.plots[tag] = ax.figure, ax, *ax.plot(means)
        _, ax, line = self.plots[tag]
        line.set_data(np.arange(len(means)), means)
        ax.relim()
        ax.autoscale_view()

    def plot_spikes(self, spike_record: Layers, tag: str = "spike", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_spikes`."""
        ims, axes = self.plots.get(tag, (None, None))
        self.plots[tag] = plot_spikes(spike_record, ims=ims, axes=axes)

    def plot_voltages(
        self, voltage_record: Layers, thresholds: Layers | None = None, tag: str = "voltage", step: int | None = None
    ) -> None:
        """See :meth:`PipelineAnalyzer.plot_voltages`."""
        ims, axes = self.plots.get(tag, (None, None))
        how = {"plot_type": self.volts_type, "thresholds": thresholds}
        self.plots[tag] = plot_voltages(voltage_record, ims=ims, axes=axes, **how)

    def plot_conv2d_weights(self, weights: torch.Tensor, tag: str = "conv2d", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_conv2d_weights`."""
        wmin, wmax = weights.min().item(), weights.max().item()
        self.plots[tag] = plot_conv2d_weights(weights, wmin, wmax, im=self.plots.get(tag))


class TensorboardAnalyzer(PipelineAnalyzer):
    """Writes them for TensorBoard, images in grey from the least number to the largest.

    Args:
        summary_directory: folder to write to.

    Raises:
        ImportError: tensorboard is not installed.
    """

    def __init__(self, summary_directory: str = "./logs") -> None:
        try:
            self.writer = import_module("torch.utils.tensorboard").SummaryWriter(summary_directory)
        except ImportError:
            raise ImportError("TensorboardAnalyzer needs tensorboard: pip install tensorboard") from None

    def finalize_step(self) -> None:
        """Nothing: what is written is written."""

    def plot_obs(self, obs: torch.Tensor, tag: str = "obs", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_obs`."""
        self.writer.add_image(tag, scaled(as_array(obs).astype(float)), step)

    def plot_reward(
        self, reward_list: Sequence[float], reward_window: int | None = None, tag: str = "reward", step: int | None = None
    ) -> None:
        """The last reward."""
        self.writer.add_scalar(tag, reward_list[-1], step)

    def plot_spikes(self, spike_record: Layers, tag: str = "spike", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_spikes`; a row a neuron."""
        for name, record in spike_record.items():
            self._add_record(f"{tag}_{name}", window_of(name, record, None, None).shown, step)

    def plot_voltages(
        self, voltage_record: Layers, thresholds: Layers | None = None, tag: str = "voltage", step: int | None = None
    ) -> None:
        """See :meth:`PipelineAnalyzer.plot_voltages`; a row a neuron."""
        self.plot_spikes(voltage_record, tag, step)

    def plot_conv2d_weights(self, weights: torch.Tensor, tag: str = "conv2d", step: int | None = None) -> None:
        """See :meth:`PipelineAnalyzer.plot_conv2d_weights`."""
        self.writer.add_image(tag, scaled(lattices_of_filters(as_array(weights))[None]), step)

    def _add_record(self, tag: str, shown: np.ndarray, step: int | None) -> None:
        self.writer.add_image(tag, scaled(shown.T[None].astype(float)), step)


def moving_mean(values: Sequence[float], n: int) -> np.ndarray:
    """The mean of each value and those before it, `n` at the most."""
    sums = np.cumsum([0.0, *values])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - max(n, 1), 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def scaled(picture: np.ndarray) -> np.ndarray:
    """The same picture from 0 to 1."""
    if picture.size:
        picture = picture - picture.min()
        picture = picture / max(picture.max(), 1e-12)
    return picture

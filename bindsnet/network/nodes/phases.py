"""Neurons that relay spikes in a phase of the recording only: when something happened becomes where.

Populations that are active one after another from an onset on are found where time must be told (time cells: MacDonald et al.
2011, Neuron 71:737).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import torch

from bindsnet.network.nodes.nodes import Nodes
from bindsnet.numbers.ops import f32, flag, where

START = 1e6  # mV, beyond any drive of spikes: the onset has come


class PhaseNodes(Nodes):
    """Neurons that fire with their drive while their phase lasts.

    Time counts from the onset: from the step in which a drive of ``START`` comes, as from a neuron that the first spikes of a
    recording excite; from the first step if ``awaits_onset`` is 0.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        begins, ends: the phase, ms after the onset: from ``begins`` to before ``ends``.
        thresh: drive with which a neuron fires, mV.
        awaits_onset: 1 or 0.
    """

    state: ClassVar = {"age": 0.0, "waits": "awaits_onset"}

    def __init__(
        self,
        n: int | None = None,
        shape: Iterable[int] | None = None,
        traces: bool = False,
        traces_additive: bool = False,
        tc_trace: float | torch.Tensor = 20.0,
        trace_scale: float | torch.Tensor = 1.0,
        sum_input: bool = False,
        begins: float | torch.Tensor = 0.0,
        ends: float | torch.Tensor = float("inf"),
        thresh: float | torch.Tensor = 0.5,
        awaits_onset: float = 0.0,
        **kwargs,
    ) -> None:
        super().__init__(n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input, **kwargs)
        self.declare(begins=begins, ends=ends, thresh=thresh, awaits_onset=awaits_onset)

    @staticmethod
    def step(age: f32, waits: f32, drive: f32, begins: f32, ends: f32, thresh: f32, dt: f32) -> tuple[f32, f32, flag]:
        """One time step of every neuron; mV and ms."""
        waits = where(drive >= START, 0.0, waits)
        is_on = waits == 0.0
        over = is_on & (drive >= thresh) & (drive < START) & (age >= begins) & (age < ends)
        return where(is_on, age + dt, age), waits, over

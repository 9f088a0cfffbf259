"""Neurons that relay spikes in a phase of the recording only: when something happened becomes where.

Populations that are active one after another from an onset on are found where time must be told (time cells: MacDonald et al.
2011, Neuron 71:737).
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import SAME_TIME
from bindsnet.network.nodes.nodes import Nodes
from bindsnet.numbers.ops import f32, flag, where

START = 1e6  # mV, beyond any drive of spikes: the onset has come


class PhaseNodes(Nodes):
    """Neurons that fire with their drive while their phase lasts.

    Time counts from the reset, or, of a neuron that awaits an onset, from the step after a drive of ``START`` came: as from a
    neuron that the first spikes of a recording excite, by a connection with this weight. Later such drives move no time; a step
    in which one comes relays nothing.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        begins, ends: the phase, ms: from ``begins`` to before ``ends``. In one layer several may follow one another or overlap,
            ``PhaseNodes(shape=[2, 10], begins=torch.tensor([[0.0], [40.0]]), ends=torch.tensor([[50.0], [90.0]]))``.
        thresh: drive with which a neuron fires, mV.
        awaits_onset: whether time waits for the onset, 1 or 0.

    Raises:
        NetworkError: as :class:`Nodes`, or a phase does not begin before it ends, or waits otherwise than by 1 or 0.
    """

    state: ClassVar = {"age": 0.0, "waits": "awaits_onset"}

    @constructor
    def __init__(
        self,
        begins: float | torch.Tensor = 0.0,
        ends: float | torch.Tensor = float("inf"),
        thresh: float | torch.Tensor = 0.5,
        awaits_onset: float | torch.Tensor = 0.0,
    ) -> None:
        self.declare(begins=begins, ends=ends, thresh=thresh, awaits_onset=awaits_onset)
        if not (self.begins < self.ends).all():
            raise NetworkError(f"{type(self).__name__}: a phase begins before it ends")
        if not ((self.awaits_onset == 0) | (self.awaits_onset == 1)).all():
            raise NetworkError(f"{type(self).__name__}: awaits_onset is 1 or 0")

    @staticmethod
    def step(age: f32, waits: f32, drive: f32, begins: f32, ends: f32, thresh: f32, dt: f32) -> tuple[f32, f32, flag]:
        """One time step of every neuron; mV and ms, but the age, which counts steps and so is exact."""
        runs, starts, now = waits == 0.0, drive >= START, (age + SAME_TIME) * dt
        over = runs & (drive >= thresh) & (now >= begins) & (now < ends)
        return where(runs, age + 1.0, age), where(starts, 0.0, waits), over & (drive < START)

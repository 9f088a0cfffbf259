"""Leaky integrate-and-fire neurons that rest at 0 and return to 0: those of :mod:`bindsnet.network.nodes.lif` with less to do."""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes, admit, count_down
from bindsnet.numbers.ops import f32, flag, where


class BoostedLIFNodes(MembraneNodes):
    """Leaky integrate-and-fire neurons whose resting and reset voltage are 0 mV.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh: threshold above rest, mV.
        refrac, tc_decay: as in :class:`LIFNodes`.
    """

    state: ClassVar = {"v": 0.0, "refrac_count": 0.0}
    decays: ClassVar = {"decay": "tc_decay"}

    @constructor
    def __init__(
        self,
        thresh: float | torch.Tensor = 13.0,
        refrac: int | torch.Tensor = 5,
        tc_decay: float | torch.Tensor = 100.0,
    ) -> None:
        self.declare_parameters(thresh=thresh, refrac=refrac, tc_decay=tc_decay)

    @staticmethod
    def step(v: f32, refrac_count: f32, drive: f32, thresh: f32, refrac: f32, decay: f32, dt: f32) -> tuple[f32, f32, flag]:
        """One time step of every neuron; voltages in mV, times in ms."""
        v = admit(v * decay, refrac_count, drive, dt)
        over = v >= thresh
        return where(over, 0.0, v), where(over, refrac, count_down(refrac_count, dt)), over

    @staticmethod
    def depolarisation(v: f32, refrac_count: f32, drive: f32, thresh: f32, decay: f32, dt: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        return admit(v * decay, refrac_count, drive, dt) - thresh

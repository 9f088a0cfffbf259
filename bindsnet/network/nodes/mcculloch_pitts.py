"""Neurons without memory, which fire where their drive reaches the threshold (McCulloch & Pitts 1943, Bull. Math. Biophys. 5)."""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes
from bindsnet.numbers.ops import f32, flag


class McCullochPitts(MembraneNodes):
    """Neurons whose voltage is their drive.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        thresh: threshold, mV.
    """

    state: ClassVar = {"v": 0.0}

    @constructor
    def __init__(self, thresh: float | torch.Tensor = 1.0) -> None:
        self.declare_parameters(thresh=thresh)

    @staticmethod
    def step(v: f32, drive: f32, thresh: f32) -> tuple[f32, flag]:
        """One time step of every neuron; mV."""
        v = drive
        return v, v >= thresh

    @staticmethod
    def depolarisation(v: f32, drive: f32, thresh: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        return drive - thresh

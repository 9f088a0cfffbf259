"""Competitive learning: the weights into a neuron that fires move towards the input that made it fire.

Δw_ij = ν r_j (L x_i / |x| − w_ij) when target neuron j fires: x is the trace of the sources that j sees, brought to the length L,
so that of a strong input and a weak one the same is learned (Rumelhart & Zipser 1985, eq. 1, with the length in place of the
sum). r_j = (1 + n_j)^−ρ falls with the number n_j of spikes that j has learned from: with ρ = 1 the weights are the mean of all
inputs (MacQueen 1967), with ρ = ½ the later ones count more, which forgets how the neuron began.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.learning.rules.declared import Field, Trace
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32, f64, pow, to_f32, where


class Competitive(LearningRule):
    """Weights follow the inputs for which their target neuron wins.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`; ν is the post-synaptic rate.
        tc_trace: time constant of the trace of a source's spikes, ms.
        release: what a spike adds to it, or the part of what is missing to 1 if the trace saturates.
        length: L, of the weights into a neuron.
        own_rate: ρ; 0 leaves the rate ν.
    """

    traces: ClassVar = {"x": Trace("source", "tc_trace", additive=True, scale="release", with_spikes=True)}
    fields: ClassVar = {"size": Field("x", "length")}
    adaptive_state: ClassVar = {"n": 0.0, "rate": 1.0}

    def __init__(
        self,
        connection: torch.nn.Module,
        nu: float | tuple[float, float] | None = None,
        reduction: Callable | None = None,
        weight_decay: float = 0.0,
        tc_trace: float = float("inf"),
        release: float = 1.0,
        length: float = 1.0,
        own_rate: float = 0.5,
        **kwargs,
    ) -> None:
        super().__init__(connection, nu, reduction, weight_decay, **kwargs)
        self.declare(tc_trace=tc_trace, release=release, length=length, own_rate=own_rate)

    @staticmethod
    def on_post(w: f32, x: f32, size: f32, rate: f32, nu_post: f32, length: f32) -> f32:
        """Change of w when its target neuron fires."""
        return nu_post * rate * (where(size > 0.0, length * x / size, 0.0) - w)

    @staticmethod
    def adapt(n: f64, rate: f32, spikes: f64, own_rate: f32) -> tuple[f64, f32]:
        """After this many spikes of the target."""
        n = n + spikes
        return n, pow(to_f32(1.0 + n), -own_rate)


class SaturatingCompetitive(Competitive):
    """The same for depressing synapses: the trace saturates as they do, when ``release`` is their ``depression``."""

    traces: ClassVar = {"x": Trace("source", "tc_trace", saturating=True, scale="release", with_spikes=True)}

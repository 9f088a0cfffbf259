"""Competitive learning: the weights into a neuron that fires move towards the input that made it fire.

Δw_ij = ν r_j (L x_i / |x| − w_ij) when target neuron j fires: x is the trace of the sources that j sees, brought to the length L,
so that of a strong input and a weak one the same is learned (Rumelhart & Zipser 1985, Cognitive Science 9:75, with the length in
place of the sum); without any input nothing is. r_j = (1 + n_j)^−ρ falls with the number n_j of spikes that j has learned from.
With ν = 1 and ρ = 1 the weights are the mean of all inputs (k-means: MacQueen 1967); with ρ = ½ the later ones count more, which
forgets how the neuron began.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning.rules.declared import Field, Trace
from bindsnet.learning.rules.learning_rule import LearningRule
from bindsnet.numbers.ops import f32, f64, pow, to_f32, where


class Competitive(LearningRule):
    """Weights follow the inputs for which their target neuron wins.

    Args:
        connection, nu, reduction, weight_decay: as in :class:`LearningRule`; ν is the post-synaptic rate.
        tc_trace: time constant of the trace of a source's spikes, ms; inf counts those of the whole sample.
        release: what a spike adds to it, or the part of what is missing to 1 if the trace saturates.
        length: L, of the weights into a neuron: the root of the sum of their squares.
        own_rate: ρ; 0 leaves the rate ν. Since n_j is of one neuron, it is to be 0 where neurons share weights.

    Raises:
        NetworkError: as :class:`LearningRule`; when the connection is added to a network, that neurons share weights and each
            would have its own rate.
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

    def check_synapses(self) -> None:
        """See that neurons with a rate of their own have weights of their own."""
        if self.connection.shares_weights and self.parameters["own_rate"].any():
            kind = type(self.connection).__name__
            raise NetworkError(f"{type(self).__name__}: neurons of {kind} share weights and so one rate; give own_rate=0")

    @staticmethod
    def on_post(w: f32, x: f32, size: f32, rate: f32, nu_post: f32, length: f32) -> f32:
        """Change of w when its target neuron fires."""
        return where(size > 0.0, nu_post * rate * (length * x / size - w), 0.0)

    @staticmethod
    def adapt(n: f64, rate: f32, spikes: f64, own_rate: f32) -> tuple[f64, f32]:
        """After this many spikes of the target."""
        n = n + spikes
        return n, pow(to_f32(1.0 + n), -own_rate)


class SaturatingCompetitive(Competitive):
    """The same for depressing synapses: the trace saturates as they do, when ``release`` is their ``depression``.

    Then x_i, 1 − (1 − release)^k after k spikes, is ``release`` times what these have driven with a weight of 1: of weights of
    the same length, those that are like x drive the most.
    """

    traces: ClassVar = {"x": Trace("source", "tc_trace", saturating=True, scale="release", with_spikes=True)}

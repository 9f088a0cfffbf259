"""Izhikevich's neurons, which drive each other within the layer.

dv/dt = 0.04 v² + 5 v + 140 − u + drive, du/dt = a (b v − u), v in mV, t in ms; at v >= threshold the neuron fires, and then
v := c, u := u + d. (Izhikevich 2003, IEEE Trans. Neural Netw. 14:1569, eqs. 1 to 3.) A step of dt moves v twice by half of it,
then u. What a spike resets is reset at the beginning of the next step, so v shows the peak. As in the paper's network a, b, c, d
and the matrix S of weights within the layer are drawn, of excitatory neurons differently from inhibitory ones; the spikes of the
last step drive the layer through S, after all other drives.
"""

from __future__ import annotations

from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.membrane import MembraneNodes
from bindsnet.numbers.ops import at_least, f32, flag, where


class IzhikevichNodes(MembraneNodes):
    """Izhikevich's neurons.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        excitatory: share of excitatory neurons, which come first; or which neurons are, 1 or 0 for each.
        thresh: threshold, mV.
        rest: voltage at the beginning, mV.
        lbound: lower bound of the voltage, mV; None is none.

    Attributes:
        excitatory: 1 for each excitatory neuron, 0 for each inhibitory one, uint8.
        r: what was drawn for each neuron, from [0, 1).
        a, b, c, d: their parameters, of the equations above; may be replaced.
        S: weights within the layer, target by source, mV, ``[n, n]``; may be replaced.

    Raises:
        NetworkError: as :class:`Nodes`, or ``excitatory`` is neither a share nor one number for each neuron.
    """

    state: ClassVar = {"v": "rest", "u": "u_at_rest"}
    within: ClassVar = "S"

    @constructor
    def __init__(
        self,
        excitatory: float | torch.Tensor = 1,
        thresh: float | torch.Tensor = 45.0,
        rest: float | torch.Tensor = -65.0,
        lbound: float | None = None,
    ) -> None:
        self._draw(self._which(excitatory))
        self.declare_parameters(lbound, thresh=thresh, rest=rest)

    def _which(self, excitatory: float | torch.Tensor) -> torch.Tensor:
        """Which neurons are excitatory, bool ``[n]``."""
        given = torch.as_tensor(excitatory)
        if given.numel() == self.n and given.dim():
            return given.reshape(-1) != 0
        if given.numel() != 1 or torch.isnan(given).any():
            raise NetworkError(
                f"{type(self).__name__}: excitatory is a share, or 1 or 0 for each of {self.n} neurons, got {excitatory}"
            )
        return torch.arange(self.n) < int(self.n * min(max(float(given), 0.0), 1.0))

    def _draw(self, excitatory: torch.Tensor) -> None:
        """Draw the parameters: r and the weights of the excitatory neurons, then those of the inhibitory ones."""
        n, r, s = self.n, torch.zeros(self.n), torch.zeros(self.n, self.n)
        for group, strength in ((excitatory, 0.5), (~excitatory, -1.0)):
            if k := int(group.sum()):
                r[group] = torch.rand(k)
                s[:, group] = strength * torch.rand(n, k)
        self.register_buffer("excitatory", excitatory.byte())
        self.register_buffer("S", s)
        self.declare(
            r=r.view(self.shape),
            a=torch.where(excitatory, 0.02, 0.02 + 0.08 * r).view(self.shape),
            b=torch.where(excitatory, 0.2, 0.25 - 0.05 * r).view(self.shape),
            c=torch.where(excitatory, -65.0 + 15.0 * r**2, -65.0).view(self.shape),
            d=torch.where(excitatory, 8.0 - 6.0 * r**2, 2.0).view(self.shape),
        )

    @property
    def u_at_rest(self) -> torch.Tensor:
        """The recovery variable at the beginning, b · rest."""
        return self.b * self.rest

    @staticmethod
    def step(
        v: f32, u: f32, drive: f32, s: flag, a: f32, b: f32, c: f32, d: f32, thresh: f32, lower_bound: f32, dt: f32
    ) -> tuple[f32, f32, flag]:
        """One time step of every neuron; v in mV, times in ms."""
        v, u = where(s, c, v), where(s, u + d, u)
        v = half_step(half_step(v, u, drive, dt), u, drive, dt)
        u = u + dt * a * (b * v - u)
        v = at_least(v, lower_bound)
        return v, u, v >= thresh

    @staticmethod
    def depolarisation(v: f32, u: f32, drive: f32, s: flag, c: f32, d: f32, thresh: f32, lower_bound: f32, dt: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        v, u = where(s, c, v), where(s, u + d, u)
        return at_least(half_step(half_step(v, u, drive, dt), u, drive, dt), lower_bound) - thresh


def half_step(v: f32, u: f32, drive: f32, dt: f32) -> f32:
    """The voltage (mV) half a time step (ms) later."""
    return v + dt * 0.5 * (0.04 * (v * v) + 5.0 * v + 140.0 - u + drive)

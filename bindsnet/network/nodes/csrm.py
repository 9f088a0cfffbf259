"""The cumulative spike response model.

v(t) = v(t − dt) exp(−dt / τ_m) + Σ_k ε(k dt) I(t − k dt) + Σ_k η(k dt) s(t − dt − k dt): v fades towards 0, and in every step
adds the response to the drives I of a window, and the refractoriness left by the neuron's own spikes s of another; at
v >= threshold + θ the neuron fires, which does not reset v. (Gerstner & van Hemmen 1992, Network 3:139; kernels such as ε and η
also in Shrestha & Orchard 2018, "SLAYER", section 2.) θ is that of :mod:`bindsnet.network.nodes.threshold`.

Windows are times, of as many steps as they hold; where dt is not 1 ms BindsNET, which counts them as steps, fails. A window of
drives is kept in the layer: a weight that has changed since counts as it was when the spike came, and a bias drives from the
first step on. A reset clears both windows.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.constructor import constructor
from bindsnet.network.nodes.given import Window
from bindsnet.network.nodes.membrane import MembraneNodes
from bindsnet.network.nodes.threshold import raise_threshold, raised_threshold, relax_threshold
from bindsnet.numbers.ops import at_least, f32, flag

ROUNDING = 1e-6  # part of a window by which it may be longer than its steps: it is float32
RESPONSES = (
    "AlphaKernel",
    "AlphaKernelSLAYER",
    "LaplacianKernel",
    "ExponentialKernel",
    "RectangularKernel",
    "TriangularKernel",
)
REFRACTORINESS = ("EtaKernel",)


class CSRMNodes(MembraneNodes):
    """Spike response neurons that feel all drives and all own spikes of a window.

    A kernel is a method that takes a time step (ms) and gives the weight of each step of its window, the oldest first. Those of a
    subclass can be named, too.

    Args:
        n, shape, traces, traces_additive, tc_trace, trace_scale, sum_input: as in :class:`Nodes`.
        rest: voltage at the beginning, mV.
        thresh, tc_decay, lbound: as in :class:`LIFNodes`.
        responseKernel: name of ε, one of ``RESPONSES``.
        refractoryKernel: name of η, ``"EtaKernel"``.
        tau: time constant of both kernels, ms; one number.
        res_window_size, ref_window_size: how far the windows of drives and of spikes reach back, ms.
        reset_const: how much η takes from v at first, mV; one number.
        theta_plus, tc_theta_decay: as in :class:`AdaptiveLIFNodes`.

    Raises:
        NetworkError: as :class:`Nodes`, there is no kernel of this name, or what a kernel takes is not one number in its range.
    """

    state: ClassVar = {"v": "rest"}
    adaptive_state: ClassVar = {"theta": 0.0}
    decays: ClassVar = {"decay": "tc_decay", "theta_decay": "tc_theta_decay"}
    windows: ClassVar = {"response": Window("drive", "_response"), "refractoriness": Window("s", "_refractoriness")}
    threshold = staticmethod(raised_threshold)
    relax = staticmethod(relax_threshold)
    adapt = staticmethod(raise_threshold)

    @constructor
    def __init__(
        self,
        rest: float | torch.Tensor = -65.0,
        thresh: float | torch.Tensor = -52.0,
        responseKernel: str = "ExponentialKernel",  # noqa: N803
        refractoryKernel: str = "EtaKernel",  # noqa: N803
        tau: float | torch.Tensor = 1,
        res_window_size: float | torch.Tensor = 20,
        ref_window_size: float | torch.Tensor = 10,
        reset_const: float | torch.Tensor = 50,
        tc_decay: float | torch.Tensor = 100.0,
        theta_plus: float | torch.Tensor = 0.05,
        tc_theta_decay: float | torch.Tensor = 1e7,
        lbound: float | None = None,
    ) -> None:
        self.declare_parameters(lbound, rest=rest, thresh=thresh, tc_decay=tc_decay)
        self.declare(theta_plus=theta_plus, tc_theta_decay=tc_theta_decay)
        self.declare(tau=tau, res_window_size=res_window_size, ref_window_size=ref_window_size, reset_const=reset_const)
        for name in ("tau", "res_window_size", "ref_window_size", "reset_const"):
            if getattr(self, name).dim() or not (getattr(self, name) > 0 or name == "reset_const"):
                raise NetworkError(
                    f"{type(self).__name__}: {name}, of a kernel, is one number above 0, got {getattr(self, name)}"
                )
        for kernel, known in ((responseKernel, RESPONSES), (refractoryKernel, REFRACTORINESS)):
            if not callable(getattr(self, str(kernel), None)):
                raise NetworkError(f"{type(self).__name__} has no kernel {kernel!r}; it has {', '.join(known)}")
        self.responseKernel, self.refractoryKernel = responseKernel, refractoryKernel

    @property
    def resKernel(self) -> torch.Tensor:  # noqa: N802
        """The response to a drive, ``[n_steps]``, of the oldest first."""
        return self.response_kernel

    @property
    def refKernel(self) -> torch.Tensor:  # noqa: N802
        """What a spike leaves, ``[n_steps]``, of the oldest first."""
        return self.refractoriness_kernel

    def AlphaKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """t / τ² exp(−t / τ)."""
        t = self._ages(self.res_window_size, dt)
        return t / self._tau**2 * torch.exp(-t / self._tau)

    def AlphaKernelSLAYER(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """t / τ exp(1 − t / τ), which is 1 at its highest."""
        t = self._ages(self.res_window_size, dt)
        return t / self._tau * torch.exp(1 - t / self._tau)

    def LaplacianKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """1 / (2 τ) exp(−t / τ)."""
        return torch.exp(-self._ages(self.res_window_size, dt) / self._tau) / (2 * self._tau)

    def ExponentialKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """1 / τ exp(−t / τ)."""
        return torch.exp(-self._ages(self.res_window_size, dt) / self._tau) / self._tau

    def RectangularKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """1 / (2 τ) up to t = τ, then 0; in BindsNET it fails."""
        return (self._ages(self.res_window_size, dt) <= self._tau) / (2 * self._tau)

    def TriangularKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """1 / τ (1 − t / τ), which after t = τ is below 0, as in BindsNET."""
        return (1 - self._ages(self.res_window_size, dt) / self._tau) / self._tau

    def EtaKernel(self, dt: float | torch.Tensor) -> torch.Tensor:  # noqa: N802
        """−``reset_const`` exp(−t / τ)."""
        return -self.reset_const.double() * torch.exp(-self._ages(self.ref_window_size, dt) / self._tau)

    @property
    def _tau(self) -> torch.Tensor:
        return self.tau.double()

    def _response(self, dt: torch.Tensor) -> torch.Tensor:
        return getattr(self, self.responseKernel)(dt)

    def _refractoriness(self, dt: torch.Tensor) -> torch.Tensor:
        return getattr(self, self.refractoryKernel)(dt)

    def _ages(self, window: torch.Tensor, dt: float | torch.Tensor) -> torch.Tensor:
        """How long ago each step of a window was, ms, the longest first, float64."""
        n_steps = math.ceil(float(window) / float(dt) * (1 - ROUNDING))
        return torch.arange(n_steps - 1, -1, -1, dtype=torch.float64, device=window.device) * float(dt)

    @staticmethod
    def step(
        v: f32, threshold: f32, drive: f32, response: f32, refractoriness: f32, lower_bound: f32, decay: f32
    ) -> tuple[f32, flag]:
        """One time step of every neuron; mV."""
        v = v * decay + (response + refractoriness)
        return at_least(v, lower_bound), v >= threshold

    @staticmethod
    def depolarisation(v: f32, threshold: f32, drive: f32, response: f32, refractoriness: f32, decay: f32) -> f32:
        """How far above its threshold the step will find a neuron, mV."""
        return v * decay + (response + refractoriness) - threshold

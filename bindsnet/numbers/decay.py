"""How much is left after a time step of what decays: τ dx/dt = −x, so x(t + dt) = x(t) · exp(−dt / τ)."""

import torch


def decay_factor(dt: float | torch.Tensor, tc: torch.Tensor) -> torch.Tensor:
    """The factor of one time step of ``dt`` for the time constant ``tc``, both ms: float64, to be rounded once."""
    return torch.exp(-torch.as_tensor(dt, dtype=torch.float64, device=tc.device) / tc.double())

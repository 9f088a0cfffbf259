"""What the programs share: input spikes that are no drawing, and readable recordings."""

from __future__ import annotations

from collections.abc import Mapping

import torch

N_STEPS = 24
STEPS_SHOWN = (7, 15, 23)


def pattern(n_steps: int, *shape: int, share: int = 4, start: int = 0) -> torch.Tensor:
    """Spikes ``[n_steps, *shape]`` by a formula: about ``share`` of 11 are set, irregularly."""
    n = n_steps * int(torch.tensor(shape).prod())
    k = torch.arange(start, start + n)
    return ((k * k * 7 + k * 3 + k // 5) % 11 < share).reshape(n_steps, *shape)


def grid(*shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
    """Numbers between two bounds, ``[*shape]``, by a formula."""
    n = int(torch.tensor(shape).prod())
    return low + (high - low) * ((torch.arange(n) * 37 % 101).float() / 100).reshape(shape)


def recorded(network: torch.nn.Module, name: str, variables: tuple[str, ...]) -> None:
    """Let a monitor keep variables of a layer."""
    from bindsnet.network.monitors import Monitor

    network.add_monitor(Monitor(network.layers[name], variables), name)


def shown(recording: Mapping[str, torch.Tensor]) -> dict[str, list]:
    """Recordings ``[n_steps, batch_size, *shape]`` as they are kept: spikes of each neuron as a line, numbers of a few steps."""
    return {
        name: lines(values) if name == "s" else numbers(values[[t for t in STEPS_SHOWN if t < len(values)]])
        for name, values in recording.items()
    }


def lines(spikes: torch.Tensor) -> list[str]:
    """A line of 0 and 1 for each neuron of each sample."""
    return ["".join(map(str, neuron)) for neuron in spikes.flatten(1).int().t().tolist()]


def numbers(values: torch.Tensor) -> list:
    """Numbers as lists."""
    return values.detach().float().tolist()

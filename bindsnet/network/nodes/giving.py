"""What the plain engine gives a step beside its parameters, made from its drive and the spikes of the last step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from bindsnet.network.nodes.given import Window
from bindsnet.network.nodes.population import Population
from bindsnet.numbers.ops import Array, as_array
from bindsnet.numbers.spikes import fired, sum_in_order

AT_ONCE = 4096  # chances drawn in one call


def bound_giving(layer: Population) -> list[Callable[[Array], None]]:
    """What prepares a step, from its drive: fills the layer's buffers of what its functions are given."""
    found = []
    if "chance" in layer.given:
        found.append(_bound_chances(layer))
    for name, window in layer.windows.items():
        buffers = (name, Window.kernel_of(name), Window.values_of(name))
        found.append(bound_window(window.of, as_array(layer.s), *(as_array(layer.get_buffer(buffer)) for buffer in buffers)))
    return found


def _bound_chances(layer: Population) -> Callable[[Array], None]:
    """Chances, of small layers those of some steps at once: NumPy's calls take longer than what they do there."""
    chance = as_array(layer.chance)
    n_steps = 1 if layer.randomness.alone else max(1, AT_ONCE // layer.chance.numel())
    keys, first, drawn = None, 0, ()

    def draw(drive: Array) -> None:
        nonlocal keys, first, drawn
        randomness = layer.randomness
        if randomness.keys is not keys or not first <= randomness.step < first + len(drawn):
            drawn = randomness.chances(len(chance), layer.first_neuron, layer.n, n_steps).reshape(n_steps, *chance.shape)
            keys, first = randomness.keys, randomness.step
        now = drawn[randomness.step - first]
        chance[...] = now if isinstance(chance, np.ndarray) else torch.from_numpy(now).to(chance.device)
        randomness.step += randomness.alone

    return draw


def bound_window(of: str, s: Array, total: Array, kernel: Array, values: Array) -> Callable[[Array], None]:
    """A step passes: values grow older by one, the latest comes in, and the sum follows."""

    def slide(drive: Array) -> None:
        total[...] = 0.0
        last = len(kernel) - 1
        for k in range(last):
            values[k] = values[k + 1]
            total[...] += kernel[k] * values[k]
        values[last] = drive if of == "drive" else s
        total[...] += kernel[last] * values[last]

    return slide


def bound_within(layer: Population) -> Callable[[Array], Array]:
    """What adds to a drive that of the layer's own last spikes, through its matrix ``within``."""
    w = layer.get_buffer(layer.within).T.contiguous()

    def add(drive: Array) -> Array:
        if not layer.s.any():
            return drive
        if layer.s.is_cuda:
            return drive + (layer.s.view(len(layer.s), -1).float() @ w).view(layer.s.shape)
        own = [sum_in_order(w.numpy()[fired(sample[None])]) for sample in layer.s]
        return drive + np.stack(own).reshape(layer.s.shape)

    return add

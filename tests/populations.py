"""Two populations whose spikes and traces tests set themselves."""

from __future__ import annotations

import torch

from bindsnet.network.nodes import Input, LIFNodes


def populations(source, target, batch_size=1):
    """An input and a layer of these shapes, with traces."""
    layers = Input(shape=source, traces=True), LIFNodes(shape=target, traces=True)
    for layer in layers:
        layer.compute_decays(1.0)
        layer.set_batch_size(batch_size)
    return layers


def fire(layers, generator, share=0.3):
    """Some neurons fire; traces are anything from 0 to 1."""
    for layer in layers:
        layer.s[:] = torch.rand(layer.s.shape, generator=generator) < share
        layer.x[:] = torch.rand(layer.x.shape, generator=generator)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)

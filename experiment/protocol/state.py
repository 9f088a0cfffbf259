"""The state of what changes while a run goes on: how it is saved, and whether numbers that were read are such a state."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch


def is_within(values: torch.Tensor, least: float, largest: float = math.inf) -> bool:
    """Whether all numbers lie from the least to the largest."""
    return bool(((values >= least) & (values <= largest)).all())


def as_saved(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A network's state as any machine can load it, with a GPU or without."""
    return {name: tensor.cpu() for name, tensor in state.items()}

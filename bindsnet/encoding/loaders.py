"""Encodings of one datum after the other, each when it is asked for.

All keywords go to the encoding; BindsNET's loaders pass on none but ``max_prob``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import torch

from bindsnet.encoding.encodings import bernoulli, poisson, rank_order


def bernoulli_loader(
    data: torch.Tensor | Iterable[torch.Tensor], time: float | None = None, dt: float = 1.0, **kwargs: Any
) -> Iterator[torch.Tensor]:
    """Trains of :func:`bindsnet.encoding.bernoulli` for data ``[n_samples, ...]`` or an iterable of them."""
    return (bernoulli(datum, time, dt, **kwargs) for datum in data)


def poisson_loader(
    data: torch.Tensor | Iterable[torch.Tensor], time: float, dt: float = 1.0, **kwargs: Any
) -> Iterator[torch.Tensor]:
    """Trains of :func:`bindsnet.encoding.poisson` for data ``[n_samples, ...]`` or an iterable of them."""
    return (poisson(datum, time, dt, **kwargs) for datum in data)


def rank_order_loader(
    data: torch.Tensor | Iterable[torch.Tensor], time: float, dt: float = 1.0, **kwargs: Any
) -> Iterator[torch.Tensor]:
    """Trains of :func:`bindsnet.encoding.rank_order` for data ``[n_samples, ...]`` or an iterable of them."""
    return (rank_order(datum, time, dt, **kwargs) for datum in data)

"""Encodings with their parameters set, as callables: what a data set or a pipeline is given to encode each datum with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from bindsnet.encoding import encodings


class Encoder:
    """Calls ``enc(datum, *enc_args, **enc_kwargs)``.

    A program's own encoder sets ``enc``, any callable, in its constructor.

    Args:
        args, kwargs: what the encoding is called with after the datum.
    """

    enc: Callable[..., torch.Tensor]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.enc_args = args
        self.enc_kwargs = kwargs

    def __call__(self, datum: Any) -> Any:
        return self.enc(datum, *self.enc_args, **self.enc_kwargs)


class NullEncoder(Encoder):
    """Gives the datum as it is."""

    def __init__(self) -> None:
        super().__init__()

    def __call__(self, datum: Any) -> Any:
        return datum


class SingleEncoder(Encoder):
    """Encodes by :func:`bindsnet.encoding.single`, with its parameters."""

    def __init__(self, time: float, dt: float = 1.0, sparsity: float = 0.5, **kwargs: Any) -> None:
        super().__init__(time, dt=dt, sparsity=sparsity, **kwargs)
        self.enc = encodings.single


class RepeatEncoder(Encoder):
    """Encodes by :func:`bindsnet.encoding.repeat`, with its parameters."""

    def __init__(self, time: float, dt: float = 1.0, **kwargs: Any) -> None:
        super().__init__(time, dt=dt, **kwargs)
        self.enc = encodings.repeat


class BernoulliEncoder(Encoder):
    """Encodes by :func:`bindsnet.encoding.bernoulli`, with its parameters."""

    def __init__(self, time: float | None, dt: float = 1.0, **kwargs: Any) -> None:
        super().__init__(time, dt=dt, **kwargs)
        self.enc = encodings.bernoulli


class PoissonEncoder(Encoder):
    """Encodes by :func:`bindsnet.encoding.poisson`, with its parameters; ``process=True`` gives a Poisson process."""

    def __init__(self, time: float, dt: float = 1.0, approx: bool = False, **kwargs: Any) -> None:
        super().__init__(time, dt=dt, approx=approx, **kwargs)
        self.enc = encodings.poisson


class RankOrderEncoder(Encoder):
    """Encodes by :func:`bindsnet.encoding.rank_order`, with its parameters."""

    def __init__(self, time: float, dt: float = 1.0, **kwargs: Any) -> None:
        super().__init__(time, dt=dt, **kwargs)
        self.enc = encodings.rank_order

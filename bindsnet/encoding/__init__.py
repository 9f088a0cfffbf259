"""Spike trains for data: how a number becomes spikes over time."""

from bindsnet.encoding.encoders import (
    BernoulliEncoder,
    Encoder,
    NullEncoder,
    PoissonEncoder,
    RankOrderEncoder,
    RepeatEncoder,
    SingleEncoder,
)
from bindsnet.encoding.encodings import bernoulli, poisson, rank_order, repeat, single
from bindsnet.encoding.loaders import bernoulli_loader, poisson_loader, rank_order_loader

__all__ = [
    "Encoder",
    "NullEncoder",
    "SingleEncoder",
    "RepeatEncoder",
    "BernoulliEncoder",
    "PoissonEncoder",
    "RankOrderEncoder",
    "single",
    "repeat",
    "bernoulli",
    "poisson",
    "rank_order",
    "bernoulli_loader",
    "poisson_loader",
    "rank_order_loader",
]

"""What all models of neurons share: one way to take a time step.

A model is a subclass that declares its state and gives one pure function, ``step``; see :mod:`bindsnet.network.nodes.lif` for
a complete one. Where learning moves something that all samples share (an adaptive threshold), two more functions say how:
``relax`` before the step and ``adapt`` after it.
"""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.population import Population
from bindsnet.network.nodes.stepping import bound_step, bound_trace


class Nodes(Population):
    """A population of neurons that steps: see :class:`Population` for arguments and declarations."""

    known: ClassVar[dict[str, type[Nodes]]] = {}

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        if (
            cls.threshold is not None
            and cls.step is not None
            and list(inspect.signature(cls.step).parameters)[len(cls.state) :][:1] != ["threshold"]
        ):
            raise NetworkError(
                f"{cls.__name__}.step must take 'threshold' after its state, in place of the adaptive state, "
                "since the class has a function of that name (threshold = None takes it away)"
            )
        Nodes.known[cls.__name__] = cls

    def forward(self, x: torch.Tensor) -> None:
        """One time step.

        Args:
            x: drive of this step (mV), or the spikes of an input layer, ``[batch_size, *shape]``.
        """
        self.bind()(x)

    def bind(self) -> Callable[[torch.Tensor], None]:
        """:meth:`forward` for many steps in a row: looks up the tensors once, and holds until one is replaced.

        (A tensor changed in place stays the same tensor; ``set_batch_size``, ``to`` and assignments replace tensors.)
        """
        step = bound_step(self) if self.step is not None else None
        follow_spikes = bound_trace(self) if self.traces else None

        def forward(x: torch.Tensor) -> None:
            if step is not None:
                step(x)
            if self.clamp is not None:
                self.s.masked_fill_(self.clamp, True)
            if self.unclamp is not None:
                self.s.masked_fill_(self.unclamp, False)
            if follow_spikes is not None:
                follow_spikes()
            if self.sum_input:
                self.summed += x.float()

        return forward

    @contextmanager
    def clamped(self, clamp: torch.Tensor | None, unclamp: torch.Tensor | None) -> Iterator[None]:
        """While this lasts, neurons under the bool masks ``clamp`` and ``unclamp`` must and must not spike.

        Args:
            clamp, unclamp: ``[*shape]``, or ``[batch_size, *shape]`` for each sample.
        """
        self.clamp, self.unclamp = clamp, unclamp
        try:
            yield
        finally:
            self.clamp = self.unclamp = None

    def select_winners(self, s: torch.Tensor, heights: torch.Tensor | None = None) -> None:
        """Leave, in each sample, the spike of one of the neurons over threshold of each group; all without ``one_spike``.

        Args:
            s: spikes of all neurons over threshold, ``[batch_size, *shape]``; changed in place.
            heights: how far above it they are, of the same shape, where the highest wins.
        """
        if not self.one_spike:
            return
        n_groups = self.n_groups(self.one_spike_per)
        spikes = s.view(s.shape[0], -1)
        for sample, over in enumerate(spikes.cpu().numpy()):
            candidates = over.nonzero()[0]
            if len(candidates) < 2:
                continue
            for group, rivals in _rivals(candidates, n_groups):
                spikes[sample, rivals] = False
                if heights is not None:
                    height = np.asarray(heights.reshape(spikes.shape)[sample, rivals])
                    rivals = rivals[height == np.fmax.reduce(height)]
                    if not len(rivals):  # not one of them is any number of mV above it
                        continue
                winner = rivals[self.randomness.draw_below(len(rivals), sample, self.first_neuron + group)]
                spikes[sample, winner] = True


def _rivals(candidates: np.ndarray, n_groups: int) -> Iterator[tuple[int, np.ndarray]]:
    """Groups with more than one candidate, and these."""
    if n_groups == 1:
        yield 0, candidates
        return
    groups, n_in_group = np.unique(candidates % n_groups, return_counts=True)
    for group in groups[n_in_group > 1].tolist():
        yield group, candidates[candidates % n_groups == group]


class AbstractInput(ABC):  # noqa: B024 - a mark, as in BindsNET
    """Marks populations that take their spikes from outside and so accept no connection."""

"""How many steps the spikes of a connection take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology.runs import Runs

MOST = 2**15 - 1  # steps; the spikes of so many are kept


class Delays:
    """Delays of synapses in time steps.

    Args:
        delay: a whole number from 1 on, or a tensor of them that broadcasts to the weights.

    Attributes:
        given: the delay as it was given, a number or an int64 tensor.
        longest: the longest delay, or the longest that it may become.
        move: whether a rule moves them, each by itself; see :mod:`bindsnet.network.topology.moving_delays`.

    Raises:
        NetworkError: it is neither.
    """

    move = False

    def __init__(self, delay: int | torch.Tensor) -> None:
        try:
            steps = torch.as_tensor(delay).detach().cpu()
            whole = steps.real.to(torch.int64)
        except (TypeError, ValueError, RuntimeError):  # whatever torch makes no tensor of
            steps = whole = torch.zeros(())
        if steps.dtype is torch.bool or not steps.numel() or (steps != whole).any() or whole.min() < 1 or whole.max() > MOST:
            got = " ".join(repr(delay).split())  # a tensor's is of many lines
            raise NetworkError(f"delay is a whole number of steps from 1 to {MOST}, or one for each synapse; got {got}")
        self.given = int(whole) if whole.numel() == 1 else whole
        self.longest = int(whole.max())

    @property
    def alike(self) -> bool:
        """Whether all synapses have one delay, and keep it."""
        return isinstance(self.given, int) and not self.move

    @property
    def steps_back(self) -> int:
        """Of how many steps before this one spikes are kept: of one at least where synapses have delays of their own."""
        return self.longest if self.move else max(self.longest - 1, 0 if self.alike else 1)

    def moving(self, longest: int) -> Delays:
        """The same as a rule moves them, up to this many steps."""
        moving = Delays(self.given)
        moving.longest, moving.move = max(self.longest, longest), True
        return moving

    def parted(
        self, runs: Runs | None, shape: tuple[int, ...] | None, flat: Callable[[torch.Tensor], torch.Tensor]
    ) -> dict[int, Runs]:
        """The synapses of each delay, shortest first.

        Args:
            runs: all synapses of the connection.
            shape: the shape of its weights.
            flat: brings values in that shape into the order of the flat weights.

        Raises:
            NetworkError: the connection has no list of synapses, or the delays do not broadcast to its weights.
        """
        if runs is None or shape is None:
            raise NetworkError("a delay for each synapse needs a connection with a weight for each; give one delay for all")
        try:
            of_weights = flat(self.given.broadcast_to(shape)).numpy()
        except RuntimeError as error:
            raise NetworkError(f"delays of the shape {list(self.given.shape)} do not fit weights {list(shape)}") from error
        listed = runs.from_sources(np.arange(runs.n_sources))
        delays = of_weights[listed.weights]
        ends = runs.n_sources, runs.n_targets, runs.n_weights
        parts = {int(delay): [values[delays == delay] for values in listed[:3]] for delay in np.unique(delays)}
        return {delay: Runs.of_synapses(*part, *ends) for delay, part in parts.items()} or {self.longest: runs}

"""Which neurons fired."""

from __future__ import annotations

import numpy as np
import torch

from bindsnet.numbers.ops import Array


def fired(s: torch.Tensor) -> Array:
    """Neurons that fired in any sample of a batch, ascending, int64 ``[n_fired]``: a tensor on CUDA, else a NumPy array.

    Args:
        s: spikes, bool ``[batch_size, *shape]``.
    """
    if s.is_cuda:
        return s.view(s.shape[0], -1).any(0).nonzero().view(-1)
    spikes = s.numpy()  # which takes a third of the time for arrays as small as these
    return (spikes.reshape(-1) if len(spikes) == 1 else spikes.reshape(len(spikes), -1).any(0)).nonzero()[0]


def spikes_of_batch(s: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Sample and neuron of each spike of a batch, by sample, then neuron, int64 ``[n_spikes]`` each.

    Args:
        s: spikes, bool ``[batch_size, n_neurons]``.
    """
    if s.is_cuda:
        return s.nonzero(as_tuple=True)
    samples, neurons = np.divmod(s.numpy().reshape(-1).nonzero()[0], s.shape[1])  # a third of torch's time
    return torch.from_numpy(samples), torch.from_numpy(neurons)


def sum_in_order(rows: np.ndarray) -> np.ndarray:
    """The sum of rows, one after the other from the first, as every engine does; float32 ``[n]`` of ``[k, n]``."""
    if rows.shape[1] == 1:  # NumPy would add a single column in pairs
        return np.add.accumulate(np.concatenate([np.zeros((1, 1), rows.dtype), rows]))[-1]
    return np.add.reduce(np.ascontiguousarray(rows), axis=0, initial=np.float32(0))


def sums_of_rows(rows: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
    """For each sample the sum of the rows of neurons that fired, one after the other, float32 ``[batch_size, n]``.

    Args:
        rows: a row for each neuron, float32 ``[n_neurons, n]``.
        s: spikes, bool ``[batch_size, n_neurons]``, or, as float32, how much each of them counts.
    """
    if s.is_cuda:
        return s.float() @ rows
    counted = not s.dtype.is_floating_point
    if len(s) == 1:
        spikes = s.numpy().reshape(-1)
        neurons = spikes.nonzero()[0]
        taken = rows.numpy().take(neurons, 0)
        return torch.from_numpy(sum_in_order(taken if counted else taken * spikes[neurons, None]))[None]
    samples, neurons = spikes_of_batch(s)
    firsts = torch.from_numpy(np.searchsorted(samples.numpy(), np.arange(s.shape[0])))
    if not counted:
        rows, neurons = rows[neurons] * s[samples, neurons, None], torch.arange(neurons.numel())
    return torch.embedding_bag(rows, neurons, firsts)[0]  # adds row by row


def elapsed(s: torch.Tensor, past: torch.Tensor, longest: int) -> torch.Tensor:
    """Steps since the last spike before this step, float32 ``[batch_size, n]``; 0 where none was in the ``longest`` steps before.

    Args:
        s: spikes of this step, bool ``[batch_size, *shape]``.
        past: those of the steps before, the latest first.
        longest: how far to look back.
    """
    since = torch.zeros(s.shape[0], s[0].numel(), device=s.device)
    for steps in range(longest, 0, -1):
        since.masked_fill_(past[steps - 1].view(since.shape), steps)
    return since

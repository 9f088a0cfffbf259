"""The fused engine: a block of samples in one compiled loop, bit for bit what the plain engine does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from operator import index
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.engine.fused import program
from bindsnet.engine.fused.arguments import Arguments
from bindsnet.engine.fused.plan import CannotFuseError, plan
from bindsnet.engine.fused.prepared import Prepared
from bindsnet.engine.presentation import Presentation, Records, Repetition
from bindsnet.numbers.random import stream_key
from common.spike_trains import SpikeTrains

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit

__all__ = ["CannotFuseError", "program_text", "run_compiled"]


def program_text(network: Circuit, layer: str, repetition: Repetition | None = None) -> str:
    """The text of the program that presents samples to this network, as it stands (learning or not).

    Args:
        network: the network.
        layer: the layer whose spikes are counted.
        repetition: when a sample is presented again.

    Raises:
        CannotFuseError: the network has a part that the fused engine does not take.
    """
    planned = plan(network, layer, repetition.connection if repetition else None)
    return program.text_of(planned, list(Arguments(planned).values))


def run_compiled(
    network: Circuit,
    prepared: Prepared,
    spike_trains: dict[str, SpikeTrains],
    repetition: Repetition | None,
    samples: list[int],
    seed: int,
    stream: int,
    spike_times: bool,
    records: Records,
    rewards: np.ndarray,
    n_workers: int = 1,
) -> Presentation:
    """See :meth:`Network.present`, which has prepared the network and checked the arguments."""
    from numba.core.errors import NumbaError

    planned, arguments, compiled = prepared.plan, prepared.arguments, prepared.program
    arguments.read_anew()
    values = arguments.values
    for connection in prepared.frozen:
        connection.reset_state_variables()  # what a rule keeps that does not learn now
    n_samples, n_steps = len(samples), next(iter(spike_trains.values())).n_steps
    n_counted = planned.counted.nodes.n
    counts = np.zeros((n_samples, n_counted), np.int32)
    n_presentations = np.zeros(n_samples, np.int64)
    raster = np.zeros((n_samples, n_steps, n_counted) if spike_times else (0, 0, 0), np.bool_)
    limits = (1, 0, np.float32(1.0))
    if repetition is not None:
        limits = (repetition.max_presentations, repetition.min_spikes, np.float32(repetition.growth))
        values[f"factor__{planned.repeated.name}"] = np.float32(repetition.first_factor)
    given = [records.rows, *(records.arrays(prepared.nowhere)), *_input_arguments(prepared.inputs, spike_trains, n_samples)]
    numbers, stream_keys = np.asarray(samples, np.int64), stream_key(index(seed), stream)

    def run(first: int, last: int, values: dict[str, object]) -> None:
        results = (counts, n_presentations, raster, last == n_samples, rewards)
        try:
            compiled(first, last, n_steps, numbers, *stream_keys, *limits, *results, *given, *values.values())
        except NumbaError as error:  # before anything has run
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise CannotFuseError(f'the program of this network does not compile ({reason}); engine="plain" runs it') from error

    n_shares = 1 if planned.changes else max(1, min(n_workers, n_samples))
    if n_shares == 1:
        run(0, n_samples, values)
    else:
        bounds = np.linspace(0, n_samples, n_shares + 1).astype(int).tolist()
        # The last share ends with the last sample: it alone works on the network's own arrays.
        shares = [*(arguments.own_copy(planned) for _ in range(n_shares - 1)), values]
        with ThreadPoolExecutor(n_shares) as pool:
            list(pool.map(run, bounds[:-1], bounds[1:], shares))
    arguments.give_back()
    if n_samples:
        network.randomness.begin(seed, stream, samples[-1:], int(n_presentations[-1]) - 1)
        network.randomness.step = n_steps
    trains = SpikeTrains.from_dense(torch.from_numpy(raster)) if spike_times else None
    return Presentation(torch.from_numpy(counts), torch.from_numpy(n_presentations), trains, records.tensors)


def _input_arguments(inputs: list[str], spike_trains: dict[str, SpikeTrains], n_samples: int) -> list[np.ndarray]:
    """Pointers, steps and units of each input layer; an input without spike trains is silent."""
    found: list[np.ndarray] = []
    for name in inputs:
        trains = spike_trains.get(name)
        if trains is None:
            found += [np.zeros(n_samples + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32)]
        else:
            found.append(np.asarray(trains.pointers.numpy(), np.int64))
            found += (np.asarray(each.numpy(), np.int32) for each in (trains.steps, trains.units))
    return found

"""A run of one sample from rest: what the fused engine can do in one piece.

Programs written for BindsNET call ``run`` once a sample and reset the network in between. Such a run is the presentation of one
sample, with the same bits from either engine, so a program that goes on for long enough gains from the compiled loop without a
change. Compiling takes some seconds, which a short program should not have to wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from bindsnet.engine import fused, monitored
from bindsnet.network import run_arguments
from bindsnet.network.nodes import AbstractInput
from bindsnet.numbers.random import ELSEWHERE
from common.spike_trains import SpikeTrains

if TYPE_CHECKING:
    from bindsnet.network.circuit import Circuit

N_STEPS_BEFORE = 5000  # taken by the plain engine, in about the time that compiling takes
ROOM = 2**26  # bytes of a record of all steps, from which monitors are filled that may keep less


def reason_against(
    network: Circuit, prepared: fused.Prepared | None, inputs: Mapping[str, torch.Tensor], given: Mapping[str, Any]
) -> str | None:
    """Why a run is none of one sample from rest with spikes alone; None if it is.

    Args:
        network: the network.
        prepared: what was prepared of it; None where that has to be looked up.
        inputs: layer -> input of each step, ``[n_steps, batch_size, *shape]``.
        given: what else the run was given, by name; nothing is None, False or an empty mapping.
    """
    if network.batch_size != 1:
        return f"there are {network.batch_size} samples in a batch"
    if not inputs:
        return "there is no input"
    if others := [name for name in inputs if not isinstance(network.layers[name], AbstractInput)]:
        return f"{others[0]!r} is given a drive, and is no input layer"
    names = {name for name, value in given.items() if not (value is None or value is False or _is_empty(value))}
    if more := names - {"reward"}:
        return f"it is given {', '.join(sorted(more))}"
    if network.learning and "reward" not in names and _takes_reward(network, prepared):
        return "it is given no reward"
    watched = monitored.watched(network) if prepared is None else prepared.watched
    if monitored.room_for_records(watched, len(next(iter(inputs.values())))) > ROOM:
        return "it has so many steps that a record of what monitors watch would take much memory"
    return None if (network if prepared is None else prepared).at_rest else "the network is not as a reset leaves it"


def run(
    network: Circuit, prepared: fused.Prepared, inputs: Mapping[str, torch.Tensor], n_steps: int, seed: int, samples: list[int],
    reward: float | torch.Tensor | None,
) -> None:  # fmt: skip
    """Run the sample, and let monitors record what they would have recorded step by step; see :meth:`Network.run`."""
    trains = {name: SpikeTrains.from_dense(value[:n_steps].reshape(1, n_steps, -1).bool()) for name, value in inputs.items()}
    records, filling = prepared.records_of_run(network, n_steps)
    reward = torch.as_tensor(reward).reshape(-1) if reward is not None else None
    rewards = run_arguments.rewards(reward, 1, n_steps)
    fused.run_compiled(network, prepared, trains, None, samples, seed, ELSEWHERE, False, records, rewards)
    for monitor, steps in filling:
        monitor.fill(steps)
    if not network.learning:  # while it learns it has done so
        network.normalize()


def _takes_reward(network: Circuit, prepared: fused.Prepared | None) -> bool:
    if prepared is not None:
        return prepared.plan.takes_reward
    return any(rule.takes_reward for connection in network.connections.values() for rule in connection.rules)


def _is_empty(value: Any) -> bool:
    return isinstance(value, Mapping) and not value

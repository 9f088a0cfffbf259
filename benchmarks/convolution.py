"""A convolutional layer on recordings of N-MNIST: how long it learns from one, and whether both engines agree.

    python benchmarks/convolution.py [--data data] [--n_maps 64]

34 × 34 × 2 inputs (ON and OFF), fields of 5 × 5 inputs two apart, one winner at each position in a step, which learns by the rule
of Diehl & Cook (2015) and inhibits the other maps at its position. The first
saccade of each recording, in steps of 1 ms, on one core.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from bindsnet.engine import SpikeTrains
from bindsnet.learning import DiehlAndCook
from bindsnet.network import Network
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Conv2dConnection, UniformLateralConnection
from datasets import NMNIST

N_PLAIN = 20
ROUNDS = 7


def convolutional_network(n_maps: int, winner: str = "drawn", inhibition: float = -10.0) -> Network:
    """Inputs, maps that see them, and inhibition between the maps of a position."""
    network = Network(dt=1.0)
    inputs = Input(shape=[2, 34, 34], traces=True, tc_trace=20.0)
    maps = DiehlAndCookNodes(
        shape=[n_maps, 15, 15], thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=100.0, theta_plus=0.2,
        one_spike=True, one_spike_per="position", winner=winner,
    )  # fmt: skip
    network.add_layer(inputs, "Input")
    network.add_layer(maps, "Maps")
    w = 0.2 + 0.6 * torch.rand(n_maps, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    learning = {"update_rule": DiehlAndCook, "nu": 0.01, "wmin": 0.0, "wmax": 1.0}
    network.add_connection(Conv2dConnection(inputs, maps, 5, stride=2, w=w, **learning), "Input", "Maps")
    network.add_connection(UniformLateralConnection(maps, maps, inhibition, within="position"), "Maps", "Maps")
    return network


def main() -> None:
    """Print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", default=str(Path(__file__).resolve().parents[1] / "data"))
    parser.add_argument("--n_maps", type=int, default=64)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    trains = NMNIST(arguments.data, train=True, dt=1.0, polarities="both").spike_trains
    trains = trains.select(torch.randperm(trains.n_samples, generator=torch.Generator().manual_seed(0)))
    trains = SpikeTrains(trains.pointers, trains.steps.int(), trains.units.int(), trains.n_steps, trains.n_units)
    n_samples = trains.n_samples
    network = convolutional_network(arguments.n_maps)
    started = time.perf_counter()
    network.clone().present(trains, "Maps", seed=0, engine="fused")
    print(f"first call, with the compiler's work: {time.perf_counter() - started:.1f} s")
    for epoch in range(3):
        times = []
        for _ in range(ROUNDS):
            copy = network.clone()
            started = time.perf_counter()
            counts = copy.present(trains, "Maps", seed=0, engine="fused").spike_counts
            times.append((time.perf_counter() - started) * 1000 / n_samples)
        moved = (copy.connections["Input", "Maps"].w - network.connections["Input", "Maps"].w).abs().mean()
        fired = (counts.sum(0) > 0).sum()
        print(f"epoch {epoch + 1}: {min(times):.3f} ms a recording (best of {ROUNDS} times {n_samples}, worst {max(times):.3f});")
        print(f"    {len(trains.steps) / n_samples:.0f} input spikes and {counts.sum() / n_samples:.1f} of the maps a recording,")
        print(f"    {fired} of {counts.shape[1]} neurons fired, weights moved by {moved:.4f}")
        network = copy
    few = SpikeTrains.from_dense(trains_dense(trains, N_PLAIN))
    copies = {engine: network.clone() for engine in ("plain", "fused")}
    answers = {engine: copy.present(few, "Maps", seed=1, engine=engine).spike_counts for engine, copy in copies.items()}
    states = [copy.state_dict() for copy in copies.values()]
    alike = torch.equal(*answers.values()) and all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    print(f"{N_PLAIN} recordings by both engines, {answers['plain'].sum()} spikes: {'the same bits' if alike else 'THEY DIFFER'}")
    sys.exit(0 if alike else 1)


def trains_dense(trains: SpikeTrains, n: int) -> torch.Tensor:
    """The first samples, dense."""
    last = int(trains.pointers[n])
    few = SpikeTrains(trains.pointers[: n + 1], trains.steps[:last], trains.units[:last], trains.n_steps, trains.n_units)
    return few.to_dense()


if __name__ == "__main__":
    main()

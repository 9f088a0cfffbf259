"""Whether memory stays flat: a large network that is monitored over many samples, and many networks built one after another.

    python benchmarks/memory.py [--samples 500] [--steps 2000] [--neurons 6400] [--networks 20] [--quick]

Spikes and voltages of all neurons are recorded in rings of the last 100 steps, spikes as one bit each as well, and every tenth
sample is read. Exit status 1 where the largest memory grew by more than 16 MB after the first tenth of samples, or networks.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor, NetworkMonitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection
from common.machine import peak_memory_mb

N_INPUTS, N_KEPT, MOST_GROWTH_MB = 100, 100, 16.0
QUICK = {"samples": 10, "steps": 300, "neurons": 6400, "networks": 10}


def monitored_network(n_neurons: int) -> Network:
    """Inputs to a layer of which monitors keep the last steps."""
    network = Network()
    inputs, layer = Input(N_INPUTS, traces=True), DiehlAndCookNodes(n_neurons, traces=True, thresh=-60.0)
    network.add_layer(inputs, "X")
    network.add_layer(layer, "Y")
    w = torch.rand(N_INPUTS, n_neurons)
    network.add_connection(Connection(inputs, layer, w=w, update_rule=PostPre, nu=(0.0, 1e-3), wmin=0.0, wmax=1.0), "X", "Y")
    network.add_monitor(NetworkMonitor(network, state_vars=("s", "v"), time=N_KEPT), "all")
    network.add_monitor(Monitor(layer, ["s"], time=N_KEPT, packed=True), "bits")
    return network


def samples_of_one(n_samples: int, n_steps: int, n_neurons: int) -> Iterator[int]:
    """Run one network sample by sample; gives the number of each when it is done."""
    network = monitored_network(n_neurons)
    for sample in range(n_samples):
        network.run({"X": torch.rand(n_steps, N_INPUTS) < 0.01}, time=n_steps)
        if sample % 10 == 9:
            network.monitors["all"].get()
            network.monitors["bits"].get("s")
        network.reset_state_variables()
        yield sample


def networks_in_a_loop(n_networks: int, n_neurons: int) -> Iterator[int]:
    """Build, run and drop a network after another; gives the number of each when it is done."""
    for number in range(n_networks):
        network = monitored_network(n_neurons)
        network.run({"X": torch.rand(N_KEPT, N_INPUTS) < 0.01}, time=N_KEPT)
        network.clone()
        yield number


def grows(what: str, done: Iterator[int], n: int) -> bool:
    """Print a row of the table for each tenth of them; whether the largest memory grew after the first."""
    print(f"{what:>10}  largest memory, MB    seconds")
    start, first, now = time.perf_counter(), None, 0.0
    for number in done:
        if (number + 1) % max(n // 10, 1) == 0:
            now = peak_memory_mb()
            first = now if first is None else first
            print(f"{number + 1:10d}  {now:18.1f}  {time.perf_counter() - start:9.1f}", flush=True)
    return first is not None and now - first > MOST_GROWTH_MB


def main() -> int:
    """Print both tables; 1 where memory grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in {"samples": 500, "steps": 2000, "neurons": 6400, "networks": 20}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--quick", action="store_true", help=f"a small one: {QUICK}")
    given = parser.parse_args()
    if given.quick:
        vars(given).update(QUICK)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    grown = grows("networks", networks_in_a_loop(given.networks, given.neurons), given.networks)
    grown |= grows("samples", samples_of_one(given.samples, given.steps, given.neurons), given.samples)
    print("memory grows" if grown else "memory stays flat")
    return int(grown)


if __name__ == "__main__":
    raise SystemExit(main())

"""The same programs on BindsNET 0.3.4 and here, in turns: milliseconds a sample, and whether the spikes are the same.

    python -m venv /tmp/other && /tmp/other/bin/pip install bindsnet
    python benchmarks/beside_bindsnet.py /tmp/other/bin/python [--rounds 5]

Two networks, 250 steps of 1 ms: ``DiehlAndCook2015`` with 784 inputs, 100 excitatory and 100 inhibitory neurons, which learns,
one sample at a time and 32; and a reservoir that is built of parts, 784 inputs and 500 recurrent neurons. A pixel of a digit
fires by chance, by 128 Hz where it is white; the digits are of MNIST, where ``../shared/data/mnist`` lies, else all pixels are
alike. A sample is one call of ``run``, the reading of a monitor of its spikes and a reset. Both libraries take
turns on one core, and each figure is the least of its turns (process time). Here ``run`` is timed as the plain engine takes it,
and as the fused one does, which takes over in programs that run for long.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIGITS = ROOT.parent / "shared" / "data" / "mnist" / "train-images-idx3-ubyte.gz"
N_STEPS, N_INPUTS, RATE = 250, 784, 0.128  # spikes a ms of a white pixel
#: name -> (layer that is watched, samples at a time, calls of run)
PROGRAMS = {
    "DiehlAndCook2015": ("Ae", 1, 20),
    "DiehlAndCook2015, 32 at a time": ("Ae", 32, 4),
    "reservoir 784-500": ("R", 1, 20),
}


def network_of(name: str, batch_size: int) -> object:
    """A network as programs for either library build it."""
    import torch

    from bindsnet.models import DiehlAndCook2015
    from bindsnet.network import Network
    from bindsnet.network.nodes import Input, LIFNodes
    from bindsnet.network.topology import Connection

    torch.manual_seed(0)
    if not name.startswith("reservoir"):
        network = DiehlAndCook2015(N_INPUTS, n_neurons=100, batch_size=batch_size, reduction=torch.sum)
        network.layers["Ae"].one_spike = False  # which of them would be drawn by generators of their own
        return network
    network = Network(dt=1.0, batch_size=batch_size)
    network.add_layer(Input(N_INPUTS, traces=True), "X")
    network.add_layer(LIFNodes(500, thresh=-52.0 + torch.randn(500)), "R")
    for source, scale in (("X", 0.5), ("R", 0.025)):
        ends = network.layers[source], network.layers["R"]
        network.add_connection(Connection(*ends, w=scale * torch.randn(ends[0].n, 500)), source, "R")
    return network


def chances_of_spikes(n_images: int) -> object:
    """The chance that a pixel fires in a step, ``[n_images, 784]``."""
    import numpy as np
    import torch

    if not DIGITS.is_file():
        return 0.13 * RATE * torch.ones(n_images, N_INPUTS)  # of such digits an eighth is white
    with gzip.open(DIGITS) as file:
        pixels = np.frombuffer(file.read(16 + n_images * N_INPUTS), np.uint8, offset=16)
    return torch.from_numpy(pixels.astype(np.float32)).view(n_images, N_INPUTS) / 255 * RATE


def measured(name: str, **engine: str) -> tuple[float, int]:
    """Milliseconds a sample of the quickest call, and the number of spikes in all."""
    import torch

    from bindsnet.network.monitors import Monitor

    torch.set_num_threads(1)
    layer, batch_size, n_calls = PROGRAMS[name]
    network = network_of(name, batch_size)
    monitor = Monitor(network.layers[layer], ["s"], time=N_STEPS)
    network.add_monitor(monitor, "spikes")
    generator, times, n_spikes = torch.Generator().manual_seed(1), [], 0
    for chances in chances_of_spikes(n_calls * batch_size).split(batch_size):
        spikes = torch.rand(N_STEPS, batch_size, N_INPUTS, generator=generator) < chances
        began = time.process_time()
        network.run(inputs={"X": spikes}, time=N_STEPS, **engine)
        n_spikes += int(monitor.get("s").sum())
        network.reset_state_variables()
        times.append(time.process_time() - began)
    return 1000 * min(times) / batch_size, n_spikes


def in_turn(python: str, name: str, engine: str | None) -> tuple[float, int]:
    """What a process of an interpreter of its own measures."""
    command = [python, __file__, "--measure", name, *(["--engine", engine] if engine else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr.strip().splitlines()[-1]}")
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("python", nargs="?", help="the interpreter of an environment with BindsNET")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        if arguments.engine:
            sys.path.insert(0, str(ROOT))
        engine = {"engine": arguments.engine} if arguments.engine else {}
        print(json.dumps(measured(arguments.measure, **engine)))
        return
    if arguments.python is None:
        parser.error("give the interpreter of an environment with BindsNET, such as /tmp/other/bin/python")
    print("| program | BindsNET, ms a sample | run here | times as fast | run here, fused | spikes |\n|---|---|---|---|---|---|")
    for name, (_, batch_size, _) in PROGRAMS.items():
        turns = {"BindsNET": (arguments.python, None), "plain": (sys.executable, "plain")}
        if batch_size == 1:
            turns["fused"] = (sys.executable, "fused")
        found = {who: [] for who in turns}
        for _ in range(arguments.rounds):
            for who, (python, engine) in turns.items():
                found[who].append(in_turn(python, name, engine))
        least = {who: min(each)[0] for who, each in found.items()}
        n_spikes = {each for turns_of in found.values() for _, each in turns_of}
        same = f"{n_spikes.pop():,}, the same" if len(n_spikes) == 1 else f"differ: {n_spikes}"
        fused = f"{least['fused']:.2f}" if "fused" in least else ""
        ratio = least["BindsNET"] / least["plain"]
        print(f"| {name} | {least['BindsNET']:.1f} | {least['plain']:.1f} | {ratio:.2f} | {fused} | {same} |", flush=True)


if __name__ == "__main__":
    main()

"""How fast the engines are: a table, everything measured side by side in one run.

    python benchmarks/speed.py [--quick]

The floor is a bare compiled loop that only gathers and adds the weight rows of the same input spikes: what no event-driven
simulation of dense input weights can undercut by much. Engine and floor take turns, and each figure is the best of its turns, so
that other work on the machine disturbs both alike. Where the recordings of N-MNIST lie in data/NMNIST/raw they are presented as
the script does it, repetitions included, which the floor does not repeat. Besides, and for the other sensors, input spikes are
drawn at random at a sensor's rates, so no data is needed; a sample is presented once then, so that all engines do the same work.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numba
import numpy as np
import torch

from bindsnet.engine.fused.kernels import HEADER
from bindsnet.engine.fused.translate import Translator
from bindsnet.evaluation import LabelCounts
from bindsnet.numbers import ops
from datasets import NMNIST, SpikeTrains
from datasets.errors import DatasetError
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.model.network import EXCITATORY
from experiment.readouts.labels import classify

#: sensor -> number of inputs, of steps, of input spikes a sample
SHAPES = {"visual": (1156, 105, 740), "auditory": (64, 1000, 2000), "tactile": (100, 2000, 800)}
RECORDED = "recorded"  # in place of a sensor: N-MNIST's recordings
N_SAMPLES = 240
N_PLAIN = 5  # the plain engine takes its time
ROUNDS = 7
N_EPOCHS_BEFORE = 3  # on recordings: until thresholds have settled and a sample evokes the usual number of spikes
CACHE_LINE = 64  # bytes
ROOT = Path(__file__).resolve().parents[1]


@numba.njit(nogil=True)
def floor(w: np.ndarray, pointers: np.ndarray, steps: np.ndarray, units: np.ndarray, n_steps: int) -> float:
    """Gather and add, and nothing else."""
    room, total = np.zeros(w.shape[1] + CACHE_LINE // 4, np.float32), 0.0
    drive = room[(-room.ctypes.data) % CACHE_LINE // 4 :][: w.shape[1]]  # else luck would decide on a third of its time
    for sample in range(len(pointers) - 1):
        k, end = pointers[sample], pointers[sample + 1]
        for t in range(n_steps):
            drive[:] = 0
            while k < end and steps[k] == t:
                row = w[units[k]]
                for j in range(len(drive)):
                    drive[j] += row[j]
                k += 1
            total += drive[0]
    return total


@numba.njit(nogil=True)
def spin(n: int) -> int:
    """Pure arithmetic: what a second thread gains on this machine at best."""
    x = 1
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) & 0x7FFFFFFFFFFFFFFF
    return x


def spike_trains(n_inputs: int, n_steps: int, n_spikes: int, n_samples: int) -> SpikeTrains:
    """Random spikes at a sensor's rate; half the inputs get most of them, as a digit covers part of a sensor."""
    generator = torch.Generator().manual_seed(0)
    rates = torch.rand(n_samples, 1, n_inputs, generator=generator) ** 3
    rates *= n_spikes / n_steps / rates.sum(2, keepdim=True)
    return SpikeTrains.from_dense(torch.rand(n_samples, n_steps, n_inputs, generator=generator) < rates)


def best_of(rounds: int, *functions: Callable[[], object]) -> list[float]:
    """The shortest time of each, s, the functions taking turns."""
    best = [float("inf")] * len(functions)
    for _ in range(rounds):
        for k, function in enumerate(functions):
            started = time.perf_counter()
            function()
            best[k] = min(best[k], time.perf_counter() - started)
    return best


def in_two_threads(function: Callable[[], object]) -> Callable[[], None]:
    """The function twice, at the same time."""

    def run() -> None:
        threads = [threading.Thread(target=function) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def recorded_spike_trains() -> SpikeTrains | None:
    """The training recordings of N-MNIST in an order that mixes digits; None where there are none."""
    try:
        trains = NMNIST(ROOT / "data", train=True, dt=1.0, download=False).spike_trains
    except DatasetError:
        return None
    mixed = trains.select(torch.randperm(trains.n_samples, generator=torch.Generator().manual_seed(0)))
    return mixed._replace(steps=mixed.steps.int(), units=mixed.units.int())  # as the engine and the floor take them


def row(sensor: str, trains: SpikeTrains, n_neurons: int, rounds: int) -> str:
    """One line of the table."""
    n_samples, n_inputs = trains.n_samples, trains.n_units
    few = trains.select(torch.arange(N_PLAIN))
    learning = DiehlCookNetwork(n_inputs, n_neurons)
    packed = (trains.pointers.numpy(), trains.steps.numpy(), trains.units.numpy(), trains.n_steps)
    w = learning.w.detach().numpy()

    def present(network: DiehlCookNetwork, spikes: SpikeTrains = trains, **how: object) -> torch.Tensor:
        repetition = network.repetition() if sensor == RECORDED else None
        return network.present(spikes, EXCITATORY, repetition, seed=0, **how).spike_counts

    started = time.perf_counter()
    present(learning.clone(), engine="fused")
    compiling = time.perf_counter() - started
    for _ in range(N_EPOCHS_BEFORE if sensor == RECORDED else 1):
        n_spikes_out = present(learning, engine="fused").sum().item() / n_samples
    frozen = (learning.clone() if sensor == RECORDED else DiehlCookNetwork(n_inputs, n_neurons)).train(False)
    present(frozen, engine="fused")
    floor(w, *packed)
    times = best_of(
        rounds,
        lambda: floor(w, *packed),
        lambda: present(learning, engine="fused"),
        lambda: present(frozen, engine="fused"),
        lambda: present(frozen, engine="fused", n_workers=2),
    )
    (plain,) = best_of(1, lambda: present(learning, few, engine="plain"))
    ms = [1000 * seconds / n_samples for seconds in times]
    events = len(trains.steps) / times[1]
    return (
        f"{sensor:9} {n_neurons:6,} {1000 * plain / N_PLAIN:8.1f} {ms[1]:8.3f} {ms[1] / ms[0]:6.2f} {ms[2]:8.3f}"
        f" {ms[2] / ms[0]:6.2f} {ms[0]:8.3f} {times[2] / times[3]:8.2f} {events / 1e6:8.1f} {n_spikes_out:7.1f} {compiling:8.2f}"
    )


def block_cost(n_neurons: int, rounds: int) -> float:
    """Classification and label assignment of a block of 12 samples, ms."""
    generator = torch.Generator().manual_seed(0)
    counts = torch.randint(0, 3, (12, n_neurons), generator=generator)
    labels = torch.arange(12) % 10
    known = LabelCounts(n_neurons, 10)

    def work() -> None:
        classify(counts, known)
        known.update(counts, labels)

    work()
    return 1000 * best_of(10 * rounds, work)[0]


POWERS = """
@njit(error_model="numpy")
def powers(n, x, y, answer):
    for _ in range(n):
        for i in range(len(x)):
            answer[i] = fn_pow(x[i], y)


@njit(error_model="numpy")
def library_powers(n, x, y, answer):
    for _ in range(n):
        for i in range(len(x)):
            answer[i] = math.pow(x[i], y)
"""
N_POWERS = 500  # of each weight, in one call: as in the engine, Python's own calls do not count


def power_function(rounds: int) -> str:
    """The weight dependence: speed and error of the engine's pow beside the scalar powf of the system's library."""
    translator = Translator()
    translator.add(ops.pow)
    names = {"math": math}
    exec(HEADER.format(title="Powers.") + translator.text + POWERS, names)
    x = torch.rand(1156, generator=torch.Generator().manual_seed(0)).numpy()
    mu, own, library = np.float32(0.2), np.empty_like(x), np.empty_like(x)
    functions = (names["powers"], own), (names["library_powers"], library)
    for function, answer in functions:
        function(1, x, mu, answer)
    times = best_of(rounds, *(lambda f=function, a=answer: f(N_POWERS, x, mu, a) for function, answer in functions))
    ns = [1e9 * seconds / N_POWERS / len(x) for seconds in times]
    exact = x.astype(np.float64) ** np.float64(mu)
    error = np.max(np.abs(own - exact) / np.spacing(own))
    return f"pow of a weight: {ns[0]:.2f} ns, {error:.2f} ulp; scalar powf {ns[1]:.2f} ns, {ns[1] / ns[0]:.1f} times that"


READY = """
import sys, time
sys.path.insert(0, {root!r})
import numba
from experiment.model.diehl_cook import DiehlCookNetwork
from experiment.model.network import EXCITATORY
from bindsnet.engine import SpikeTrains
import torch
network = DiehlCookNetwork(1156, {n_neurons})
started = time.perf_counter()
silent = SpikeTrains.from_dense(torch.zeros(1, 105, 1156, dtype=torch.bool))
network.present(silent, EXCITATORY, network.repetition(), engine="fused")
print(time.perf_counter() - started)
"""


def start_up(n_neurons: int) -> float:
    """Time, s, from a network to its first sample in a new process that has imported Numba, the program being on disk."""
    command = [sys.executable, "-c", READY.format(root=str(ROOT), n_neurons=n_neurons)]
    return min(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3))


def peak_memory(n_neurons: int) -> tuple[float, float]:
    """Largest memory, MB, of a whole run on emulated digits, and of an interpreter that has only imported what it needs."""
    script = [str(ROOT / "Visual_network.py"), "--source", "emulated", "--n_train", "60", "--n_test", "30"]
    bare = ["-c", f"import sys; sys.path[0] = {str(ROOT)!r}; import experiment.run_training as r; print(r.peak_memory_mb())"]
    with tempfile.TemporaryDirectory() as folder:
        answers = [
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=folder).stdout
            for arguments in ([*script, "--n_neurons", str(n_neurons)], bare)
        ]
        results = json.loads((Path(folder) / "results" / "test" / "results.json").read_text())
    return results["peak_memory_mb"], float(answers[1])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, no 6,400 neurons")
    quick = parser.parse_args().quick
    rounds = 3 if quick else ROUNDS
    torch.set_num_threads(1)
    one, two = best_of(rounds, lambda: spin(50_000_000), in_two_threads(lambda: spin(50_000_000)))
    print(f"two threads of pure arithmetic do {2 * one / two:.2f} times the work of one on this machine")
    print("ms a sample; (x) times the floor; events: million input events a second while training; first: s of the first call,")
    print("with the compiler's work where the program is not cached yet")
    print("sensor    neurons    plain    train    (x)     test    (x)    floor  threads   events  spikes    first")
    inputs = {sensor: spike_trains(*shape, N_SAMPLES) for sensor, shape in SHAPES.items()}
    recorded = recorded_spike_trains()
    for sensor, trains in (({} if recorded is None else {RECORDED: recorded}) | inputs).items():
        for n_neurons in (100, 400, 1600) if quick else (100, 400, 1600, 6400):
            print(row(sensor, trains, n_neurons, rounds), flush=True)
    for n_neurons in (100, 400, 1600, 6400):
        print(f"classification and assignment of a block, {n_neurons:,} neurons: {block_cost(n_neurons, rounds):.2f} ms")
    print(power_function(rounds))
    whole, bare = peak_memory(6400)
    print(f"a run with 6,400 neurons: {whole:.0f} MB at most, {whole - bare:.0f} more than an interpreter with its modules")
    print(f"first sample {start_up(400):.2f} s after importing Numba, the program compiled in an earlier run")


if __name__ == "__main__":
    main()

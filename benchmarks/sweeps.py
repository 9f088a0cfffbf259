"""What a sweep costs beside its runs, and what it keeps when it is killed.

    python benchmarks/sweeps.py speed     200 runs of 1,000 emulated samples by one job and by two, and memory
    python benchmarks/sweeps.py faults    24 runs, killed at ten random moments, beside the same in one go, and by Ray where it is
    python benchmarks/sweeps.py search    the optimiser beside random draws, five times

All goes on in a fresh temporary folder; only processes that were started here are killed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EMULATED = ("--source", "emulated", "--n_test", "2000")
TIMES = ("seconds",)  # columns of sweep.csv that differ from time to time
N_RUNS = 200
N_KILLS = 10
LOOK_AFTER = 1.0  # s, since looking at the memory of a process holds it up
MEBIBYTE = 2**20


def main() -> int:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["speed", "faults", "search"])
    parser.add_argument("--repetitions", type=int, default=5, help="of search (%(default)s)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sweeps-") as folder:
        os.chdir(folder)
        return {"speed": speed, "faults": faults, "search": lambda: search(asked.repetitions)}[asked.what]()


def speed() -> int:
    """Seconds and memory of 200 runs by one job and by two."""
    plan = (*EMULATED, "--n_train", "1000", "--n_neurons", "100", "--nu", "0.01:0.1:10", "--seed", "0:20")
    sweep("warm", *plan, "--nu", "0.05", "--seed", "0")
    found = {}
    print(f"{'jobs':>4} {'wall (s)':>9} {'runs (s)':>9} {'simulation (s)':>15} {'beside it, a run (ms)':>22} {'MB a job':>9}")
    for n_jobs in (1, 2):
        wall, alone, sizes = timed(f"jobs{n_jobs}", *plan, "--jobs", str(n_jobs))
        simulation = sum(float(row["seconds"]) for row in rows_of(f"jobs{n_jobs}"))
        beside = 1000 * (alone * n_jobs - simulation) / N_RUNS
        found[n_jobs] = wall, alone
        print(f"{n_jobs:4} {wall:9.1f} {alone:9.1f} {simulation:15.1f} {beside:22.1f} {sizes / MEBIBYTE:9.0f}", flush=True)
    ratios = [one / two for one, two in zip(found[1], found[2], strict=True)]
    print(
        f"two jobs are {ratios[0]:.2f} times as fast, from the first run's beginning to the last one's end {ratios[1]:.2f} times"
    )
    return 0


def timed(name: str, *options: str) -> tuple[float, float, float]:
    """Seconds of a sweep, of its runs alone, and the bytes that a process of runs has at the most for itself alone."""
    started, began, largest = time.perf_counter(), 0.0, 0
    process, folder = started_sweep(name, *options), Path("results", name)
    while process.poll() is None:
        began = began or (time.time() if any(folder.glob("*/options.json")) else 0.0)
        sizes = [private_memory(child) for parent in children(process.pid) for child in children(parent)]
        largest = max([largest, *sizes])
        time.sleep(LOOK_AFTER)
    wall = time.perf_counter() - started
    return wall, max(path.stat().st_mtime for path in finished(name)) - began, largest


def faults() -> int:
    """The same sweep in one go, killed again and again, and by Ray: their tables and networks side by side."""
    plan = (*EMULATED, "--n_train", "4000", "--n_neurons", "100", "--n_epochs", "25", "--nu", "0.02:0.1:3", "--seed", "0:8")
    sweep("whole", *plan)
    chance = random.Random(0)
    kills = {"driver": 0, "worker": 0}
    while sum(kills.values()) < N_KILLS:
        process = started_sweep("killed", *plan, *(["--resume"] if sum(kills.values()) else []))
        wait_for_workers(process)
        time.sleep(chance.uniform(1, 14))  # a checkpoint is written after ten seconds
        which = chance.choice(sorted(kills))
        workers = [child for child in descendants(process.pid) if not descendants(child)]
        if process.poll() is not None:
            break
        os.kill(process.pid if which == "driver" or not workers else chance.choice(workers), signal.SIGKILL)
        kills[which] += 1
        if which == "worker":
            time.sleep(chance.uniform(0.5, 1.5))
            process.kill()
        process.wait()
        print(f"killed a {which}: {len(finished('killed'))} of 24 finished")
    sweep("killed", *plan, "--resume")
    print("killed and resumed:", same("whole", "killed"))
    if find_spec("ray"):
        sweep("ray", *plan, "--ray")
        print("by Ray:", same("whole", "ray"))
    return 0


def search(repetitions: int) -> int:
    """60 points that are searched for beside 60 that are drawn, and the defaults: held-out and test accuracy of the best."""
    spans = ("--theta_plus", "0.01:5:log", "--x_tar", "0.05:0.95", "--tc_trace", "2:200:log", "--inh", "1:200:log")
    data = (*EMULATED, "--n_train", "1000", "--n_neurons", "100", "--validation", "5", "--final_seeds", "5")
    wins = 0
    for seed in range(repetitions):
        told = []
        for mode in ("optimise", "random"):
            sweep(f"{mode}{seed}", *data, *spans, f"--{mode}", "60", "--draw_seed", str(seed), "--seed", str(seed))
            told.append(best_of(f"{mode}{seed}"))
        wins += told[0][0] > told[1][0]
        sweep(f"default{seed}", *data, "--seed", str(seed))
        told.append(best_of(f"default{seed}"))
        names = ("optimise", "random", "default")
        cells = [f"{name} {held:.1f} held out, {test:.1f} test" for name, (held, test) in zip(names, told, strict=True)]
        print(f"{seed}: {'; '.join(cells)}", flush=True)
    print(f"the optimiser is ahead in {wins} of {repetitions}")
    return 0


def started_sweep(name: str, *options: str) -> subprocess.Popen:
    """A sweep that has begun."""
    command = [sys.executable, "-m", "experiment", "sweep", "Visual", *options, "--filename", name]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)


def sweep(name: str, *options: str) -> None:
    """A sweep from its beginning to its end."""
    if started_sweep(name, *options).wait():
        raise SystemExit(f"the sweep {name} failed")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a sweep's table."""
    with open(Path("results", name, "sweep.csv"), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def best_of(name: str) -> tuple[float, float]:
    """Held-out and test accuracy of the best point."""
    rows = rows_of(name)
    final = [float(row["accuracy"]) for row in rows if row["stage"] == "final"]
    chosen = next(row["point"] for row in rows if row["stage"] == "final")
    held = [float(row["accuracy"]) for row in rows if row["stage"] == "search" and row["point"] == chosen]
    return statistics.mean(held), statistics.mean(final)


def same(one: str, other: str) -> str:
    """Whether two sweeps have the same table but for times, and the same networks."""
    tables = [[{name: cell for name, cell in row.items() if name not in TIMES} for row in rows_of(name)] for name in (one, other)]
    networks = [hashes(name) for name in (one, other)]
    same_networks = sum(networks[0][run] == networks[1].get(run) for run in networks[0])
    return f"tables {'the same' if tables[0] == tables[1] else 'DIFFER'}, {same_networks} of {len(networks[0])} networks the same"


def hashes(name: str) -> dict[str, str]:
    """A hash of each run's network."""
    found = sorted(Path("results", name).glob("*/network_*.npz"))
    return {path.parent.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def finished(name: str) -> list[Path]:
    """The runs that are finished."""
    return list(Path("results", name).glob("*/results.json"))


def wait_for_workers(process: subprocess.Popen) -> None:
    """Wait until runs are under way."""
    while process.poll() is None and len(descendants(process.pid)) < 4:  # two of them, the one they come from, and a tracker
        time.sleep(0.1)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


def children(pid: int) -> Iterator[int]:
    """The processes that a process has started."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, path.read_text().split())
        except OSError:  # it has ended
            continue


def private_memory(pid: int) -> int:
    """Bytes that a process has for itself alone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


if __name__ == "__main__":
    raise SystemExit(main())

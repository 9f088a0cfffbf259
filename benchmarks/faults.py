"""What `--resume` is worth: kills a run at random moments, resumes it, and compares its end with that of a run left alone.

    python benchmarks/faults.py [--kills 40] [--engine fused|plain] [--seconds 60] [--wait 10]

Each kill is a SIGKILL, drawn evenly over the time that the run left alone took, from the start of Python to the end. Weights,
theta, assignments, proportions, rates, the rows of metrics.csv and results.json are compared bit for bit, apart from times and
memory. Emulated digits, so no data is needed. Exit status 1 where an end differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
N_TRAIN, N_TEST = 2000, 500
MS_PER_SAMPLE = {"fused": 0.3, "plain": 30.0}  # about, all included: so the run's length is near what is asked for
TIMES = ("seconds", "ms_per", "memory")
GOES_ON = "Going on after"
DRIVER = """
import sys
sys.path.insert(0, sys.argv[1])
from experiment import main
from experiment.results import checkpoint
from Visual_network import VISUAL
checkpoint.LEAST_WAIT = float(sys.argv[2])
raise SystemExit(main.main(VISUAL, sys.argv[3:]))
"""


class Case(NamedTuple):
    """A run that is repeated: where, and by which command."""

    folder: Path
    command: list[str]

    def start(self, *options: str) -> subprocess.Popen:
        """Start the run."""
        return subprocess.Popen(
            [*self.command, *options], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def outcome(self) -> dict[str, object]:
        """Everything but times that a finished run left."""
        results = self.folder / "results" / "test"
        with np.load(results / "network_test.npz", allow_pickle=False) as arrays:
            found: dict[str, object] = {name: arrays[name].tobytes() for name in arrays}
        with open(results / "metrics.csv", newline="", encoding="utf-8") as file:
            found["metrics"] = [row | {"seconds": ""} for row in csv.DictReader(file)]
        content = json.loads((results / "results.json").read_text(encoding="utf-8"))
        found["results"] = {name: value for name, value in content.items() if not any(part in name for part in TIMES)}
        return found


def main() -> int:
    """Prints the table; returns the exit status."""
    options = _options()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder), _command(options))
        _finish(case.start())  # compiles, and prepares the data
        started = time.perf_counter()
        _finish(case.start("--overwrite"))
        length, alone = time.perf_counter() - started, case.outcome()
        print(f"left alone: {length:.1f} s, a checkpoint every {options.wait:g} s, {options.engine} engine")
        print(f"{'killed after (s)':>16}  {'went on after':>20}  end")
        equal = resumed = 0
        for _ in range(options.kills):
            moment = draw.uniform(0, length)
            where, is_equal = _kill_and_resume(case, moment, alone)
            equal, resumed = equal + is_equal, resumed + bool(where)
            print(f"{moment:16.1f}  {where or 'no checkpoint':>20}  {'equal' if is_equal else 'DIFFERENT'}", flush=True)
    print(f"{equal} of {options.kills} ends equal; {resumed} went on from a checkpoint")
    return int(equal < options.kills)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=40, help="how often to kill [default: 40]")
    parser.add_argument("--engine", choices=tuple(MS_PER_SAMPLE), default="fused", help="what runs the network [default: fused]")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the run, about [s; default: 60]")
    parser.add_argument("--wait", type=float, default=10.0, help="time between checkpoints [s; default: 10]")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments [default: 0]")
    return parser.parse_args()


def _command(options: argparse.Namespace) -> list[str]:
    n_presented = int(1000 * options.seconds / MS_PER_SAMPLE[options.engine])
    n_train = min(N_TRAIN, n_presented)
    run = {"source": "emulated", "n_train": n_train, "n_test": min(N_TEST, n_train), "engine": options.engine}
    run |= {"n_epochs": max(1, n_presented // n_train)}
    words = [word for name, value in run.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-c", DRIVER, str(ROOT), str(options.wait), *words]


def _kill_and_resume(case: Case, moment: float, alone: dict[str, object]) -> tuple[str, bool]:
    """Where the run went on, empty if from the beginning, and whether its end is that of the run left alone."""
    shutil.rmtree(case.folder / "results")
    victim = case.start()
    try:
        victim.wait(moment)
    except subprocess.TimeoutExpired:
        victim.kill()
    victim.communicate()
    said = _finish(case.start("--resume"))
    lines = [line for line in said.splitlines() if line.startswith(GOES_ON)]
    where = lines[0].removeprefix(GOES_ON).removesuffix(" training samples").strip() if lines else ""
    return where, case.outcome() == alone


def _finish(process: subprocess.Popen) -> str:
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"a run failed:\n{said}")
    return said


if __name__ == "__main__":
    raise SystemExit(main())

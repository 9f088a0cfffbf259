"""What each network and each baseline learns of each data set: a study that anybody can repeat.

    python benchmarks/accuracy.py [--quick] [--only PATTERN] [--tables | --commands]

Each row is a run of a script's options (or baselines on its data), in one thread, two side by side. A row that is done is kept
in the folder of `--output`, and skipped the next time: stop it whenever you like, and go on with the same command. `--tables`
prints Markdown of what is done so far. Data that are not there are told, and their rows skipped.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.study.data import DATA_SETS
from benchmarks.study.measure import measure
from benchmarks.study.rows import Row, all_rows, is_quick
from benchmarks.study.tables import commands, tables

ROOT = Path(__file__).resolve().parents[1]
ROWS = "rows.jsonl"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
STOPPED = 130  # exit status
ROWS_OF_A_PROCESS = 20  # then a fresh one, so that what libraries hold on to does not grow


def main() -> int:
    """Measure the rows that are missing, or print the tables; returns the exit status."""
    asked = parsed()
    asked.output.mkdir(parents=True, exist_ok=True)
    rows = [row for row in all_rows() if fnmatch.fnmatch(row.name, f"*{asked.only}*") and (is_quick(row) or not asked.quick)]
    kept = read_rows(asked.output / ROWS)
    if asked.commands:
        print(commands(rows))
        return 0
    if asked.tables:
        print(tables(rows, kept))
        return 0
    missing = [row for row in rows if not is_done(row, kept)]
    places = prepared(missing, asked.data, asked.output)
    todo = [row for row in missing if row.data in places]
    print(f"{len(rows)} rows: {len(rows) - len(missing)} done before, {len(missing) - len(todo)} without data, {len(todo)} to do")
    return measure_all(todo, places, asked.output / ROWS, asked.n_jobs)


def parsed() -> argparse.Namespace:
    """What is asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", metavar="PATTERN", help="rows whose names hold this, * for anything between")
    parser.add_argument("--quick", action="store_true", help="some rows of one seed, in ten minutes")
    parser.add_argument("--tables", action="store_true", help="print tables of what is done, and measure nothing")
    parser.add_argument(
        "--commands", action="store_true", help="print what the scripts are told, row by row, and measure nothing"
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of recordings (%(default)s)")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "results" / "study", help="folder of what is measured (%(default)s)"
    )
    parser.add_argument("--n_jobs", type=int, default=2, help="rows side by side, each in one thread (%(default)s)")
    return parser.parse_args()


def read_rows(path: Path) -> dict[str, dict[str, Any]]:
    """What is kept, by name; a line cut off by a power cut counts as missing."""
    kept = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        kept[row["name"]] = row
    return kept


def keep(row: Mapping[str, Any], path: Path) -> None:
    """Add a row, and bring it to the disk."""
    with path.open("ab+") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        cut_off = file.read(1) not in (b"", b"\n")
        file.write(b"\n" * cut_off + json.dumps(row, default=str).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def is_done(row: Row, kept: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the row is kept, with these options."""
    return row.name in kept and kept[row.name]["options"] == json.loads(json.dumps(row.shaping, default=str))


def prepared(rows: Iterable[Row], data: Path, output: Path) -> dict[str, dict[str, Any]]:
    """For each data set that is there the options that say where; of the others a line."""
    places = {}
    for name in dict.fromkeys(row.data for row in rows):
        absent = [needed for needed in DATA_SETS[name].needs if not (data / needed).exists()]
        if absent:
            print(f"{name}: skipped, {', '.join(absent)} not in {data}")
        else:
            root = output / "data" / name
            places[name] = {"root": root, **DATA_SETS[name].prepare(data, root)}
    return places


def measure_all(rows: list[Row], places: Mapping[str, Mapping[str, Any]], path: Path, n_jobs: int) -> int:
    """Measure rows side by side, and keep each as it is done; returns 1 if one fails, after all others."""
    started, failed = time.perf_counter(), 0
    context = multiprocessing.get_context("spawn")
    os.environ |= dict.fromkeys(THREADS, "1")  # of the processes to come
    with ProcessPoolExecutor(n_jobs, context, initializer=begin, max_tasks_per_child=ROWS_OF_A_PROCESS) as pool:
        futures = {pool.submit(measure, row, places[row.data]): row for row in rows}
        try:
            for n, future in enumerate(as_completed(futures), 1):
                row = futures[future]
                if future.exception():
                    failed += 1
                    print(f"{row.name}: {future.exception()!r}", file=sys.stderr)
                    continue
                found = future.result()
                keep(found, path)
                told = ", ".join(f"{name} {percent:.1f} %" for name, percent in found["accuracy"].items())
                print(f"{n}/{len(rows)} {time.perf_counter() - started:,.0f} s: {row.name}: {told}", flush=True)
        except KeyboardInterrupt:
            print("Stopped; the same command goes on.", flush=True)
            os._exit(STOPPED)  # processes of rows end with this one, see `begin`
    return int(failed > 0)


def begin() -> None:
    """A process of rows says nothing of its runs, and does not outlive the study."""
    logging.disable(logging.WARNING)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(multiprocessing.parent_process(),), daemon=True).start()


def end_with(process: multiprocessing.process.BaseProcess) -> None:
    """End this process as soon as another one has ended, however it did."""
    process.join()
    os._exit(STOPPED)


if __name__ == "__main__":
    raise SystemExit(main())

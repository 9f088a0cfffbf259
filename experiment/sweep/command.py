"""What `python -m experiment sweep` does."""

from __future__ import annotations

import shlex
import time
from collections import Counter
from collections.abc import Sequence

from tqdm import tqdm

from common.machine import available_cores
from common.terminal import complain
from datasets.errors import DatasetError
from experiment.command_line.signals import Interrupted, Signals
from experiment.errors import OptionError
from experiment.kept_data import kept_data
from experiment.readouts import readable
from experiment.results.saved import RESULTS
from experiment.samples import load_samples
from experiment.sweep.estimate import seconds_of_runs
from experiment.sweep.folder import PAGE, SweepFolder, refuse_another_plan
from experiment.sweep.jobs import FAILED, FINISHED, Executor
from experiment.sweep.options import Asked
from experiment.sweep.plan import OPTIMISE, Plan, data_of, key_of_data
from experiment.sweep.points import FINAL, Point, RunOfPoint
from experiment.sweep.pool import Pool
from experiment.sweep.status import mean_and_deviation, of_seconds
from experiment.sweep.sweep import Sweep
from experiment.sweep.table import TABLE

LEAST_GENERATION = 4  # points that are proposed at a time
MOST_SHOWN = 20  # runs that --dry_run names
SOME_FAILED = 1  # exit status


def run_sweep(plan: Plan, argv: Sequence[str]) -> int:
    """Carry out a plan; returns the exit status.

    Args:
        plan: the plan.
        argv: what was typed behind the sense.

    Raises:
        OptionError: it cannot be carried out.
        datasets.DatasetError: the data cannot be had.
    """
    started, asked = time.monotonic(), plan.space.asked
    if plan.mode == OPTIMISE:
        from experiment.sweep.search import imported

        imported()
    command = ["python", "-m", "experiment", "sweep", asked.modality.name, *argv]
    with Signals():
        if asked.own["dry_run"]:
            _tell(plan)
            return 0
        executor = _executor(asked)
        try:
            place = SweepFolder(RESULTS / asked.own["filename"], asked.own["resume"])
            try:
                return _carry_out(plan, place, executor, command, started)
            finally:
                place.close()
        except Interrupted as stop:
            words = [word for word in command if word != "--retry"]
            complain(f"Interrupted; go on with: {shlex.join([*words, *(['--resume'] * ('--resume' not in words))])}")
            return stop.status
        finally:
            executor.close()


def _carry_out(plan: Plan, place: SweepFolder, executor: Executor, command: Sequence[str], started: float) -> int:
    if place.kept:
        refuse_another_plan(place.folder, place.kept["plan"], plan.described())
    keys, _ = _prepare(plan, plan.runs)
    if not place.kept:
        _begin(plan, place, keys, max(LEAST_GENERATION, executor.n_side_by_side), command)
    if place.kept.get("data") != keys:
        raise OptionError([f"--resume: the data have changed since {place.folder} began; without it the sweep begins anew"])
    n_final = _final_seeds(plan, place)
    sweep = Sweep(plan.space, plan.readout, place, executor, plan.n_runs + n_final)
    try:
        if plan.mode == OPTIMISE:
            sweep.search(plan.n_points, place.kept.get("generation", LEAST_GENERATION))
        else:
            sweep.all_of(plan.points)
        best = sweep.best()
        is_asked = plan.space.asked.own["final_seeds"] > 0
        tested = best if is_asked else sweep.titled(place.kept.get("chosen"))  # what was tested before stays
        if tested is not None and n_final:
            _prepare(plan, plan.space.final_runs(tested, n_final))
            sweep.final(tested, n_final)
    finally:
        sweep.close()
    _write_page(sweep)
    _report(sweep, best, time.monotonic() - started)
    return SOME_FAILED if any(row["state"] == FAILED for row in sweep.rows.values()) else 0


def _final_seeds(plan: Plan, place: SweepFolder) -> int:
    """With how many seeds the chosen point is tested: once it has been, with those.

    Raises:
        OptionError: another number is asked for then.
    """
    asked, before = plan.space.asked.own["final_seeds"], place.kept.get("final_seeds", 0)
    if asked and before and asked != before:
        raise OptionError([f"--final_seeds {asked}: test samples are looked at once, and were with {before}"])
    return asked or before


def _begin(plan: Plan, place: SweepFolder, keys: list[list[str]], generation: int, command: Sequence[str]) -> None:
    """Make the folder of a sweep that begins, and keep what must be the same when it goes on."""
    place.begin()
    if place.beside is not None:
        print(f"The sweep that was in {place.folder} is now in {place.beside}")
    about = {
        "name": place.folder.name,
        "sense": plan.space.asked.modality.name,
        "source": str(plan.options[0].source),
        "mode": plan.mode,
        "readout": plan.readout,
        "command": shlex.join(word for word in command if word not in ("--resume", "--retry")),
    }
    place.keep(about=about, parameters=plan.space.parameters, plan=plan.described(), data=keys, generation=generation)


def _prepare(plan: Plan, runs: Sequence[RunOfPoint]) -> tuple[list[list[str]], dict[str, int]]:
    """Prepare what runs are trained and tested on, with all cores, before they are begun side by side.

    Returns:
        What stands for the data; and the number of samples that runs present, by what is asked of their data.

    Raises:
        OptionError, datasets.DatasetError: none of it can be had.
    """
    keys, sizes, errors = list[list[str]](), {}, []
    with kept_data():  # held-out parts are of one split
        for name, options in data_of(plan.space, runs).items():
            try:
                train, test = load_samples(plan.space.asked.modality, options)
            except (OptionError, DatasetError) as error:
                errors.append(error)
                continue
            if (pair := [train.key, test.key]) not in keys:
                keys.append(pair)
            sizes[name] = len(train.labels) * options.n_epochs + len(test.labels)
    if not keys:
        raise errors[0]
    return sorted(keys), sizes


def _tell(plan: Plan) -> None:
    """How many runs, which, and about how long."""
    asked, runs = plan.space.asked, plan.runs
    parts = (plan.n_points, "point"), (len(plan.space.seeds), "seed"), (len(asked.own["validation"]), "held-out part")
    counted = " × ".join(f"{n:,} {noun}{'s' * (n > 1)}" for n, noun in parts)
    print(f"{plan.n_runs:,} run{'s' * (plan.n_runs > 1)}: {counted}; and {asked.own['final_seeds']} on test samples in the end")
    for run in runs[:MOST_SHOWN]:
        print(f"  {run.name}")
    if plan.n_runs > MOST_SHOWN:
        print("  …" if plan.mode != OPTIMISE else "  … the others as they are searched for")
    _, sizes = _prepare(plan, runs)
    of_points = [key_of_data(options) for options in plan.options]
    of_runs = [key for key in of_points for _ in range(len(runs) // len(of_points))]
    known = [(plan.space.options(run), sizes[key]) for run, key in zip(runs, of_runs, strict=True) if key in sizes]
    each, n_measured = seconds_of_runs(asked.modality, known)
    n_jobs = asked.own["jobs"] or available_cores()
    total = each * (plan.n_runs + asked.own["final_seeds"]) / n_jobs
    print(f"About {of_seconds(total)}: {each:.2f} s a run on average, {n_jobs} side by side (by {n_measured} of them)")


def _executor(asked: Asked) -> Executor:
    own = asked.own
    if not own["ray"]:
        return Pool(own["jobs"])
    from experiment.sweep.on_ray import RayExecutor

    return RayExecutor(None if own["ray"] is True else own["ray"], own["jobs"], own["storage"], tqdm.write)


def _write_page(sweep: Sweep) -> None:
    from experiment.report.sweep import write_sweep_page

    write_sweep_page(sweep.table(), sweep.place.folder / PAGE)


def _report(sweep: Sweep, best: Point | None, seconds: float) -> None:
    rows = list(sweep.rows.values())
    states = Counter(row["state"] for row in rows)
    print(f"{', '.join(f'{n:,} {state}' for state, n in states.items())}, in {of_seconds(seconds)}")
    if best is not None:
        of_best = [row for row in rows if row["point"] == best.number and row["state"] == FINISHED]
        for stage, where in (("search", "training samples held out"), (FINAL, "test samples, with fresh seeds")):
            found = [row["accuracy"] for row in of_best if row["stage"] == stage]
            if found:
                n_runs = f"{len(found)} run{'s' * (len(found) > 1)}"
                title = f"Best: {best.title or 'the one point'}" if stage != FINAL else "The same"
                print(f"{title}: {mean_and_deviation(found)} % of {where} ({n_runs}, {readable(sweep.readout)})")
    print(f"Results: {sweep.place.folder / TABLE}, {sweep.place.folder / PAGE}")

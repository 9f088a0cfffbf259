"""A sweep: its points in turn, or as they are searched for, then the best one on test samples."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from common.terminal import complain
from experiment.errors import OptionError
from experiment.results.folder import clear
from experiment.results.saved import has_begun
from experiment.sweep.folder import SweepFolder
from experiment.sweep.jobs import FAILED, FINISHED, INTERRUPTED, STOPPED, Executor, Job, Outcome
from experiment.sweep.journal import JOURNAL, Journal
from experiment.sweep.points import Point, RunOfPoint, Space
from experiment.sweep.rows import metrics_of, row_of
from experiment.sweep.status import Status
from experiment.sweep.table import TABLE, SweepTable, write_table

WRITE_AFTER = 2.0  # s between two times that the table is written


class Sweep:
    """A sweep under way.

    Args:
        space: what its points are chosen from.
        readout: whose accuracy decides.
        place: its folder.
        executor: what carries runs out.
        n_runs: how many there will be.
    """

    def __init__(self, space: Space, readout: str, place: SweepFolder, executor: Executor, n_runs: int) -> None:
        self.space = space
        self.readout = readout
        self.place = place
        self.executor = executor
        self.own = space.asked.own
        self.journal = Journal(place.folder / JOURNAL)
        self.runs: dict[str, RunOfPoint] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.n_runs = n_runs
        self.status: Status | None = None
        self.leader: tuple[float, str] | None = None
        self.written = 0.0

    # Stages.

    def all_of(self, points: Sequence[Point]) -> None:
        """Carry out all runs of some points."""
        self._carry_out([run for point in points for run in self.space.runs(point)])

    def search(self, n_points: int, generation: int) -> None:
        """Search for points, some at a time; of each the first run says whether the others are worth it."""
        from experiment.sweep.search import Rival, Rivals, Search, course_of

        search, known = Search(self.space, self.own["draw_seed"]), dict[str, Rival]()
        for first in range(0, n_points, generation):
            points = search.propose(min(generation, n_points - first))
            if not points:
                break
            runs = {point.title: self.space.runs(point) for point in points}
            self._carry_out([runs[point.title][0] for point in points], Rivals([*known.values()]))
            going_on = [point for point in points if self._state(runs[point.title][0]) == FINISHED]
            self._carry_out([run for point in going_on for run in runs[point.title][1:]])
            found = {point.title: self.mean(point) for point in points}
            courses = {}
            for point in points:
                run = runs[point.title][0]
                state = self._state(run)
                if state in (FINISHED, STOPPED):
                    with suppress(OptionError):  # of a run that was stopped and is damaged nothing is known
                        courses[point.title] = course_of(metrics_of(self.folder_of(run)))
                if found[point.title] is not None:
                    known[point.title] = Rival(self.rows[run.name]["accuracy"], courses[point.title])
            search.tell(found, courses)

    def final(self, point: Point, n_seeds: int) -> None:
        """Train the chosen point with so many fresh seeds, and test it on test samples.

        Raises:
            OptionError: another one has been tested: the test samples are looked at for one only.
        """
        before = self.place.kept.get("chosen", point.title)
        if before != point.title:
            raise OptionError(
                [f"--final_seeds: {before} was tested on the test samples; now {point.title} is best. Test samples that choose "
                 "between points tell nothing any more: begin another sweep, or leave --final_seeds out"]
            )  # fmt: skip
        self.place.keep(chosen=point.title, final_seeds=n_seeds)
        self._carry_out(self.space.final_runs(point, n_seeds))

    # What is known.

    def mean(self, point: Point) -> float | None:
        """Mean held-out accuracy of a point's runs, %; None unless all have finished."""
        rows = [self.rows.get(run.name) for run in self.space.runs(point)]
        if any(row is None or row["state"] != FINISHED for row in rows):
            return None
        return sum(row["accuracy"] for row in rows) / len(rows)

    def best(self) -> Point | None:
        """The point with the highest mean; of equals the first."""
        points = {run.point.number: run.point for run in self.runs.values()}
        means = {number: mean for number, point in points.items() if (mean := self.mean(point)) is not None}
        return points[max(means, key=lambda number: (means[number], -number))] if means else None

    def titled(self, title: str | None) -> Point | None:
        """The point of this title, if there is one."""
        return next((run.point for run in self.runs.values() if run.point.title == title), None)

    def table(self) -> SweepTable:
        """All rows, in the order of the plan."""
        return SweepTable(self.place.kept["about"], self.space.parameters, list(self.rows.values()))

    def folder_of(self, run: RunOfPoint) -> Path:
        """The folder of a run."""
        return self.place.folder / run.name

    def close(self) -> None:
        """Write the table, and let go of the terminal."""
        self._write()
        if self.status is not None:
            self.status.close()

    def _carry_out(self, runs: Sequence[RunOfPoint], rivals: Any = None) -> None:
        """Carry out what is not done, and note what becomes of it."""
        self.runs |= {run.name: run for run in runs}
        for run in runs:
            self._note(run)
            if self._state(run) == FAILED and self.own["retry"]:
                self._forget(run)
            elif self._state(run) == FAILED and run.name not in self.journal.ended:
                complain(f"{run.name}: failed: {self.rows[run.name]['reason']}")
        todo = [run for run in runs if self._state(run) not in (FINISHED, FAILED, STOPPED)]
        if self.status is None:
            self.status = Status(self.n_runs, len(runs) - len(todo))
        else:
            self.status.bar.update(len(runs) - len(todo))
        jobs = [self._job(run, rivals) for run in todo]
        try:
            self.executor.carry_out(jobs, self.status.begun, self._done)
        finally:
            self._write()

    def _job(self, run: RunOfPoint, rivals: Any) -> Job:
        options, sense = self.space.options(run), self.space.asked.modality.name
        return Job(run.name, sense, options, self.folder_of(run), self.own["figures"], rivals)

    def _done(self, job: Job, outcome: Outcome) -> None:
        if outcome.state in (FAILED, STOPPED):
            self.journal.add(job.name, outcome)
        self._note(self.runs[job.name], outcome if outcome.state == INTERRUPTED else None)
        self.status.done(job, outcome, self._best_so_far(self.runs[job.name]))
        if time.monotonic() > self.written + WRITE_AFTER:
            self._write()

    def _note(self, run: RunOfPoint, outcome: Outcome | None = None) -> None:
        ended = outcome or self.journal.ended.get(run.name)
        self.rows[run.name] = row_of(self.space, run, self.readout, self.folder_of(run), ended)

    def _forget(self, run: RunOfPoint) -> None:
        """Forget that a run failed, and what it left."""
        folder = self.folder_of(run)
        self.journal.forget(run.name)
        if folder.is_symlink():  # to what is somebody else's
            folder.unlink()
        elif has_begun(folder):
            clear(folder)
        self._note(run)

    def _best_so_far(self, run: RunOfPoint) -> tuple[float, str] | None:
        mean = None if run.validation is None else self.mean(run.point)
        if mean is not None and (self.leader is None or mean > self.leader[0]):
            self.leader = mean, run.point.title
        return self.leader

    def _state(self, run: RunOfPoint) -> str:
        return self.rows[run.name]["state"]

    def _write(self) -> None:
        write_table(self.table(), self.place.folder / TABLE)
        self.written = time.monotonic()

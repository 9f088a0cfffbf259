"""Runs that Ray carries out, on nodes and in processes that get lost; about a minute and a half:

python -m pytest -n 0 -m ray tests/experiment/sweep/test_on_ray.py
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from experiment import train
from experiment.command_line.signals import Interrupted, Signals
from experiment.errors import OptionError
from experiment.results.saved import CHECKPOINT, is_finished
from experiment.sweep import on_ray
from experiment.sweep.jobs import FAILED, FINISHED, INTERRUPTED, Job, Outcome
from experiment.sweep.on_ray import RayExecutor

pytest.importorskip("ray", reason="needs pip install -r requirements-sweep.txt")
pytestmark = pytest.mark.ray

FAST = {"source": "emulated", "n_train": 300, "n_test": 60, "n_neurons": 50, "pattern_time": 50, "n_workers": 1}
N_RUNS, N_BEFORE = 40, 12  # runs, and those that are done before a node is lost
LONGEST_WAIT = 60  # s
STUDY = Path("results") / "my study"


@pytest.fixture(scope="module", autouse=True)
def here(tmp_path_factory):
    """Where results and data are; the data are prepared."""
    made = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        train("Visual", folder="first", figures=False, progress=False, **FAST)
        yield made


@pytest.fixture(scope="module")
def behaviour():
    """Tasks with a checkpoint at each piece, all of them short, in which runs do what their names say."""
    from experiment.sweep.ray_task import carry_out as real

    def carry_out(job, setting, data):  # a closure, which Ray hands over with its content
        import os
        import pathlib
        import signal
        import threading
        import time
        from dataclasses import replace

        from experiment.protocol import pace
        from experiment.results import checkpoint
        from experiment.sweep import node_data

        checkpoint.LEAST_WAIT, checkpoint.LARGEST_SHARE, pace.PIECE_SECONDS = 0.0, 1.0, 0.02

        def die_at_checkpoint():
            kept, told = pathlib.Path(setting.storage[7:]) / job.name / "checkpoint.pt", pathlib.Path("died")
            while not kept.exists():
                time.sleep(0.001)
            told.touch()
            os.kill(os.getpid(), signal.SIGKILL)

        if job.name == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if job.name == "sees-nothing":
            setting = replace(setting, mark=setting.mark.replace("results", "elsewhere"))
        if job.name == "dies-once" and not pathlib.Path("died").exists():
            threading.Thread(target=die_at_checkpoint).start()
        if setting.storage is not None:
            node_data.root_of = lambda job: pathlib.Path("/nowhere")  # as on a node that shares nothing
        return real(job, setting, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(on_ray, "carry_out", carry_out)
        yield


@pytest.fixture(scope="module")
def alone(behaviour):
    """Ray on this machine."""
    handler = signal.getsignal(signal.SIGTERM)
    executor = RayExecutor(None, 2)
    assert signal.getsignal(signal.SIGTERM) is handler
    yield executor
    executor.close()


def job(name: str, **options) -> Job:
    return Job(name, "Visual", FAST | options, STUDY / name)


def carried_out(executor: RayExecutor, jobs: list[Job], then=lambda job: None) -> dict[str, Outcome]:
    """What became of runs, all of which began; `then` is called when one has ended."""
    begun, ended = [], {}

    def done(job: Job, outcome: Outcome) -> None:
        ended[job.name] = outcome
        then(job)

    executor.carry_out(jobs, lambda job: begun.append(job.name), done)
    assert sorted(begun) == sorted(job.name for job in jobs)
    return ended


def assert_as_alone(jobs: list[Job]) -> None:
    """Networks are those that `train` leaves when nobody disturbs it."""
    for each in jobs:
        folder = Path("alone") / each.name
        train("Visual", folder=folder, figures=False, progress=False, **each.options)
        name = f"network_{each.name}.npz"
        assert (each.folder / name).read_bytes() == (folder / name).read_bytes(), each.name
        assert is_finished(each.folder)
        assert not (each.folder / CHECKPOINT).exists()


def test_all_runs_end_when_a_node_is_lost_and_its_runs_go_on_from_checkpoints(behaviour, capsys):
    from ray.cluster_utils import Cluster
    from ray.thirdparty_files import psutil

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    _, doomed = cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=2)
    jobs, n_done, killed = [job(f"r{n}", seed=n) for n in range(N_RUNS)], [0], threading.Event()

    def count(_: Job) -> None:
        n_done[0] += 1

    def lose_node() -> None:
        """As when its power fails: in the midst of its two runs, its processes all at once."""
        raylet = psutil.Process(doomed.all_processes["raylet"][0].process.pid)
        latest = time.monotonic() + LONGEST_WAIT
        while time.monotonic() < latest:
            time.sleep(0.001)
            if n_done[0] >= N_BEFORE and sum((each.folder / CHECKPOINT).exists() for each in jobs) == 4:
                children = raylet.children(recursive=True)
                cluster.remove_node(doomed, allow_graceful=False)
                for child in children:
                    child.kill()
                killed.set()
                return

    executor = RayExecutor(cluster.address)
    try:
        threading.Thread(target=lose_node, daemon=True).start()
        ended = carried_out(executor, jobs, count)
    finally:
        executor.close()
        cluster.shutdown()
    assert killed.is_set()
    assert ended == {each.name: Outcome(FINISHED) for each in jobs}
    said = capsys.readouterr().out.splitlines()
    print(f"{len(executor.gone_on)} runs went on from a checkpoint: {executor.gone_on}")
    assert 1 <= len(executor.gone_on) <= 2
    assert {f"{name}: its node was lost; it goes on from its last checkpoint" for name in executor.gone_on} <= {*said}
    assert_as_alone(jobs)


def test_a_run_that_kills_its_process_time_and_again_or_cannot_be_fails_and_stops_no_other(alone, monkeypatch):
    monkeypatch.setattr(on_ray, "MOST_DEATHS", 2)  # each is seconds of imports
    ended = carried_out(alone, [job("dies"), job("lives"), job("wrong", n_neurons=-1)])
    assert ended["dies"].state == ended["wrong"].state == FAILED
    assert ended["dies"].reason == "its process ended 2 times before the run did (killed, or a crash)"
    assert ended["wrong"].reason.startswith("--n_neurons -1: must be")
    assert ended["lives"] == Outcome(FINISHED)


def test_told_to_stop_it_saves_what_is_under_way_within_seconds_and_then_goes_on(alone):
    jobs = [job(f"stopped{n}", n_epochs=10, seed=n) for n in range(3)]
    stopped, ended = [], {}

    def stop() -> None:
        while not any((each.folder / CHECKPOINT).exists() for each in jobs):
            time.sleep(0.01)
        stopped.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    with Signals(), pytest.raises(Interrupted) as told:
        alone.carry_out(jobs, lambda job: None, lambda job, outcome: ended.update({job.name: outcome}))
    assert told.value.status == 128 + signal.SIGTERM
    assert time.monotonic() - stopped[0] < 5
    assert {*ended.values()} == {Outcome(INTERRUPTED)}
    assert all((STUDY / name / CHECKPOINT).exists() for name in ended)
    assert carried_out(alone, jobs) == {each.name: Outcome(FINISHED) for each in jobs}
    assert_as_alone([each for each in jobs if each.name in ended])


def test_a_node_that_does_not_see_the_results_is_told_in_a_line_that_says_what_to_do(alone):
    with pytest.raises(OptionError) as told:
        carried_out(alone, [job("sees-nothing")])
    (line,) = told.value.complaints
    assert "does not see" in line
    assert line.endswith("share that folder under the same path, or give --storage")


def test_with_a_storage_nodes_need_share_nothing_and_lost_processes_go_on_from_it(behaviour, alone, here):
    alone.close()  # Ray is there once a process
    executor = RayExecutor(None, 2, str(here / "store"))
    try:
        jobs = [job("dies-once", n_epochs=3), job("stays", seed=1)]
        ended = carried_out(executor, [*jobs, job("wrong-there", n_neurons=-1)])
        assert executor.gone_on == ["dies-once"]
    finally:
        executor.close()
    assert ended.pop("wrong-there").state == FAILED
    assert ended == {each.name: Outcome(FINISHED) for each in jobs}
    assert_as_alone(jobs)
    for each in jobs:
        assert json.loads((each.folder / "options.json").read_text())["options"]["root"] == "data"
    (study,) = (here / "store").iterdir()
    assert {path.parent.name for path in study.glob("*/*")} == {each.name for each in jobs}  # what failed is here alone


def test_an_address_where_no_cluster_is_is_told_in_a_line():
    with pytest.raises(OptionError) as told:
        RayExecutor("127.0.0.1:1")
    (line,) = told.value.complaints
    assert line.startswith("--ray 127.0.0.1:1: ")
    assert "\n" not in line

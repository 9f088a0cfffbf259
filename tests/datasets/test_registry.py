"""A data set is one file and its script one more, as docs/data-sets.md has them: nothing else is touched, all knows it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pages import text_of

from datasets import NMNIST, NTIDIGITS, STMNIST, DatasetError, EmulatedNMNIST, OwnRecordings, open_split
from datasets.registry import data_set, formats, names
from experiment.command_line.parse import help_text
from Tactile_network import TACTILE

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("common", "eventvision", "datasets", "bindsnet", "experiment")

GAS, SCRIPT = re.findall(r"```python\n(.*?)```", text_of("data-sets.md"), re.S)


def write_smells(folder: Path, n: int = 10) -> None:
    """Recordings of two gases: the one excites the first eight sensors, the other the last."""
    generator = np.random.default_rng(0)
    for gas, first in (("ethanol", 0), ("methane", 8)):
        (folder / gas).mkdir(parents=True)
        for number in range(n):
            times, sensors = np.sort(generator.uniform(0, 50, 200)), first + generator.integers(0, 8, 200)
            lines = (f"{time:.3f},{sensor}\n" for time, sensor in zip(times, sensors, strict=True))
            (folder / gas / f"{number}.csv").write_text("".join(lines))


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the packages with the new data set and its script, and recordings of it."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    (folder / "datasets" / "recorded" / "gas.py").write_text(GAS)
    (folder / "Olfactory_network.py").write_text(SCRIPT)
    write_smells(folder / "data" / "GAS" / "raw")
    return folder


@pytest.fixture(scope="module")
def run(copy):
    """Runs a command in the copy: what it printed, complaints included, and its status."""

    def run(*command: str) -> tuple[str, int]:
        answer = subprocess.run([sys.executable, *command], cwd=copy, capture_output=True, text=True, timeout=120)
        return answer.stdout + answer.stderr, answer.returncode

    return run


@pytest.fixture(scope="module")
def trained(run, copy) -> dict:
    """What a run on the recordings left."""
    told, status = run("Olfactory_network.py", "--n_epochs", "3", "--delay", "1", "--filename", "smells")
    assert status == 0, told
    return {name: json.loads((copy / "results" / "smells" / f"{name}.json").read_text()) for name in ("options", "results")}


def test_a_data_set_and_its_script_take_fewer_than_sixty_lines_as_many_as_the_page_says():
    assert len([*GAS.splitlines(), *SCRIPT.splitlines()]) == 48 < 60


def test_the_script_of_a_new_data_set_trains_on_its_recordings(trained):
    sense = trained["options"]["modality"]
    about = {"name": "Olfactory", "dataset": "GAS", "input_shape": [1, 16], "class_names": ["Ethanol", "methane"]}
    assert sense == about | {"features": "fields"}
    assert (trained["results"]["n_train"], trained["results"]["n_test"]) == (16, 4)
    assert trained["results"]["test_accuracy"]["proportion_weighting"] == 100.0
    own = {name: trained["options"]["options"][name] for name in ("delay", "taxel_limit", "pattern_time", "polarities")}
    assert own == {"delay": 1.0, "taxel_limit": None, "pattern_time": 50.0, "polarities": "on"}


def test_its_help_shows_its_own_option_and_that_of_no_other_script_does(run):
    told, status = run("Olfactory_network.py", "--help")
    assert status == 0
    assert "--delay X" in told
    assert "time that is left out at the start of a recording [ms; default: 0.0]" in " ".join(told.split())
    assert "--stimuli" not in told
    assert "--taxel_limit" not in told
    assert "default: 50.0" in told
    assert "--delay" not in help_text(TACTILE)
    assert run("-m", "datasets", "--help")[0].count("GAS|NMNIST|NTIDIGITS|STMNIST") == 2


def test_wrong_values_of_its_own_option_get_a_line(run):
    told, status = run("Olfactory_network.py", "--delay", "-1")
    assert (told, status) == ("--delay -1: must be a number from 0 to 1000 ms\n", 2)


@pytest.mark.parametrize("command", [["Olfactory_network.py"], ["-m", "datasets", "GAS"]])
def test_without_a_twin_it_cannot_be_emulated_and_a_line_says_so(run, command):
    told, status = run(*command, "--source", "emulated")
    assert status == 2
    assert told == (
        "--source emulated: GAS has no emulated twin; take its recordings (--source recorded) or your own (--source PATH)\n"
    )


def test_a_trained_network_tells_its_files(trained, run):
    files = [f"data/GAS/raw/{gas}/0.csv" for gas in ("ethanol", "methane")]
    told, status = run("Olfactory_network.py", "--predict", "results/smells", *files)
    assert status == 0, told
    assert [line.split("proportion weighting ")[1].split()[0] for line in told.splitlines()] == ["Ethanol", "methane"]


def test_python_trains_on_it(run):
    program = "from experiment import train; print(train('Olfactory', delay=1, n_epochs=3, progress=False).accuracies)"
    told, status = run("-c", program)
    assert status == 0, told
    assert told == "{'all_activity': 100.0, 'proportion_weighting': 100.0}\n"


def test_one_can_look_at_it(run):
    told, status = run("-m", "datasets", "GAS", "--n", "2", "--delay", "1")
    assert status == 0, told
    assert "GasSmell (recorded): 1 × 16 units (rows × columns), 2 classes" in told
    assert "class Ethanol" in told


def test_looking_refuses_a_wrong_value_of_its_own_option(run):
    told, status = run("-m", "datasets", "GAS", "--delay", "-1")
    assert (status, "must be a number from 0 to 1000 ms, not '-1'" in told) == (2, True)


def test_own_recordings_of_its_format_are_taken_and_told(run, copy):
    write_smells(copy / "mine")
    told, status = run("Olfactory_network.py", "--source", "mine", "--n_epochs", "2", "--filename", "own")
    assert status == 0, told
    told, status = run("Olfactory_network.py", "--predict", "results/own", "mine/methane/0.csv")
    assert status == 0, told
    assert "proportion weighting methane" in told


def test_its_damaged_files_are_left_out_by_name(run, copy):
    write_smells(copy / "spoilt")
    (copy / "spoilt" / "methane" / "x.csv").write_text("1,2\nsoon,3\n")
    (copy / "spoilt" / "methane" / "y.csv").write_text("1\n")
    told, status = run("-m", "datasets", "GAS", "--source", "spoilt", "--n", "0")
    assert status == 0, told
    assert "x.csv: could not convert string to float" in told
    assert "y.csv: " in told


def test_missing_recordings_say_what_to_put_where(run, copy):
    told, status = run("Olfactory_network.py", "--root", "elsewhere")
    assert status == 2
    assert f"Put <gas>/<id>.csv into {copy}/elsewhere/GAS/raw." in told


@pytest.mark.parametrize(
    ("fact", "slip", "complaint"),
    [
        ('    title = "', '    tilte = "', "GAS lacks title; docs/data-sets.md tells all facts"),
        ('endings = (".csv",)', 'endings = ".csv"', "endings must be a tuple of str, such as (x,), not '.csv'"),
        ('endings = (".csv",)', 'endings = ("csv",)', "endings must begin with a dot, not csv"),
    ],
)
def test_a_slip_in_its_facts_is_told_to_who_writes_it(tmp_path, fact, slip, complaint):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package)
    assert fact in GAS
    (tmp_path / "datasets" / "recorded" / "gas.py").write_text(GAS.replace(fact, slip))
    command = [sys.executable, "-c", "from datasets.registry import names; names()"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.stderr.splitlines()[-1].endswith(f"datasets.recorded.gas: {complaint}")


# What is there.


def test_the_modules_in_recorded_are_the_data_sets():
    assert names() == ("NMNIST", "NTIDIGITS", "STMNIST")
    assert [data_set(name) for name in names()] == [NMNIST, NTIDIGITS, STMNIST]
    assert formats() == {".bin": NMNIST, ".mat": STMNIST}
    with pytest.raises(DatasetError, match="there is no data set 'FSDD'; there are NMNIST, NTIDIGITS, STMNIST"):
        data_set("FSDD")


def test_one_door_opens_recorded_emulated_and_own(tmp_path):
    how = {"root": tmp_path, "train": True, "prepare": False}
    (tmp_path / "mine").mkdir()
    opened = [open_split("NMNIST", source, **how) for source in ("recorded", "emulated", tmp_path / "mine")]
    assert list(map(type, opened)) == [NMNIST, EmulatedNMNIST, OwnRecordings]


@pytest.mark.parametrize("name", names())
def test_a_twin_has_the_facts_of_what_it_emulates(name):
    recorded, twin = data_set(name), data_set(name).twin.load()
    for fact in ("sensor", "class_names", "default_pattern_time", "options"):
        assert getattr(twin, fact) == getattr(recorded, fact)
    assert (twin.name, twin.title) == (f"Emulated{name}", f"emulated {recorded.title}")

"""What a run may do to a folder that is there already: nothing that is not its own is deleted or moved."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from experiment.main import main
from experiment.results import folder, saved
from Tactile_network import TACTILE

FAST = ["--source", "emulated", "--dt", "20", "--n_train", "6", "--n_test", "3", "--n_neurons", "3", "--pattern_time", "200"]
RUN = Path("results") / "q"


def script(*options: str, name: str = "q") -> int:
    return main(TACTILE, [*FAST, "--filename", name, *options])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A folder with prepared data and a finished run that has every kind of file."""
    place = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("DISPLAY", raising=False)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        assert script("--readout", "ngram", "logreg", "votes", "--label_fraction", "0.9", "--plot", "--plot_interval", "0") == 0
    return place


@pytest.fixture
def here(prepared, tmp_path, monkeypatch) -> Path:
    """A scratch folder of the test's own, with prepared data and results."""
    shutil.copytree(prepared / "data", tmp_path / "data")
    shutil.copytree(prepared / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def content(place: Path) -> dict[str, bytes | str]:
    """All files below a folder with what they hold, and links with where they lead."""
    found = {}
    for path in sorted(place.rglob("*")):
        if path.is_symlink():
            found[str(path.relative_to(place))] = os.readlink(path)
        elif path.is_file():
            found[str(path.relative_to(place))] = path.read_bytes()
    return found


def answer(capsys) -> str:
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_the_names_of_all_files_that_a_run_writes_are_known(here):
    written = {path.name for path in RUN.iterdir()}
    of_other_models = {"fields_q.png", "raster_q.png"}
    assert written == folder.written_by("q") - {saved.CHECKPOINT} - of_other_models


@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--resume",)], ids=["plain", "overwrite", "resume"])
@pytest.mark.parametrize("is_link", [False, True], ids=["folder", "link"])
@pytest.mark.parametrize("name", ["notes.txt", "metrics.csv", "log_q.txt", ".hidden", "checkpoint.pt"])
def test_a_folder_that_is_no_run_is_refused_and_stays_as_it_is(here, capsys, option, is_link, name):
    other = here / "other" if is_link else here / "results" / "p"
    other.mkdir()
    (other / name).write_text("mine")
    (other / "deep").mkdir()
    (other / "deep" / "precious.txt").write_text("mine")
    if is_link:
        (here / "results" / "p").symlink_to(other)
    before = content(here)
    capsys.readouterr()
    assert script(*option, name="p") == 2
    said = answer(capsys)
    assert said.startswith(f"--filename p: results/p holds {min(name, 'deep')} and no run")
    assert content(here) == before


@pytest.mark.parametrize("text", ["{}", "not json", "[]", '{"modality": {}, "options": {}, "versions": {}, "data": {}}'])
@pytest.mark.parametrize("option", [(), ("--overwrite",), ("--resume",)], ids=["plain", "overwrite", "resume"])
def test_options_of_some_other_program_make_no_run(here, capsys, option, text):
    (here / "results" / "p").mkdir()
    (here / "results" / "p" / "options.json").write_text(text)
    (here / "results" / "p" / "metrics.csv").write_text("mine")
    before = content(here)
    capsys.readouterr()
    assert script(*option, name="p") == 2
    assert "results/p" in answer(capsys)
    assert content(here) == before


def test_overwriting_replaces_the_runs_files_and_leaves_everything_else(here):
    (RUN / "notes.txt").write_text("mine")
    (RUN / "weights_p.png").write_text("mine")
    (RUN / ".notes.txt.12345678.part").write_text("mine")
    (RUN / ".metrics.csv.12345678.part").write_text("left by a killed run")
    (RUN / "a").mkdir()
    (RUN / "a" / "metrics.csv").write_text("mine")
    (RUN / "link.txt").symlink_to(here / "data")
    kept = {name: found for name, found in content(RUN).items() if name not in folder.written_by("q")}
    del kept[".metrics.csv.12345678.part"]
    before = content(here / "data")
    assert script("--overwrite") == 0
    after = content(RUN)
    assert kept.items() <= after.items()
    assert {path.name for path in RUN.glob("*q*")} < folder.written_by("q")
    assert not (RUN / "labels_q.png").exists()
    assert not (RUN / ".metrics.csv.12345678.part").exists()
    assert content(here / "data") == before


@pytest.mark.parametrize("option", ["--overwrite", "--resume"])
@pytest.mark.parametrize("name", ["metrics.csv", "log_q.txt", "checkpoint.pt"])
@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_only_has_the_name_of_a_runs_file_is_neither_deleted_nor_written(here, capsys, option, name, kind):
    (here / "mine.txt").write_text("mine")
    (RUN / "results.json").unlink()
    (RUN / name).unlink(missing_ok=True)
    if kind == "link":
        (RUN / name).symlink_to(here / "mine.txt")
    elif kind == "folder":
        (RUN / name).mkdir()
        (RUN / name / "mine.txt").write_text("mine")
    else:
        os.mkfifo(RUN / name)
    before = content(here)
    capsys.readouterr()
    asked = ["--readout", "ngram", "logreg", "votes", "--label_fraction", "0.9"]
    assert script(option, *asked) == 2
    assert answer(capsys).startswith(f"results/q/{name}: is a link or no plain file")
    assert content(here) == before


def test_a_linked_folder_is_written_into_and_its_run_of_this_name_overwritten_there(here):
    large = here / "a large disk"
    large.mkdir()
    (here / "results" / "p").symlink_to(large)
    assert script(name="p") == 0
    (large / "keep.txt").write_text("mine")
    assert script("--overwrite", "--seed", "1", name="p") == 0
    assert (here / "results" / "p").is_symlink()
    assert json.loads((large / "results.json").read_text())["seed"] == 1
    assert (large / "keep.txt").read_text() == "mine"
    assert script("--seed", "2", name="p") == 0
    assert (here / "results" / "p-1").is_symlink()
    assert json.loads((large / "results.json").read_text())["seed"] == 1


def test_results_of_another_name_are_not_overwritten_through_a_link(here, capsys):
    (here / "results" / "p").symlink_to("q")
    before = content(here)
    capsys.readouterr()
    assert script("--overwrite", name="p") == 2
    assert answer(capsys).startswith("--overwrite: results/p is a link to results of another name, q; they stay")
    assert content(here) == before


def test_results_that_were_renamed_are_overwritten_under_their_own_names(here):
    (here / "results" / "q").rename(here / "results" / "p")
    assert script("--overwrite", name="p") == 0
    assert not list((here / "results" / "p").glob("*_q.*"))


@pytest.mark.parametrize("option", [(), ("--overwrite",)], ids=["plain", "overwrite"])
@pytest.mark.parametrize(
    ("asked", "relation"),
    [
        (["--source", "results/p"], "is"),
        (["--source", "results/p/a"], "lies in"),
        (["--source", "."], "holds"),
        (["--source", "linked"], "lies in"),
        (["--start_from", "results/p"], "is"),
        (["--root", "results/p"], "lies in"),
    ],
)
def test_a_run_does_not_write_where_it_reads(here, capsys, option, asked, relation):
    for name in ("a", "b"):
        (here / "results" / "p" / name).mkdir(parents=True)
        (here / "results" / "p" / name / "1.mat").write_bytes(b"mine")
    (here / "linked").symlink_to("results/p/a")
    before = content(here)
    capsys.readouterr()
    assert main(TACTILE, [*FAST, *asked, "--filename", "p", *option]) == 2
    said = capsys.readouterr().err.splitlines()[0]
    assert said.startswith(f"{asked[0]} ")
    assert said.endswith(f": {relation} results/p, where this run's results go; choose another --filename")
    assert content(here) == before


@pytest.mark.parametrize("data_set", ["STMNIST", "EmulatedSTMNIST", "Own"])
def test_a_run_named_like_a_folder_of_data_does_not_go_there(here, capsys, data_set):
    (here / "results" / data_set / "raw").mkdir(parents=True)
    (here / "results" / data_set / "raw" / "mine.zip").write_bytes(b"mine")
    before = content(here)
    capsys.readouterr()
    assert script("--root", "results", "--overwrite", name=data_set) == 2
    assert f"is results/{data_set}, where this run's results go" in answer(capsys)
    assert content(here) == before


@pytest.mark.parametrize("target", ["nowhere", "p"], ids=["dangling", "loop"])
def test_a_link_to_nowhere_is_called_so(here, capsys, target):
    (here / "results" / "p").symlink_to(target)
    capsys.readouterr()
    assert script(name="p") == 2
    assert answer(capsys) == "--filename p: results/p is a link to nowhere; make what it names, or delete it"


def test_results_are_not_kept_over_a_link(here):
    (here / "results" / "q-1").symlink_to("nowhere")
    assert script() == 0
    assert os.readlink(here / "results" / "q-1") == "nowhere"
    assert (here / "results" / "q-2" / "labels_q.png").exists()


def test_an_empty_folder_is_used_and_a_file_refused(here, capsys):
    (here / "results" / "p").mkdir()
    assert script(name="p") == 0
    assert not (here / "results" / "p-1").exists()
    (here / "results" / "r").write_text("mine")
    capsys.readouterr()
    assert script("--overwrite", name="r") == 2
    assert "results/r is no folder" in answer(capsys)


def test_a_lock_that_is_a_link_is_not_followed(here, capsys):
    (here / "mine.txt").write_text("mine")
    (here / "results" / ".p.lock").symlink_to(here / "mine.txt")
    capsys.readouterr()
    assert script(name="p") == 2
    assert "--filename p: cannot write to" in answer(capsys)
    assert (here / "mine.txt").read_text() == "mine"


def test_a_lock_that_cannot_be_had_is_named(here, capsys):
    (here / "results" / ".p.lock").mkdir()
    capsys.readouterr()
    assert script(name="p") == 2
    assert answer(capsys) == f"--filename p: cannot write to {here / 'results' / '.p.lock'}: Is a directory"


def test_nothing_is_moved_before_the_network_is_made(here, monkeypatch, capsys):
    def refused(*_: object, **__: object) -> None:
        raise MemoryError

    before = content(here / "results")
    monkeypatch.setattr("experiment.run_training.new_network", refused)
    capsys.readouterr()
    assert script() == 2
    assert "memory" in answer(capsys)
    assert content(here / "results") == before


def test_a_run_started_in_a_folder_that_is_gone_says_so(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert script() == 2
    assert answer(capsys) == "the current folder: is not there any more; change to one that is"
    monkeypatch.chdir(tmp_path)

"""`--tensorboard`: the event files of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiment import train
from experiment.command_line.signals import Interrupted
from experiment.errors import OptionError
from experiment.main import main
from experiment.results.folder import event_files
from Visual_network import VISUAL

FAST = {"source": "emulated", "n_train": 24, "n_test": 6, "n_neurons": 9, "pattern_time": 50, "progress": False}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """All scalars in all event files of a folder, by tag, whatever a reader would make of doubled ones."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    found: dict[str, list[tuple[int, float]]] = {}
    for path in folder.glob("events*"):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.tensor.float_val:
                    found.setdefault(value.tag, []).append((event.step, value.tensor.float_val[0]))
    return found


def expected(run) -> dict[str, list[tuple[int, float]]]:
    tags = {f"running_accuracy/{name}": name for name in ("all_activity", "proportion_weighting")}
    tags |= {f"activity/{name}": name for name in ("spikes_per_sample", "repetitions", "n_silent")}
    found = {
        tag: [(row["n_seen"], pytest.approx(row[name])) for row in run.metrics if row[name] is not None]
        for tag, name in tags.items()
    }
    return found | {f"test_accuracy/{name}": [(24, pytest.approx(each))] for name, each in run.accuracies.items()}


def test_rows_and_the_test_are_in_one_event_file_also_of_a_run_that_was_stopped(monkeypatch):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
    how = FAST | {"folder": "a", "figures": False, "tensorboard": True}
    run = train("Visual", **how)
    assert scalars(Path("a")) == expected(run)
    read = EventAccumulator("a").Reload()
    assert set(read.Tags()["scalars"]) == set(expected(run))
    assert "_hparams_/session_start_info" in read.summary_metadata
    seen = []
    with pytest.raises(Interrupted):
        train("Visual", overwrite=True, watch=lambda rows: seen.extend(rows) or len(seen) == 9, **how)
    assert len(scalars(Path("a"))["activity/n_silent"]) == 9
    run = train("Visual", resume=True, **how)
    assert scalars(Path("a")) == expected(run)
    assert len(list(Path("a").glob("events*"))) == 1
    train("Visual", overwrite=True, **(how | {"tensorboard": False}))
    assert list(Path("a").glob("events*")) == []
    train("Visual", **how)
    assert list(Path("a-1").glob("events*")) == []
    assert not any(path.is_dir() for path in Path("a").iterdir())


def test_without_its_package_a_line_says_how_to_install_it_before_anything_is_made(monkeypatch, capsys):
    monkeypatch.setattr("experiment.command_line.checks.find_spec", lambda name: None)
    assert main(VISUAL, ["--source", "emulated", "--tensorboard"]) == 2
    assert capsys.readouterr() == ("", "--tensorboard: its package is not installed: pip install -r requirements-sweep.txt\n")
    assert list(Path().iterdir()) == []


def test_without_a_folder_there_is_no_place_for_event_files():
    with pytest.raises(OptionError, match="--tensorboard: must come with a folder"):
        train("Visual", tensorboard=True, **FAST)


def test_event_files_are_known_by_the_run_s_name_behind_time_machine_and_process():
    names = {"events.out.tfevents.1732848000.my.host.12.0.a", "events.out.tfevents.1732848000.host.12.3.a"}
    others = {"events.out.tfevents.1732848000.host.12.0", "events.out.tfevents.1732848000.host.12.0.b", "events.txt", "a"}
    assert event_files("a", names | others) == names


def test_what_only_has_the_name_of_an_event_file_is_refused_rather_than_replaced():
    train("Visual", folder="a", figures=False, **FAST)
    Path("letter.txt").write_text("dear")
    Path("a/events.out.tfevents.1732848000.host.12.0.a").symlink_to("../letter.txt")
    with pytest.raises(OptionError, match="is a link or no plain file, so no run wrote it"):
        train("Visual", folder="a", overwrite=True, figures=False, **FAST)
    assert Path("letter.txt").read_text() == "dear"

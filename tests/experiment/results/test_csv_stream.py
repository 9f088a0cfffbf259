"""`--csv_stream`: rows as they come, to a file that runs share, a pipe or standard output."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from experiment import train
from experiment.command_line.signals import Interrupted
from experiment.errors import OptionError
from experiment.main import main
from experiment.protocol.record import COLUMNS
from experiment.results import csv_stream
from experiment.results.csv_stream import CsvStream
from Visual_network import VISUAL

ROOT = Path(__file__).resolve().parents[3]
FAST = {"source": "emulated", "n_train": 24, "n_test": 6, "n_neurons": 9, "pattern_time": 50}
TYPED = [word for name, value in FAST.items() for word in (f"--{name}", str(value))]
HEADER = ",".join(("run", *COLUMNS)) + "\n"


@pytest.fixture(autouse=True)
def place(tmp_path_factory, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("place"))


def rows(name: str, n: int) -> list[dict]:
    return [dict.fromkeys(COLUMNS, 1) | {"n_seen": seen + 1, "all_activity": None} for seen in range(n)]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_runs_share_a_file_whose_rows_are_those_of_their_metrics():
    how = FAST | {"csv_stream": "all.csv", "progress": False, "figures": False}
    runs = {name: train("Visual", folder=name, seed=seed, **how) for seed, name in enumerate(("a", "b, c"))}
    head, *found = read(Path("all.csv").read_text())
    assert ",".join(head) + "\n" == HEADER
    for name in runs:
        kept = read((Path(name) / "metrics.csv").read_text())[1:]
        assert [cells for run, *cells in found if run == name] == kept
    assert len(found) == 48


def test_lines_of_runs_at_once_do_not_mix_and_there_is_one_header():
    target, names = Path("all.csv").absolute(), ["a" * 80, "b" * 70, "c", "d"]
    # Each opens the file itself, as runs of other processes do.
    threads = [threading.Thread(target=lambda name=name: CsvStream(target, name, False)(rows(name, 300))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head, *found = read(target.read_text())
    assert ",".join(head) + "\n" == HEADER
    assert [[int(cells[2]) for cells in found if cells[0] == name] for name in names] == [list(range(1, 301))] * 4
    assert len(found) == 1200


def test_a_run_that_goes_on_repeats_no_row_of_the_stream(monkeypatch):
    monkeypatch.setattr("experiment.protocol.pace.PIECE_SECONDS", 0.0)
    how = FAST | {"folder": "a", "csv_stream": "all.csv", "progress": False, "figures": False}
    Path("all.csv").write_text(HEADER + "other,1,99\n")
    n_seen = []
    with pytest.raises(Interrupted):
        train("Visual", watch=lambda rows: n_seen.extend(rows) or len(n_seen) == 9, **how)
    with open("all.csv", "a") as file:
        file.write("a,1,11,,,,,,,\n")  # by a part of the run that was lost after the checkpoint
    train("Visual", resume=True, **how)
    found = [int(cells[2]) for cells in read(Path("all.csv").read_text()) if cells[0] == "a"]
    assert found == [*range(1, 10), 11, *range(12, 25)]


def test_on_standard_output_are_the_rows_alone(capsys):
    assert main(VISUAL, [*TYPED, "--csv_stream", "-"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(HEADER)
    assert len(read(said.out)) == 25
    assert "Test accuracy" in said.err
    assert main(VISUAL, [*TYPED, "--csv_stream", "-", "--resume"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes among files here")
def test_a_pipe_that_nobody_reads_is_refused_and_a_reader_that_goes_or_stops_ends_the_stream_alone(caplog):
    os.mkfifo("pipe")
    with pytest.raises(OptionError, match="nobody reads this pipe; start its reader first"):
        CsvStream(Path("pipe"), "a", False)
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    stream = CsvStream(Path("pipe"), "a", False)
    stream(rows("a", 2))
    assert read(os.read(reader, 10_000).decode())[-1][:3] == ["a", "1", "2"]
    os.close(reader)
    stream(rows("a", 2))
    stream(rows("a", 2))
    stream.close()
    assert [record.getMessage() for record in caplog.records] == [
        "--csv_stream pipe: its reader has gone; the stream ends, the run goes on"
    ]
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    stream = CsvStream(Path("pipe"), "a", False)
    stream(rows("a", 10_000))
    stream.close()
    os.close(reader)
    assert caplog.records[-1].getMessage() == "--csv_stream pipe: its reader takes no more; the stream ends, the run goes on"


def test_a_reader_of_standard_output_that_goes_ends_no_run():
    run = subprocess.Popen(
        [sys.executable, ROOT / "Visual_network.py", *TYPED, "--csv_stream", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert run.stdout.readline() == HEADER
    run.stdout.close()
    said = run.stderr.read()
    assert run.wait() == 0
    assert said.count("--csv_stream -: its reader has gone; the stream ends, the run goes on\n") == 1
    assert Path("results/test/results.json").exists()


def test_a_full_disk_ends_the_stream_alone(monkeypatch, caplog):
    stream = CsvStream(Path("all.csv").absolute(), "a", False)
    monkeypatch.setattr(csv_stream.os, "write", lambda *_: 3)
    stream(rows("a", 2))
    stream.close()
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "No space left on device; the stream ends, the run goes on"
    ]


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("no/such/all.csv", "must be - for standard output, or a file or pipe that can be written"),
        (".", "must be - for standard output, or a file or pipe that can be written"),
        ("", "must be - for standard output, or a file or pipe that can be written"),
        ("letter.txt", "holds something else; its first line must name the columns"),
        ("results/test/metrics.csv", "lies in results/test, where this run's results go"),
    ],
)
def test_what_cannot_be_streamed_to_is_refused_before_anything_is_made(target, complaint, capsys):
    Path("results/test").mkdir(parents=True)
    Path("letter.txt").write_text("dear")
    assert main(VISUAL, [*TYPED, f"--csv_stream={target}"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("--csv_stream ")
    assert complaint in said.err
    assert Path("letter.txt").read_text() == "dear"
    assert list(Path("results/test").iterdir()) == []
    assert not Path("data").exists()

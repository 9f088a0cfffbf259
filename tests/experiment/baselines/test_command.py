"""`python -m experiment baselines`: its table, what it keeps, and what a report makes of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from runs import Page, page_of, put_run

from experiment.__main__ import main
from experiment.baselines.names import BASELINES
from experiment.command_line.parse import parse_options
from experiment.main import main as run_script
from Visual_network import VISUAL

N, N_TEST = 750, 150
OPTIONS = ["--pattern_time", "20", "--n_neurons", "5", "--n_workers", "1"]


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Spike trains of a plane of 4 x 4 inputs: of class 0 the upper half fires, of class 1 the lower."""
    monkeypatch.chdir(tmp_path)
    labels, generator = np.arange(N) % 2, np.random.default_rng(0)
    units = generator.permuted(np.tile(np.arange(8), (N, 1)), axis=1)[:, :5] + 8 * labels[:, None]
    times = np.sort(generator.uniform(0, 20, (N, 5)), axis=1)
    spikes = {"pointers": np.arange(0, 5 * N + 1, 5), "times": times.ravel(), "units": units.ravel()}
    np.savez(tmp_path / "mine.npz", shape=[4, 4], labels=labels, **spikes)
    return tmp_path / "mine.npz"


def ask(source, *words: str) -> int:
    return main(["baselines", "visual", "--source", str(source), *OPTIONS, *words])


def beside(source, folder, **options):
    """A finished run on the same samples."""
    told = vars(parse_options(VISUAL, ["--source", str(source), *OPTIONS]))
    return put_run(folder, **{name: told[name] for name in ("source", "pattern_time", "n_neurons", "n_workers")} | options)


def test_the_table_stands_beside_finished_runs_on_as_many_samples_of_the_same_source(source, tmp_path, capsys):
    beside(source, tmp_path / "results" / "same", accuracy=80.0)
    beside(source, tmp_path / "results" / "more", n_neurons=9, polarities="both")
    put_run(tmp_path / "results" / "emulated", source="emulated")
    (beside(source, tmp_path / "results" / "unfinished") / "results.json").unlink()
    assert ask(source) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line[:24].strip(): line[24:].split() for line in lines}
    for title in BASELINES.values():
        assert rows[title][:4] == ["100.0", "±", "0.0", "%"]
    table = lines[next(place for place, line in enumerate(lines) if line.startswith("trained networks")) :]
    assert table[0].split("  ")[-1] == "unlike above"
    assert [line.split()[0] for line in table[1:3]] == ["results/more", "results/same"]
    assert table[1].endswith("n_neurons 9, polarities both")
    assert "80.0 ± 3.3 %" in table[2]
    assert len([line for line in lines if line.startswith("results/")]) == 2


def test_samples_without_an_answer_are_counted_in_the_table(source, capsys):
    assert ask(source, "--n_neurons", "300", "--label_fraction", "0.01") == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("k-means  ")]
    assert row.endswith(" without an answer")


def test_figures_are_kept_once_an_option_and_a_seed(source, tmp_path, capsys):
    for words in ([], [], ["--seed", "1"], ["--counts", "active"], ["--n_workers", "2"]):
        assert ask(source, *words) == 0
    files = sorted((tmp_path / "results" / "baselines").iterdir())
    assert len(files) == 3
    assert str(files[0].relative_to(tmp_path)) in capsys.readouterr().out
    found = json.loads(files[0].read_text())
    assert (found["n_train"], found["n_labels"], found["n_test"]) == (N - N_TEST, N - N_TEST, N_TEST)
    assert found["accuracy"] == dict.fromkeys(BASELINES, 100.0)


def test_a_report_tells_baselines_beside_the_settings_of_the_same_samples(source, tmp_path):
    for seed in ("0", "1"):
        assert ask(source, "--seed", seed) == 0
    folders = [beside(source, tmp_path / "results" / "same"), put_run(tmp_path / "results" / "emulated", source="emulated")]
    page = page_of(*folders)
    (row,) = [row for row in page.rows if row[1:2] == ["pattern_time 20.0, dt 1.0, polarities on"]]
    assert row[0] == f"1Visual, {source}"
    assert row[2:] == ["5, root", "2", str(N - N_TEST), str(N_TEST), *["100.0 ± 0.0"] * len(BASELINES)]
    assert "Without a network" not in page_of(folders[1]).text


def test_a_report_takes_the_folder_of_baselines_for_no_run(source, tmp_path, capsys):
    assert ask(source) == 0
    folder = beside(source, tmp_path / "results" / "same")
    capsys.readouterr()
    assert main(["report", "results/baselines", str(folder)]) == 0
    assert capsys.readouterr().out == "1 run in 1 setting: results/report.html\n"
    assert Page((tmp_path / "results" / "report.html").read_text(encoding="utf-8")).text.count("Without a network") == 1
    assert main(["report", "results/baselines"]) == 2
    assert capsys.readouterr().err == "there is no run to report\n"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"n_test": 0}', "[" * 100_000])
def test_damaged_figures_get_a_line(content, source, tmp_path, capsys):
    place = tmp_path / "results" / "baselines"
    place.mkdir(parents=True)
    (place / "Visual-0.json").write_text(content)
    folder = beside(source, tmp_path / "results" / "same")
    assert main(["report", str(folder)]) == 0
    (line, _) = capsys.readouterr().out.splitlines()
    assert "Visual-0.json: is " in line
    assert line.endswith("; left out")


def test_neither_a_run_takes_the_place_of_baselines_nor_they_that_of_a_run(source, tmp_path, capsys):
    assert ask(source) == 0
    before = sorted((tmp_path / "results" / "baselines").iterdir())
    assert run_script(VISUAL, ["--source", str(source), *OPTIONS, "--filename", "baselines", "--overwrite"]) == 2
    assert "and no run; move it away" in capsys.readouterr().err
    assert sorted((tmp_path / "results" / "baselines").iterdir()) == before
    (tmp_path / "results" / "baselines").rename(tmp_path / "kept")
    put_run(tmp_path / "results" / "baselines")
    assert ask(source) == 2
    assert "holds a run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["Visual", "--nu", "0.1"], "--nu 0.1: is an option of the script, not of this command; --help lists all options"),
        (["Visual", "--n_neuron", "9"], "--n_neuron 9: there is no such option; did you mean --n_neurons?"),
        (["Visual", "--counts", "some"], "--counts some: must be counts, root or active"),
        (["Visual", "--dt", "500"], "--dt 500: must be at most --pattern_time, 105 ms"),
        (["Smell"], "'Smell': there is no such sense; there are Auditory, Tactile, Visual"),
        (["Visual", "--source", "none"], "--source none: must be recorded, emulated, or an existing file or folder"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(words, line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["baselines", *words]) == 2
    assert capsys.readouterr().err == f"{line}\n"
    assert not (tmp_path / "results").exists()


def test_recordings_that_are_none_are_told_in_a_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(["baselines", "Visual", "--source", "empty"]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'empty'}: found no recordings")


def test_help_lists_what_concerns_data_and_nothing_of_the_network(capsys):
    with pytest.raises(SystemExit) as end:
        main(["baselines", "tactile", "--help"])
    told = capsys.readouterr().out
    assert end.value.code == 0
    assert all(f"\n  --{name} " in told for name in ("source", "taxel_limit", "label_fraction", "counts", "n_neurons", "seed"))
    assert "--nu" not in told
    assert "--n_epochs" not in told


def test_ctrl_c_ends_it_in_a_line(source, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("experiment.baselines.command.measured", interrupted)
    assert ask(source) == 130
    assert capsys.readouterr().err == "Interrupted.\n"
    assert not any((source.parent / "results" / "baselines").iterdir())

"""The table of a sweep is read as it was written, and anything else is refused in a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sweeps import ABOUT, row, sweep

from experiment.errors import OptionError
from experiment.sweep import load
from experiment.sweep.table import TABLE, SweepTable, as_typed, columns, read_table, write_table

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = 'a,"b"\n<script>é'


def put(folder: Path, table: SweepTable) -> Path:
    folder.mkdir(exist_ok=True)
    write_table(table, folder / TABLE)
    (folder / "sweep.json").write_text(json.dumps({"about": table.about, "parameters": table.parameters, "plan": {}}))
    return folder


def small() -> SweepTable:
    values = {"nu": 0.1, "n_neurons": 400, "som": "on", "start_from": HOSTILE}
    others = {"nu": 1e-05, "n_neurons": 100, "som": "off", "start_from": None}
    rows = [row(1, values, 0, 1 / 3), row(2, others, 1, None, reason=HOSTILE), row(1, values, 2, 90.0, validation="")]
    return sweep(rows, *values)


def test_a_table_is_read_as_it_was_written(tmp_path):
    assert read_table(put(tmp_path / "study", small())) == small()
    nothing = sweep([], "nu")
    assert read_table(put(tmp_path / "study", nothing)) == nothing


def test_numbers_of_numpy_are_written_as_numbers(tmp_path):
    table = sweep([row(np.int64(1), {"nu": np.float64(0.1)}, accuracy=np.float64(12.5))], "nu")
    assert read_table(put(tmp_path, table)).rows == sweep([row(1, {"nu": 0.1}, accuracy=12.5)], "nu").rows


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["100", "0.5", "1e-3", ""], [100, 0.5, 0.001, None]),
        (["-52", "-52.0"], [-52, -52.0]),
        (["1", "x"], ["1", "x"]),
        (["inf", "1"], ["inf", "1"]),
        ([0.5, None, "on"], [0.5, None, "on"]),
    ],
)
def test_values_are_numbers_where_all_of_an_option_are(texts, values):
    found = as_typed(texts)
    assert (found, list(map(type, found))) == (values, list(map(type, values)))


def change(text: str, before: str, after: str) -> str:
    assert before in text
    return text.replace(before, after)


@pytest.mark.parametrize(
    ("file", "damage", "told"),
    [
        ("sweep.json", lambda text: text[:20], "sweep.json: is damaged"),
        ("sweep.json", lambda text: "[]", "it lacks one of about, parameters, plan"),
        ("sweep.json", lambda text: change(text, '"mode": "grid"', '"mode": 3'), "about lacks mode"),
        (
            "sweep.json",
            lambda text: change(text, '"mode": "grid"', '"mode": "grit"'),
            "mode must be one of grid, random, optimise",
        ),
        (TABLE, lambda text: change(text, "point,stage", "point,page"), "its columns must be run, point, stage, nu"),
        (TABLE, lambda text: change(text, "1.5", "fast"), "sweep.csv: row 1 is damaged"),
        (TABLE, lambda text: change(text, "50.0", "nan"), "sweep.csv: row 1 is damaged"),
        (TABLE, lambda text: text[:-45], "sweep.csv: row 2 is damaged"),
        (TABLE, lambda text: text.rstrip() + ",more\n", "sweep.csv: row 2 is damaged"),
        (TABLE, lambda text: change(text, "finished", "\x00\udcff"), "sweep.csv: row 1 is damaged"),
    ],
)
def test_what_no_sweep_wrote_is_refused_in_a_line(tmp_path, file, damage, told):
    put(tmp_path, sweep([row(1, {"nu": 0.1}), row(2, {"nu": 0.2}, accuracy=60.0)], "nu"))
    path = tmp_path / file
    path.write_bytes(damage(path.read_text()).encode(errors="surrogateescape"))
    with pytest.raises(OptionError) as refused:
        read_table(tmp_path)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    with pytest.raises(OptionError, match="holds no sweep"):
        load(tmp_path)
    put(tmp_path, small())
    (tmp_path / TABLE).unlink()
    with pytest.raises(OptionError, match=r"sweep\.csv: No such file"):
        load(tmp_path)


def test_runs_are_loaded_as_dicts_or_as_a_frame_where_pandas_is_there(tmp_path, monkeypatch):
    folder = str(put(tmp_path, small()))
    assert load(folder, frame=False) == small().rows
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert load(folder) == small().rows
    with pytest.raises(OptionError, match=r"pip install -r requirements-sweep\.txt"):
        load(folder, frame=True)


def test_a_frame_has_the_columns_of_the_table(tmp_path):
    pytest.importorskip("pandas")
    frame = load(put(tmp_path, small()))
    assert list(frame.columns) == columns(small().parameters)
    assert frame["accuracy"].tolist()[::2] == [1 / 3, 90.0]
    assert load(put(tmp_path, sweep([], "nu")), frame=True).columns.tolist() == columns(["nu"])


def test_a_sweep_is_loaded_without_loading_anything_slow(tmp_path):
    put(tmp_path, sweep([row(1, {"nu": 0.1})], "nu", **ABOUT))
    program = (
        "import sys\nfrom experiment.sweep import load\n"
        "before = {*sys.modules}\nprint(len(load(sys.argv[1], frame=False)), *({*sys.modules} | before))"
    )
    answer = subprocess.run([sys.executable, "-c", program, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    number, *loaded = answer.stdout.split()
    assert number == "1"
    assert not {"torch", "numpy", "matplotlib", "numba", "pandas", "scipy"} & set(loaded)

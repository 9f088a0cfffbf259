"""The comparison of emulated with recorded ones, on an archive of emulated ones."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from datasets import EmulatedSTMNIST

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "emulation.py"


def benchmark(*arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_table_shows_both_sides_and_what_one_teaches_about_the_other(tmp_path):
    EmulatedSTMNIST(tmp_path, n_samples=60, seed=1, progress=False).write_raw(tmp_path)
    with zipfile.ZipFile(tmp_path / "recorded.zip", "w") as archive:
        for path in sorted(tmp_path.glob("data_submission/*/*.mat")):
            archive.write(path, path.relative_to(tmp_path))
    finished = benchmark("tactile", tmp_path / "recorded.zip", "--n", "60")
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    ratios = {line[:38].strip(): float(line.split()[-1]) for line in lines[1:] if not line.startswith("logistic")}
    assert ratios["events"] == pytest.approx(1, abs=0.5)
    assert ratios["ON events (%)"] == pytest.approx(1, abs=0.1)
    assert sum("% of 60 recorded ones taught by 60 emulated" in line for line in lines) == 2


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), None], ids=["no archive", "an empty one", "none"])
def test_an_archive_that_holds_nothing_is_named(content, tmp_path):
    if content is not None:
        (tmp_path / "a.zip").write_bytes(content)
    finished = benchmark("tactile", tmp_path / "a.zip")
    assert finished.returncode == 2
    assert "a.zip" in finished.stderr
    assert len(finished.stderr.splitlines()) == 1

"""Memory stays flat, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import memory


def test_memory_stays_flat_over_samples_and_over_networks():
    command = [sys.executable, memory.__file__, "--quick"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.count("largest memory, MB") == 2
    assert finished.stdout.splitlines()[-1] == "memory stays flat"


def test_memory_that_grows_is_told(monkeypatch, capsys):
    sizes = iter(range(0, 200, 10))
    monkeypatch.setattr(memory, "peak_memory_mb", lambda: next(sizes))
    assert memory.grows("samples", iter(range(20)), 20)
    assert not memory.grows("samples", iter(range(1)), 1)
    assert capsys.readouterr().out.count("largest memory") == 2

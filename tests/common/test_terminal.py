"""What commands say at the prompt when output or input is not what they hoped for."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.terminal import INTERRUPTED, WRONG_INPUT, answered

ROOT = Path(__file__).resolve().parents[2]


def raising(error: BaseException):
    def command() -> int:
        raise error

    return command


def test_a_command_that_succeeds_has_its_own_status():
    assert answered(lambda: 7) == 7


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(28, "No space left on device", "a.png"), WRONG_INPUT, "a.png: No space left on device\n"),
        (OSError(28, "No space left on device"), WRONG_INPUT, "standard output: No space left on device\n"),
        (
            RuntimeError("can't start new thread"),
            WRONG_INPUT,
            "the system allows no further threads: lower --n_workers, or raise its limits (ulimit -u, ulimit -v)\n",
        ),
        (KeyboardInterrupt(), INTERRUPTED, "Interrupted.\n"),
    ],
)
def test_what_the_system_refuses_is_told_in_a_line(error, status, said, capsys):
    assert answered(raising(error)) == status
    assert capsys.readouterr().err == said


def test_signs_that_the_console_lacks_become_question_marks(monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert answered(lambda: print("34 × 34") or 0) == 0
    narrow.flush()
    assert narrow.buffer.getvalue().strip() == b"34 ? 34"


@pytest.mark.parametrize("module", ["Visual_network", "Tactile_network", "experiment", "datasets"])
def test_a_complaint_that_nobody_can_read_leaves_the_status(module, tmp_path):
    words = {"experiment": ["report", "nowhere"], "datasets": ["NMNIST", "--source", "nowhere"]}.get(module, ["--nu", "7"])
    reading, writing = os.pipe()
    os.close(reading)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *words]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=writing, check=False)
    os.close(writing)
    assert ended.returncode == WRONG_INPUT


@pytest.mark.parametrize("package", ["datasets", "experiment"])
def test_a_reader_that_leaves_early_ends_a_command_quietly(package):
    program = (
        f"from {package}.__main__ import answered\n"
        "def talk():\n"
        "    for _ in range(100_000): print('a long line')\n"
        "    return 0\n"
        "raise SystemExit(answered(talk))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as talking:
        talking.stdout.readline()
        talking.stdout.close()
        assert talking.stderr.read() == ""
    assert talking.returncode == 141

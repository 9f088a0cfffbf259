"""Compiled code that is kept, and the run that goes on where it cannot be."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numba
import numpy as np
import pytest

from common import compiled

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def say_again():
    compiled._say_not_kept.cache_clear()


PROGRAM = """
from numba import njit


@njit
def simulate(array):
    array[0] += 7
"""


def run_program() -> int:
    """What the program above does, as a new process would have it."""
    array = np.zeros(1, np.int64)
    compiled.program(PROGRAM)(array)
    return array[0]


def test_an_unwritable_cache_costs_time_and_not_the_run(tmp_path, monkeypatch, caplog):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert run_program() == 7
    assert "every run compiles anew" in caplog.text


def test_machine_code_on_disk_is_found_again(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    caplog.set_level(logging.INFO)
    assert run_program() == 7
    assert caplog.text.count("Compiling") == 1
    assert run_program() == 7
    assert caplog.text.count("Compiling") == 1


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("nbi", lambda content: content[: len(content) // 2]),
        ("nbi", lambda content: b""),
        ("nbc", lambda content: bytes(len(content))),
        ("nbc", None),
        ("sha256", lambda content: b""),
    ],
)
def test_damaged_machine_code_is_made_anew(tmp_path, monkeypatch, caplog, kind, damage):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    caplog.set_level(logging.INFO)
    run_program()
    (file,) = tmp_path.rglob(f"*.{kind}")
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage(file.read_bytes()))
    assert [run_program() for _ in range(2)] == [7, 7]
    assert caplog.text.count("Compiling") == 2


@pytest.mark.parametrize("kind", ["nbi", "nbc", "sha256"])
def test_a_pipe_in_the_place_of_machine_code_is_never_read(tmp_path, monkeypatch, pipe, kind):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run_program()
    (file,) = tmp_path.rglob(f"*.{kind}")
    file.unlink()
    file.symlink_to(pipe)
    read_bytes = Path.read_bytes

    def read(path):
        assert path.is_file(), f"{path} is read, which may last for ever"
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert run_program() == 7
    assert file.is_file()
    assert pipe.is_fifo()


def test_a_program_on_disk_that_is_no_text_is_written_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run_program()
    (file,) = tmp_path.rglob("program.py")
    file.write_bytes(b"\xff\xfe")
    assert run_program() == 7
    assert file.read_text() == PROGRAM


def test_machine_code_that_no_room_is_left_for_costs_time_and_not_the_run(tmp_path, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    assert run_program() == 7
    assert "every run compiles anew" in caplog.text
    assert "No space left on device" in caplog.text


def test_another_processor_has_a_program_of_its_own(monkeypatch):
    key = compiled.key_of(PROGRAM)
    monkeypatch.setattr("numba.config.CPU_NAME", "generic")
    assert compiled.key_of(PROGRAM) != key


def test_a_function_of_an_emulation_is_kept_with_the_programs(tmp_path, monkeypatch):
    from datasets.emulation.pad import _changes

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    changes = compiled.compiled_once(_changes.__wrapped__)
    assert [part.tolist() for part in changes(np.array([[0.0], [2.5]]), 1.0, 5)] == [[1, 1], [0, 0], [1, 1]]
    assert {path.suffix for path in (tmp_path / compiled.FOLDER).rglob("*.*")} == {".nbi", ".nbc", ".sha256"}


def test_a_user_without_a_home_folder_is_told_and_served(monkeypatch, caplog):
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert run_program() == 7
    assert caplog.messages == ["Compiled code is not kept, so that every run compiles anew: this user has no home folder"]


def test_a_run_of_a_program_that_is_someone_elses_without_a_usable_home_says_so_once(tmp_path):
    clone, home = tmp_path / "program", tmp_path / "home"
    for name in ("bindsnet", "common", "datasets", "eventvision", "experiment"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Tactile_network.py", clone)
    for blocked in (home, clone / "datasets" / "emulation" / "__pycache__"):
        blocked.write_text("in the way of a folder, for root too")
    (tmp_path / "writable").mkdir()
    options = ["--source", "emulated", "--n_train", "40", "--n_test", "5", "--n_neurons", "4", "--pattern_time", "20"]
    command = [sys.executable, str(clone / "Tactile_network.py"), *options, "--n_workers", "2"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    answer = subprocess.run(command, cwd=tmp_path / "writable", capture_output=True, text=True, env=environment)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    assert answer.stdout.count("Compiled code is not kept") == 1
    assert (tmp_path / "writable" / "results" / "test" / "results.json").exists()


def test_threads_that_need_the_same_program_have_it_made_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    caplog.set_level(logging.INFO)
    text, waiting, found = f"{PROGRAM}\n# of threads\n", threading.Barrier(4), []

    def ask() -> None:
        waiting.wait()
        found.append(compiled.load(text))
        found[-1](np.zeros(1, np.int64))

    before = numba.config.CACHE_DIR
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert len(found) == 4
    assert caplog.text.count("Compiling") == 1
    assert before == numba.config.CACHE_DIR

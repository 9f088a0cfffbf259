"""What memory and disk there are, and what is refused where they are not there."""

from __future__ import annotations

import logging
import tracemalloc
from collections import namedtuple

import numpy as np
import pytest

from common import room
from datasets import DatasetError, EmulatedNMNIST, EmulatedNTIDIGITS, EmulatedSTMNIST
from datasets.preparation import estimate
from datasets.preparation.estimate import estimate as estimated
from datasets.preparation.estimate import evenly_spread

GIGA = 10**9
MANY = 100_000_000
MEMINFO = "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 8000000 kB\n"


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A made-up system, of whose files a test writes those that it has."""
    monkeypatch.setattr(room, "PROC", tmp_path / "proc")
    monkeypatch.setattr(room, "CONTROL_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(room, "_of_this_process", lambda: iter(()))

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    return write


def test_memory_is_what_the_machine_can_give(system):
    system({"proc/meminfo": MEMINFO})
    assert room.available_memory() == 8_000_000 * 1024


def test_the_tightest_of_a_process_groups_counts_with_what_it_can_free(system):
    system(
        {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "0::/user/job\n",
            "groups/user/job/memory.max": "max\n",
            "groups/user/job/memory.current": "5\n",
            "groups/user/memory.max": "3000000000\n",
            "groups/user/memory.current": "2000000000\n",
            "groups/user/memory.stat": "anon 7\ninactive_file 500000000\n",
        }
    )
    assert room.available_memory() == 1_500_000_000


def test_a_container_that_does_not_know_the_name_of_its_group_finds_it_at_the_top(system):
    system(
        {
            "proc/meminfo": MEMINFO,
            "proc/self/cgroup": "3:cpu:/docker/1\n4:hugetlb,memory:/docker/1\n",
            "groups/memory/memory.limit_in_bytes": "1000000000\n",
            "groups/memory/memory.usage_in_bytes": "1000000007\n",
            "groups/memory/memory.stat": "total_inactive_file 0\n",
        }
    )
    assert room.available_memory() == 0


def test_a_system_that_tells_nothing_refuses_nothing(system, monkeypatch):
    monkeypatch.delattr(room.os, "sysconf")
    assert room.available_memory() is None
    assert room.lack_of_memory(1e30) is None


def test_what_is_lacking_is_said_with_what_is_there(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "available_memory", lambda: GIGA)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(GIGA // 2))
    assert room.lack_of_memory(GIGA) is None
    assert room.lack_of_memory(300 * GIGA) == "300.0 GB of memory, but 1.0 GB are free"
    assert room.lack_of_disk(2 * GIGA, tmp_path / "not" / "there") == f"2.0 GB of disk, but 0.500 GB are free in {tmp_path}"


@pytest.mark.parametrize("kind", [EmulatedNMNIST, EmulatedSTMNIST, EmulatedNTIDIGITS])
@pytest.mark.parametrize("train", [True, False])
def test_more_samples_than_there_is_room_for_are_refused_before_any_is_made(kind, train, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "available_memory", lambda: 8 * GIGA)
    kind(tmp_path / "other", n_samples=1)  # compiles
    split = "train" if train else "test"
    refusal = rf"{MANY:,} {split} samples need some .* GB of memory, but 8\.0 GB .*; lower --n_{split} "
    tracemalloc.start()
    with pytest.raises(DatasetError, match=refusal):
        kind(tmp_path / "data", train, n_samples=MANY)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000_000
    assert not (tmp_path / "data").exists()


def test_a_full_disk_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(1000))
    refusal = r"1,500 train samples need some 0\.\d+ GB of disk, but 0\.000 GB are free in .*; lower --n_train"
    with pytest.raises(DatasetError, match=refusal):
        EmulatedSTMNIST(tmp_path, n_samples=1500)
    assert not [*tmp_path.rglob("*.pt")]
    assert len(EmulatedSTMNIST(tmp_path, n_samples=10)) == 10


def test_what_is_prepared_already_needs_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(estimate, "LEAST_ESTIMATED", 10)
    monkeypatch.setattr("datasets.emulation.dataset.LONG_LISTING", 10)
    first = EmulatedSTMNIST(tmp_path, n_samples=30)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda folder: namedtuple("Usage", "free")(0))
    assert EmulatedSTMNIST(tmp_path, n_samples=30).key == first.key
    with pytest.raises(DatasetError, match=r"31 train samples need some .* of disk"):
        EmulatedSTMNIST(tmp_path, n_samples=31)


def test_an_estimate_is_near_what_preparing_takes(tmp_path):
    dataset = EmulatedSTMNIST(tmp_path, n_samples=400)
    listed = EmulatedSTMNIST(tmp_path, n_samples=400, prepare=False).list_recordings().recordings
    few = evenly_spread(listed)
    found = estimated(few, 400, dataset.reader, dataset.grid)
    assert 0.5 < found.disk / dataset.processed_path.stat().st_size < 2
    assert found.memory > found.disk


def test_a_long_preparation_says_at_once_how_long(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(estimate, "LONG", 0.0)
    with caplog.at_level(logging.INFO):
        EmulatedSTMNIST(tmp_path, n_samples=1000)
    assert "emulated ST-MNIST: 1,000 train samples are being prepared, in some " in caplog.text
    caplog.clear()
    EmulatedSTMNIST(tmp_path, n_samples=999)
    assert not caplog.records


def test_emulated_recordings_are_made_up_as_they_are_looked_up(tmp_path):
    listed = EmulatedSTMNIST(tmp_path, train=False, n_samples=25, prepare=False).list_recordings().recordings
    assert len(listed) == 25
    assert [one.label for one in listed] == [i % 10 for i in range(25)]
    assert listed[-1] == listed[24] == ("emulated ST-MNIST test 24", 4, (24, 4))
    assert listed[3:5] == [listed[3], listed[4]]
    assert not isinstance(listed[3].locator[1], np.generic)
    with pytest.raises(IndexError):
        listed[25]

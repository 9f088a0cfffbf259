"""Files that are whole or not there, and what is left half written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from bindsnet.network import Network
from common import durable
from experiment.results.checkpoint import Checkpoint


class FullDisk:
    """A file on a disk that is full after some bytes."""

    def __init__(self, path: Path, mode: str) -> None:
        self.file = open(path, mode)  # noqa: SIM115 - closed by the one who opened this
        self.room = 100

    def __enter__(self) -> FullDisk:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> int:
        self.room -= len(content)
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.file.write(content)


def save_network(path) -> None:
    Network().save(path)


def save_checkpoint(path) -> None:
    class Part:
        def state_dict(self) -> dict[str, torch.Tensor]:
            return {"w": torch.zeros(99)}

    Checkpoint(path, {"part": Part()}).save()


@pytest.mark.parametrize("write", [save_network, save_checkpoint])
def test_a_full_disk_is_told_in_the_system_s_words_with_the_file_and_leaves_nothing(tmp_path, monkeypatch, write):
    monkeypatch.setattr("pathlib.Path.open", lambda path, mode: FullDisk(path, mode))
    with pytest.raises(OSError, match="No space left on device") as caught:
        write(tmp_path / "x.pt")
    assert caught.value.filename == str(tmp_path / "x.pt")
    assert list(tmp_path.iterdir()) == []


def test_only_what_was_half_written_of_the_named_files_is_removed(tmp_path):
    left, others = ".a.txt.abcd_123.part", (".b.txt.abcd_123.part", ".a.txt.part", "a.txt.abcd_123.part", ".a.txt.abcd_1234.part")
    for name in (left, *others):
        (tmp_path / name).write_text("")
    durable.remove_unfinished(tmp_path, "a.txt".__eq__)
    assert {path.name for path in tmp_path.iterdir()} == set(others)


def test_half_written_files_have_the_names_that_are_looked_for(tmp_path):
    seen = []
    durable.write_file(tmp_path / "a.txt", lambda file: seen.extend(os.listdir(tmp_path)))
    assert durable.unfinished_in(seen, "a.txt".__eq__) == set(seen) != set()

"""The file that a run is resumed from."""

from __future__ import annotations

import pytest
import torch

from experiment.errors import OptionError
from experiment.results import checkpoint
from experiment.results.checkpoint import Checkpoint


class Part:
    """Keeps a tensor."""

    def __init__(self, *values: float) -> None:
        self.tensor = torch.tensor(values)

    def state_dict(self) -> dict[str, torch.Tensor]:
        return {"tensor": self.tensor}

    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        self.tensor = state["tensor"]


def test_every_part_comes_back(tmp_path):
    Checkpoint(tmp_path / "c.pt", {"a": Part(1.0), "b": Part(2.0, 3.0)}).save()
    parts = {"a": Part(), "b": Part()}
    Checkpoint(tmp_path / "c.pt", parts).load()
    assert {name: part.tensor.tolist() for name, part in parts.items()} == {"a": [1.0], "b": [2.0, 3.0]}


def test_a_flipped_bit_of_a_number_is_found(tmp_path):
    kept = Checkpoint(tmp_path / "c.pt", {"a": Part(1.25)})
    kept.save()
    content = kept.path.read_bytes()
    place = content.index(torch.tensor([1.25]).numpy().tobytes())
    kept.path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    with pytest.raises(OptionError, match="cannot be resumed from: the checksum of its part"):
        kept.load()


def test_another_format_is_refused_though_all_parts_are_there(tmp_path):
    kept = Checkpoint(tmp_path / "c.pt", {"a": Part(1.0)})
    torch.save({"format": 1, "state": {"a": {"tensor": torch.ones(1)}}}, kept.path)
    with pytest.raises(OptionError, match="its format is 1, this version reads 2"):
        kept.load()


def test_a_checkpoint_is_written_when_the_time_since_the_last_is_over(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(checkpoint.time, "perf_counter", lambda: now[0])
    kept = Checkpoint(tmp_path / "c.pt", {"a": Part(1.0)})
    written = []
    for passed in (0.0, 9.0, 1.5, 9.0, 0.9, 0.2):
        now[0] += passed
        kept.path.unlink(missing_ok=True)
        kept.save_if_due()
        written.append(kept.path.exists())
    assert written == [False, False, True, False, False, True]
    kept.remove()
    assert not kept.path.exists()
    kept.remove()

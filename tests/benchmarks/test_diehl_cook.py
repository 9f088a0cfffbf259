"""The study of Diehl & Cook's protocol goes on where it was stopped."""

from __future__ import annotations

import pytest
import torch

from benchmarks import diehl_cook


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, value in {"BLOCK": 4, "N_BLOCKS_KEPT": 1, "TIME": 60, "INHIBITION": 17.5}.items():
        monkeypatch.setattr(diehl_cook, name, value)


@pytest.fixture(scope="module")
def images():
    generator = torch.Generator().manual_seed(0)
    return (255 * torch.rand(12, 784, generator=generator)).byte(), torch.arange(12) % 3


def test_a_trial_that_was_stopped_ends_as_one_that_was_not(tmp_path, images, monkeypatch):
    (tmp_path / "whole").mkdir()
    (tmp_path / "stopped").mkdir()
    whole = diehl_cook.Trial(6, 1, 2, 12, 4, tmp_path / "whole")
    whole.learn(images[0])
    stopped = diehl_cook.Trial(6, 1, 2, 12, 4, tmp_path / "stopped")
    with monkeypatch.context() as patched:
        patched.setattr(diehl_cook, "print", stop_at(3), raising=False)
        with pytest.raises(KeyboardInterrupt):
            stopped.learn(images[0])
    resumed = diehl_cook.Trial(6, 1, 2, 12, 4, tmp_path / "stopped")
    assert resumed.done == 3
    resumed.learn(images[0])
    assert resumed.done == 6
    for name, value in whole.network.state_dict().items():
        assert torch.equal(resumed.network.state_dict()[name], value)
    found, again = (trial.read_out(images, (images[0][:4], images[1][:4])) for trial in (whole, resumed))
    assert found["spikes"] == again["spikes"] > 0
    assert found["all activity"] == again["all activity"]


def stop_at(n_blocks):
    """A `print` that a user interrupts when it has told so many."""
    told = []

    def interrupt(*_, **__):
        told.append(None)
        if len(told) == n_blocks:
            raise KeyboardInterrupt

    return interrupt


def test_the_table_has_means_over_seeds_and_their_reach(tmp_path):
    result = {
        "neurons": 100, "seed": 0, "passes": 1, "training images": 10, "test images": 10, "all activity": 80.0,
        "proportion weighting": 82.0, "spikes": 3.0, "silent neurons": 0, "seconds of learning": 2.0, "seconds of reading": 1.0,
    }  # fmt: skip
    for seed in (0, 1):
        text = diehl_cook.json.dumps({**result, "seed": seed, "proportion weighting": 82.0 + seed})
        (tmp_path / f"{seed}.json").write_text(text)
    assert diehl_cook.table(tmp_path).splitlines()[-1] == (
        "| 100 | 1 × 10 | 82.5 % (82.0–83.0) | 80.0 % (80.0–80.0) | 82.9 % | 3.0 | 2 s | 1 s |"
    )

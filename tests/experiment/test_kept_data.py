"""Data that runs of a process share."""

from __future__ import annotations

import logging
import threading

import numpy as np
import pytest
import torch

from experiment import samples as samples_module
from experiment.command_line.parse import parse_options
from experiment.kept_data import kept_data
from experiment.samples import load_samples
from Visual_network import VISUAL


@pytest.fixture
def opened(monkeypatch) -> list[bool]:
    """Whether each split that was opened is the training split."""
    found, open_split = [], samples_module.open_split

    def counted(*which, train, **how):
        found.append(train)
        return open_split(*which, train=train, **how)

    monkeypatch.setattr(samples_module, "open_split", counted)
    return found


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(*words: object):
    typed = ["--source", "emulated", "--n_train", 20, "--n_test", 10, "--pattern_time", 20, "--n_workers", 1, *words]
    return load_samples(VISUAL, parse_options(VISUAL, [*map(str, typed)]), progress=False)


def test_the_same_data_are_opened_once_by_runs_that_differ_in_anything_else(place, opened):
    alone = loaded("--validation", "1/4")
    with kept_data():
        opened.clear()
        one = loaded()
        two = loaded("--nu", "0.1", "--seed", 3, "--n_workers", 2)
        held_out = loaded("--validation", "1/4")
        assert opened == [True, False]
        assert one[0].spike_trains.steps is two[0].spike_trains.steps
        for found, expected in zip(held_out, alone, strict=True):
            for name in ("pointers", "steps", "units"):
                assert torch.equal(getattr(found.spike_trains, name), getattr(expected.spike_trains, name))
            assert torch.equal(found.numbers, expected.numbers)


@pytest.mark.parametrize("words", [["--n_train", 19], ["--pattern_time", 21], ["--polarities", "both"], ["--root", "there"]])
def test_other_data_are_opened_anew(place, opened, words):
    with kept_data():
        loaded()
        opened.clear()
        loaded(*words)
    assert True in opened


def test_a_relative_path_is_another_place_elsewhere(place, opened, monkeypatch):
    (place / "elsewhere").mkdir()
    with kept_data():
        loaded()
        monkeypatch.chdir(place / "elsewhere")
        loaded()
    assert opened == [True, False] * 2


def test_nothing_is_kept_beyond_or_without(place, opened):
    with kept_data():
        with kept_data():
            loaded()
        loaded()
    assert opened == [True, False]
    loaded()
    loaded()
    assert opened == [True, False] * 3


def test_the_data_of_longest_ago_are_let_go(place, opened, monkeypatch):
    monkeypatch.setattr("experiment.kept_data.MOST_KEPT", 3)
    with kept_data():
        for n_train in (20, 21, 22):  # as many training splits, and the test split of all
            loaded("--n_train", n_train)
        opened.clear()
        loaded("--n_train", 22)
        loaded("--n_train", 21)
        assert opened == []
        loaded("--n_train", 20)
        assert opened == [True]


def test_threads_that_ask_at_once_open_the_data_once(place, opened):
    found = []
    with kept_data():
        threads = [threading.Thread(target=lambda: found.append(loaded())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 4
    assert opened.count(True) == opened.count(False) == 1


def test_what_is_doubtful_is_said_to_every_run(place, caplog):
    n = 40
    spikes = {"pointers": np.arange(n + 1), "times": np.zeros(n), "units": np.zeros(n, int)}  # all at once: doubtful
    np.savez(place / "mine.npz", shape=[2, 2], labels=np.arange(n) % 2, **spikes)
    options = parse_options(VISUAL, ["--source", str(place / "mine.npz"), "--pattern_time", "100000"])
    said = []
    with kept_data():
        for _ in range(2):
            caplog.clear()
            with caplog.at_level(logging.WARNING):
                load_samples(VISUAL, options, progress=False, n_processes=1)
            said.append(caplog.messages)
    assert said[0]
    assert said[0] == said[1]

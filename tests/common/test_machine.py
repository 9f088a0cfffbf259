"""What the machine allows this process."""

from __future__ import annotations

import pytest

from common import machine
from common.machine import available_cores, limit_cores, n_workers_of
from experiment.command_line.parse import parse_options
from Visual_network import VISUAL


@pytest.fixture
def cores(monkeypatch):
    """Four of them, and no limit afterwards."""
    monkeypatch.setattr(machine, "_most_cores", None)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 4, 5}, raising=False)


@pytest.mark.parametrize(("limit", "n"), [(None, 4), (1, 1), (3, 3), (9, 4)])
def test_all_cores_are_as_many_as_this_process_is_limited_to(cores, limit, n):
    limit_cores(limit)
    assert available_cores() == n
    assert n_workers_of(-1) == n
    assert n_workers_of(2) == 2
    options = parse_options(VISUAL, [])
    assert (options.n_threads, options.n_workers) == (n, -1)

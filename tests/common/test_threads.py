"""One thread of torch, for as many of the program's threads as want it."""

from __future__ import annotations

import threading

import pytest
import torch

from common.threads import one_torch_thread


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_torch_computes_in_one_thread_and_then_as_before(two_threads):
    with one_torch_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2


def test_an_error_within_leaves_the_number_of_before(two_threads):
    with pytest.raises(ValueError, match="invalid literal"), one_torch_thread():
        int("many")
    assert torch.get_num_threads() == 2


def test_whoever_leaves_last_has_the_number_of_before_the_first_and_so_have_new_threads(two_threads):
    begun, left, seen = threading.Event(), threading.Event(), []

    def second() -> None:
        with one_torch_thread():
            begun.set()
            left.wait()
            seen.append(torch.get_num_threads())
        seen.append(torch.get_num_threads())

    thread = threading.Thread(target=second)
    with one_torch_thread():
        thread.start()
        begun.wait()
    seen.append(torch.get_num_threads())
    left.set()
    thread.join()
    after = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    after.start()
    after.join()
    assert seen == [2, 1, 2, 2]

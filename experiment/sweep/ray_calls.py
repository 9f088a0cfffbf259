"""Waiting for Ray, in another thread than the main one.

A task whose main thread waits for Ray is idle to it, so that another one begins on its CPU; and while Ray waits, it takes
whatever the handler of a signal raises for a KeyboardInterrupt of its own. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any


def answered(reference: Any) -> Any:
    """What a reference stands for, once it is there; errors as `ray.get`."""
    import ray

    return aside(ray.get, reference)


def aside(call: Callable, *arguments: Any, **how: Any) -> Any:
    """What a call of Ray's returns."""
    return _caller().submit(call, *arguments, **how).result()


@cache
def _caller() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)

"""Progress bars: for a terminal, and for a notebook."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from tqdm import tqdm


def is_terminal(stream: Any) -> bool:
    """Whether someone sees what a stream is given; what stands in for one may lack all that a file has."""
    return stream is not None and not getattr(stream, "closed", False) and getattr(stream, "isatty", bool)()


def terminal_bar(done: int, total: int, name: str) -> tqdm:
    """A bar on a terminal, none elsewhere."""
    return tqdm(**_about(done, total, name), disable=not is_terminal(sys.stderr))


def notebook_bar(done: int, total: int, name: str) -> tqdm:
    """In a notebook a bar of its own if its widgets are there, else one of text; elsewhere as `terminal_bar`."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if type(shell).__name__ != "ZMQInteractiveShell":  # the name of a notebook's
        return terminal_bar(done, total, name)
    if find_spec("ipywidgets") is None:
        return tqdm(**_about(done, total, name), file=sys.stdout)
    from tqdm.notebook import tqdm as widget

    return widget(**_about(done, total, name))


def no_bar(done: int, total: int, name: str) -> tqdm:
    """None."""
    return tqdm(**_about(done, total, name), disable=True)


def _about(done: int, total: int, name: str) -> dict[str, Any]:
    return {"initial": done, "total": total, "desc": name, "unit": "sample"}

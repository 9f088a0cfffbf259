"""Scripts that tests call in their own process: another one takes seconds to import what this one has at hand."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from experiment.main import main
from experiment.modality import Modality


def answer_of(command: Callable[[], int]) -> CompletedProcess:
    """What a command writes and returns."""
    with redirect_stdout(io.StringIO()) as stdout, redirect_stderr(io.StringIO()) as stderr:
        status = command()
    return CompletedProcess((), status, stdout.getvalue(), stderr.getvalue())


def run_in(folder: Path, sense: Modality, *options: object) -> CompletedProcess:
    """What a sense's script, called in a folder with these options, writes and returns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return answer_of(lambda: main(sense, [*map(str, options)]))

"""How far a run has come, as one file: written while it runs, read by `--resume`."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from bindsnet.network.persistence import write_content
from experiment.command_line.options import shown
from experiment.errors import OptionError, UnusableError
from experiment.results.saved import plain, refuse_packed

FORMAT = 2
MOST = 2**53  # of seconds or of anything counted: beyond, a float no longer counts one by one
LEAST_WAIT = 10.0  # s between two checkpoints
LARGEST_SHARE = 0.03  # of the run's time that may be spent on them


class Stateful(Protocol):
    """A part of a run that changes while it runs."""

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Checkpoint:
    """The file that holds the state of a run's parts: tensors, numbers and nothing else.

    Args:
        path: the file.
        parts: all that changes while the run goes on, by name.
    """

    def __init__(self, path: Path, parts: Mapping[str, Stateful]) -> None:
        self.path = path
        self.parts = parts
        self.wait = LEAST_WAIT
        self.last = time.perf_counter()

    def save_if_due(self) -> None:
        """Save if enough time has passed, also for what saving costs."""
        if time.perf_counter() - self.last > self.wait:
            self.save()

    def save(self) -> None:
        """Write the state durably.

        Raises:
            OSError: it cannot be written; the checkpoint before is still there.
        """
        started = time.perf_counter()
        state = {name: part.state_dict() for name, part in self.parts.items()}
        write_content(self.path, {"format": FORMAT, "state": state})
        self.last = time.perf_counter()
        self.wait = max(LEAST_WAIT, (self.last - started) / LARGEST_SHARE)

    def load(self) -> None:
        """Bring the parts to where they were.

        Raises:
            OptionError: the file is damaged, or of another run.
        """
        try:
            content = self._read()
            if content["format"] != FORMAT:
                raise UnusableError(f"its format is {shown(content['format'])}, this version reads {FORMAT}")
            refuse_unlike(content["state"], {name: part.state_dict() for name, part in self.parts.items()})
            for name, part in self.parts.items():
                part.load_state_dict(content["state"][name])
        except OptionError:
            raise
        except Exception as error:  # whatever a damaged or foreign file makes torch and the parts raise
            reason = error if isinstance(error, UnusableError | OSError) else "it is damaged, or not what a run writes"
            raise OptionError(
                [f"{self.path}: cannot be resumed from: {reason}; begin anew without --resume, or delete that file"]
            ) from error

    def _read(self) -> dict[str, Any]:
        """What the file holds."""
        refuse_packed(plain(self.path))
        with zipfile.ZipFile(self.path) as archive:
            if (damaged := archive.testzip()) is not None:  # torch does not look at the checksums
                raise UnusableError(f"the checksum of its part {shown(damaged)} is wrong")
        return torch.load(self.path, map_location="cpu", weights_only=True)

    def remove(self) -> None:
        """Delete the file: the run is finished."""
        self.path.unlink(missing_ok=True)


def refuse_unlike(found: Any, expected: Any, name: str = "state") -> None:
    """Refuses a state that is not built as one of the same run: other names, other types, numbers that none reaches.

    Raises:
        UnusableError: says what in it.
    """
    if isinstance(expected, Mapping):
        is_alike = isinstance(found, Mapping) and found.keys() == expected.keys()
    elif isinstance(expected, torch.Tensor):
        is_alike = type(found) is torch.Tensor and _is_plain(found, expected)
    else:
        is_alike = type(found) is type(expected) and 0 <= found < MOST
    if not is_alike:
        raise UnusableError(f"its {name} is not what a run writes")
    if isinstance(expected, Mapping):
        for key, part in expected.items():
            refuse_unlike(found[key], part, f"{name}, {key}")


def _is_plain(found: torch.Tensor, expected: torch.Tensor) -> bool:
    """Whether a tensor holds its numbers itself, of the right type, all finite but for those that never are."""
    about = [(tensor.dtype, tensor.layout, tensor.device, tensor.requires_grad, tensor.dim()) for tensor in (found, expected)]
    if about[0] != about[1]:
        return False
    is_finite = found.isfinite()
    if found.shape == expected.shape:
        is_finite |= found == expected
    return bool(is_finite.all())

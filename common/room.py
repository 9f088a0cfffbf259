"""How much memory and disk there still is, told before much of either is used up, and after."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from common.errors import DatasetError, reason_of

BYTES_PER_KIB = 1024
GIGA = 1e9
PROC = Path("/proc")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
CONTROL_GROUPS = Path("/sys/fs/cgroup")  # of Linux, by which containers and clusters limit memory


def lack_of_memory(needed: float) -> str | None:
    """What completes "… needs" if so many bytes of memory are not there; None if they are, or nothing tells."""
    there = available_memory()
    return None if there is None or needed <= there else f"{in_gb(needed)} of memory, but {in_gb(there)} are free"


def lack_of_disk(needed: float, folder: Path) -> str | None:
    """The same of the disk that a folder lies on."""
    folder = next(place for place in (folder, *folder.absolute().parents) if place.exists())  # it may be made later
    there = shutil.disk_usage(folder).free
    return None if needed <= there else f"{in_gb(needed)} of disk, but {in_gb(there)} are free in {folder}"


def cannot_write(path: Path, error: BaseException, option: str = "--root") -> DatasetError:
    """The error that says that a file cannot be written, and why: of what a library made of it, what the system had said.

    Args:
        path: the file.
        error: what writing it raised.
        option: what lets it be written elsewhere.
    """
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.errno):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return DatasetError(f"cannot write {path}: {reason_of(error)}")
    if cause.errno in NO_SPACE:
        what_to_do = f"make room there, or let {option} name a place elsewhere"
        return DatasetError(f"cannot write {path}: no space left on the device{_free_at(path)}; {what_to_do}")
    return DatasetError(f"cannot write {path}: {cause.strerror or reason_of(cause)}")


def in_gb(n_bytes: float) -> str:
    """A number of bytes, in 10⁹ of them."""
    return f"{n_bytes / GIGA:,.{1 if n_bytes >= GIGA else 3}f} GB"


def available_memory() -> int | None:
    """Bytes of memory that this process may still take; None if the system tells nothing."""
    found = [*_of_the_machine(), *_of_control_groups(), *_of_this_process()]
    return max(0, min(found)) if found else None


def _of_the_machine() -> Iterator[int]:
    """What is free or can be freed at once."""
    with suppress(OSError, KeyError, ValueError):
        yield _numbers(PROC / "meminfo")["MemAvailable:"] * BYTES_PER_KIB
        return
    with suppress(AttributeError, ValueError, OSError):  # not on every system
        yield os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _of_control_groups() -> Iterator[int]:
    """What each of the groups that the process belongs to still allows; groups lie in one another."""
    with suppress(OSError):
        for line in (PROC / "self" / "cgroup").read_text().splitlines():
            _, controllers, place = line.split(":", 2)
            if not controllers:
                top, names = CONTROL_GROUPS, ("memory.max", "memory.current", "inactive_file")
            elif "memory" in controllers.split(","):
                top, names = CONTROL_GROUPS / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            else:
                continue
            group = top / place.strip("/")
            # A container may see its own group at the top, under whatever name it has outside.
            for folder in (group, *group.parents):
                if folder.is_relative_to(top):
                    yield from _of_a_group(folder, *names)


def _of_a_group(folder: Path, limit: str, used: str, freed: str) -> Iterator[int]:
    with suppress(OSError, ValueError):  # no such group, or one without limit, which says "max"
        free = int((folder / limit).read_text()) - int((folder / used).read_text())
        yield free + _numbers(folder / "memory.stat").get(freed, 0)


def _of_this_process() -> Iterator[int]:
    """What is left of a limit such as that of `ulimit -v`."""
    with suppress(ImportError, OSError, KeyError, ValueError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            yield limit - _numbers(PROC / "self" / "status")["VmSize:"] * BYTES_PER_KIB


def _numbers(path: Path) -> dict[str, int]:
    """The first number behind each name of a file of lines."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdecimal()}


def _free_at(path: Path) -> str:
    with suppress(OSError):
        folder = next(parent for parent in path.absolute().parents if parent.is_dir())
        return f" ({shutil.disk_usage(folder).free:,} bytes free)"
    return ""

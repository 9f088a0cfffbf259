"""What archives hold, without unpacking them: zip, and tar, which is uncompressed as a whole where it is compressed."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import os
import posixpath
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock

from common.content import ARCHIVE_ERRORS, irregular, most_unpacked
from common.durable import written_aside
from common.errors import reason_of
from common.room import cannot_write
from datasets.errors import DatasetError
from datasets.raw.passed_over import PassedOver

COMPRESSED_TARS = {".tar.gz": gzip.open, ".tgz": gzip.open, ".tar.bz2": bz2.open, ".tar.xz": lzma.open}
IGNORED_FOLDER = "__MACOSX"
LINKS, SPARSE_FILES, ODD_FILES = "links", "sparse files", "pipes, sockets and devices"
HIDDEN_FOLDERS = "folders whose names begin with a dot"
ZIP_ENCRYPTED = 0x1
ZIP_MODE_SHIFT = 16  # where Unix keeps a file's mode in a member's external attributes
CHUNK = 1 << 20  # bytes of a tar that are uncompressed at once


class FilePart(NamedTuple):
    """Where a raw file's bytes lie.

    Attributes:
        path: the file or archive on disk.
        offset: start of the bytes; for a zip member its place in the archive's directory, as names may stand there twice.
        size: bytes of the content, as far as the archive tells the truth.
        crc: CRC-32 of a zip member's content, else None.
    """

    path: str
    offset: int
    size: int
    crc: int | None = None


class Member(NamedTuple):
    """What an archive holds: its path, where its bytes lie and its stamp, as in `RawFile`; if it holds none, what it is."""

    path: str
    part: FilePart | None
    stamp: str
    what: str = ""


def archive_ending(path: Path) -> str:
    """The ending that makes a file an archive, in the case that it has there; empty if it is none."""
    for ending in (".zip", ".tar", *COMPRESSED_TARS):
        if path.name.lower().endswith(ending):
            return path.name[-len(ending) :]
    return ""


def is_ignored(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or what macOS adds to archives."""
    return name.startswith(".") or name == IGNORED_FOLDER


def members_of(path: Path, scratch: Path, passed_over: PassedOver) -> Iterator[Member]:
    """The files in an archive, but hidden ones.

    Args:
        path: the archive.
        scratch: where compressed tars are uncompressed to.
        passed_over: where hidden folders are noted.

    Raises:
        DatasetError: it is damaged, encrypted, unpacks to far too much or has a member that leaves it, or there is no room.
    """
    is_zip = archive_ending(path).lower() == ".zip"
    try:
        for member in _limited(_zip_members(path) if is_zip else _tar_members(path, scratch), path):
            name = member.path.replace("\\", "/")
            steps = [step for step in name.split("/") if step not in ("", ".")]
            if name.startswith("/") or ".." in steps or "/".join(steps)[1:2] == ":":
                raise DatasetError(f"{path}: refused, its member {member.path!r} leaves the archive")
            is_folder = name.endswith("/")  # zipfile does not know those that end in a backslash
            hidden = next((i for i, step in enumerate(steps) if is_ignored(step)), None)
            if hidden is not None and hidden < len(steps) - 1 and IGNORED_FOLDER not in steps:
                passed_over.add(f"{path}: {HIDDEN_FOLDERS}", "/".join(steps[: hidden + 1]))
            if hidden is None and not is_folder:
                yield member._replace(path="/".join(steps))
    except ARCHIVE_ERRORS as error:
        size = path.stat().st_size
        message = f"{path} ({size:,} bytes) is damaged or incomplete: {reason_of(error)}; replace it"
        raise DatasetError(message) from error
    except (MemoryError, RecursionError) as error:  # headers of a tar that declare too much, or too many behind one another
        message = f"{path} is damaged, or there is not enough memory for what it says that it holds; replace it"
        raise DatasetError(message) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _limited(members: Iterator[Member], path: Path) -> Iterator[Member]:
    """The members of an archive, as long as all together hold no more than it may: the same bytes may be several members."""
    limit = n_left = most_unpacked(path.stat().st_size)
    for member in members:
        if member.part is not None:
            n_left -= member.part.size
        if n_left < 0:
            raise _unpacks_to_too_much(path, limit)
        yield member


def _unpacks_to_too_much(path: Path, limit: int) -> DatasetError:
    return DatasetError(
        f"{path}: refused, it unpacks to more than {limit:,} bytes, as no recordings do; "
        "if you trust it, unpack it there by hand and remove it"
    )


def _zip_members(path: Path) -> Iterator[Member]:
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        for place, info in enumerate(archive.infolist()):
            if info.is_dir():
                continue
            if not 0 <= info.header_offset < size:
                raise zipfile.BadZipFile(f"its member {info.filename!r} lies outside it")
            if info.flag_bits & ZIP_ENCRYPTED:
                raise DatasetError(f"{path}: its member {info.filename!r} is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                message = f"{path}: its member {info.filename!r} is packed in an unknown way; "
                raise DatasetError(message + "unpack the archive there by hand and remove it")
            mode = info.external_attr >> ZIP_MODE_SHIFT
            stamp = f"{info.file_size} {info.CRC}"
            if stat.S_ISLNK(mode):  # its bytes are the path that it points to
                yield Member(info.filename, None, stamp, LINKS)
            elif stat.S_IFMT(mode) and irregular(mode):
                yield Member(info.filename, None, stamp, ODD_FILES)
            else:
                yield Member(info.filename, FilePart(str(path), place, info.file_size, info.CRC), stamp)


def _tar_members(path: Path, scratch: Path) -> Iterator[Member]:
    changed = path.stat().st_mtime_ns
    unpack = COMPRESSED_TARS.get(archive_ending(path).lower())
    plain = _uncompressed(path, unpack, scratch) if unpack else path
    parts: dict[str, FilePart] = {}
    place = -1
    with tarfile.open(plain, "r:") as archive:
        for info in archive:
            if info.size < 0 or info.offset <= place:  # a size below 0 leads back, and so round and round
                raise tarfile.ReadError(f"its member {info.name!r} says to end before it begins")
            place = info.offset
            part = None
            if info.isreg() and not info.issparse():
                part = parts[posixpath.normpath(info.name)] = FilePart(str(plain), info.offset_data, info.size)
            elif info.islnk():  # to a member before it
                part = parts.get(posixpath.normpath(info.linkname))
            what = SPARSE_FILES if info.issparse() else LINKS if info.islnk() or info.issym() else ODD_FILES
            if not info.isdir():
                yield Member(info.name, part, f"{part.size if part else 0} {changed}", what)


def _uncompressed(path: Path, unpack: Callable[..., BinaryIO], scratch: Path) -> Path:
    """The archive as a plain tar; what else of it lies in `scratch`, a killed run or an earlier version left there."""
    status = path.stat()
    stem = f"unpacked-{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:12]}-"
    plain = scratch / f"{stem}{status.st_size}-{status.st_mtime_ns}.tar"
    if plain.exists():
        return plain
    with unpack(path, "rb") as packed:
        try:
            scratch.mkdir(parents=True, exist_ok=True)
            with FileLock(scratch / ".unpacking.lock"):
                if plain.exists():  # another run was faster
                    return plain
                for leftover in (*scratch.glob(f"{stem}*"), *scratch.glob(f".{stem}*")):
                    with suppress(OSError):  # on Windows another run may still read it
                        leftover.unlink()
                with written_aside(plain) as partial, partial.open("wb") as target:
                    for chunk in _bounded(packed, most_unpacked(status.st_size), path):
                        target.write(chunk)
        except OSError as error:
            raise cannot_write(plain, error) from error
    return plain


def _bounded(packed: BinaryIO, limit: int, path: Path) -> Iterator[bytes]:
    """What an archive unpacks to, as long as that is no more than a limit (bytes)."""
    n_left = limit
    while chunk := _next_chunk(packed, path):
        n_left -= len(chunk)
        if n_left < 0:
            raise _unpacks_to_too_much(path, limit)
        yield chunk


def _next_chunk(packed: BinaryIO, path: Path) -> bytes:
    try:
        return packed.read(CHUNK)
    except OSError as error:  # gzip raises them too
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> DatasetError:
    return DatasetError(f"cannot read {path}: {error.strerror or reason_of(error)}")

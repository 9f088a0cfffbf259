"""Raw files, wherever they lie below a folder: loose, or in archives that are read in place.

Every file has a virtual path. A loose file's is its path below the folder; an archive's member's is
the archive's place and name without its ending, then the member's path: so `Train.zip` may hold
`Train/5/00001.bin` or just `5/00001.bin`, and both end on `Train/5/00001.bin`. In members' paths
"." does not count, and "\\" is "/", as Windows writes it. Hidden files, hidden folders and `__MACOSX` are
passed over. An archive with a member whose path leaves it is refused. A hard link in a tar is the member
that it links to. Only regular files are read: pipes, devices and members that hold no bytes of their own
are passed over. Of what is passed over, notes tell how much, but for hidden files.

A zip's directory is parsed once in each process. A compressed tar cannot be read in place: it is
uncompressed once, into the folder of processed files.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from common.content import LARGEST, irregular
from common.errors import reason_of
from datasets.errors import DamagedRecordingError, DatasetError
from datasets.raw.archives import (
    ARCHIVE_ERRORS,
    HIDDEN_FOLDERS,
    IGNORED_FOLDER,
    ODD_FILES,
    FilePart,
    archive_ending,
    is_ignored,
    members_of,
)
from datasets.raw.passed_over import PassedOver
from eventvision import EventFileError
from eventvision.content import content_of
from eventvision.errors import in_one_line

# raw/<a folder around it>/Train/<digit>/<file>
DEEPEST_LEVEL = 4
ANY_FILE = re.compile("[^/]+$")
ANY_NAME = "surrogatepass"  # how to encode names that may hold bytes that are no UTF-8
MOST_OPEN = 64  # zips that a process keeps open, fewer than any system allows


class DamagedFileError(DamagedRecordingError):
    """A single file's content is not what its archive says; the message says how."""


class RawFile(NamedTuple):
    """A raw file that was found.

    Attributes:
        match: how the pattern met its virtual path.
        name: what messages call it.
        part: where its bytes lie.
        stamp: changes with its content: size and CRC-32 in a zip, else size and time of change.
        origin: the archive or the topmost folder that it comes from.
    """

    match: re.Match[str]
    name: str
    part: FilePart
    stamp: str
    origin: str

    @property
    def is_loose(self) -> bool:
        """Whether it is a file by itself, in no archive."""
        return self.part.crc is None and self.part.offset == 0


def find_raw_files(folder: Path, pattern: re.Pattern[str], scratch: Path) -> tuple[list[RawFile], tuple[str, ...]]:
    """All files below `folder` whose virtual path `pattern` is found in, archives first.

    Args:
        folder: where to look; an archive itself will do, or a single file.
        pattern: searched for in virtual paths, whose parts are joined by "/".
        scratch: where compressed tars are uncompressed to.

    Returns:
        The files, and notes of what was passed over.

    Raises:
        DatasetError: an archive is damaged, encrypted, unpacks to far too much or has a member that leaves it;
            a folder cannot be read; a file is not there, such as one that a link in vain points to; or
            `folder` is none and no regular file either.
    """
    passed_over = PassedOver()
    archives, loose = [], []
    folder, paths = (folder.parent, [folder]) if _is_file(folder) else (folder, _files_below(folder, passed_over))
    for path in paths:
        (archives if archive_ending(path) else loose).append(path)
    found = []
    for path in archives:
        if not _is_to_be_read(path, passed_over):
            continue
        place = path.relative_to(folder).as_posix().removesuffix(archive_ending(path))
        for member in members_of(path, scratch, passed_over):
            if not (match := pattern.search(f"{place}/{member.path}")):
                continue
            if member.part is None:
                passed_over.add(f"{path}: {member.what}", member.path)
            else:
                found.append(RawFile(match, in_one_line(f"{path}/{member.path}"), member.part, member.stamp, str(path)))
    for path in loose:
        relative = path.relative_to(folder)
        if (match := pattern.search(relative.as_posix())) and (status := _is_to_be_read(path, passed_over)):
            part = FilePart(str(path), 0, status.st_size)
            stamp = f"{status.st_size} {status.st_mtime_ns}"
            found.append(RawFile(match, in_one_line(path), part, stamp, str(folder / relative.parts[0])))
    return found, passed_over.notes()


def fingerprint(files: Sequence[RawFile]) -> str:
    """A hex string that changes with the names or the content of some files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.match.group()}\0{file.stamp}\0".encode(errors=ANY_NAME))
    return digest.hexdigest()


def read_parts(parts: Sequence[FilePart]) -> Iterator[bytes | DamagedFileError]:
    """The content of some files one after the other, or what is wrong with it.

    Raises:
        OSError: a file cannot be opened or read.
    """
    versions = {path: _version(path) for path in {part.path for part in parts if part.crc is not None}}
    return (_read(part, versions.get(part.path, ())) for part in parts)


def _read(part: FilePart, version: tuple[int, ...]) -> bytes | DamagedFileError:
    if part.size > LARGEST:
        return DamagedFileError(f"it holds {part.size:,} bytes, more than the {LARGEST:,} that a recording may have")
    if part.crc is not None:
        return _read_zipped(part, version)
    if part.offset == 0:
        return _read_loose(part.path)
    with open(part.path, "rb") as file:
        file.seek(part.offset)
        content = file.read(part.size)
    return content if len(content) == part.size else DamagedFileError("its archive was cut off")


def _read_loose(path: str) -> bytes | DamagedFileError:
    try:
        return content_of(path)[0]
    except EventFileError as error:
        return DamagedFileError(str(error).removeprefix(f"{path}: "))


def _read_zipped(part: FilePart, version: tuple[int, ...]) -> bytes | DamagedFileError:
    try:
        archive = _opened_zip(part.path, version)
        info = archive.infolist()[part.offset]
        info.file_size = part.size + 1  # zipfile cuts off what is more; so it takes the byte that tells that there is more
        packed = archive.open(info)
    except ARCHIVE_ERRORS:
        return DamagedFileError("its zip header is damaged")
    with packed:
        try:
            content = packed.read(info.file_size)
        except zipfile.BadZipFile:
            content = None
        except (zlib.error, EOFError) as error:
            return DamagedFileError(f"it cannot be unpacked ({reason_of(error)})")
        if packed.tell() > part.size:
            return DamagedFileError(f"it unpacks to more than the {part.size:,} bytes that its archive says")
    if content is None or part.crc != info.CRC:  # the latter if the archive was replaced since it was looked into
        return DamagedFileError("its content does not match its checksum")
    return content


def _version(path: str) -> tuple[int, ...]:
    """What a file is now, to this process: a forked one must open it anew, else both would share the place at which they read."""
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, os.getpid()


@lru_cache(MOST_OPEN)
def _opened_zip(path: str, version: tuple[int, ...]) -> zipfile.ZipFile:
    """A version of a zip; what the cache drops closes itself once nobody reads it any more."""
    return zipfile.ZipFile(path)


def _files_below(folder: Path, passed_over: PassedOver, level: int = 1) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise DatasetError(f"cannot look into {folder}: {error.strerror}") from error
    for entry in entries:
        is_folder = _is_folder(entry)
        if is_ignored(entry.name):
            if is_folder and entry.name != IGNORED_FOLDER:
                passed_over.add(HIDDEN_FOLDERS, entry.path)
        elif not is_folder:
            yield Path(entry)
        elif level < DEEPEST_LEVEL:
            yield from _files_below(Path(entry), passed_over, level + 1)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, say: it matters only if a file of its name is wanted, and then `_status_of` tells
        return False


def _is_file(path: Path) -> bool:
    """Whether a place to look in is a regular file; what is neither that nor a folder is refused."""
    try:
        mode = path.stat().st_mode
    except OSError:  # `_files_below` tells
        return False
    what = irregular(mode)
    if what and not stat.S_ISDIR(mode):
        raise DatasetError(f"{path}: is {what}; only folders and regular files are read")
    return not what


def _is_to_be_read(path: Path, passed_over: PassedOver) -> os.stat_result | None:
    """The status of a regular file; what is another kind of file is noted."""
    status = _status_of(path)
    if what := irregular(status.st_mode):
        passed_over.add(ODD_FILES, f"{path}, {what}")
        return None
    return status


def _status_of(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        where = ", where its link points to" if path.is_symlink() else ""
        raise DatasetError(f"cannot read {path}: {error.strerror}{where}") from error

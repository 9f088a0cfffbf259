"""Raw files, wherever they lie below a folder: loose, or in archives that are read in place.

Every file has a virtual path. A loose file's is its path below the folder; an archive's member's is
the archive's place and name without its ending, then the member's path: so `Train.zip` may hold
`Train/5/00001.bin` or just `5/00001.bin`, and both end on `Train/5/00001.bin`. In members' paths
"." does not count, and "\\" is "/", as Windows writes it. Hidden files and `__MACOSX` are passed
over. An archive with a member whose path leaves it is refused. A hard link in a tar is the member
that it links to; members that hold no bytes of their own are passed over with a warning.

A zip member is read by its place in the file, so that workers need not parse the archive's
directory. A compressed tar cannot be read in place: it is uncompressed once, into the folder of
processed files.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import logging
import lzma
import os
import posixpath
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from filelock import FileLock

from datasets.errors import DatasetError
from eventvision.files import written_aside

logger = logging.getLogger(__name__)

# raw/<a folder around it>/Train/<digit>/<file>
DEEPEST_LEVEL = 4
COMPRESSED_TARS = {
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".tar.bz2": bz2.open,
    ".tar.xz": lzma.open,
}
IGNORED_FOLDER = "__MACOSX"
ANY_FILE = re.compile("[^/]+$")
ANY_NAME = "surrogatepass"  # how to encode names that may hold bytes that are no UTF-8

# The header before a zip member's data (PKWARE's APPNOTE, 4.3.7): its size, where the lengths of
# name and extra field stand in it, and the mark at its start.
ZIP_HEADER_SIZE = 30
ZIP_HEADER_LENGTHS = struct.Struct("<HH")
ZIP_HEADER_LENGTHS_OFFSET = 26
ZIP_HEADER_MARK = b"PK\x03\x04"
ZIP_ENCRYPTED = 0x1
ZIP_MODE_SHIFT = 16  # where Unix keeps a file's mode in a member's external attributes
LARGEST = 1 << 28  # bytes that a zip member may unpack to: many times the longest recording

# What zipfile and tarfile raise, depending on where in an archive the damage lies.
ARCHIVE_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, struct.error,
    ValueError, IndexError, OverflowError, NotImplementedError,
)  # fmt: skip


class DamagedFileError(Exception):
    """A single file's content is not what its archive says; the message says how."""


class FilePart(NamedTuple):
    """Where a raw file's bytes lie.

    Attributes:
        path: the file or archive on disk.
        offset: start of the bytes; for a zip member that of its header.
        size: bytes on disk (compressed).
        method: None for bytes that stand there as they are, else the zip compression method.
        crc: CRC-32 of a zip member's content, else None.
    """

    path: str
    offset: int
    size: int
    method: int | None = None
    crc: int | None = None


class RawFile(NamedTuple):
    """A raw file that was found.

    Attributes:
        match: how the pattern met its virtual path.
        name: what messages call it.
        part: where its bytes lie.
        stamp: changes with its content: size and CRC-32 in a zip, else size and time of change.
        source: the archive or the topmost folder that it comes from.
    """

    match: re.Match[str]
    name: str
    part: FilePart
    stamp: str
    source: str


# An archive's member: its path, where its bytes lie (None if it holds none of its own) and its stamp, as in `RawFile`.
Member = tuple[str, FilePart | None, str]


def find_raw_files(folder: Path, pattern: re.Pattern[str], scratch: Path) -> list[RawFile]:
    """All files below `folder` whose virtual path `pattern` is found in, archives first.

    Args:
        folder: where to look; an archive itself will do, or a single file.
        pattern: searched for in virtual paths, whose parts are joined by "/".
        scratch: where compressed tars are uncompressed to.

    Raises:
        DatasetError: an archive is damaged, encrypted or has a member that leaves it; a folder
            cannot be read; or a file is not there, such as one that a link in vain points to.
    """
    archives, loose = [], []
    folder, paths = (folder.parent, [folder]) if folder.is_file() else (folder, _files_below(folder))
    for path in paths:
        (archives if _archive_ending(path) else loose).append(path)
    found = []
    for path in archives:
        place = path.relative_to(folder).as_posix().removesuffix(_archive_ending(path))
        without_bytes = []
        for member, part, stamp in _members(path, scratch):
            if not (match := pattern.search(f"{place}/{member}")):
                continue
            if part is None:
                without_bytes.append(member)
            else:
                found.append(RawFile(match, f"{path}/{member}", part, stamp, str(path)))
        if without_bytes:
            about = f"{len(without_bytes):,} links or sparse files passed over, such as {without_bytes[0]}"
            logger.warning("%s: %s", path, about)
    for path in loose:
        relative = path.relative_to(folder)
        if match := pattern.search(relative.as_posix()):
            status = _status_of(path)
            part = FilePart(str(path), 0, status.st_size)
            stamp = f"{status.st_size} {status.st_mtime_ns}"
            found.append(RawFile(match, str(path), part, stamp, str(folder / relative.parts[0])))
    return found


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
    with ExitStack() as stack:
        opened: dict[str, BinaryIO] = {}
        for part in parts:
            if part.method is None and part.offset == 0:
                content = Path(part.path).read_bytes()
            else:
                if part.path not in opened:
                    opened[part.path] = stack.enter_context(Path(part.path).open("rb"))
                content = _read_member(opened[part.path], part)
            yield content


def _read_member(file: BinaryIO, part: FilePart) -> bytes | DamagedFileError:
    file.seek(part.offset)
    if part.method is None:
        content = file.read(part.size)
        return content if len(content) == part.size else DamagedFileError("its archive was cut off")
    header = file.read(ZIP_HEADER_SIZE)
    if len(header) < ZIP_HEADER_SIZE or not header.startswith(ZIP_HEADER_MARK):
        return DamagedFileError("its zip header is damaged")
    file.seek(sum(ZIP_HEADER_LENGTHS.unpack_from(header, ZIP_HEADER_LENGTHS_OFFSET)), os.SEEK_CUR)
    content = file.read(part.size)
    if part.method == zipfile.ZIP_DEFLATED:
        try:
            unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            content = unpacker.decompress(content, LARGEST)
        except zlib.error as error:
            return DamagedFileError(f"it cannot be unpacked ({error})")
        if unpacker.unconsumed_tail:
            return DamagedFileError(f"it unpacks to more than {LARGEST:,} bytes")
    if zlib.crc32(content) != part.crc:
        return DamagedFileError("its content does not match its checksum")
    return content


def _files_below(folder: Path, level: int = 1) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise DatasetError(f"cannot look into {folder}: {error.strerror}") from error
    for entry in entries:
        if _is_ignored(entry.name):
            continue
        if not _is_folder(entry):
            yield Path(entry)
        elif level < DEEPEST_LEVEL:
            yield from _files_below(Path(entry), level + 1)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle, say: it matters only if a file of its name is wanted, and then `_status_of` tells
        return False


def _status_of(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        where = ", where its link points to" if path.is_symlink() else ""
        raise DatasetError(f"cannot read {path}: {error.strerror}{where}") from error


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name == IGNORED_FOLDER


def _archive_ending(path: Path) -> str:
    for ending in (".zip", ".tar", *COMPRESSED_TARS):
        if path.name.lower().endswith(ending):
            return path.name[-len(ending) :]
    return ""


def _members(path: Path, scratch: Path) -> Iterator[Member]:
    is_zip = _archive_ending(path).lower() == ".zip"
    try:
        for member, part, stamp in _zip_members(path) if is_zip else _tar_members(path, scratch):
            name = member.replace("\\", "/")
            steps = [step for step in name.split("/") if step not in ("", ".")]
            place = "/".join(steps)
            if name.startswith("/") or ".." in steps or place[1:2] == ":":
                raise DatasetError(f"{path}: refused, its member {member!r} leaves the archive")
            is_folder = name.endswith("/")  # zipfile does not know those that end in a backslash
            if not is_folder and not any(map(_is_ignored, steps)):
                yield place, part, stamp
    except ARCHIVE_ERRORS as error:
        size = path.stat().st_size
        message = f"{path} ({size:,} bytes) is damaged or incomplete: {error}; replace it"
        raise DatasetError(message) from error
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error}") from error


def _zip_members(path: Path) -> Iterator[Member]:
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if not 0 <= info.header_offset < size:
                raise zipfile.BadZipFile(f"its member {info.filename!r} lies outside it")
            if info.flag_bits & ZIP_ENCRYPTED:
                raise DatasetError(f"{path}: its member {info.filename!r} is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                message = f"{path}: its member {info.filename!r} is packed in an unknown way; "
                raise DatasetError(message + "unpack the archive there by hand and remove it")
            part = FilePart(str(path), info.header_offset, info.compress_size, info.compress_type, info.CRC)
            is_link = stat.S_ISLNK(info.external_attr >> ZIP_MODE_SHIFT)  # its bytes are the path that it points to
            yield info.filename, None if is_link else part, f"{info.file_size} {info.CRC}"


def _tar_members(path: Path, scratch: Path) -> Iterator[Member]:
    changed = path.stat().st_mtime_ns
    unpack = COMPRESSED_TARS.get(_archive_ending(path).lower())
    plain = _uncompressed(path, unpack, scratch) if unpack else path
    parts: dict[str, FilePart] = {}
    with tarfile.open(plain, "r:") as archive:
        for info in archive:
            part = None
            if info.isreg() and not info.issparse():
                part = parts[posixpath.normpath(info.name)] = FilePart(str(plain), info.offset_data, info.size)
            elif info.islnk():  # to a member before it
                part = parts.get(posixpath.normpath(info.linkname))
            if info.isreg() or info.islnk() or info.issym():
                yield info.name, part, f"{part.size if part else 0} {changed}"


def _uncompressed(path: Path, unpack, scratch: Path) -> Path:
    """The archive as a plain tar; what else of it lies in `scratch`, a killed run or an earlier version left there."""
    status = path.stat()
    stem = f"unpacked-{hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:12]}-"
    plain = scratch / f"{stem}{status.st_size}-{status.st_mtime_ns}.tar"
    if plain.exists():
        return plain
    scratch.mkdir(parents=True, exist_ok=True)
    with FileLock(scratch / ".unpacking.lock"):
        if plain.exists():  # another run was faster
            return plain
        for leftover in (*scratch.glob(f"{stem}*"), *scratch.glob(f".{stem}*")):
            with suppress(OSError):  # on Windows another run may still read it
                leftover.unlink()
        with written_aside(plain) as partial, unpack(path, "rb") as packed, partial.open("wb") as target:
            shutil.copyfileobj(packed, target)
    return plain

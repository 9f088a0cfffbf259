"""Where runs are kept between machines that share no disk: any path that fsspec knows, such as ``s3://bucket/sweeps``.

A file is there as a whole or not at all: object stores see to it themselves, elsewhere it is written under another name and
then renamed. A run's checkpoint comes after what it speaks of, and `results.json`, with which a run is finished, after all else:
so what is there at any moment can be gone on with.
"""

from __future__ import annotations

import posixpath
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from common.durable import UNFINISHED, write_file
from common.errors import reason_of
from experiment.errors import OptionError
from experiment.results.saved import CHECKPOINT, FINISHED

LAST = (CHECKPOINT, FINISHED)


class Storage:
    """A folder of a storage.

    Args:
        url: where it is.

    Raises:
        OptionError: fsspec does not know such a path, or lacks what it needs for it.
    """

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs
        from fsspec.spec import AbstractFileSystem

        with _told(url):
            self.files, self.place = url_to_fs(url)
        is_local = "file" in self.files.protocol
        self.url = self.files.unstrip_protocol(self.place) if is_local else url.rstrip("/")  # absolute, and with its host
        self.renames = type(self.files).mv is not AbstractFileSystem.mv  # else it would copy, and stores need no renaming

    def below(self, name: str) -> Storage:
        """A folder in it.

        Raises:
            OptionError: the name leads out of it.
        """
        return Storage(posixpath.join(self.url, _plain(name)))

    def names(self) -> set[str]:
        """What lies there, but for what is half written.

        Raises:
            OptionError: it cannot be listed, or something there has a name that leads out of a folder.
        """
        with _told(self.url):
            try:
                self.files.invalidate_cache()
                entries = self.files.ls(self.place, detail=False)
            except FileNotFoundError:
                return set()
        below = (entry.removeprefix(self.place).removeprefix("/") for entry in entries if entry != self.place)
        return {_plain(name) for name in below if not name.startswith(".")}

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none.

        Raises:
            OptionError: it cannot be read.
        """
        with _told(self.url):
            try:
                return self.files.cat_file(self._at(name))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file as a whole.

        Raises:
            OSError: it cannot be written.
        """
        with _told(self.url):
            self.files.makedirs(self.place, exist_ok=True)
            if not self.renames:
                self.files.pipe_file(self._at(name), content)
                return
            aside = self._at(f".{name}.{secrets.token_hex(4)}{UNFINISHED}")
            try:
                self.files.pipe_file(aside, content)
                self.files.mv(aside, self._at(name))
            except BaseException:
                with suppress(Exception):
                    self.files.rm_file(aside)
                raise

    def fetch(self, folder: Path) -> None:
        """Have in a folder what is here, and no checkpoint that is not.

        Raises:
            OptionError: it cannot be had.
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = self.names()
        for name in _in_order(names):
            content = self.read(name)
            if content is not None:
                write_file(folder / name, lambda file, content=content: file.write(content))
        if CHECKPOINT not in names:
            (folder / CHECKPOINT).unlink(missing_ok=True)

    def send(self, folder: Path) -> None:
        """Have here what is in a folder; a finished run has no checkpoint any more.

        Raises:
            OptionError: it cannot be written.
            OSError: the folder cannot be read.
        """
        names = {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
        for name in _in_order(names):
            self.write(name, (folder / name).read_bytes())
        if FINISHED in names and CHECKPOINT in self.names():
            self._remove(CHECKPOINT)

    def clear(self) -> None:
        """Remove the files of a run; what can be gone on with goes first.

        Raises:
            OptionError: one cannot be removed.
        """
        for name in reversed(_in_order(self.names())):
            self._remove(name)

    def _remove(self, name: str) -> None:
        with _told(self.url):
            self.files.rm_file(self._at(name))

    def _at(self, name: str) -> str:
        return posixpath.join(self.place, name)


def _in_order(names: set[str]) -> list[str]:
    return sorted(names, key=lambda name: (LAST.index(name) if name in LAST else -1, name))


def _plain(name: str) -> str:
    """A name that stays in its folder, on every system."""
    if not name or name.startswith(".") or not name.isprintable() or set(name) & set('\\/:*?"<>|'):
        raise OptionError([f"--storage: {name!r} is no plain name, so it is left alone"])
    return name


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Within it, what goes wrong, each file system in its own words, is told in a line."""
    try:
        yield
    except Exception as error:
        raise OptionError([f"--storage {url}: {reason_of(error)}"]) from error

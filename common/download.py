"""Downloads that survive bad lines: several mirrors, resumed bodies, patience, checksums."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from common.content import irregular
from common.errors import DatasetError, reason_of
from common.room import cannot_write

if TYPE_CHECKING:
    from requests import Response, Session
    from urllib3 import Retry

logger = logging.getLogger(__name__)

CONNECT_TIME = 2.0  # s within which some mirror must answer, or there is no network
TIMEOUTS = (10.0, 30.0)  # s to connect, and without any byte
MAX_ATTEMPTS = 6  # in a row, of which at most the first brought something
FIRST_PAUSE = 1.0  # s, doubled after each attempt
LONGEST_PAUSE = 120.0  # s; a server that asks for more is left alone
MAY_PASS = {HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
MOST_DIGITS = 18  # of a number in a header
CHUNK = 1 << 16  # bytes
PORTS = {"http": 80, "https": 443}


class RemoteFile(NamedTuple):
    """A file that can be downloaded.

    Attributes:
        name: what it is called here.
        md5: its checksum, hexadecimal; None if none is known, so that who wants it checks what arrives.
        mirrors: addresses that hold it, the best first.
    """

    name: str
    md5: str | None
    mirrors: tuple[str, ...]


class MirrorError(Exception):
    """A mirror did not deliver; the message says why."""


class _BrokenError(Exception):
    """The line broke, or the body ended too early; another attempt goes on from there."""


def download_file(remote: RemoteFile, folder: Path, progress: bool = True, option: str = "--root") -> Path:
    """Downloads a file into a folder, checks it, and returns its path.

    What arrives goes to `<name>.part`, and takes its name once its checksum is right. If the line
    breaks, or the run ends, the next attempt, the next mirror or the next run goes on from there; a
    file with the wrong checksum is removed.

    Args:
        remote: the file.
        folder: where it goes.
        progress: whether to show a bar (on terminals only).
        option: what lets it go elsewhere, if the disk is full.

    Raises:
        DatasetError: no mirror delivered it; says what each one did.
    """
    part = folder / f"{remote.name}.part"
    failures = []
    _refuse_link(part)
    try:
        if part.exists() and _md5(part) == remote.md5:  # a run ended while it was checked
            return part.replace(folder / remote.name)
        mirrors = _reachable(remote.mirrors)
        if not mirrors:
            hosts = ", ".join(sorted({urlsplit(url).hostname or url for url in remote.mirrors}))
            raise DatasetError(f"no network connection to {hosts}")
        folder.mkdir(parents=True, exist_ok=True)
        for url in mirrors:
            for _ in range(2):
                resumed = part.exists()
                try:
                    return _retrieve(url, remote, part, progress)
                except MirrorError as error:
                    failures.append(f"{url}: {error}")
                # Once more from the start only if what it went on from was wrong, and so removed.
                if not resumed or part.exists():
                    break
    except OSError as error:
        raise DatasetError(f"{cannot_write(folder / remote.name, error, option)}{_kept(part)}") from error
    raise DatasetError("; ".join(failures) + _kept(part))


def _kept(part: Path) -> str:
    with suppress(OSError):
        return f"; {part} ({part.stat().st_size:,} bytes) is kept to go on from"
    return ""


def _refuse_link(part: Path) -> None:
    """Whatever a link leads to is not ours to write to, and a pipe may keep its reader waiting for ever."""
    with suppress(OSError):
        if what := irregular(part.lstat().st_mode):
            what = "a link" if part.is_symlink() else what
            raise DatasetError(f"{part} is {what}, not what a download left there: move it away")


def _retrieve(url: str, remote: RemoteFile, part: Path, progress: bool) -> Path:
    """Fetches, checks and places the file."""
    _fetch(url, part, progress, remote.name)
    md5 = _md5(part)
    if remote.md5 is not None and md5 != remote.md5:
        arrived = f"the {_size(part):,} bytes that arrived"
        part.unlink()
        raise MirrorError(f"{arrived} have another checksum, {md5} instead of {remote.md5}, and were removed")
    return part.replace(part.with_name(remote.name))


def _md5(path: Path) -> str:
    import pooch

    return pooch.file_hash(path, alg="md5")


def _fetch(url: str, part: Path, progress: bool, title: str) -> None:
    """Completes `part`: the session asks again if the server fails; if the line breaks, the loop goes on where it broke."""
    import requests

    retries = patience = _patience(title)
    with requests.Session() as session:
        adapter = requests.adapters.HTTPAdapter(max_retries=patience.new(connect=0, read=False, other=0))
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        while True:
            before = _size(part)
            try:
                return _attempt(session, url, part, progress, title)
            except _BrokenError as error:
                if _size(part) > before:
                    retries = patience
                elif not retries.total:
                    raise MirrorError(f"gave up after {MAX_ATTEMPTS} attempts: {error}") from error
                retries = retries.increment(error=error)
                retries.sleep()


def _patience(title: str) -> Retry:
    """How to try again: after pauses that double, or that the server asks for unless they are long; each is logged."""
    from urllib3 import Retry
    from urllib3.exceptions import InvalidHeader

    class Patience(Retry):
        def increment(self, *args: Any, response: Any = None, error: Exception | None = None, **options: Any) -> Retry:
            after = super().increment(*args, response=response, error=error, **options)
            reason, asked = error, None
            if response is not None:
                response.close()  # else the page that tells of the failure is read, and it may have no end
                reason, asked = _failure(response), self.get_retry_after(response)
            pause = asked or after.get_backoff_time()
            if pause > LONGEST_PAUSE:
                raise MirrorError(f"{reason}, and asks to wait for {pause:.0f} s")
            logger.warning("%s: %s; trying again in %.0f s", title, reason, pause)
            return after

        def get_backoff_time(self) -> float:  # urllib3's own is 0 after the first failure
            return FIRST_PAUSE * 2 ** (len(self.history) - 1)

        def parse_retry_after(self, retry_after: str) -> float:
            with suppress(ValueError, OverflowError, InvalidHeader):
                return super().parse_retry_after(retry_after)
            return 0.0  # what cannot be read asks for nothing

    return Patience(MAX_ATTEMPTS - 1, status_forcelist=MAY_PASS, raise_on_status=False)


def _attempt(session: Session, url: str, part: Path, progress: bool, title: str) -> None:
    import requests

    start = _size(part)
    headers = {"Accept-Encoding": "identity", "User-Agent": "stdp-nmnist"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        with session.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as answer:
            total = _total_size(answer, start)
            if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                if start == total:
                    return
                part.unlink()
                raise _BrokenError(f"{start:,} bytes were here, the file has {total or 'others'}")
            if answer.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                tried = f"gave up after {MAX_ATTEMPTS} attempts: " if answer.status_code in MAY_PASS else ""
                raise MirrorError(tried + _failure(answer.raw))
            resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
            _receive(answer, part, start if resumed else 0, total, progress, title)
    except requests.exceptions.SSLError as error:
        raise MirrorError(f"no secure connection ({reason_of(error)})") from error
    except requests.exceptions.ProxyError as error:  # behind it there is no network, or none for us
        raise MirrorError(f"the proxy does not connect ({reason_of(error)})") from error
    except requests.RequestException as error:
        raise _BrokenError(f"the connection broke after {_size(part):,} bytes ({reason_of(error)})") from error
    if total is not None and _size(part) < total:
        raise _BrokenError(f"got {_size(part):,} of {total:,} bytes")


def _failure(answer: Any) -> str:
    return f"the server answered {answer.status} {answer.reason or ''}".strip()


def _receive(answer: Response, part: Path, start: int, total: int | None, progress: bool, title: str) -> None:
    from tqdm import tqdm

    shown = None if progress else True  # None: on terminals
    with (
        part.open("ab" if start else "wb") as file,
        tqdm(desc=title, initial=start, total=total, unit="B", unit_scale=True, disable=shown) as bar,
    ):
        # A body that ends too early is noticed by its size; an error would cost what had arrived.
        answer.raw.enforce_content_length = False
        for chunk in answer.iter_content(CHUNK):
            file.write(chunk)
            bar.update(len(chunk))


def _total_size(answer: Response, start: int) -> int | None:
    """Size of the whole file, as far as the server tells it."""
    if answer.status_code in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE):
        unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
        begin, _, total = rest.partition("/")
        if answer.status_code == HTTPStatus.PARTIAL_CONTENT and begin.partition("-")[0] != str(start):
            raise MirrorError(f"asked for the bytes from {start:,} on, got {unit} {rest}")
        return _number(total)
    return _number(answer.headers.get("Content-Length", ""))


def _number(text: str) -> int | None:
    """A number of at most so many digits as sizes have, told in a header; not every digit is one of a number."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _reachable(urls: tuple[str, ...]) -> list[str]:
    """The addresses whose host, or whose proxy, takes a connection soon; all are tried at once.

    Without a network the system's own name look-up may take far longer to say so.
    """
    from requests.utils import get_environ_proxies, prepend_scheme_if_needed, select_proxy

    answered: dict[str, bool] = {}

    def knock(url: str) -> None:
        proxy = select_proxy(url, get_environ_proxies(url))
        try:
            way = urlsplit(prepend_scheme_if_needed(proxy, "http") if proxy else url)
            address = (way.hostname, way.port or PORTS.get(way.scheme, PORTS["https"]))
            socket.create_connection(address, CONNECT_TIME).close()
            answered[url] = True
        except (OSError, ValueError):
            answered[url] = False

    threads = [threading.Thread(target=knock, args=(url,), daemon=True) for url in urls]
    for thread in threads:
        thread.start()
    end = time.monotonic() + CONNECT_TIME
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0))
    return [url for url in urls if answered.get(url)]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

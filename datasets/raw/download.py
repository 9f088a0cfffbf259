"""Downloads that survive bad lines: several mirrors, resumed bodies, patience, checksums."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from datasets.errors import DatasetError
from datasets.facts import RemoteFile
from datasets.preparation.shortage import cannot_write
from eventvision.content import irregular
from eventvision.errors import reason_of

logger = logging.getLogger(__name__)

CONNECT_TIME = 2.0  # s within which some mirror must answer, or there is no network
TIMEOUTS = (10.0, 30.0)  # s to connect, and without any byte
MAX_ATTEMPTS = 6  # in a row without any progress
FIRST_PAUSE = 1.0  # s, doubled after each attempt
LONGEST_PAUSE = 120.0  # s; a server that asks for more is left alone
MOST_DIGITS = 18  # of a number in a header
CHUNK = 1 << 16  # bytes
PORTS = {"http": 80, "https": 443}

OK, PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE, TOO_MANY_REQUESTS, SERVER_ERRORS = (
    200,
    206,
    416,
    429,
    500,
)


class MirrorError(Exception):
    """A mirror did not deliver; the message says why."""


class _RetryError(Exception):
    """Something that may pass; `pause` is how long the server asks to wait (s), if it does."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def download_file(
    remote: RemoteFile,
    folder: Path,
    progress: bool = True,
    sleep: Callable[[float], Any] = time.sleep,
) -> Path:
    """Downloads a file into a folder, checks it, and returns its path.

    What arrives goes to `<name>.part`, and takes its name once its checksum is right. If the line
    breaks, or the run ends, the next attempt, the next mirror or the next run goes on from there; a
    file with the wrong checksum is removed.

    Args:
        remote: the file.
        folder: where it goes.
        progress: whether to show a bar (on terminals only).
        sleep: waits for a number of seconds.

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
                    return _retrieve(url, remote, part, progress, sleep)
                except MirrorError as error:
                    failures.append(f"{url}: {error}")
                # Once more from the start only if what it went on from was wrong, and so removed.
                if not resumed or part.exists():
                    break
    except OSError as error:
        raise DatasetError(f"{cannot_write(folder / remote.name, error)}{_kept(part)}") from error
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


def _retrieve(url: str, remote: RemoteFile, part: Path, progress: bool, sleep: Callable[[float], Any]) -> Path:
    """Fetches, checks and places the file."""
    _fetch(url, part, progress, remote.name, sleep)
    md5 = _md5(part)
    if md5 != remote.md5:
        arrived = f"the {_size(part):,} bytes that arrived"
        part.unlink()
        raise MirrorError(f"{arrived} have another checksum, {md5} instead of {remote.md5}, and were removed")
    return part.replace(part.with_name(remote.name))


def _md5(path: Path) -> str:
    import pooch

    return pooch.file_hash(path, alg="md5")


def _fetch(url: str, part: Path, progress: bool, title: str, sleep: Callable[[float], Any]) -> None:
    """Completes `part`, over several attempts if need be."""
    attempts = 0
    while True:
        before = _size(part)
        try:
            _attempt(url, part, progress, title)
            return
        except _RetryError as error:
            attempts = 0 if _size(part) > before else attempts + 1
            if attempts == MAX_ATTEMPTS:
                raise MirrorError(f"gave up after {attempts} attempts: {error}") from error
            pause = error.pause or FIRST_PAUSE * 2 ** max(attempts - 1, 0)
            if pause > LONGEST_PAUSE:
                raise MirrorError(f"{error}, and asks to wait for {pause:.0f} s") from error
            logger.warning("%s: %s; trying again in %.0f s", title, error, pause)
            sleep(pause)


def _attempt(url: str, part: Path, progress: bool, title: str) -> None:
    import requests

    start = _size(part)
    headers = {"Accept-Encoding": "identity", "User-Agent": "stdp-nmnist"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as answer:
            total = _total_size(answer, start)
            if answer.status_code == RANGE_NOT_SATISFIABLE:
                if start == total:
                    return
                part.unlink()
                raise _RetryError(f"{start:,} bytes were here, the file has {total or 'others'}")
            _refuse_failure(answer)
            resumed = answer.status_code == PARTIAL_CONTENT
            _receive(answer, part, start if resumed else 0, total, progress, title)
    except requests.exceptions.SSLError as error:
        raise MirrorError(f"no secure connection ({reason_of(error)})") from error
    except requests.exceptions.ProxyError as error:  # behind it there is no network, or none for us
        raise MirrorError(f"the proxy does not connect ({reason_of(error)})") from error
    except requests.RequestException as error:
        size = _size(part)
        raise _RetryError(f"the connection broke after {size:,} bytes ({reason_of(error)})") from error
    if total is not None and _size(part) < total:
        raise _RetryError(f"got {_size(part):,} of {total:,} bytes")


def _receive(answer: Any, part: Path, start: int, total: int | None, progress: bool, title: str) -> None:
    with (
        part.open("ab" if start else "wb") as file,
        tqdm(
            desc=title,
            initial=start,
            total=total,
            unit="B",
            unit_scale=True,
            disable=None if progress else True,
        ) as bar,
    ):
        # A body that ends too early is noticed by its size; an error would cost what had arrived.
        answer.raw.enforce_content_length = False
        for chunk in answer.iter_content(CHUNK):
            file.write(chunk)
            bar.update(len(chunk))


def _refuse_failure(answer: Any) -> None:
    status = answer.status_code
    reason = f"the server answered {status} {answer.reason}".strip()
    if status == TOO_MANY_REQUESTS or status >= SERVER_ERRORS:
        raise _RetryError(reason, _retry_after(answer.headers.get("Retry-After")))
    if status not in (OK, PARTIAL_CONTENT):
        raise MirrorError(reason)


def _total_size(answer: Any, start: int) -> int | None:
    """Size of the whole file, as far as the server tells it."""
    if answer.status_code in (PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE):
        unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
        begin, _, total = rest.partition("/")
        if answer.status_code == PARTIAL_CONTENT and begin.partition("-")[0] != str(start):
            raise MirrorError(f"asked for the bytes from {start:,} on, got {unit} {rest}")
        return _number(total)
    return _number(answer.headers.get("Content-Length", ""))


def _number(text: str) -> int | None:
    """A number of at most so many digits as sizes and times have, told in a header; not every digit is one of a number."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for; it holds a number of them or a date."""
    if value is None:
        return None
    if (seconds := _number(value.strip())) is not None:
        return float(seconds)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):  # the latter of a time zone beyond all numbers
        return None


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

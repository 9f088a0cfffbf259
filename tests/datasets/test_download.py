"""Downloads over a bad line, from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from datasets.download import RemoteFile, download_file
from datasets.errors import DatasetError

CONTENT = bytes(range(256)) * 8_000
MD5 = hashlib.md5(CONTENT).hexdigest()
Answer = Callable[[BaseHTTPRequestHandler, int], None]


def whole(request: BaseHTTPRequestHandler, start: int) -> None:
    request.send_response(206 if start else 200)
    request.send_header("Content-Length", str(len(CONTENT) - start))
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
    request.end_headers()
    request.wfile.write(CONTENT[start:])


def cut(request: BaseHTTPRequestHandler, start: int) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(CONTENT)))
    request.end_headers()
    request.wfile.write(CONTENT[: len(CONTENT) // 4])
    request.close_connection = True


def throttled(request: BaseHTTPRequestHandler, start: int) -> None:
    request.send_response(429)
    request.send_header("Retry-After", "7")
    request.send_header("Content-Length", "0")
    request.end_headers()


def gone(request: BaseHTTPRequestHandler, start: int) -> None:
    request.send_response(404)
    request.send_header("Content-Length", "0")
    request.end_headers()


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[str, list[int]]]]:
    """Starts a server that gives the answers in turn; returns its address and where requests started."""
    servers = []

    def start(*answers: Answer) -> tuple[str, list[int]]:
        starts: list[int] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                first = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
                starts.append(first)
                answers[min(len(starts), len(answers)) - 1](self, first)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/file", starts

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def fetch(tmp_path, *mirrors: str, md5: str = MD5) -> tuple[bytes, list[float]]:
    pauses: list[float] = []
    path = download_file(RemoteFile("Train.zip", md5, mirrors), tmp_path, progress=False, sleep=pauses.append)
    return path.read_bytes(), pauses


def test_body_that_was_cut_is_resumed_where_it_broke(tmp_path, serve):
    url, starts = serve(cut, whole)
    assert fetch(tmp_path, url)[0] == CONTENT
    assert len(starts) == 2
    assert 0 < starts[1] <= len(CONTENT) // 4  # whole chunks are kept


def test_throttled_download_waits_as_long_as_the_server_asks(tmp_path, serve):
    url, _ = serve(throttled, whole)
    assert fetch(tmp_path, url) == (CONTENT, [7.0])


def test_next_mirror_is_asked_when_the_first_is_gone(tmp_path, serve):
    dead, live = serve(gone)[0], serve(whole)[0]
    assert fetch(tmp_path, dead, live)[0] == CONTENT


def test_wrong_checksum_is_an_error_with_the_size_and_leaves_nothing(tmp_path, serve):
    url, _ = serve(whole)
    with pytest.raises(DatasetError, match=f"{len(CONTENT):,} bytes"):
        fetch(tmp_path, url, md5="0" * 32)
    assert not list(tmp_path.iterdir())


def test_without_a_network_the_answer_names_the_host(tmp_path):
    with pytest.raises(DatasetError, match=r"no network connection to 127\.0\.0\.1"):
        fetch(tmp_path, "http://127.0.0.1:9/file")

import errno
import socket
import threading
import time
from email.utils import formatdate

import pytest

from common import download as download_module
from common.download import RemoteFile, download_file
from common.errors import DatasetError
from tests.serving import CONTENT, MD5, cut, names, status, whole, without_ranges


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    """Downloads; afterwards `fetch.pauses` holds the pauses that were made."""

    def fetch(*urls, md5=MD5):
        remote = RemoteFile("Train.zip", md5, urls)
        return download_file(remote, tmp_path, progress=False)

    fetch.pauses = []
    monkeypatch.setattr("time.sleep", fetch.pauses.append)
    return fetch


def dead_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/x"


def test_a_file_arrives_whole_and_nothing_else_is_left(server, fetch, tmp_path):
    server.answers["/a"] = [whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert names(tmp_path) == ["Train.zip"]
    assert fetch.pauses == []


def test_a_cut_body_is_resumed_where_it_broke(server, fetch):
    size = len(CONTENT) * 27 // 100
    server.answers["/a"] = [cut(size), cut(10), whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [
        None,
        f"bytes={size}-",
        f"bytes={size + 10}-",
    ]


def test_the_next_run_goes_on_from_the_part_that_is_there(server, fetch, tmp_path):
    (tmp_path / "Train.zip.part").write_bytes(CONTENT[:1000])
    server.answers["/a"] = [whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert server.requests == [("/a", "bytes=1000-")]


def test_a_part_that_is_whole_already_is_just_checked_without_a_network(fetch, tmp_path):
    (tmp_path / "Train.zip.part").write_bytes(CONTENT)
    assert fetch(dead_address()).read_bytes() == CONTENT
    assert names(tmp_path) == ["Train.zip"]


def test_a_run_that_ends_while_the_checksum_is_taken_loses_no_byte(server, fetch, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    server.answers["/a"] = [whole()]
    monkeypatch.setattr("pooch.file_hash", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(server.url("/a"))
    assert names(tmp_path) == ["Train.zip.part"]
    monkeypatch.undo()
    assert fetch(dead_address()).read_bytes() == CONTENT
    assert len(server.requests) == 1


@pytest.mark.parametrize("part", [b"something else", CONTENT + b"too long"], ids=["other", "long"])
def test_a_wrong_part_does_not_spoil_the_download_for_ever(part, server, fetch, tmp_path):
    (tmp_path / "Train.zip.part").write_bytes(part)
    server.answers["/a"] = [whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT


def test_a_server_that_cannot_resume_sends_all_of_it_again(server, fetch, tmp_path):
    (tmp_path / "Train.zip.part").write_bytes(CONTENT[:1000])
    server.answers["/a"] = [without_ranges]
    assert fetch(server.url("/a")).read_bytes() == CONTENT


def test_a_throttling_server_is_asked_again_after_the_time_that_it_names(server, fetch):
    date = formatdate(time.time() + 40, usegmt=True)
    server.answers["/a"] = [
        status(429, Retry_After="7"),
        status(503, Retry_After=date),
        whole(),
    ]
    fetch(server.url("/a"))
    first, second = fetch.pauses
    assert first == 7
    assert 30 < second <= 41


def test_pauses_double_until_the_mirror_is_given_up(server, fetch):
    server.answers["/a"] = [status(500)]
    with pytest.raises(DatasetError, match="gave up after 6 attempts: the server answered 500"):
        fetch(server.url("/a"))
    assert fetch.pauses == [1, 2, 4, 8, 16]


def test_a_server_that_wants_a_long_rest_is_left_alone(server, fetch):
    server.answers["/a"] = [status(429, Retry_After="3600")]
    with pytest.raises(DatasetError, match="asks to wait for 3600 s"):
        fetch(server.url("/a"))
    assert fetch.pauses == []


def test_the_next_mirror_is_tried_when_one_is_dead_or_lacks_the_file(server, fetch):
    server.answers |= {"/gone": [status(404)], "/b": [whole()]}
    path = fetch(dead_address(), server.url("/gone"), server.url("/b"))
    assert path.read_bytes() == CONTENT
    assert [path for path, _ in server.requests] == ["/gone", "/b"]


def test_another_mirror_goes_on_where_the_first_one_broke(server, fetch):
    server.answers |= {"/a": [cut(500), status(404)], "/b": [whole()]}
    assert fetch(server.url("/a"), server.url("/b")).read_bytes() == CONTENT
    assert server.requests[-1] == ("/b", "bytes=500-")


def test_a_file_with_the_wrong_checksum_is_removed_and_the_next_mirror_tried(server, fetch, tmp_path):
    server.answers |= {"/a": [whole(b"<html>please log in</html>")], "/b": [whole()]}
    assert fetch(server.url("/a"), server.url("/b")).read_bytes() == CONTENT
    (tmp_path / "Train.zip").unlink()
    with pytest.raises(DatasetError, match="the 26 bytes that arrived") as caught:
        fetch(server.url("/a"))
    assert MD5 in str(caught.value)
    assert names(tmp_path) == []


def test_when_the_line_keeps_breaking_the_part_is_kept_and_both_sizes_are_told(server, fetch, tmp_path):
    server.answers["/a"] = [cut(300), cut(0)]
    with pytest.raises(DatasetError) as caught:
        fetch(server.url("/a"))
    message = str(caught.value)
    part = tmp_path / "Train.zip.part"
    assert part.read_bytes() == CONTENT[:300]
    assert f"{part} (300 bytes) is kept" in message
    assert "300" in message
    assert f"{len(CONTENT):,}" in message


def test_without_a_network_the_answer_comes_within_seconds(fetch, monkeypatch):
    over = threading.Event()

    def never(*_):
        over.wait(30)
        raise TimeoutError

    monkeypatch.setattr(download_module.socket, "create_connection", never)
    monkeypatch.setattr(download_module, "CONNECT_TIME", 0.1)
    start = time.monotonic()
    with pytest.raises(DatasetError, match=r"no network connection to a\.invalid, b\.invalid"):
        fetch("https://a.invalid/x", "https://b.invalid/x")
    assert time.monotonic() - start < 3
    over.set()


def test_a_proxy_without_a_network_behind_it_is_not_waited_for(server, fetch, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, server.url(""))
    with pytest.raises(DatasetError, match="the proxy does not connect"):
        fetch("https://a.invalid/x")
    assert fetch.pauses == []


def test_a_folder_that_cannot_be_written_to_is_named(server, tmp_path):
    (tmp_path / "raw").write_text("a file")
    server.answers["/a"] = [whole()]
    remote = RemoteFile("Train.zip", MD5, (server.url("/a"),))
    with pytest.raises(DatasetError, match=r"cannot write .*raw"):
        download_file(remote, tmp_path / "raw", progress=False)


def test_a_full_disk_is_told_with_what_is_kept(server, fetch, tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "Train.zip.part").write_bytes(CONTENT[:100])
    server.answers["/a"] = [whole()]
    monkeypatch.setattr(download_module, "_receive", full_disk)
    with pytest.raises(DatasetError) as caught:
        fetch(server.url("/a"))
    assert f"cannot write {tmp_path}/Train.zip: no space left on the device (" in str(caught.value)
    assert str(caught.value).endswith(f"; {tmp_path}/Train.zip.part (100 bytes) is kept to go on from")


def test_nothing_is_written_through_a_link_nor_read_from_a_pipe(server, fetch, tmp_path, pipe):
    server.answers["/a"] = [whole()]
    (tmp_path / "mine.txt").write_text("mine")
    part = tmp_path / "Train.zip.part"
    part.symlink_to(tmp_path / "mine.txt")
    with pytest.raises(DatasetError, match=r"Train\.zip\.part is a link, not what a download left there: move it away"):
        fetch(server.url("/a"))
    part.unlink()
    pipe.rename(part)
    with pytest.raises(DatasetError, match=r"Train\.zip\.part is a pipe"):
        fetch(server.url("/a"))
    assert server.requests == []
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_server_that_hangs_up_without_a_word_is_asked_again(server, fetch):
    def hangs_up(handler, _):
        handler.close_connection = True

    server.answers["/a"] = [hangs_up, hangs_up, whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert fetch.pauses == [1, 2]


def test_each_pause_is_told_in_the_log_with_its_reason(server, fetch, caplog):
    server.answers["/a"] = [status(429, Retry_After="7"), cut(300), status(500), whole()]
    fetch(server.url("/a"))
    assert [record.getMessage() for record in caplog.records if record.name == download_module.__name__] == [
        "Train.zip: the server answered 429 Too Many Requests; trying again in 7 s",
        f"Train.zip: got 300 of {len(CONTENT):,} bytes; trying again in 1 s",
        "Train.zip: the server answered 500 Internal Server Error; trying again in 1 s",
    ]


def test_a_page_that_tells_of_a_failure_is_not_waited_for(server, fetch):
    over = threading.Event()

    def endless(handler, _):
        handler.send_response(500)
        handler.end_headers()
        over.wait(20)
        handler.close_connection = True

    server.answers["/a"] = [endless, whole()]
    start = time.monotonic()
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert time.monotonic() - start < 5
    over.set()


@pytest.mark.parametrize("told", ["\xb2", "Fri, 31 Dec 2030 23:59:59 +99999999999999999999", "1" * 5000])
def test_a_rest_that_is_no_number_nor_date_is_as_none(told, server, fetch):
    server.answers["/a"] = [status(503, Retry_After=told), whole()]
    assert fetch(server.url("/a")).read_bytes() == CONTENT
    assert fetch.pauses == [1]


@pytest.mark.parametrize("told", ["\xb2", "1" * 5000])
def test_a_size_that_is_no_number_is_as_none(told, server, fetch, tmp_path):
    def answer(handler, start):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-/{told}")
        handler.end_headers()
        handler.wfile.write(CONTENT[start:])
        handler.close_connection = True

    (tmp_path / "Train.zip.part").write_bytes(CONTENT[:1000])
    server.answers["/a"] = [answer]
    assert fetch(server.url("/a")).read_bytes() == CONTENT

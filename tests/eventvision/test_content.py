import io

import pytest

from common.content import LARGEST, most_unpacked
from common.errors import reason_of
from eventvision import EventFileError, NTIDIGITSFile, read_nmnist, read_stmnist
from eventvision.content import content_of, write_content


def test_content_comes_from_a_path_or_from_bytes_and_complaints_name_the_path(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    assert content_of(tmp_path / "a.bin") == (b"abc", f"{tmp_path / 'a.bin'}: ")
    assert content_of(memoryview(b"abc")) == (b"abc", "")


def test_a_file_is_written_whole_or_stays_what_it_was(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    write_content(path, b"first")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_content(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_an_opened_file_gets_the_bytes_where_it_stands():
    file = io.BytesIO()
    write_content(file, b"ab")
    write_content(file, b"c")
    assert file.getvalue() == b"abc"


def test_what_is_no_regular_file_is_named_and_not_opened(pipe, tmp_path):
    with pytest.raises(EventFileError, match=r"pipe: is a pipe, no regular file"):
        content_of(pipe)
    with pytest.raises(EventFileError, match=r": is a folder, no regular file"):
        content_of(tmp_path)
    with pytest.raises(EventFileError, match=r"/dev/null: is a device, no regular file"):
        content_of("/dev/null")
    for read in (read_nmnist, read_stmnist, NTIDIGITSFile):
        with pytest.raises(EventFileError, match=r"pipe: is a pipe"):
            read(pipe)


def test_a_file_of_more_than_any_recording_holds_is_not_read(tmp_path):
    with (tmp_path / "a.bin").open("wb") as file:
        file.truncate(LARGEST + 1)  # sparse: it takes no room
    with pytest.raises(EventFileError, match=r"a\.bin: holds 134,217,729 bytes, more than the 134,217,728"):
        content_of(tmp_path / "a.bin")


def test_a_container_may_unpack_to_a_recording_or_to_many_times_its_size():
    assert most_unpacked(1000) == LARGEST
    assert most_unpacked(LARGEST) == 100 * LARGEST


@pytest.mark.parametrize(
    ("error", "words"),
    [(EOFError(), "EOFError"), (ValueError("a\n  b"), "a b"), (MemoryError(), "MemoryError")],
)
def test_what_an_exception_says_is_one_line_and_never_empty(error, words):
    assert reason_of(error) == words

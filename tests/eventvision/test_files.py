import io

import pytest

from eventvision.files import content_of, write_content


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

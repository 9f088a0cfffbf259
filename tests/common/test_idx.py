"""IDX files: read back whatever their shape, and refused by name whatever is wrong with them."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import DatasetError
from common.idx import read_idx
from tests.idx_files import idx


def read_or_refused(path) -> np.ndarray | None:
    """The array in a file; None if it was refused by its name."""
    try:
        return read_idx(path)
    except DatasetError as error:
        if str(path) not in str(error):
            raise
        return None


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.booleans())
def test_idx_files_are_read_back(tmp_path_factory, shape, packed):
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    path = tmp_path_factory.mktemp("idx") / "images"
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    assert np.array_equal(read_idx(path), array)


@pytest.mark.parametrize("packed", [False, True])
def test_an_idx_file_that_declares_far_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, packed):
    content = b"\0\0\x08\x01" + struct.pack(">I", 50_000_000) + bytes(5_000_000)
    (tmp_path / "images").write_bytes(gzip.compress(content) if packed else content)
    monkeypatch.setattr("common.content.LARGEST", 1 << 16)
    tracemalloc.start()
    with pytest.raises(DatasetError, match="images says that it holds 50,000,008 bytes; a file of its size holds"):
        read_idx(tmp_path / "images")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_an_idx_file_that_goes_on_behind_what_it_declares_is_unpacked_no_further(tmp_path):
    content = b"\0\0\x08\x01" + struct.pack(">I", 1000) + bytes(5_000_000)
    (tmp_path / "images").write_bytes(gzip.compress(content))
    tracemalloc.start()
    with pytest.raises(DatasetError, match="images should hold 1,008 bytes, but holds more"):
        read_idx(tmp_path / "images")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_pipe_is_no_idx_file(pipe):
    with pytest.raises(DatasetError, match="pipe: is a pipe, no regular file"):
        read_idx(pipe)


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"\1" + b[1:], lambda b: b[:3]])
def test_damaged_idx_file_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "images"
    path.write_bytes(damage(idx(np.zeros((2, 3), np.uint8))))
    with pytest.raises(DatasetError, match="images"):
        read_idx(path)


@given(st.binary(max_size=60), st.booleans())
def test_whatever_bytes_are_an_idx_file_or_refused_by_name(tmp_path_factory, content, packed):
    path = tmp_path_factory.mktemp("idx") / "images"
    path.write_bytes(gzip.compress(content) if packed else content)
    array = read_or_refused(path)
    assert array is None or idx(array) == content


@given(st.integers(0, 255), st.integers(0, 255), st.lists(st.integers(0, 2**32 - 1), max_size=5), st.integers(0, 40))
def test_a_header_that_does_not_fit_the_bytes_behind_it_is_refused(tmp_path_factory, kind, n_dimensions, sides, n_values):
    path = tmp_path_factory.mktemp("idx") / "images"
    path.write_bytes(bytes([0, 0, kind, n_dimensions]) + struct.pack(f">{len(sides)}I", *sides) + bytes(n_values))
    array = read_or_refused(path)
    if array is not None:
        assert kind == 8
        assert array.ndim == n_dimensions
        assert path.stat().st_size == 4 + 4 * n_dimensions + array.size


@pytest.mark.parametrize("cut", [3, 10, 20, -5, -1])
def test_a_packed_file_cut_short_is_refused_by_name(tmp_path, cut):
    (tmp_path / "images").write_bytes(gzip.compress(idx(np.arange(200, dtype=np.uint8)))[:cut])
    with pytest.raises(DatasetError, match="images"):
        read_idx(tmp_path / "images")


def test_a_page_saved_as_a_file_is_told_as_such(tmp_path):
    (tmp_path / "images").write_text("<html>please log in</html>" * 10)
    with pytest.raises(DatasetError, match="no IDX file of unsigned bytes, such as MNIST's images; it looks like a text"):
        read_idx(tmp_path / "images")

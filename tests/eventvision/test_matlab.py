"""Matrices of MATLAB files: what SciPy writes is read alike, and no damage does more than raise an error."""

from __future__ import annotations

import contextlib
import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from eventvision import EventFileError
from eventvision.matlab import number_matrix

HEADER = 128


def mat(variables, compressed=False):
    file = io.BytesIO()
    savemat(file, variables, do_compression=compressed)
    return file.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "i4", "f4", "f8"])
def test_what_scipy_writes_is_read_alike(kind, compressed):
    wanted = np.arange(21).reshape(3, 7).astype(kind)
    content = mat({"first": "a text", "x": wanted, "last": np.zeros(2)}, compressed)
    assert np.array_equal(number_matrix(content, HEADER, "little", "x"), wanted)


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def test_a_small_element_that_says_it_has_more_than_four_bytes_is_refused():
    name = struct.pack("<HH", 1, 5) + b"xxxx"  # a tag holds four
    parts = element(6, struct.pack("<II", 6, 0)), element(5, struct.pack("<2i", 1, 1)), name, element(9, bytes(8))
    with pytest.raises(EventFileError, match="an element is longer than what holds it"):
        number_matrix(element(14, b"".join(parts)), 0, "little", "xxxx")


def test_a_packed_variable_without_its_end_is_refused_even_if_all_numbers_are_there():
    packed = zlib.compress(mat({"x": np.arange(21.0)})[HEADER:])
    whole, cut = (element(15, data)[: 8 + len(data)] for data in (packed, packed[:-4]))  # the end is a checksum
    assert np.array_equal(number_matrix(whole, 0, "little", "x"), np.arange(21.0)[None])
    with pytest.raises(EventFileError, match="a packed variable has no end"):
        number_matrix(cut, 0, "little", "x")


def test_more_dimensions_than_numpy_has_are_refused():
    parts = (
        element(6, struct.pack("<II", 6, 0)),
        element(5, struct.pack("<70i", *[1] * 70)),
        element(1, b"x"),
        element(9, bytes(8)),
    )
    with pytest.raises(EventFileError, match="70 dimensions"):
        number_matrix(element(14, b"".join(parts)), 0, "little", "x")


def test_a_packed_variable_that_declares_far_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    content = mat({"x": np.zeros(1_000_000)}, compressed=True)
    monkeypatch.setattr("eventvision.matlab.LARGEST", 100_000)
    tracemalloc.start()
    with pytest.raises(EventFileError, match=r"a packed variable declares 8,000,0.. bytes, more than any recording has"):
        number_matrix(content, HEADER, "little", "x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 500_000


@pytest.mark.parametrize("compressed", [False, True])
def test_small_numbers_count_as_what_they_become(compressed, monkeypatch):
    content = mat({"x": np.zeros(50_000, "i1")}, compressed)
    monkeypatch.setattr("eventvision.matlab.LARGEST", 100_000)
    with pytest.raises(EventFileError, match="its x has 50,000 numbers, more than any recording"):
        number_matrix(content, HEADER, "little", "x")


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(HEADER, HEADER + 300), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_are_read_or_refused(flips):
    content = bytearray(mat({"x": np.arange(40.0).reshape(8, 5)}))
    for place, byte in flips:
        content[place] = byte
    with contextlib.suppress(EventFileError):
        assert number_matrix(bytes(content), HEADER, "little", "x").dtype == np.float64


def test_packed_variables_that_together_hold_far_too_much_are_refused(monkeypatch):
    monkeypatch.setattr("common.content.LARGEST", 100_000)
    content = mat({f"v{number}": np.zeros(10_000) for number in range(4)}, compressed=True)
    with pytest.raises(EventFileError, match="its packed variables hold more than any recording"):
        number_matrix(content, HEADER, "little", "x")


def test_variables_without_end_are_refused():
    with pytest.raises(EventFileError, match="more than 10,000 variables"):
        number_matrix(bytes(HEADER + 8 * 20_000), HEADER, "little", "x")

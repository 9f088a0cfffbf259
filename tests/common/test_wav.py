import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.wav import decode_wav
from datasets import DatasetError


def wav(data: bytes, n_channels: int = 1, width: int = 2, rate: int = 8000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((n_channels, width, rate, 0, "NONE", ""))
        writer.writeframes(data)
    return file.getvalue()


@given(st.sampled_from([2, 3, 4]), st.lists(st.integers(-(2**15), 2**15 - 1), min_size=1, max_size=9))
def test_samples_of_any_width_are_read_back(width, samples):
    wide = [sample << 8 * (width - 2) for sample in samples]
    sound, rate = decode_wav(wav(b"".join(s.to_bytes(width, "little", signed=True) for s in wide), width=width), 8000, 16000)
    assert rate == 8000
    assert (sound * 2**15).tolist() == samples


def test_samples_of_one_byte_are_unsigned():
    assert decode_wav(wav(bytes([0, 128, 192]), width=1), 8000, 16000)[0].tolist() == [-1.0, 0.0, 0.5]


def chunked(
    tag: int, bits: int, data: bytes, extended: int | None = None, size: int | None = None, mark: bytes = b"RIFF"
) -> bytes:
    """A WAV file of one channel at 8 kHz, of any format; in the extensible form if it is told what that extends."""
    about = struct.pack("<HHIIHH", tag, 1, 8000, 8000 * bits // 8, bits // 8, bits)
    if extended is not None:
        about += struct.pack("<HHIH14x", 22, bits, 4, extended)
    notes = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # of an odd size, and so padded
    chunks = (
        b"fmt " + struct.pack("<I", len(about)) + about + notes + b"data" + struct.pack("<I", len(data) if size is None else size)
    )
    return mark + struct.pack("<I", 4 + len(chunks) + len(data)) + b"WAVE" + chunks + data


SAMPLES = [-1.0, 0.5, 0.0, 0.25]


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
@pytest.mark.parametrize("form", ["plain", "extensible"])
def test_floats_are_read_in_both_forms(kind, form):
    data, bits = np.array(SAMPLES, kind).tobytes(), 8 * np.dtype(kind).itemsize
    content = chunked(3, bits, data) if form == "plain" else chunked(0xFFFE, bits, data, extended=3)
    sound, rate = decode_wav(content, 8000, 16000)
    assert (sound.tolist(), sound.dtype, rate) == (SAMPLES, np.float64, 8000)


def test_whole_numbers_in_the_extensible_form_are_read():
    data = (np.array(SAMPLES) * 2**15).astype("<i2").tobytes()
    assert decode_wav(chunked(0xFFFE, 16, data, extended=1), 8000, 16000)[0].tolist() == SAMPLES


def test_a_file_that_was_written_into_a_pipe_lasts_until_its_end():
    data = (np.array(SAMPLES) * 2**15).astype("<i2").tobytes()
    assert decode_wav(chunked(1, 16, data, size=0xFFFFFFFF), 8000, 16000)[0].tolist() == SAMPLES


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (chunked(7, 8, b"1234"), "packed (µ-law); expected whole numbers or floats, so convert it"),
        (chunked(6, 8, b"1234"), "packed (A-law)"),
        (chunked(0x55, 8, b"1234"), "packed (MP3)"),
        (chunked(0x1234, 8, b"1234"), "packed (in a way of number 4660)"),
        (chunked(0xFFFE, 8, b"1234", extended=7), "packed (µ-law)"),
        (chunked(3, 16, b"1234"), "floats of 16 bits; expected 32 or 64"),
        (chunked(1, 0, b"1234"), "whole numbers of 0 bits"),
        (chunked(1, 16, b"1234", mark=b"RF64"), "of the kind RF64; expected RIFF"),
        (chunked(1, 16, b"1234", mark=b"RIFX"), "of the kind RIFX; expected RIFF"),
        (chunked(3, 32, np.array([0, np.nan], "<f4").tobytes()), "its sample 1 is nan, which is no sound"),
        (chunked(3, 64, np.array([0, 1e300], "<f8").tobytes()), "its sample 1 is 1e+300, which is no sound"),
        (chunked(1, 8, bytes(8001 * 1000)), "lasts 1,000.1 s; expected 1,000 at the most"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_kinds_are_named(content, complaint):
    with pytest.raises(DatasetError) as caught:
        decode_wav(content, 8000, 16000)
    assert complaint in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"RIFF", wav(b"1234")[:12], wav(b"1234")[:36], wav(b"1234")[:38]])
def test_no_complaint_has_empty_brackets(content):
    with pytest.raises(DatasetError) as caught:
        decode_wav(content, 8000, 16000)
    assert "()" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no WAV file"),
        (b"text, not sound", "no WAV file"),
        (wav(b"12345678")[:30], "no WAV file"),
        (wav(b"1234", n_channels=2), "2 channels"),
        (wav(b"1234", rate=44100), "44,100 Hz; expected 8,000 to 16,000"),
        (wav(b""), "no sample"),
        (wav(bytes(64)).replace(b"\x02\0\x10\0", b"\x08\0\x40\0"), "whole numbers of 64 bits; expected 8 to 32"),
        (wav(b"12345678").replace(b"data\x08", b"LIST\xff"), "no WAV file"),
        (wav(b"12345678")[:-4], "cut short: 2 of 4"),
    ],
)
def test_each_fault_is_told_in_a_line(content, complaint):
    with pytest.raises(DatasetError, match=complaint) as caught:
        decode_wav(content, 8000, 16000)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=80))
def test_any_bytes_give_a_wave_or_a_complaint(tail):
    try:
        sound, _ = decode_wav(wav(b"12345678")[:20] + tail, 1, 10**9)
    except DatasetError:
        return
    assert np.isfinite(sound).all()


def test_chunks_without_end_are_refused():
    whole = wav(bytes(8))
    place = whole.index(b"data")
    assert len(decode_wav(whole[:place] + bytes(8 * 100) + whole[place:], 8000, 16000)[0]) == 4
    with pytest.raises(DatasetError, match="it is no WAV file, or damaged"):
        decode_wav(whole[:place] + bytes(8 * 20_000) + whole[place:], 8000, 16000)

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets import DatasetError
from datasets.wav import decode_wav


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


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no WAV file"),
        (b"text, not sound", "no WAV file"),
        (wav(b"12345678")[:30], "no WAV file"),
        (wav(b"1234", n_channels=2), "2 channels"),
        (wav(b"1234", rate=44100), "44,100 Hz; expected 8,000 to 16,000"),
        (wav(b""), "no sample"),
        (wav(bytes(64)).replace(b"\x02\0\x10\0", b"\x08\0\x40\0"), "64 bits; expected 32"),
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

"""WAV files of one channel."""

from __future__ import annotations

import io
import wave

import numpy as np

from datasets.errors import DatasetError

BYTES_OF_UNSIGNED = 1  # samples of one byte are unsigned, longer ones signed
MOST_BYTES = 4  # of a sample


def decode_wav(content: bytes, lowest_rate: int, highest_rate: int) -> tuple[np.ndarray, int]:
    """The wave in a WAV file's bytes, float64 ``[n_samples]`` from −1 to 1, and its sampling rate (Hz).

    Raises:
        DatasetError: it is no WAV file of whole numbers, has several channels, no sample, or a sampling rate outside the limits
            (Hz), or is cut short. Does not say which file.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            n_channels, width, rate, n_samples = file.getparams()[:4]
            data = file.readframes(n_samples)
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:  # the last, without words, for a part that is too long
        raise DatasetError(f"it is no WAV file, or damaged ({error or 'it ends too early'})") from None
    if n_channels != 1:
        raise DatasetError(f"it has {n_channels} channels; expected one, so mix them")
    if not lowest_rate <= rate <= highest_rate:
        raise DatasetError(f"its sampling rate is {rate:,} Hz; expected {lowest_rate:,} to {highest_rate:,}, so resample it")
    if width > MOST_BYTES:
        raise DatasetError(f"its samples have {8 * width} bits; expected {8 * MOST_BYTES} at the most")
    if n_samples == 0:
        raise DatasetError("it holds no sample")
    if len(data) != n_samples * width:
        raise DatasetError(f"it is cut short: {len(data) // width:,} of {n_samples:,} samples are there")
    return _wave(data, width), rate


def _wave(data: bytes, width: int) -> np.ndarray:
    samples = np.frombuffer(data, np.uint8).reshape(-1, width)
    if width == BYTES_OF_UNSIGNED:
        return samples[:, 0] / 128.0 - 1.0
    padded = np.zeros((len(samples), MOST_BYTES), np.uint8)
    padded[:, MOST_BYTES - width :] = samples  # little-endian: the lowest byte first
    return padded.view("<i4")[:, 0] / 2.0**31

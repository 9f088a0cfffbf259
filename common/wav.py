"""WAV files of one channel: whole numbers of 8 to 32 bits or floats of 32 or 64, declared in the plain or the extensible way.

A file is a header, then chunks of a name, a size and data (Microsoft's and IBM's RIFF, little-endian); "fmt " says what the
samples in "data" are.
"""

from __future__ import annotations

import struct

import numpy as np

from common.errors import DatasetError

HEADER_SIZE = 12  # bytes: a mark, a size that is not relied upon, and the kind of file
CHUNK_HEADER = struct.Struct("<4sI")
FORMAT = struct.Struct("<HHIIHH")  # tag, channels, sampling rate (Hz), bytes a second, bytes of all channels, bits of a sample
EXTENSIBLE_TAG_OFFSET = 24  # bytes in the format, where an extensible one has the tag of what it extends
WHOLE_NUMBERS, FLOATS, EXTENSIBLE = 1, 3, 0xFFFE
OTHER_FORMATS = {2: "ADPCM", 6: "A-law", 7: "µ-law", 0x11: "ADPCM", 0x31: "GSM", 0x50: "MPEG", 0x55: "MP3"}
OTHER_HEADERS = (b"RIFX", b"RF64", b"BW64")
UNKNOWN_SIZE = 0xFFFFFFFF  # of a chunk that was written into a pipe: it lasts until the end
FLOAT_BITS = (32, 64)
BYTES_OF_UNSIGNED = 1  # whole numbers of one byte are unsigned, longer ones signed
MOST_BYTES = 4  # of a whole number
LOUDEST = 2.0**32  # what no float exceeds, even where whole numbers of 32 bits were written as floats
MOST_CHUNKS = 10_000  # before the samples; empty ones would take minutes to walk through
LONGEST = 1000  # s, as long as a sample may be shown


def decode_wav(content: bytes, lowest_rate: int, highest_rate: int) -> tuple[np.ndarray, int]:
    """The wave in a WAV file's bytes, float64 ``[n_samples]``, and its sampling rate (Hz).

    Whole numbers give −1 to 1; floats stay what they are.

    Raises:
        DatasetError: it is no WAV file of whole numbers or floats, has several channels, no sample, one that is no number, or a
            sampling rate outside the limits (Hz), lasts too long, or is cut short. Does not say which file.
    """
    about, size, data = _chunks(content)
    tag, n_channels, rate, _, _, bits = FORMAT.unpack_from(about)
    if tag == EXTENSIBLE and len(about) >= EXTENSIBLE_TAG_OFFSET + 2:
        tag = int.from_bytes(about[EXTENSIBLE_TAG_OFFSET : EXTENSIBLE_TAG_OFFSET + 2], "little")
    width = -(-bits // 8)
    if tag not in (WHOLE_NUMBERS, FLOATS):
        packed = OTHER_FORMATS.get(tag, f"in a way of number {tag}")
        raise DatasetError(f"its samples are packed ({packed}); expected whole numbers or floats, so convert it")
    if n_channels != 1:
        raise DatasetError(f"it has {n_channels} channels; expected one, so mix them")
    if not lowest_rate <= rate <= highest_rate:
        raise DatasetError(f"its sampling rate is {rate:,} Hz; expected {lowest_rate:,} to {highest_rate:,}, so resample it")
    if tag == WHOLE_NUMBERS and not 1 <= width <= MOST_BYTES:
        raise DatasetError(f"its samples are whole numbers of {bits} bits; expected 8 to {8 * MOST_BYTES}")
    if tag == FLOATS and bits not in FLOAT_BITS:
        raise DatasetError(f"its samples are floats of {bits} bits; expected {' or '.join(map(str, FLOAT_BITS))}")
    n_samples = (len(data) if size == UNKNOWN_SIZE else size) // width
    if n_samples == 0:
        raise DatasetError("it holds no sample")
    if len(data) < n_samples * width:
        raise DatasetError(f"it is cut short: {len(data) // width:,} of {n_samples:,} samples are there")
    if n_samples > LONGEST * rate:
        raise DatasetError(f"it lasts {n_samples / rate:,.1f} s; expected {LONGEST:,} at the most, so cut it")
    data = data[: n_samples * width]
    return _floats(data, width) if tag == FLOATS else _whole_numbers(data, width), rate


def _chunks(content: bytes) -> tuple[bytes, int, bytes]:
    """The format, the size that the data declare, and as many of them as are there."""
    mark, kind = content[:4], content[8:HEADER_SIZE]
    if mark in OTHER_HEADERS and kind == b"WAVE":
        raise DatasetError(f"it is a WAV file of the kind {mark.decode()}; expected RIFF, so convert it")
    if mark != b"RIFF" or kind != b"WAVE":
        raise DatasetError("it is no WAV file")
    about, place = None, HEADER_SIZE
    for _ in range(MOST_CHUNKS):
        if place + CHUNK_HEADER.size > len(content):
            break
        name, size = CHUNK_HEADER.unpack_from(content, place)
        place += CHUNK_HEADER.size
        if name == b"fmt ":
            about = content[place : place + size]
        if name == b"data":
            if about is None or len(about) < FORMAT.size:
                break
            return about, size, content[place : place + size]
        place += size + size % 2  # padded to an even number of bytes
    raise DatasetError("it is no WAV file, or damaged (what its samples are or the samples themselves are missing)")


def _whole_numbers(data: bytes, width: int) -> np.ndarray:
    samples = np.frombuffer(data, np.uint8).reshape(-1, width)
    if width == BYTES_OF_UNSIGNED:
        return samples[:, 0] / 128.0 - 1.0
    padded = np.zeros((len(samples), MOST_BYTES), np.uint8)
    padded[:, MOST_BYTES - width :] = samples  # little-endian: the lowest byte first
    return padded.view("<i4")[:, 0] / 2.0**31


def _floats(data: bytes, width: int) -> np.ndarray:
    samples = np.frombuffer(data, f"<f{width}").astype(np.float64)
    wrong = np.flatnonzero(~(np.abs(samples) <= LOUDEST))  # so NaN, which compares as false, is found too
    if len(wrong):
        raise DatasetError(f"its sample {wrong[0]:,} is {samples[wrong[0]]:g}, which is no sound")
    return samples

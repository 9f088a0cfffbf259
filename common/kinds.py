"""What a file seems to be, told from its first bytes, whatever its name says."""

from __future__ import annotations

N_FIRST_BYTES = 512
# How files begin; the first that fits counts.
MATLAB_5, MATLAB_7_3 = "a MATLAB 5 file (.mat)", "a MATLAB 7.3 file (.mat)"
HDF5, ZIP = "an HDF5 file", "a zip archive, as .npz files are"
BEGINNINGS = (
    (b"MATLAB 5.0", MATLAB_5),
    (b"MATLAB 7.3", MATLAB_7_3),  # HDF5 behind a header
    (b"\x89HDF\r\n\x1a\n", HDF5),
    (b"#!AER-DAT", "an AEDAT recording (.aedat, .aedat4)"),
    (b"% ", "a recording of Prophesee's (.raw, .dat)"),
    (b"#ROSBAG", "a ROS bag"),
    (b"PK\x03\x04", ZIP),
    (b"\x93NUMPY", "a single array of NumPy (.npy)"),
    (b"\x1f\x8b", "a file packed by gzip"),
    (b"BZh", "a file packed by bzip2"),
    (b"\xfd7zXZ\0", "a file packed by xz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"RIFF", "a WAV or AVI file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
TAR_MARK, TAR_MARK_PLACE = b"ustar", 257
SPACES = bytes.maketrans(b"\t\r\n\f", b"    ")


def kind_of(content: bytes) -> str | None:
    """What bytes seem to be, in words that follow "it looks like"; None if they could be anything.

    Args:
        content: a file's bytes, or the first `N_FIRST_BYTES` of them.
    """
    first = bytes(content[:N_FIRST_BYTES])
    for beginning, kind in BEGINNINGS:
        if first.startswith(beginning):
            return kind
    if first[TAR_MARK_PLACE:].startswith(TAR_MARK):
        return "a tar archive"
    is_text = first and all(0x20 <= byte < 0x7F for byte in first.translate(SPACES))
    return "a text" if is_text else None


def seems(kind: str | None) -> str:
    """What ends a complaint about a file of some kind, which may not be known."""
    return f"; it looks like {kind}" if kind else ""

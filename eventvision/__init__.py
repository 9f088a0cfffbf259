"""Event streams of neuromorphic sensors: one type for them, and readers and writers of files."""

from eventvision.errors import EventFileError, EventFileWarning
from eventvision.events import EVENT_DTYPE, Events
from eventvision.kinds import kind_of, kind_of_file
from eventvision.nmnist import decode_nmnist, encode_nmnist, read_nmnist, write_nmnist
from eventvision.ntidigits import NTIDIGITSFile, write_ntidigits
from eventvision.stmnist import decode_stmnist, encode_stmnist, read_stmnist, write_stmnist

__all__ = [
    "EVENT_DTYPE",
    "EventFileError",
    "EventFileWarning",
    "Events",
    "NTIDIGITSFile",
    "decode_nmnist",
    "decode_stmnist",
    "encode_nmnist",
    "encode_stmnist",
    "kind_of",
    "kind_of_file",
    "read_nmnist",
    "read_stmnist",
    "write_nmnist",
    "write_ntidigits",
    "write_stmnist",
]

"""Event streams of neuromorphic sensors: one type for them, and readers and writers of files.

The names below are loaded when they are first used: what a sensor is can be asked without NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.lazy import loader

if TYPE_CHECKING:
    from eventvision.errors import EventFileError, EventFileWarning
    from eventvision.events import EVENT_DTYPE, Events
    from eventvision.kinds import kind_of, kind_of_file
    from eventvision.nmnist import decode_nmnist, encode_nmnist, read_nmnist, write_nmnist
    from eventvision.ntidigits import NTIDIGITSFile, write_ntidigits
    from eventvision.sensors import Sensor
    from eventvision.stmnist import decode_stmnist, encode_stmnist, read_stmnist, write_stmnist

_MODULE_OF = {
    "EVENT_DTYPE": "eventvision.events",
    "EventFileError": "eventvision.errors",
    "EventFileWarning": "eventvision.errors",
    "Events": "eventvision.events",
    "NTIDIGITSFile": "eventvision.ntidigits",
    "Sensor": "eventvision.sensors",
    "decode_nmnist": "eventvision.nmnist",
    "decode_stmnist": "eventvision.stmnist",
    "encode_nmnist": "eventvision.nmnist",
    "encode_stmnist": "eventvision.stmnist",
    "kind_of": "eventvision.kinds",
    "kind_of_file": "eventvision.kinds",
    "read_nmnist": "eventvision.nmnist",
    "read_stmnist": "eventvision.stmnist",
    "write_nmnist": "eventvision.nmnist",
    "write_ntidigits": "eventvision.ntidigits",
    "write_stmnist": "eventvision.stmnist",
}

__all__ = [
    "EVENT_DTYPE",
    "EventFileError",
    "EventFileWarning",
    "Events",
    "NTIDIGITSFile",
    "Sensor",
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

__getattr__ = loader(__name__, _MODULE_OF)

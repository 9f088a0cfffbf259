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
    "EVENT_DTYPE": "events",
    "EventFileError": "errors",
    "EventFileWarning": "errors",
    "Events": "events",
    "NTIDIGITSFile": "ntidigits",
    "Sensor": "sensors",
    "decode_nmnist": "nmnist",
    "decode_stmnist": "stmnist",
    "encode_nmnist": "nmnist",
    "encode_stmnist": "stmnist",
    "kind_of": "kinds",
    "kind_of_file": "kinds",
    "read_nmnist": "nmnist",
    "read_stmnist": "stmnist",
    "write_nmnist": "nmnist",
    "write_ntidigits": "ntidigits",
    "write_stmnist": "stmnist",
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

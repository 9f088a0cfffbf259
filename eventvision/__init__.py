"""Event streams of neuromorphic sensors: one type for them, and readers and writers of files.

The names below are loaded when they are first used: what a sensor is can be asked without NumPy.
"""

from __future__ import annotations

from common.lazy import loader

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

__all__ = [*_MODULE_OF]

__getattr__ = loader(__name__, _MODULE_OF)

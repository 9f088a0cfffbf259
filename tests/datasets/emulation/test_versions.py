"""A change of an emulation raises its version, so that no file of samples made before is taken for one made after.

What is pinned is the source of what makes samples, not samples: thresholds turn last digits, in which exp, sums and products of
matrices differ from processor to processor, into other events. Comments and the layout of lines do not count.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import tokenize
from pathlib import Path

import pytest

from common import wav
from datasets import EmulatedNMNIST, EmulatedNTIDIGITS, EmulatedSTMNIST, emulation
from datasets.emulation import camera, cochlea, nmnist, ntidigits, pad, pen, speech, stmnist
from datasets.emulation.dataset import EmulatedDataset
from datasets.recorded.stmnist import without_busy_taxels

# All that a sample of each data set is made by.
MADE_BY = {
    EmulatedNMNIST: (nmnist.emulate_written, nmnist.emulate_shown, camera, pen),
    EmulatedNTIDIGITS: (ntidigits.emulate_spoken, cochlea, speech),
    EmulatedSTMNIST: (stmnist.emulate_written, without_busy_taxels, pad, pen),
}
# The version of each and the digest of what it is made by; a change raises the one and replaces the other.
PINNED = {
    EmulatedNMNIST: (2, "428fd1a5ddc96246"),
    EmulatedNTIDIGITS: (2, "15ef9ccf9e4e1e78"),
    EmulatedSTMNIST: (2, "04474d264d26db01"),
}
# The same of WAV files, which have a version of their own: a change of it leaves samples of the synthesiser what they are.
PLAYED_BY = (ntidigits.emulate_played, wav)
PLAYED = (1, "b771e5a508e1c542")
DATA_SETS = {"nmnist", "ntidigits", "stmnist", "dataset", "__init__"}  # modules that make no events


def code(source: str) -> str:
    """A Python source without comments and white space; the same under every version of Python."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return "".join("".join(token.string for token in tokens if token.type != tokenize.COMMENT).split())


def digest_of(*parts: object) -> str:
    sources = [inspect.getsource(part) for part in parts]
    return hashlib.sha256("\0".join(map(code, sources)).encode()).hexdigest()[:16]


@pytest.mark.parametrize("data_set", PINNED)
def test_a_change_of_an_emulation_raises_its_version(data_set):
    made = (data_set.reader_version, digest_of(*MADE_BY[data_set], EmulatedDataset.default_labels))
    assert made == PINNED[data_set], f"raise {data_set.__name__}.reader_version, then pin it and {made[1]} in PINNED"


def test_a_change_of_how_wav_files_are_read_raises_their_version():
    made = (EmulatedNTIDIGITS.wav_version, digest_of(*PLAYED_BY))
    assert made == PLAYED, f"raise EmulatedNTIDIGITS.wav_version, then pin it and {made[1]} in PLAYED"


def test_every_module_that_emulates_is_pinned():
    modules = {path.stem for path in Path(emulation.__file__).parent.glob("*.py")} - DATA_SETS
    pinned = {inspect.getmodule(part).__name__.rpartition(".")[2] for parts in MADE_BY.values() for part in parts}
    assert modules <= pinned


def test_comments_and_the_layout_of_lines_are_no_change_and_a_number_is():
    source = "def f(x):\n    return x + 1\n"
    assert code("# Why.\ndef f(\n    x\n):\n    return x + 1  # so\n") == code(source)
    assert code(source.replace("1", "2")) != code(source)

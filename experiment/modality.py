"""What distinguishes seeing, hearing and feeling: the facts that a script hands to `main`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Modality:
    """A sense: its sensor, its recordings, and the defaults that suit them.

    Attributes:
        name: How results name it, such as "Visual".
        title: One line about what its script does, shown by `--help`.
        dataset: Name of the class in `datasets` and of the folder in `data/`.
        input_shape: The sensor's units of one polarity, such as (34, 34) pixels (rows, columns).
        class_names: What the labels 0, 1, … stand for.
        n_neurons: Default number of excitatory neurons.
        pattern_time: Default time for which a sample is shown (ms).
        pattern_time_note: What that time means for this sensor.
        polarities: Default polarities taken as input: "on", "off" or "both".
        stimuli: What `--stimuli` may name for this sensor; empty if it takes none.
        own_stimuli: What the emulated sensor perceives without.
        polarity_choices: What `--polarities` may say of its recordings, emulated too; for your own the data decide.
        polarities_note: What that means for this sensor.
        has_taxels: Whether the sensor has taxels, some of which may be faulty: if so there is `--taxel_limit`.
    """

    name: str
    title: str
    dataset: str
    input_shape: tuple[int, ...]
    class_names: tuple[str, ...]
    n_neurons: int
    pattern_time: float
    pattern_time_note: str
    polarities: str
    stimuli: str
    own_stimuli: str = "written by a pen model"
    polarity_choices: tuple[str, ...] = ("on", "off", "both")
    polarities_note: str = "both: as separate inputs"
    has_taxels: bool = False

    def n_inputs(self, polarities: str) -> int:
        """Number of input units; with "both", ON and OFF are separate inputs."""
        return prod(self.input_shape) * (2 if polarities == "both" else 1)

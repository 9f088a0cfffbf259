"""What distinguishes one sense from another: the facts that a script hands to `main`. Its data set knows the rest."""

from __future__ import annotations

from dataclasses import dataclass

from datasets.dataset import EventDataset
from datasets.registry import data_set


@dataclass(frozen=True)
class Modality:
    """A sense: its recordings, and the defaults that suit them.

    Attributes:
        name: How results name it, such as "Visual".
        title: One line about what its script does, shown by `--help`.
        dataset: Name of its data set, a class in `datasets/recorded`, and of the folder in `data/`.
        n_neurons: Default number of excitatory neurons.
        features: What `--model features` makes of its sensor: "fields" of a plane of pixels, "channels" of a row of them, or
            "phases" of a small pad.
        pattern_time: Default time for which a sample is shown (ms); None for the data set's.
        polarities: Default polarities taken as input: "on", "off" or "both"; None for the first that the sensor has.
    """

    name: str
    title: str
    dataset: str
    n_neurons: int
    features: str = "fields"
    pattern_time: float | None = None
    polarities: str | None = None

    def __post_init__(self) -> None:
        known = self.recorded
        for name, fact in (("pattern_time", known.default_pattern_time), ("polarities", known.sensor.polarities[0])):
            if getattr(self, name) is None:
                object.__setattr__(self, name, fact)

    @property
    def recorded(self) -> type[EventDataset]:
        """Its data set's class, which knows the facts of the sensor."""
        return data_set(self.dataset)

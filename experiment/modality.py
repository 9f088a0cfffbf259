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
        pattern_time: Default time for which a sample is shown (ms); None for the data set's.
        polarities: Default polarities taken as input: "on", "off" or "both"; None for the first that the sensor has.
        class_names: What the labels 0, 1, … stand for; None for the data set's, where recordings are not one's own.
        input_shape: The sensor's units of one polarity, such as (34, 34) pixels (rows, columns); None likewise.
    """

    name: str
    title: str
    dataset: str
    n_neurons: int
    pattern_time: float | None = None
    polarities: str | None = None
    class_names: tuple[str, ...] | None = None
    input_shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        known = self.recorded
        facts = {
            "pattern_time": known.default_pattern_time,
            "polarities": known.sensor.polarities[0],
            "class_names": known.class_names,
            "input_shape": known.sensor.shape,
        }
        for name, fact in facts.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, fact)

    @property
    def recorded(self) -> type[EventDataset]:
        """Its data set's class, which knows the facts of the sensor."""
        return data_set(self.dataset)

"""A run that is done, as a value."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common.spike_trains import SpikeTrains
from experiment.command_line.keywords import checked_name, expanded
from experiment.figures.of_run import Drawings, figures_of_test, figures_of_training
from experiment.prediction import Prediction, Predictor
from experiment.readouts import readable
from experiment.results.drawing import MATPLOTLIB
from experiment.results.folder import refuse_place
from experiment.results.run_folder import RunFolder
from experiment.run_data import RunData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTEBOOK_DPI = 70


class Figures(Mapping[str, "Figure"]):
    """Figures by name, each drawn when it is asked for."""

    def __init__(self, drawings: Drawings) -> None:
        self._drawings = drawings

    def __getitem__(self, name: str) -> Figure:
        with MATPLOTLIB:
            figure = self._drawings[name]()
        figure._repr_png_ = partial(_png_of, figure)  # so that a notebook shows it, whatever Matplotlib's backend is
        return figure

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawings)

    def __len__(self) -> int:
        return len(self._drawings)

    def __repr__(self) -> str:
        return f"Figures({', '.join(self)})"


def _png_of(figure: Figure) -> bytes:
    picture = io.BytesIO()
    with MATPLOTLIB:
        figure.savefig(picture, format="png", dpi=NOTEBOOK_DPI)
    return picture.getvalue()


class Run(RunData):
    """A network, how it was trained and tested, and how it did; what `RunData` holds, and what can be done with it.

    Example:
        >>> run = train("Visual", source="emulated", n_train=2000, nu=0.1)
        >>> run.accuracies["proportion_weighting"], run.figures["weights"], run.predict(["a.bin"])
    """

    @property
    def accuracies(self) -> dict[str, float]:
        """Test accuracy by read-out, % of ``len(run.testing.labels)`` samples; of which ones ``run.options.tested_on`` tells."""
        return self.testing.accuracies()

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """A row an update interval, as ``metrics.csv`` has them."""
        return [dict(row) for row in self.record.rows]

    @property
    def figures(self) -> Figures:
        """The figures that a run leaves in its folder, as Matplotlib's, by name."""
        return Figures(figures_of_training(self) | figures_of_test(self))

    def predict(self, recordings: str | Path | Sequence[str | Path] | SpikeTrains) -> list[Prediction]:
        """What recordings are taken for; see :meth:`experiment.prediction.Predictor.predict`."""
        return Predictor(self.sense, vars(self.options), self.network, self.training.label_counts, self.layers).predict(
            recordings
        )

    def save(self, folder: str | Path, overwrite: bool = False) -> None:
        """Write what a script leaves behind, but for the log; a run that is there is kept beside, or replaced.

        Raises:
            OptionError: the folder's name is none for a run, it holds something else, or it cannot be made.
            OSError: a file cannot be written, as on a full disk.
        """
        folder = expanded(folder)
        options = replace(self.options, filename=checked_name(folder), overwrite=overwrite, resume=False, plot=False)
        refuse_place(self.modality, options, folder)
        place = RunFolder(folder, options)
        try:
            place.begin(replace(self, options=options), None)
            for row in self.record.rows:
                place.add(row)
            place.write()
            place.finish()
        finally:
            place.close()

    def __repr__(self) -> str:
        told = ", ".join(f"{readable(name)} {percent:.1f} %" for name, percent in self.accuracies.items())
        tested_on = f"{len(self.testing.labels)} {self.options.tested_on}"
        return f"Run({self.sense.name}, {self.options.n_neurons} neurons: {told} of {tested_on})"

"""Tables of sweeps, as they would be without any run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiment.sweep.table import SweepTable

ABOUT = {
    "name": "study",
    "sense": "Visual",
    "source": "emulated",
    "mode": "grid",
    "readout": "proportion_weighting",
    "command": "python -m experiment sweep Visual --seed 0:3",
}

TOLD = {"n_tested": 100, "n_silent": 2, "spikes_per_sample": 8.5, "repetitions": 3, "seconds": 1.5}  # of a run that finished
Accuracy = Callable[..., float | None]


def row(point: int, values: Mapping[str, Any], seed: int = 0, accuracy: float | None = 50.0, **changes: Any) -> dict[str, Any]:
    """A run on held-out samples; a failed one without an accuracy, on test samples with ``validation=""``."""
    is_final = changes.get("validation", "1/5") == ""
    told = (
        {} if accuracy is None else {"n_tested": 100, "n_silent": 2, "spikes_per_sample": 8.5, "repetitions": 3, "seconds": 1.5}
    )
    return {
        "run": f"point={point},seed={seed}{',final' * is_final}",
        "point": point,
        "stage": "final" if is_final else "search",
        **values,
        "seed": seed,
        "validation": "1/5",
        "state": "failed" if accuracy is None else "finished",
        "split": "test" if is_final else "held out",
        "readout": "proportion_weighting",
        "accuracy": accuracy,
        **dict.fromkeys(TOLD),
        **told,
        "command": f"python Visual_network.py --seed {seed}",
        "reason": "there is no memory left" if accuracy is None else "",
        **changes,
    }


def sweep(rows: Sequence[dict[str, Any]], *parameters: str, **about: str) -> SweepTable:
    """A table of some rows."""
    return SweepTable(ABOUT | about, parameters, list(rows))


def swept(axes: Mapping[str, Sequence[Any]], accuracy: Accuracy, n_seeds: int = 1, **about: str) -> SweepTable:
    """All combinations, with an accuracy that a function of the values and `seed` tells."""
    points = [dict(zip(axes, choice, strict=True)) for choice in itertools.product(*axes.values())]
    return listed(points, accuracy, n_seeds, **about)


def listed(points: Sequence[Mapping[str, Any]], accuracy: Accuracy, n_seeds: int = 1, **about: str) -> SweepTable:
    """The same of some points."""
    rows = [
        row(number, values, seed, accuracy(**values, seed=seed))
        for number, values in enumerate(points, 1)
        for seed in range(n_seeds)
    ]
    return sweep(rows, *(points[0] if points else ()), **about)

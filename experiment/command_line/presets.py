"""Presets: values of options under one name. Standard library only."""

from __future__ import annotations

from typing import Any

from experiment.modality import Modality

# What was best on training recordings that were left out, by what suits the sensor; docs/results.md has what it reaches.
OF_ALL = {"model": "features", "n_neurons": 400, "n_epochs": 5, "readout": ("votes", "logreg"), "readout_layer": "seen"}
BEST: dict[str, dict[str, Any]] = {
    "fields": OF_ALL | {"polarities": "both"},
    "channels": OF_ALL | {"depression": 0.0, "conscience": 0.001, "margin": 3},
    "phases": OF_ALL | {"polarities": "both", "dt": 20.0},
}


def preset_of(modality: Modality, preset: str) -> dict[str, Any]:
    """The values of a preset, by name; none where options keep their defaults."""
    return BEST[modality.features] if preset == "best" else {}

"""The options of `python -m experiment baselines`: those of a sense's script that concern data, and what baselines see of them.

Standard library only: `--help` and wrong values are answered before torch is imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from common.options import DATA, Option
from common.values import Choice
from experiment.baselines.names import COUNTS, ROOT
from experiment.command_line.options import Options, option_table
from experiment.command_line.parse import Command, parse_command
from experiment.modality import Modality

FURTHER = ("n_neurons", "n_workers", "seed")  # heeded besides those of the group
TITLE = "Tell classes from spike counts alone, without a spiking network: k-means, k-means of patches, 1-NN, logistic regression."
CENTROIDS = "number of centroids of k-means, as many as the network to compare with has neurons"
VALUES = "what is taken of the spikes of an input: their number, its square root, or whether there are any"


def is_heeded(row: Option) -> bool:
    """Whether baselines take an option of a script."""
    return (row.group == DATA and row.name != "validation") or row.name in FURTHER


def parse_baselines(modality: Modality, argv: Sequence[str]) -> tuple[Options, str]:
    """The options, and which of `COUNTS` baselines see; errors as of `parse_options`."""
    table = option_table(modality)
    heeded = {flag: row for flag, row in table.items() if is_heeded(row)}
    heeded["--n_neurons"] = replace(heeded["--n_neurons"], help=CENTROIDS)
    counts = Option("counts", DATA, Choice(COUNTS), VALUES, ROOT)
    taken = dict(sorted([*heeded.items(), (counts.flag, counts)], key=lambda item: item[1].group))
    command = Command(f"python -m experiment baselines {modality.name}", TITLE, taken, frozenset(table) - frozenset(taken))
    options, own = parse_command(modality, argv, command)
    return options, own[counts.name]

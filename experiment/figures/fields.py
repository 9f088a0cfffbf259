"""Receptive fields side by side on the lattice, as one picture."""

from __future__ import annotations

import math

import numpy as np

from bindsnet.utils import on_lattice

LONGEST_FIELD = 4
"""Fields longer than this many times their width (a cochlea's 64 × 1) are drawn square; `spectra_figure` suits them better."""


def shrink_fields(fields: np.ndarray, block: int) -> np.ndarray:
    """Means over blocks of so many rows and columns, fewer at the ends: ``[n_polarities, rows, columns, n_neurons]``, smaller."""
    if block == 1:
        return fields
    for axis in (1, 2):
        starts = np.arange(0, fields.shape[axis], block)
        lengths = np.diff(starts, append=fields.shape[axis]).astype(fields.dtype)
        fields = np.add.reduceat(fields, starts, axis) / lengths.reshape(-1, *[1] * (fields.ndim - axis - 1))
    return fields


def joined_fields(fields: np.ndarray, blank: float) -> np.ndarray:
    """Fields ``[n_neurons, n_polarities, rows, columns]``, ON left of OFF and `blank` between, as ``[n_neurons, rows, columns]``.

    Long ones are stretched to squares.
    """
    n_neurons, n_polarities, n_rows, n_columns = fields.shape
    stretch_y = n_columns // n_rows if n_columns > LONGEST_FIELD * n_rows else 1
    stretch_x = n_rows // n_columns if n_rows > LONGEST_FIELD * n_columns else 1
    n_rows, n_columns = n_rows * stretch_y, n_columns * stretch_x
    joined = np.full((n_neurons, n_rows, n_polarities * (n_columns + 1) - 1), blank, fields.dtype)
    for polarity in range(n_polarities):
        start = polarity * (n_columns + 1)
        joined[:, :, start : start + n_columns] = fields[:, polarity].repeat(stretch_y, axis=1).repeat(stretch_x, axis=2)
    return joined


def assemble_cells(cells: np.ndarray, gap: int, blank: float) -> tuple[np.ndarray, tuple[int, int]]:
    """Cells ``[n_neurons, rows, columns]``, `gap` apart → one picture, and a cell's pitch (y, x); empty places are `blank`."""
    n_neurons, n_rows, n_columns = cells.shape
    side = math.ceil(math.sqrt(n_neurons))
    return on_lattice(cells, math.ceil(n_neurons / side), side, blank, gap), (n_rows + gap, n_columns + gap)


def gap_between(n_polarities: int) -> int:
    """Columns between two neurons: more than there are between a neuron's polarities."""
    return 1 if n_polarities == 1 else 3

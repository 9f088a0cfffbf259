"""The synapses of a connection, as runs: what both engines read.

From source i lead the runs ``pointers[i]`` to ``pointers[i + 1]``; run r is ``lengths[r]`` synapses, to the targets
``targets[r]``, ``targets[r] + 1``, ... with the weights ``weights[r]``, ``weights[r] + 1``, ... of the flat list of weights. Runs
of a source are ordered by target and do not overlap: no pair of neurons has two synapses. A dense connection is one run a source,
a one-to-one connection runs of length 1; synapses of a convolution share their weights, so some of its runs begin alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from bindsnet.errors import NetworkError


class Listed(NamedTuple):
    """Synapses one by one, int64 each: their sources, targets, weights and own numbers (ordered by source, then target)."""

    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    synapses: np.ndarray


class Incoming(NamedTuple):
    """The synapses into each target j, ascending by source: those from ``begins[j]`` to before ``ends[j]``.

    Synapse a comes from ``sources[a]``, has the weight ``weights[a] + j`` and the number ``synapses[a] + j``: so targets that the
    same runs reach are listed once for all, and 64 maps of a convolution take no more room than one.
    """

    begins: np.ndarray
    ends: np.ndarray
    sources: np.ndarray
    weights: np.ndarray
    synapses: np.ndarray


@dataclass(frozen=True)
class Runs:
    """Runs of synapses.

    Attributes:
        pointers: int64 ``[n_sources + 1]``.
        targets, weights, lengths: int32 ``[n_runs]``: first target, first weight and number of synapses of each run.
        n_targets, n_weights: numbers of target neurons and of weights.

    Raises:
        NetworkError: the arrays contradict each other, or lead out of the targets or the weights.
    """

    pointers: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    lengths: np.ndarray
    n_targets: int
    n_weights: int

    def __post_init__(self) -> None:
        for name, dtype in {"pointers": np.int64, "targets": np.int32, "weights": np.int32, "lengths": np.int32}.items():
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype))
        n_runs, pointers = len(self.targets), self.pointers
        if not len(pointers) or pointers[0] != 0 or pointers[-1] != n_runs or (np.diff(pointers) < 0).any():
            raise NetworkError(f"runs: pointers must rise from 0 to the number of runs, {n_runs}")
        if not len(self.weights) == len(self.lengths) == n_runs:
            raise NetworkError(f"runs: {n_runs} targets, {len(self.weights)} weights and {len(self.lengths)} lengths")
        if n_runs == 0:
            return
        if self.lengths.min() < 1:
            raise NetworkError("runs: a run has one synapse or more")
        for what, firsts, n in (("target", self.targets, self.n_targets), ("weight", self.weights, self.n_weights)):
            if firsts.min() < 0 or (firsts.astype(np.int64) + self.lengths).max() > n:
                raise NetworkError(f"runs: a {what} is outside 0 ... {n - 1}")
        same_source = self.sources[1:] == self.sources[:-1]
        if (same_source & (self.targets[1:] < self.targets[:-1] + self.lengths[:-1])).any():
            raise NetworkError("runs: those of a source must be ordered by target and not overlap")

    @classmethod
    def of_synapses(
        cls, sources: np.ndarray, targets: np.ndarray, weights: np.ndarray, n_sources: int, n_targets: int, n_weights: int
    ) -> Runs:
        """Runs of single synapses, ``[n_synapses]`` each, in any order; neighbours with neighbouring weights become one run.

        Raises:
            NetworkError: a neuron or a weight is out of range, or a pair of neurons has two synapses.
        """
        sources, targets, weights = (np.asarray(values, np.int64) for values in (sources, targets, weights))
        if len(sources) and not 0 <= sources.min() <= sources.max() < n_sources:
            raise NetworkError(f"synapses: a source is outside 0 ... {n_sources - 1}")
        order = np.lexsort((targets, sources))
        sources, targets, weights = sources[order], targets[order], weights[order]
        begins = np.ones(len(sources), bool)
        begins[1:] = (np.diff(sources) != 0) | (np.diff(targets) != 1) | (np.diff(weights) != 1)
        firsts = begins.nonzero()[0]
        pointers = np.searchsorted(sources[firsts], np.arange(n_sources + 1))
        lengths = np.diff(np.append(firsts, len(sources)))
        return cls(pointers, targets[firsts], weights[firsts], lengths, n_targets, n_weights)

    @property
    def n_sources(self) -> int:
        """Number of source neurons."""
        return len(self.pointers) - 1

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return int(self.firsts[-1])

    @cached_property
    def sources(self) -> np.ndarray:
        """The source of each run, int32 ``[n_runs]``."""
        return np.repeat(np.arange(self.n_sources, dtype=np.int32), np.diff(self.pointers))

    @cached_property
    def firsts(self) -> np.ndarray:
        """The number of each run's first synapse, and how many there are: int64 ``[n_runs + 1]``."""
        return np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])

    @cached_property
    def incoming(self) -> Incoming:
        """The same synapses by target."""
        widths, pointers, runs = self._stretches(self.targets, self.n_targets)
        first = self.targets[runs]
        listed = self.sources[runs], self.weights[runs] - first, self.firsts[:-1][runs] - first
        return Incoming(np.repeat(pointers[:-1], widths), np.repeat(pointers[1:], widths), *listed)

    @cached_property
    def shared(self) -> bool:
        """Whether a weight belongs to more than one synapse."""
        _, pointers, _ = self._stretches(self.weights, self.n_weights)
        return bool((np.diff(pointers) > 1).any())

    def _stretches(self, firsts: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stretches of ``n`` targets or weights that the same runs reach, where those begin at ``firsts``.

        Returns:
            The width of each stretch, and the runs that reach it, ascending: ``runs[pointers[k]:pointers[k + 1]]``.
        """
        after = firsts.astype(np.int64) + self.lengths
        cuts = np.unique(np.concatenate([[0, n], firsts, after]))
        begins, ends = np.searchsorted(cuts, firsts), np.searchsorted(cuts, after)
        reached = _ranges(begins, ends)
        order = np.argsort(reached, kind="stable")
        runs = np.repeat(np.arange(len(firsts), dtype=np.int32), ends - begins)[order]
        return np.diff(cuts), np.searchsorted(reached[order], np.arange(len(cuts))), runs

    def listed(self, runs: np.ndarray) -> Listed:
        """The synapses of these runs, one by one, ``[n_found]``."""
        lengths = self.lengths[runs].astype(np.int64)
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        firsts = (self.sources[runs], self.targets[runs], self.weights[runs], self.firsts[:-1][runs])
        sources, *others = (np.repeat(first.astype(np.int64), lengths) for first in firsts)
        return Listed(sources, *(first + inside for first in others))

    def n_from_sources(self, sources: np.ndarray) -> np.ndarray:
        """How many synapses each of these source neurons has, int64 ``[n]``."""
        return self.firsts[self.pointers[np.add(sources, 1)]] - self.firsts[self.pointers[sources]]

    def from_sources(self, sources: np.ndarray) -> Listed:
        """The synapses of these source neurons, one neuron after the other, each ordered by target."""
        return self.listed(_ranges(self.pointers[sources], self.pointers[np.add(sources, 1)]))

    def into_targets(self, targets: np.ndarray) -> Listed:
        """The synapses into these target neurons (ascending), ordered by target, then source."""
        begins, ends, *listed = self.incoming
        begins, ends = begins[targets], ends[targets]
        sources, weights, synapses = (values[_ranges(begins, ends)].astype(np.int64) for values in listed)
        targets = np.repeat(np.asarray(targets, np.int64), ends - begins)
        return Listed(sources, targets, weights + targets, synapses + targets)


def _ranges(firsts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """All whole numbers from each first to before its end, one range after the other."""
    n = ends - firsts
    return np.arange(n.sum()) + np.repeat(firsts - (np.cumsum(n) - n), n)

"""Loops over synapses, for a program: of a matrix of weights, or of runs."""

from __future__ import annotations

from bindsnet.engine.fused.plan import Projection
from bindsnet.network.topology.runs import Incoming

RUNS = ("pointers", "targets", "weights", "lengths", "firsts", *(f"in_{part}" for part in Incoming._fields))


class MatrixLoops:
    """A weight for every pair of neurons.

    Attributes:
        weight: the weight of the synapse at hand.
        neuron: its target as the population counts.
    """

    weight, neuron = "w[i, j]", "j"
    #: the weights of a target as an array, the weight of the synapse at hand there, and both it and its place
    column, weight_in_column, in_column = "whole", "whole[i]", "whole[i], i"

    def arguments(self) -> tuple[str, ...]:
        """What the loops take besides spikes and weights."""
        return ()

    def from_sources(self, lines: list[str]) -> list[str]:
        """For the synapses of every source that fired."""
        return ["for k in range(first, last):", "    i = fired_pre[k]", *_for("j in range(w.shape[1])", self._numbered(lines), 1)]

    def into_targets(self, lines: list[str]) -> list[str]:
        """For the synapses of every target that fired."""
        return ["for k in range(n_fired):", "    j = fired_post[k]", *_for("i in range(w.shape[0])", self._numbered(lines), 1)]

    def columns(self, before: list[str], for_each: list[str], after: list[str]) -> list[str]:
        """For every target that fired: lines before, those for each of its synapses, and after."""
        loops = ["whole = w[:, j]", *before, *_for("i in range(len(whole))", for_each), *after]
        return ["for k in range(n_fired):", "    j = fired_post[k]", *(f"    {line}" for line in loops)]

    def every_synapse(self, lines: list[str]) -> list[str]:
        """For all synapses; those into one target in ascending order of the source."""
        return ["for i in range(w.shape[0]):", *_for("j in range(w.shape[1])", self._numbered(lines), 1)]

    def every_weight(self, lines: list[str]) -> list[str]:
        """For all weights."""
        return self.every_synapse(lines)

    def _numbered(self, lines: list[str]) -> list[str]:
        needed = any("[p]" in line or "[q]" in line for line in lines)
        return [*(["p = q = i * w.shape[1] + j"] if needed else []), *lines]


class RunLoops:
    """Runs of synapses; attributes as in :class:`MatrixLoops`.

    Args:
        projection: the connection.
    """

    weight = "w[p]"
    column, weight_in_column, in_column = "w", "w[p]", "w[p], p"

    def __init__(self, projection: Projection) -> None:
        self.renumbered = projection.connection.order_of_targets is not None
        self.neuron = "neurons[j]" if self.renumbered else "j"

    def arguments(self) -> tuple[str, ...]:
        """See :meth:`MatrixLoops.arguments`."""
        return (*RUNS, "neurons", "at") if self.renumbered else RUNS

    def from_sources(self, lines: list[str]) -> list[str]:
        """See :meth:`MatrixLoops.from_sources`."""
        inside = ["j, p, q = targets[r] + s, weights[r] + s, firsts[r] + s", *lines]
        run = _for("s in range(lengths[r])", inside)
        return ["for k in range(first, last):", "    i = fired_pre[k]", *_for("r in range(pointers[i], pointers[i + 1])", run, 1)]

    def into_targets(self, lines: list[str]) -> list[str]:
        """See :meth:`MatrixLoops.into_targets`."""
        return self.columns([], lines, [])

    def columns(self, before: list[str], for_each: list[str], after: list[str]) -> list[str]:
        """See :meth:`MatrixLoops.columns`."""
        target = "at[fired_post[k]]" if self.renumbered else "fired_post[k]"
        loops = [*before, *_for(*self._incoming(for_each)), *after]
        return ["for k in range(n_fired):", f"    j = {target}", *(f"    {line}" for line in loops)]

    def every_synapse(self, lines: list[str]) -> list[str]:
        """See :meth:`MatrixLoops.every_synapse`; in ascending order of target, then source."""
        loops = _for(*self._incoming(lines))
        if self.renumbered:
            return _for("neuron in range(len(at))", ["j = at[neuron]", *loops])
        return _for("j in range(len(in_begins))", loops)

    def every_weight(self, lines: list[str]) -> list[str]:
        """See :meth:`MatrixLoops.every_weight`."""
        return _for("p in range(len(w))", lines)

    def _incoming(self, lines: list[str]) -> tuple[str, list[str]]:
        inside = ["i, p, q = in_sources[a], in_weights[a] + j, in_synapses[a] + j", *lines]
        return "a in range(in_begins[j], in_ends[j])", inside


def _for(head: str, lines: list[str], depth: int = 0) -> list[str]:
    indent = "    " * depth
    return [f"{indent}for {head}:", *(f"{indent}    {line}" for line in lines)]

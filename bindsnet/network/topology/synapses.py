"""Which synapses a connection has, and what follows from that: how spikes drive, what rules may change, what norms hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import ClassVar

import numpy as np
import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes import Nodes
from bindsnet.network.topology.delays import Delays
from bindsnet.network.topology.moving_delays import MovingDelays
from bindsnet.network.topology.resources import Resources
from bindsnet.network.topology.runs import Listed, Runs
from bindsnet.network.topology.selection import ALL, DenseSelection, RunSelection
from bindsnet.network.topology.spikes_of_batch import ListedSpikes, MatrixSpikes
from bindsnet.numbers.ops import Array
from bindsnet.numbers.spikes import spikes_of_batch

AT_A_TIME = 2**21  # synapses that a batch's spikes may reach before its samples are taken in parts


def add_runs(drive, w, pointers, targets, weights, lengths, fired, first, last, factor):
    """Runs of synapses: add the weights of the units that fired, unit by unit."""
    for k in range(first, last):
        for r in range(pointers[fired[k]], pointers[fired[k] + 1]):
            part, more = drive[targets[r] : targets[r] + lengths[r]], w[weights[r] : weights[r] + lengths[r]]
            for j in range(len(part)):
                part[j] += more[j]
    if factor != np.float32(1.0):
        for j in range(len(drive)):
            drive[j] *= factor


def add_depressed_runs(drive, w, pointers, targets, weights, lengths, fired, first, last, found, factor):
    """Runs of synapses whose spikes count by what they find of resources: add_runs of weights times that."""
    for k in range(first, last):
        share = found[k - first]
        for r in range(pointers[fired[k]], pointers[fired[k] + 1]):
            part, more = drive[targets[r] : targets[r] + lengths[r]], w[weights[r] : weights[r] + lengths[r]]
            for j in range(len(part)):
                part[j] += more[j] * share
    if factor != np.float32(1.0):
        for j in range(len(drive)):
            drive[j] *= factor


def normalize_groups(w, groups, norms):
    """Scale the weights of each group so that their absolute values sum to its norm."""
    total = np.zeros(len(norms), np.float32)
    for p in range(len(w)):
        total[groups[p]] += abs(w[p])
    for group in range(len(norms)):
        total[group] = norms[group] / (np.float32(1.0) if total[group] == np.float32(0.0) else total[group])
    for p in range(len(w)):
        w[p] *= total[groups[p]]


class Synapses(torch.nn.Module):
    """The synapses of a connection from ``source`` to ``target``.

    A kind says which they are, :meth:`make_runs`; the rest follows in both engines. One with a formula in place of stored weights
    gives ``compute``, and ``compiled_drive`` beside it.

    Attributes:
        w: the weights.
        weight_factor: the drive is multiplied by it.
        delays: how many steps spikes take.
        resources: what is left of depressing synapses; None where they do not depress.
        moving_delays: the delays, where the rule moves them; None where they stay.
        norm: sum of the absolute weights of each group of ``norm_groups``, one number for all or one for each; None leaves them.
    """

    source: Nodes
    target: Nodes
    delays: Delays
    resources: Resources | None
    moving_delays: MovingDelays | None
    weight_factor: float
    norm: float | torch.Tensor | None

    #: How many weights ``norm`` is of: the absolute weights of a group sum to so many times ``norm``.
    weights_per_norm: int = 1

    #: Whether the target may be driven although no source neuron fired; then ``compute`` is called in every step.
    drives_without_spikes = True

    #: Whether there is a weight for every pair of neurons, ``[source.n, target.n]``: then plasticity works on matrices.
    all_to_all: ClassVar[bool] = False
    #: The compiled form of ``compute`` for the spikes of one delay: adds their drive to a drive of zeros and multiplies it by the
    #: weight factor. It takes the drive, the weights, what :meth:`drive_arguments` gives, the units that fired with the places of
    #: the first and after the last, and the factor.
    compiled_drive: ClassVar[Callable] = staticmethod(add_runs)
    #: The same where synapses depress: before the factor it takes what each of the spikes finds of resources.
    compiled_depressed_drive: ClassVar[Callable] = staticmethod(add_depressed_runs)
    #: The compiled form of ``normalize``: it takes the weights, what :meth:`normalize_arguments` gives, and :attr:`norms`.
    compiled_normalize: ClassVar[Callable] = staticmethod(normalize_groups)

    #: Whether the compiled drive heeds ``places``; otherwise neuron j of the target, as runs count, is driven in place j.
    drives_in_places: ClassVar[bool] = False

    @property
    def shape_of_weights(self) -> tuple[int, ...] | None:
        """The shape that ``w`` must have; None where any will do."""
        return None

    def make_runs(self) -> Runs | None:
        """Which synapses the connection has, and which of the flat weights each uses; None where a formula stands for them."""
        return None

    @cached_property
    def runs(self) -> Runs | None:
        """The synapses that :meth:`make_runs` gave.

        Raises:
            NetworkError: they are of other populations.
        """
        return self._checked_runs()

    def _checked_runs(self) -> Runs | None:
        runs, ends = self.make_runs(), (self.source.n, self.target.n)
        if runs is not None and (runs.n_sources, runs.n_targets) != ends:
            found = f"{runs.n_sources} sources and {runs.n_targets} targets"
            raise NetworkError(f"{type(self).__name__}: its runs are of {found}, the populations have {ends[0]} and {ends[1]}")
        return runs

    def flat(self, values: torch.Tensor) -> torch.Tensor:
        """Values in the weights' shape in the order of the flat weights that runs count; a view of them where they lie so."""
        return values.reshape(-1)

    @property
    def flat_weights(self) -> torch.Tensor:
        """The weights in one row, a view of ``w``."""
        return self.flat(self._parameters["w"].data)

    def normalize_arguments(self) -> dict[str, object]:
        """What ``compiled_normalize`` takes between weights and norms, by name."""
        return {"groups": self.norm_groups}

    @property
    def order_of_targets(self) -> np.ndarray | None:
        """The target neuron that runs count as 0, 1, ..., ``[target.n]``; None where they count as the population does."""
        return None

    @property
    def bias(self) -> torch.Tensor | None:
        """Drive of each target in every step, mV, ``[target.n]`` as runs count; None is none."""
        return None

    def drive_arguments(self, runs: Runs | None, places: np.ndarray | None) -> dict[str, object]:
        """What the compiled drive takes besides spikes and weights, by name.

        Args:
            runs: the synapses that it shall add; None where it needs none.
            places: int32 ``[target.n]``: where in the drive each target neuron stands; None unless ``drives_in_places``.
        """
        return {name: getattr(runs, name) for name in ("pointers", "targets", "weights", "lengths")}

    def compute(self, s: torch.Tensor) -> torch.Tensor:
        """The drive that spikes of the source give the target, summed in ascending order of the source, one by one.

        Args:
            s: spikes of the source, bool ``[batch_size, *source.shape]``.

        Returns:
            The drive, float32 ``[batch_size, *target.shape]``, mV.

        Raises:
            NetworkError: the kind says neither which synapses it has nor how they drive.
        """
        if self.runs is None:
            raise NetworkError(f"{type(self).__name__} must give make_runs, which synapses it has, or a compute of its own")
        return self.scaled(self._add(self._no_drive(s), self.released(s), self.runs))

    def released(self, s: torch.Tensor) -> torch.Tensor:
        """Spikes that arrive as they count: as they are, or by what they find of the resources, which then are one step on."""
        return s if self.resources is None else self.resources.release(s)

    def delayed(self, spikes_before: Callable[[int], torch.Tensor]) -> torch.Tensor:
        """The drive of spikes that arrive now, those of the shortest delay first.

        Args:
            spikes_before: number of steps -> the source's spikes so many steps ago, as :meth:`compute` takes them.
        """
        if self.delays.alike:
            return self.compute(spikes_before(self.delays.longest))
        drive = self._no_drive(spikes_before(1))
        if self.moving_delays is not None:
            steps = self.flat(self.moving_delays.steps)
            for delay in range(1, self.delays.longest + 1):
                if (s := spikes_before(delay)).any():
                    self._add(drive, s, self.runs, steps == delay)
            return self.scaled(drive)
        for delay, runs in self.runs_by_delay.items():
            self._add(drive, spikes_before(delay), runs)
        return self.scaled(drive)

    @cached_property
    def runs_by_delay(self) -> dict[int, Runs | None]:
        """The synapses of each delay, shortest first; those of one delay are None where no runs are needed."""
        return self.parted_by(self.delays)

    def parted_by(self, delays: Delays) -> dict[int, Runs | None]:
        """What :attr:`runs_by_delay` is with these delays.

        Raises:
            NetworkError: they differ, and there is not one for each synapse.
        """
        if delays.alike or delays.move:
            return {delays.longest: self.runs if self.computes_by_runs else None}
        return delays.parted(self._checked_runs(), self.shape_of_weights, self.flat)

    def check_synapses(self) -> None:
        """See that weights and bias are there for all synapses and targets.

        Raises:
            NetworkError: there are more or fewer, or weights lie so that :meth:`flat` gives a copy.
        """
        kind, w, bias = type(self).__name__, self._parameters.get("w"), self.bias
        if bias is not None and (bias.numel() != self.target.n or bias.dtype != torch.float32):
            raise NetworkError(f"{kind}: its bias is float32, one for each of {self.target.n} targets, got {bias.numel()}")
        if w is None or not (self.computes_by_runs or "runs" in self.__dict__) or self.runs is None:
            return
        flat = self.flat_weights
        if flat.numel() != self.runs.n_weights:
            raise NetworkError(f"{kind}: its runs are of {self.runs.n_weights} weights, there are {flat.numel()}")
        if flat.untyped_storage().data_ptr() != w.data.untyped_storage().data_ptr():
            raise NetworkError(f"{kind}: weights must lie so that flat gives a view of them, such as contiguous ones")
        if self.norm is not None and len(self.norm_groups) != flat.numel():
            raise NetworkError(f"{kind}: norm_groups are of {len(self.norm_groups)} weights, there are {flat.numel()}")

    @property
    def computes_by_runs(self) -> bool:
        """Whether the drive comes from :attr:`runs`, not from a formula or a loop of its own."""
        return type(self).compiled_drive is add_runs

    def _no_drive(self, s: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(s), self.target.n, device=s.device)

    def _add(self, drive: torch.Tensor, s: torch.Tensor, runs: Runs, among: torch.Tensor | None = None) -> torch.Tensor:
        """Add the drive of runs; of those of the flat weights that ``among`` marks, where it is given."""
        w, flat, n = self.flat_weights.float(), drive.view(-1), drive.shape[1]
        for first, part in self._parts_of_batch(s.view(len(s), -1), runs):
            samples, neurons = (places.cpu().numpy() for places in spikes_of_batch(part))
            samples = np.repeat(samples, runs.n_from_sources(neurons))
            listed = (samples, *runs.from_sources(neurons)[:3])
            samples, sources, targets, weights = (torch.from_numpy(indices).to(w.device) for indices in listed)
            if among is not None:
                samples, sources, targets, weights = (each[among[weights]] for each in (samples, sources, targets, weights))
            added = w[weights] if self.resources is None else w[weights] * part[samples, sources]
            flat.index_add_(0, targets + (samples + first) * n, added)
        return drive

    def _parts_of_batch(self, s: torch.Tensor, runs: Runs) -> Iterator[tuple[int, torch.Tensor]]:
        """Spikes of so many samples at a time that their synapses need little room, each with the place of the first sample."""
        size = max(1, AT_A_TIME // max(1, runs.n_synapses))
        yield from ((first, s[first : first + size]) for first in range(0, len(s), size))

    @cached_property
    def places_of_targets(self) -> torch.Tensor | None:
        """The number in runs of each target neuron.

        Raises:
            NetworkError: the order does not name each target neuron once.
        """
        order = self.order_of_targets
        if order is None:
            return None
        places = np.argsort(order, axis=None)
        if not np.array_equal(np.ravel(order)[places], np.arange(self.target.n)):
            raise NetworkError(f"{type(self).__name__}: order_of_targets must name each of {self.target.n} neurons once")
        return torch.from_numpy(places)

    def scaled(self, drive: torch.Tensor) -> torch.Tensor:
        """A drive ``[batch_size, target.n]`` as runs count targets: times the weight factor, with bias, in the target's shape."""
        if self.weight_factor != 1.0:
            drive = drive * self.weight_factor
        if self.bias is not None:
            drive = drive + self.bias
        return (drive if self.places_of_targets is None else drive[:, self.places_of_targets]).view(-1, *self.target.shape)

    def synapses_from(self, sources: Array) -> DenseSelection | RunSelection:
        """The synapses of these source neurons, int64 ``[n]`` ascending."""
        return DenseSelection(self.w, sources) if self._is_matrix else self._selected(self.runs.from_sources, sources)

    def synapses_into(self, targets: Array, values: torch.Tensor | None = None) -> DenseSelection | RunSelection:
        """The synapses of these target neurons, int64 ``[n]`` ascending, with values like the weights in their place if given."""
        if self._is_matrix:
            return DenseSelection(self.w if values is None else values, ALL, targets)
        return self._selected(self.runs.into_targets, self._in_runs(targets), values)

    def all_synapses(self) -> DenseSelection | RunSelection:
        """All synapses, where they are runs ordered by target, then source."""
        if self._is_matrix:
            return DenseSelection(self.w)
        return self._selected(self.runs.into_targets, self._in_runs(np.arange(self.target.n)))

    def spikes_of_sources(self, sources: Array) -> MatrixSpikes | ListedSpikes:
        """The spikes of a batch's sources one by one; ``sources`` are those that fired in any sample, int64 ``[n]`` ascending."""
        s = self.source.s.view(self.source.s.shape[0], -1)
        if self._is_matrix:
            return MatrixSpikes(self.w, s, of_sources=True)
        selected = self.synapses_from(sources)
        return ListedSpikes(selected, s, selected.sources)

    def spikes_of_targets(self, targets: Array) -> MatrixSpikes | ListedSpikes:
        """The same of targets."""
        s = self.target.s.view(self.target.s.shape[0], -1)
        if self._is_matrix:
            return MatrixSpikes(self.w.T, s, of_sources=False)
        selected = self.synapses_into(targets)
        return ListedSpikes(selected, s, selected.targets)

    @property
    def _is_matrix(self) -> bool:
        return self.all_to_all or self.runs is None

    @property
    def has_weight_of_each_synapse(self) -> bool:
        """Whether every synapse has a weight, its own or a shared one, that a rule can change."""
        gives_runs = type(self).make_runs is not Synapses.make_runs
        return gives_runs or self.shape_of_weights in (None, (self.source.n, self.target.n))

    @property
    def shares_weights(self) -> bool:
        """Whether a weight belongs to more than one synapse."""
        return not self._is_matrix and self.runs.shared

    @cached_property
    def alike_in_order(self) -> bool:
        """Whether the synapses of each weight come in the same order by source as by target, as those of a convolution do."""
        found = self.synapses_from(np.arange(self.source.n))
        order = found.places.argsort(stable=True)  # by weight, then by source
        falls = found.targets[order].diff() < 0
        return not bool((falls & (found.places[order].diff() == 0)).any())

    def _in_runs(self, targets: Array) -> Array:
        return targets if self.places_of_targets is None else self.places_of_targets[targets]

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return self.source.n * self.target.n if self._is_matrix else self.runs.n_synapses

    def _selected(self, find: Callable[[np.ndarray], Listed], neurons: Array, values: torch.Tensor | None = None) -> RunSelection:
        flat = self.flat_weights if values is None else self.flat(values)
        return RunSelection(flat, find(torch.as_tensor(neurons).cpu().numpy()), self.order_of_targets, self.target.n)

    @cached_property
    def norm_groups(self) -> np.ndarray:
        """The target neuron of each flat weight, int32 ``[n_weights]``: the absolute weights of a group sum to ``norm``.

        Raises:
            NetworkError: targets share weights, so that the kind must say which belong together.
        """
        if self.runs.shared:
            raise NetworkError(f"{type(self).__name__}: its targets share weights; say which belong together in norm_groups")
        listed = self.runs.from_sources(np.arange(self.source.n))
        groups = np.zeros(self.runs.n_weights, np.int32)
        groups[listed.weights] = listed.targets
        return groups

    def normalize(self) -> None:
        """Scale the weights of each group, such as those into a target, so that their absolute values sum to ``norm``."""
        if self.norm is None or self.runs is None:
            return
        w, groups = self.flat_weights, self.norm_groups
        total = np.zeros(self.n_norm_groups, np.float32)
        np.add.at(total, groups, w.abs().float().cpu().numpy())
        total[total == 0] = 1.0
        w *= torch.from_numpy((self.norms / total)[groups]).to(w.device)

    @property
    def n_norm_groups(self) -> int:
        """Number of groups of weights."""
        return int(self.norm_groups.max(initial=-1)) + 1

    @property
    def norms(self) -> np.ndarray:
        """What the absolute weights of each group sum to, float32 ``[n_norm_groups]``.

        Raises:
            NetworkError: ``norm`` is neither, or below 0.
        """
        n, kind = self.n_norm_groups, type(self).__name__
        try:
            norms = torch.as_tensor(self.norm).detach().cpu().float().numpy().reshape(-1)
        except (TypeError, ValueError, RuntimeError):
            raise NetworkError(f"{kind}: norm is a number, or one for each of {n}; got {self.norm!r}") from None
        if len(norms) not in (1, n):
            raise NetworkError(f"{kind}: norm is a number, or one for each of {n}; got {len(norms)}")
        if not (norms >= 0).all():
            raise NetworkError(f"{kind}: norm is a sum of absolute weights, from 0 on; got {self.norm!r}")
        return np.ascontiguousarray(np.broadcast_to(norms * np.float32(self.weights_per_norm), n))

"""Runs hold the synapses that they were made of, whichever way they are asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import MaskedConnection, SparseConnection
from bindsnet.network.topology.runs import Runs


class Synapses(NamedTuple):
    """Synapses (source, target, weight) in any order, and the numbers of sources, targets and weights."""

    listed: list[tuple[int, int, int]]
    ends: tuple[int, int, int]

    @property
    def runs(self) -> Runs:
        return Runs.of_synapses(*np.array(self.listed, int).reshape(-1, 3).T, *self.ends)

    def ordered(self, *by: int) -> list[tuple[int, int, int]]:
        return sorted(self.listed, key=lambda synapse: tuple(synapse[place] for place in by))


@st.composite
def synapses(draw) -> Synapses:
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    pairs = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, m - 1)), unique=True, max_size=n * m))
    n_weights = draw(st.integers(1, 9))
    anyhow = st.lists(st.integers(0, n_weights - 1), min_size=len(pairs), max_size=len(pairs))
    dense = st.just([source * m + target for source, target in pairs])  # so that there are long runs, too
    diagonal = st.just([target - source + n for source, target in pairs])  # and long ones that share weights
    weights = draw(st.one_of(anyhow, dense, diagonal))
    listed = [(*pair, weight) for pair, weight in zip(pairs, weights, strict=True)]
    return Synapses(listed, (n, m, max([n_weights, *(weight + 1 for weight in weights)])))


def as_tuples(listed) -> list[tuple[int, int, int]]:
    assert all(values.dtype == np.int64 for values in listed)
    return list(zip(*(values.tolist() for values in listed[:3]), strict=True))


some = st.sets(st.integers(0, 6))


@given(synapses())
def test_all_runs_together_are_the_synapses_in_order(synapses):
    runs = synapses.runs
    found = runs.listed(np.arange(len(runs.targets)))
    assert as_tuples(found) == synapses.ordered(0, 1)
    assert found.synapses.tolist() == list(range(runs.n_synapses))
    assert (runs.n_sources, runs.n_targets, runs.n_weights) == synapses.ends


@given(synapses(), some)
def test_the_synapses_of_some_sources_come_by_source_and_then_by_target(synapses, some):
    chosen = sorted(i for i in some if i < synapses.ends[0])
    found = synapses.runs.from_sources(np.array(chosen, int))
    assert as_tuples(found) == [synapse for synapse in synapses.ordered(0, 1) if synapse[0] in chosen]
    assert [synapses.ordered(0, 1)[k] for k in found.synapses] == as_tuples(found)


@given(synapses(), some)
def test_the_synapses_of_some_targets_come_by_target_and_then_by_source(synapses, some):
    chosen = sorted(j for j in some if j < synapses.ends[1])
    found = synapses.runs.into_targets(np.array(chosen, int))
    assert as_tuples(found) == [synapse for synapse in synapses.ordered(1, 0) if synapse[1] in chosen]
    assert [synapses.ordered(0, 1)[k] for k in found.synapses] == as_tuples(found)


@given(synapses())
def test_each_target_names_its_synapses_in_the_order_of_their_sources(synapses):
    runs = synapses.runs
    begins, ends, *listed = runs.incoming
    assert len(begins) == len(ends) == runs.n_targets
    for target in range(runs.n_targets):
        reaching = ((runs.targets <= target) & (target < runs.targets + runs.lengths)).nonzero()[0]
        inside = target - runs.targets[reaching]
        expected = runs.sources[reaching], runs.weights[reaching] + inside, runs.firsts[reaching] + inside
        sources, weights, synapses = (values[begins[target] : ends[target]] for values in listed)
        found = sources, weights + target, synapses + target
        assert [values.tolist() for values in found] == [values.tolist() for values in expected]


@given(synapses())
def test_runs_are_as_long_as_they_can_be(synapses):
    present = set(synapses.listed)
    n_beginnings = sum((source, target - 1, weight - 1) not in present for source, target, weight in present)
    assert len(synapses.runs.targets) == n_beginnings


@given(synapses())
def test_weights_are_shared_if_one_has_two_synapses(synapses):
    weights = [weight for *_, weight in synapses.listed]
    assert synapses.runs.shared == (len(set(weights)) < len(weights))


def test_both_answers_about_shared_weights_occur():
    assert Synapses([(0, 1, 0), (1, 0, 0)], (2, 2, 1)).runs.shared
    assert not Synapses([(0, 1, 0), (1, 0, 1)], (2, 2, 2)).runs.shared


def test_a_dense_connection_keeps_a_number_for_each_source_not_for_each_synapse():
    n, m = 3, 1000
    runs = Runs(np.arange(n + 1), np.zeros(n), np.arange(n) * m, np.full(n, m), m, n * m)
    assert len(runs.incoming.sources) == n
    assert len(runs.into_targets(np.arange(m)).sources) == n * m


@pytest.mark.parametrize(
    ("listed", "ends", "complaint"),
    [
        ([(2, 0, 0)], (2, 1, 1), r"a source is outside 0 \.\.\. 1"),
        ([(-1, 0, 0)], (2, 1, 1), r"a source is outside 0 \.\.\. 1"),
        ([(0, 3, 0)], (1, 3, 1), r"a target is outside 0 \.\.\. 2"),
        ([(0, 0, -1)], (1, 1, 1), r"a weight is outside 0 \.\.\. 0"),
        ([(0, 0, 1)], (1, 1, 1), r"a weight is outside 0 \.\.\. 0"),
        ([(0, 0, 0), (0, 0, 1)], (1, 1, 2), "ordered by target and not overlap"),
    ],
)
def test_synapses_out_of_range_and_two_of_a_pair_are_refused(listed, ends, complaint):
    with pytest.raises(NetworkError, match=complaint):
        Synapses(listed, ends).runs  # noqa: B018 - it is made when asked for


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        (([0, 2], [0], [0], [1]), "rise from 0 to the number of runs, 1"),
        (([1, 1], [0], [0], [1]), "rise from 0"),
        (([], [0], [0], [1]), "rise from 0"),
        (([0, 2, 1, 2], [0, 1], [0, 1], [1, 1]), "rise from 0"),
        (([0, 1], [0], [0, 1], [1]), "1 targets, 2 weights and 1 lengths"),
        (([0, 1], [0], [0], [0]), "one synapse or more"),
        (([0, 1], [1], [0], [3]), r"a target is outside 0 \.\.\. 2"),
        (([0, 2], [0, 1], [0, 1], [2, 1]), "not overlap"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(arrays, complaint):
    with pytest.raises(NetworkError, match=complaint):
        Runs(*arrays, n_targets=3, n_weights=3)


@pytest.mark.parametrize("engine", ["plain", "fused"])
@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (SparseConnection, {"w": torch.zeros(3, 2).to_sparse()}),
        (MaskedConnection, {"mask": torch.zeros(3, 2, dtype=torch.bool), "delay": torch.tensor([[1], [2], [3]])}),
    ],
)
def test_a_connection_without_a_synapse_does_nothing(engine, kind, arguments):
    network = Network()
    network.add_layer(Input(3, traces=True), "X")
    network.add_layer(LIFNodes(2, traces=True), "Y")
    learning = {"update_rule": PostPre, "nu": (0.0, 0.1), "norm": 1.0, "wmin": 0.0, "wmax": 1.0}
    network.add_connection(kind(*network.layers.values(), **arguments, **learning), "X", "Y")
    trains = SpikeTrains.from_dense(torch.ones(2, 5, 3, dtype=torch.bool))
    assert network.present(trains, "Y", engine=engine).spike_counts.sum() == 0

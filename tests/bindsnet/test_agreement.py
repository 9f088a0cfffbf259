"""Both engines agree, bit for bit, on random networks: a share of what `benchmarks/agreement.py` draws."""

from __future__ import annotations

import pytest

from benchmarks.agreement import DELAYS, FORWARD, LATERAL, NODES, OUTPUTS, RULES, Structure, difference, random_network

FIRST, N_STRUCTURES, N_EACH = 7026007, 10, 17  # chosen for what these hold, see below, and frozen ones
STRUCTURES = [Structure(FIRST + k) for k in range(N_STRUCTURES)]


@pytest.mark.parametrize("number", range(N_STRUCTURES))
def test_random_networks_agree_bit_for_bit(number):
    structure, has_fired = STRUCTURES[number], False
    for k in range(1000 * number, 1000 * number + N_EACH):
        network, presented = random_network(structure, k)
        assert difference(network, presented, structure.as_large) is None, f"structure {FIRST + number}, network {k}"
        # By the plain engine: a structure that is tried as a large one would be compiled once more, as the small one it is.
        has_fired = has_fired or network.present(**presented, engine="plain").spike_counts.any()
    assert has_fired


def test_among_them_is_every_kind_of_connection_rule_delay_and_winner_and_depressing_ones_by_rows_and_runs():
    assert {structure.forward for structure in STRUCTURES} == set(FORWARD)
    assert {structure.nodes for structure in STRUCTURES} == set(NODES)
    assert {structure.output for structure in STRUCTURES} == set(OUTPUTS)
    assert {kind for structure in STRUCTURES for kind in structure.lateral} == set(LATERAL)
    assert {rule for structure in STRUCTURES if structure.learning for rule in structure.rules} == set(RULES)
    assert {delay for structure in STRUCTURES for delay in structure.delays} == set(DELAYS)
    kinds = [(structure, [structure.forward, *structure.lateral]) for structure in STRUCTURES]
    depressing = {kind for structure, each in kinds for kind, drawn in zip(each, structure.depressing, strict=True) if drawn}
    assert depressing >= {"dense", "convolution", "sparse", "one_to_one"}
    winners = {(structure.per, structure.winner) for structure in STRUCTURES if structure.one_spike}
    assert winners == {(per, winner) for per in ("layer", "position") for winner in ("drawn", "highest")}


def test_a_difference_is_found(monkeypatch):
    network, presented = random_network(STRUCTURES[7], 7000)
    assert difference(network, presented) is None
    monkeypatch.setattr("bindsnet.engine.plain.Stepper.drives", lambda self, targets: {})
    assert difference(network, presented) is not None

"""Programs written for BindsNET give here what they give there: its behaviour, measured, by `run` and by both engines.

The programs are in `tests/behaviours`, with the numbers that they gave on BindsNET 0.3.4, which are followed, and 0.2.7. What is
different here on purpose is in ``ON_PURPOSE``, each with its reason and a test of its own below.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from behaviours import connections, features, keeping, neurons, own_parts, rules, running, weights  # noqa: F401 - keep their programs
from behaviours.common import pattern
from behaviours.programs import PROGRAMS

from bindsnet.engine import SpikeTrains
from bindsnet.network import Network

MEASURED = json.loads((Path(__file__).parents[1] / "behaviours" / "measured.json").read_text())["0.3.4"]
NOT_MEASURED = {(group, name) for group, results in MEASURED.items() for name, found in results.items() if found is None}

MISPLACED = "BindsNET takes spikes and traces of other places than the synapses have"
#: what is different here, and why
ON_PURPOSE = {
    (f"rules, dt 1.0, batch {batch_size}", f"{rule}, {kind}"): MISPLACED
    for batch_size in (1, 3)
    for kind, learned_wrong in {
        "1d convolution": ("PostPre", "WeightDependentPostPre", "Hebbian"),
        "1d local": ("PostPre", "WeightDependentPostPre", "Hebbian", "MSTDP", "MSTDPET"),
        "2d local": ("PostPre", "WeightDependentPostPre", "Hebbian", "MSTDP", "MSTDPET"),
    }.items()
    for rule in learned_wrong
} | {
    ("connections, batch 3", "mean field"): "the field of a sample is the mean of its own spikes, not of those of all samples",
    **{
        (f"connections, batch {batch_size}", "sparse"): "weights are a list of those that are there, beside their indices"
        for batch_size in (1, 3)
    },
    **{
        (group, "DiehlAndCook by default"): "x_tar and mu are those of the paper's network where they are left out"
        for group in ("rules, dt 1.0, batch 1", "rules, dt 1.0, batch 3", "rules, dt 0.5, batch 1")
    },
    ("running", "a_network_monitor_that_is_not_full_gives_what_it_has"): "BindsNET's gives zeros for steps that were not",
    ("running", "floats_given_to_an_input_drive_by_their_size"): "an input spikes or does not; numbers are warned of",
}

ENTRIES = [
    (group, name)
    for group, results in MEASURED.items()
    for name in results
    if (group, name) not in NOT_MEASURED | ON_PURPOSE.keys()
]


def here(group: str, name: str) -> dict[str, list]:
    """What a program gives here."""
    what, *settings = group.split(", ")
    given = [float(value) if setting == "dt" else int(value) for setting, value in (each.split() for each in settings)]
    if what == "running":
        return PROGRAMS[name]()
    return {"neurons": neurons, "rules": rules, "connections": connections}[what].measured([name], *given)[name]


def difference(found: object, expected: object, where: str = "") -> str | None:
    """Where two results differ by more than rounding; None where they agree."""
    if isinstance(expected, dict):
        if found.keys() != expected.keys():
            return f"{where}: {sorted(found)} instead of {sorted(expected)}"
        pairs = ((found[key], expected[key], f"{where} {key}".strip()) for key in expected)
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return f"{where}: {found} instead of {expected}"
        pairs = ((a, b, f"{where}[{k}]") for k, (a, b) in enumerate(zip(found, expected, strict=True)))
    else:
        same = found == pytest.approx(expected, rel=1e-5, abs=2e-4) if isinstance(expected, float) else found == expected
        return None if same else f"{where}: {found} instead of {expected}"
    return next((found for found in (difference(*pair) for pair in pairs) if found is not None), None)


@pytest.mark.parametrize(("group", "name"), ENTRIES, ids=[f"{group}: {name}" for group, name in ENTRIES])
def test_programs_give_what_they_give_on_bindsnet(group, name):
    assert difference(here(group, name), MEASURED[group][name]) is None


def test_everything_that_was_measured_is_a_program_still():
    programs = {*neurons.LAYERS, *rules.CONNECTIONS, *connections.KINDS, *PROGRAMS}
    assert {name for results in MEASURED.values() for name in results} == programs


def test_what_is_different_on_purpose_is_so_still():
    assert [entry for entry in ON_PURPOSE if difference(here(*entry), MEASURED[entry[0]][entry[1]]) is None] == []


@pytest.mark.filterwarnings("ignore:inputs of")
def test_numbers_given_to_an_input_are_spikes_and_warned_of():
    with pytest.warns(UserWarning, match="inputs of 'X'"):
        assert here("running", "floats_given_to_an_input_drive_by_their_size") == {"v": [[-61.0, -57.0]]}


def test_a_network_monitor_that_is_not_full_gives_no_steps_that_were_not():
    entry = "running", "a_network_monitor_that_is_not_full_gives_what_it_has"
    assert difference(here(*entry)["v"], MEASURED[entry[0]][entry[1]]["v"][-2:]) is None


@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_sparse_connection_drives_as_bindsnets_does(batch_size):
    group = f"connections, batch {batch_size}"
    assert difference(here(group, "sparse")["drive"], MEASURED[group]["sparse"]["drive"]) is None
    connection = connections.built("sparse").connections["X", "Y"]
    matrix = torch.sparse_coo_tensor(connection.indices, connection.w, (5, 3), check_invariants=True).to_dense()
    assert torch.equal(matrix, connections.KINDS["sparse"].options["w"])


@pytest.mark.parametrize("name", ["mean field", "local", "local, of an image", "3d maximum"])
def test_a_sample_of_a_batch_is_driven_as_it_is_alone(name):
    """Where BindsNET mixes the samples of a batch, or takes none."""
    spikes, drives = pattern(6, 3, *connections.KINDS[name].source), []
    for given in (spikes, *spikes.split(1, 1)):
        network = connections.built(name, given.shape[1])
        network.run({"X": given}, time=6)
        drives.append(network.layers["Y"].v.clone())
    assert torch.equal(drives[0], torch.cat(drives[1:]))
    assert drives[0].any()


def test_diehl_and_cooks_rule_has_the_papers_settings_by_default():
    by_default = rules.CONNECTIONS["DiehlAndCook by default"]
    given = by_default._replace(options=by_default.options | {"x_tar": 0.4, "mu": 0.2})
    assert torch.equal(change("as", 1, {"as": by_default}), change("as", 1, {"as": given}))


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("rule", ["PostPre", "Hebbian", "MSTDP", "MSTDPET"])
@pytest.mark.parametrize("kind", rules.KINDS)
def test_weights_of_places_learn_what_all_their_synapses_learn(kind, rule, batch_size):
    """What rules change that do not look at the weight: each synapse as in a connection of all to all, shared ones in sum."""
    changes = change(f"{rule}, {kind}", batch_size, rules.CONNECTIONS).flatten()
    dense = change("all", batch_size, {"all": rules.all_to_all(rule, kind)})
    places = rules.places_of_weights(kind)
    expected = torch.zeros(len(changes)).index_add_(0, places[places >= 0], dense[places >= 0])
    assert torch.allclose(changes, expected, atol=1e-5)
    assert expected.abs().max() > 0.01


def change(name: str, batch_size: int, table: dict[str, rules.Plastic]) -> torch.Tensor:
    """By how much the weights of a connection change."""
    network = rules.built([name], batch_size=batch_size, table=table)
    connection = network.connections[table[name].source, "target 0"]
    before = connection.w.clone()
    network.run(rules.spikes(batch_size), time=rules.N_STEPS, reward=rules.REWARD)
    return connection.w - before


def presented(network: Network, inputs: dict[str, torch.Tensor], counted: str, engine: str, **options) -> dict:
    """What a network records of one sample ``[n_steps, 1, *shape]`` that an engine presents."""
    trains = {name: SpikeTrains.from_dense(spikes.flatten(1)[None]) for name, spikes in inputs.items()}
    return network.present(trains, layer=counted, engine=engine, **options).records


STEPPING_ON_BOTH = (  # few, since a program takes long to compile
    "currents of current-based LIF neurons decay and drive on; their refractory period is a step shorter",
    "adaptive thresholds rise by every spike of a batch and decay, and stay between samples",
    "Izhikevich neurons, excitatory",
    "SRM0 neurons with a threshold that is next to sharp are LIF neurons",
)


def test_both_engines_do_what_neurons_of_bindsnet_do():
    names, found = STEPPING_ON_BOTH, {}
    for engine in ("plain", "fused"):
        network = neurons.built(names)
        record = {f"layer {k}": ["s", *recorded_state(network, k, name)] for k, name in enumerate(names)}
        found[engine] = presented(network, {"X": neurons.spikes(1)}, "layer 0", engine, record=record)
    for (layer, variable), values in found["fused"].items():
        name = names[int(layer.split()[1])]
        assert torch.equal(values, found["plain"][layer, variable]), (name, variable)
        expected = MEASURED["neurons, dt 1.0, batch 1"][name].get(variable)
        shown = neurons.shown({variable: values[0][:, None]})[variable]
        if variable == "theta":
            expected = [[step] for step in expected]
        assert expected is None or difference(shown, expected, f"{name} {variable}") is None


def recorded_state(network: Network, k: int, name: str) -> list[str]:
    """Which of the variables that are looked at an engine can record."""
    layer = network.layers[f"layer {k}"]
    state = {*layer.state, *layer.adaptive_state, *(["x"] if layer.traces else [])}
    return [variable for variable in neurons.LAYERS[name].variables if variable in state]


LEARNING_ON_BOTH = ("MSTDPET",)  # one, since a program takes long to compile


def test_both_engines_learn_what_rules_of_bindsnet_learn():
    found = {}
    for engine in ("plain", "fused"):
        network = rules.built(LEARNING_ON_BOTH)
        presented(network, rules.spikes(1), "target 0", engine, reward=rules.REWARD)
        found[engine] = {name: rules.learned(network, k, name) for k, name in enumerate(LEARNING_ON_BOTH)}
    assert found["fused"] == found["plain"]
    for name in LEARNING_ON_BOTH:
        expected = MEASURED["rules, dt 1.0, batch 1"][name]["w"]
        assert ("rules, dt 1.0, batch 1", name) in ON_PURPOSE or difference(found["fused"][name]["w"], expected, name) is None


def test_a_difference_is_found():
    assert difference({"v": [1.0, 2.0]}, {"v": [1.0, 2.00001]}) is None
    assert difference({"v": [1.0, 2.0]}, {"v": [1.0, 2.1]}) == "v[1]: 2.0 instead of 2.1"
    assert difference({"s": ["01"]}, {"s": ["10"]}) == "s[0]: 01 instead of 10"
    assert difference({"v": [1.0]}, {"v": [1.0, 2.0]}) is not None
    assert difference({"v": []}, {"x": []}) is not None

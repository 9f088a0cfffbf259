"""Networks known by a name fire as BindsNET's do, in both engines, and their weights are as programs expect them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from bindsnet import models
from bindsnet.errors import NetworkError
from bindsnet.learning import DiehlAndCook, MCC_learning
from bindsnet.network import Network, load
from bindsnet.network.monitors import Monitor

ADAPTING = {"norm": 3.0, "theta_plus": 0.5}
MODELS = {
    "TwoLayerNetwork": ({"n_inpt": 16, "n_neurons": 9, "norm": 3.0}, "Y"),
    "DiehlAndCook2015": ({"n_inpt": 16, "n_neurons": 9, **ADAPTING}, "Ae"),
    "DiehlAndCook2015v2": ({"n_inpt": 16, "n_neurons": 9, **ADAPTING}, "Y"),
    "IncreasingInhibitionNetwork": ({"n_input": 16, "n_neurons": 9, "start_inhib": -1.0, "max_inhib": -10.0, **ADAPTING}, "Y"),
    "LocallyConnectedNetwork": (
        {"n_inpt": 16, "input_shape": [4, 4], "kernel_size": 2, "stride": 2, "n_filters": 3, "norm": 0.75, "theta_plus": 0.5},
        "Y",
    ),
}
# What BindsNET 0.3.4 gives for the same seeds and inputs, run as in `fired`: spikes of each of eight runs, the sum of
# (step + 1) · (neuron + 1) over all of them, and the first weights in the end. Its locally connected network takes no batches.
MEASURED = {
    ("TwoLayerNetwork", 1): ([20, 19, 20, 24, 19, 22, 13, 18], 44729, [0.203278, 0.155755, 0.176444]),
    ("TwoLayerNetwork", 3): ([52, 66, 68, 80, 71, 66, 81, 61], 475593, [0.19926, 0.183662, 0.189104]),
    ("DiehlAndCook2015", 1): ([6, 4, 4, 3, 3, 6, 5, 3], 8475, [0.210198, 0.119836, 0.151883]),
    ("DiehlAndCook2015", 3): ([12, 13, 11, 14, 9, 9, 11, 6], 65730, [0.19795, 0.139696, 0.135893]),
    ("DiehlAndCook2015v2", 1): ([4, 3, 3, 3, 3, 3, 2, 3], 6111, [0.208406, 0.117804, 0.151883]),
    ("DiehlAndCook2015v2", 3): ([10, 10, 8, 13, 8, 11, 9, 6], 59263, [0.197171, 0.145685, 0.152067]),
    ("IncreasingInhibitionNetwork", 1): ([5, 4, 5, 5, 5, 4, 3, 3], 9955, [0.207148, 0.125595, 0.154626]),
    ("IncreasingInhibitionNetwork", 3): ([11, 13, 10, 16, 14, 13, 12, 5], 80586, [0.208058, 0.141967, 0.157863]),
    ("LocallyConnectedNetwork", 1): ([10, 16, 13, 9, 7, 13, 6, 7], 33243, [1.002214, 0.0, 0.0]),
}


def made(name: str, **kwargs) -> tuple[Network, str]:
    """A small model from fixed seeds, and the name of its layer that learns."""
    given, layer = MODELS[name]
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - local connections draw from it, as BindsNET's do
    return getattr(models, name)(**given, **kwargs), layer


def fired(network: Network, layer: str, batch_size: int = 1, n_runs: int = 8, engine: str = "auto") -> list[torch.Tensor]:
    """Spikes of a layer in each of some runs of 100 ms, ``[n_steps, batch_size, n]``."""
    network.add_monitor(Monitor(network.layers[layer], ["s"], time=100), "spikes")
    random, spikes = np.random.default_rng(3), []
    for _ in range(n_runs):
        inputs = torch.from_numpy(random.random((100, batch_size, 16)) < 0.3 * random.random((batch_size, 16)))
        network.run({"X": inputs}, time=100, engine=engine)
        spikes.append(network.monitors["spikes"].get("s").clone())
        network.reset_state_variables()
    return spikes


@pytest.mark.parametrize(("name", "batch_size"), MEASURED)
def test_fires_and_learns_as_in_bindsnet(name, batch_size):
    network, layer = made(name)
    network.layers[layer].one_spike = False  # winners are drawn from other generators
    spikes = fired(network, layer, batch_size)
    steps, neurons = torch.arange(1, 101)[:, None, None], torch.arange(1, network.layers[layer].n * batch_size + 1)
    counts, places, weights = MEASURED[name, batch_size]
    assert [int(s.sum()) for s in spikes] == counts
    assert sum(int((s.view(100, 1, -1) * steps * neurons).sum()) for s in spikes) == places
    assert network.connections["X", layer].w[0, :3].tolist() == pytest.approx(weights, abs=2e-6)


@pytest.mark.parametrize("name", MODELS)
def test_both_engines_agree_on_copies_and_on_what_was_saved(name, tmp_path):
    network, layer = made(name)
    network.save(tmp_path / "model.pt")
    others = network.clone(), load(tmp_path / "model.pt")
    spikes = fired(network, layer, n_runs=2, engine="plain")
    assert sum(s.sum() for s in spikes) > 0
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(spikes, fired(other, layer, n_runs=2, engine="fused"), strict=True))
        assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), other.state_dict().values(), strict=True))
    facts = {fact: value for fact, value in vars(network).items() if fact in MODELS[name][0]}
    assert facts
    assert facts == {fact: getattr(others[1], fact) for fact in facts}


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_matrices_and_the_value_of_a_pipeline(name):
    network, _ = made(name)
    for (source, target), connection in network.connections.items():
        assert connection.w.shape == (network.layers[source].n, network.layers[target].n)
        assert connection.pipeline[0].value is connection.w
        connection.pipeline[0].value = torch.full_like(connection.w, 0.25)
        assert isinstance(connection.w, torch.nn.Parameter)
        assert (connection.w == 0.25).all()
        connection.pipeline[0].value = torch.zeros(2, 3)
        with pytest.raises(NetworkError, match=r"weights have the shape \[\d+, \d+\] .* got \[2, 3\]"):
            network.run({"X": torch.zeros(1, 16)}, time=1)
        connection.pipeline[0].value = torch.zeros(network.layers[source].n, network.layers[target].n)


@pytest.mark.parametrize(
    "write",
    [
        lambda w: w.mul_(0.0),
        lambda w: w.data.mul_(0.0),
        lambda w: w.detach().numpy().fill(0.0),
        lambda w: w.__setitem__(slice(None), 0.0),
    ],
)
def test_inhibition_is_what_programs_write_into_its_weights(write: Callable[[torch.Tensor], object]):
    network, layer = made("DiehlAndCook2015v2")
    write(network.connections["Y", "Y"].w)
    free, _ = made("DiehlAndCook2015v2", inh=0.0)
    spikes = fired(network, layer, n_runs=1)[0]
    assert torch.equal(spikes, fired(free, layer, n_runs=1)[0])
    assert spikes.sum() > fired(made("DiehlAndCook2015v2")[0], layer, n_runs=1)[0].sum()


def test_first_weights_and_lateral_weights_are_bindsnets():
    network, _ = made("DiehlAndCook2015")
    torch.manual_seed(1)
    assert torch.equal(network.connections["X", "Ae"].w, 0.3 * torch.rand(16, 9))
    assert torch.equal(network.connections["Ae", "Ai"].w, 22.5 * torch.eye(9))
    assert torch.equal(network.connections["Ai", "Ae"].w, -17.5 * (1 - torch.eye(9)))
    w = models.IncreasingInhibitionNetwork(4, n_neurons=9).connections["Y", "Y"].w  # as BindsNET 0.3.4 has it
    assert w[0].tolist() == pytest.approx([1.0, 60.4604, 85.0896, 60.4604, 71.7107, 89.914, 85.0896, 89.914, 101.0], abs=1e-4)
    w = made("LocallyConnectedNetwork")[0].connections["Y", "Y"].w
    assert w[1].nonzero().flatten().tolist() == [5, 9]  # of four positions and three filters
    assert w[1, 5] == -25.0


def test_a_lattice_of_one_neuron_has_a_finite_weight():
    assert models.IncreasingInhibitionNetwork(4, n_neurons=1).connections["Y", "Y"].w.tolist() == [[1.0]]


def test_rule_of_the_paper_has_traces_that_add_up():
    rule = {"learning_rule": DiehlAndCook, "learning_rule_kwargs": {"x_tar": 0.4, "mu": 1.0}, "nu": (0.0, 0.05)}
    network, layer = made("DiehlAndCook2015", **rule)
    network.layers[layer].one_spike = False
    spikes = fired(network, layer)
    assert network.layers["X"].traces_additive
    # BindsNET 0.3.4 with its rule of that name
    assert [int(s.sum()) for s in spikes] == [10, 7, 6, 6, 5, 12, 3, 3]


def test_rule_of_features_stands_for_the_rule_that_it_lends_them():
    of_features = MCC_learning.DiehlAndCook
    network, _ = made("DiehlAndCook2015", learning_rule=of_features, learning_rule_kwargs={"x_tar": 0.25})
    rule = network.connections["X", "Ae"].update_rule
    assert type(rule) is DiehlAndCook
    assert {name: rule.parameters[name].item() for name in ("x_tar", "mu")} == {"x_tar": 0.25, "mu": 1.0}  # BindsNET's mu
    assert network.layers["X"].traces_additive


def test_options_of_the_newer_version_are_taken():
    network, _ = made("DiehlAndCook2015", batch_size=3, sparse=True, exc_thresh=-50.0, inh_thresh=-45.0, w_dtype=torch.float64)
    assert network.batch_size == 3
    assert network.layers["Ae"].thresh == -50.0
    assert network.layers["Ai"].thresh == -45.0
    assert all(connection.w.dtype == torch.float64 for connection in network.connections.values())

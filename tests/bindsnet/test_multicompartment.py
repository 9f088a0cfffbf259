"""Connections made of features: one weight alone is a dense connection in both engines; others go through their pipeline.

What features compute and learn is compared with numbers measured on BindsNET in `test_behaviours.py`.
"""

from __future__ import annotations

import pytest
import torch

from bindsnet import learning
from bindsnet.engine import Repetition, SpikeTrains
from bindsnet.engine.fused import CannotFuseError, program_text
from bindsnet.errors import NetworkError
from bindsnet.learning import MCC_learning
from bindsnet.network import Network, load
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import Connection, MulticompartmentConnection
from bindsnet.network.topology_features import (
    AdaptationBaseSynapsHistory,
    Bias,
    Degradation,
    Intensity,
    Mask,
    MeanField,
    Normalization,
    Probability,
    Updating,
    Weight,
)

PAIR = ("X", "Y")
DELAYS = {PAIR: 2, ("Y", "Z"): 1, ("Z", "Y"): 3}
#: rule and arguments of three connections
PLASTIC = {
    PAIR: ("PostPre", {"nu": (1e-2, 1e-1), "norm": 40.0}, [0.0, 12.0], {"decay": 1e-3}),
    ("Y", "Z"): ("MSTDP", {"nu": 0.05, "tc_plus": 10.0}, [-1.0, 30.0], {}),
    ("Z", "Y"): ("NoOp", {}, [-3.0, 0.0], {}),
}


def layers() -> Network:
    network = Network()
    network.add_layer(Input(12, traces=True), "X")
    network.add_layer(DiehlAndCookNodes(8, traces=True, thresh=-60.0, theta_plus=0.3, tc_decay=30.0), "Y")
    network.add_layer(LIFNodes(6, traces=True, thresh=-60.0, tc_decay=10.0), "Z")
    network.layers["Y"].one_spike = True
    return network


def network_of(features: bool) -> Network:
    """Three layers, connected by features or as always."""
    network, generator = layers(), torch.Generator().manual_seed(1)
    for pair, (rule, given, (low, high), decay) in PLASTIC.items():
        ends = [network.layers[name] for name in pair]
        w = low + (high - low) * torch.rand(ends[0].n, ends[1].n, generator=generator)
        if features:
            rule = getattr(MCC_learning, rule)
            made = Weight("weight", w, range=[low, high], learning_rule=rule, **given, **decay)
            network.add_connection(MulticompartmentConnection(*ends, "cpu", [made], delay=DELAYS[pair]), *pair)
        else:
            rule, decay = getattr(learning, rule), {"weight_decay": decay.get("decay", 0.0)}
            given = given | {"wmin": low, "wmax": high, "update_rule": rule, "delay": DELAYS[pair]} | decay
            network.add_connection(Connection(*ends, w=w, **given), *pair)
    return network


def spikes(n_samples: int = 4, n_steps: int = 30, n: int = 12) -> torch.Tensor:
    return torch.rand(n_samples, n_steps, n, generator=torch.Generator().manual_seed(5)) < 0.3


def connected(*pipeline, **options) -> tuple[Network, MulticompartmentConnection]:
    network = layers()
    connection = MulticompartmentConnection(network.layers["X"], network.layers["Y"], "cpu", list(pipeline), **options)
    network.add_connection(connection, *PAIR)
    return network, connection


def everything(**options) -> tuple[Network, MulticompartmentConnection]:
    """A network whose pipeline has a feature of each kind."""
    torch.manual_seed(2)
    rule = {"learning_rule": MCC_learning.MSTDP, "nu": (0.1, 0.1), "average_update": 3, "tc_plus": 7.0}
    weight = Weight("weight", 8 * torch.rand(12, 8) - 2, enforce_polarity=True, norm=30.0, **rule)
    often = Probability("often", torch.rand(12, 8), learning_rule=MCC_learning.PostPre, nu=(0.01, 0.1), reduction=torch.mean)
    weights = [torch.randn(3, 4), torch.randn(1, 3)]
    adaptation = AdaptationBaseSynapsHistory("adaptation", torch.ones(12, 8), ann_values=weights)
    return connected(
        weight,
        Mask("mask", torch.rand(12, 8) < 0.8),
        often,
        Intensity("intensity"),
        Bias("bias", 0.05),
        Degradation("loss", parent_feature=often),
        Normalization("again", weight),
        adaptation,
        **options,
    )


def state(network: Network) -> dict[str, torch.Tensor]:
    """What a network keeps, whatever its connections are made of."""
    kept = {f"w of {pair}": connection.w for pair, connection in network.connections.items()}
    return kept | {f"{name} {key}": value for name, layer in network.layers.items() for key, value in layer.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_weight_alone_is_a_dense_connection_to_the_bit_in_both_engines():
    trains, found = SpikeTrains.from_dense(spikes()), []
    for features in (True, False):
        for engine in ("plain", "fused"):
            network = network_of(features)
            network.connections[PAIR].weight_factor = 1.25
            answer = network.present(trains, "Z", seed=3, reward=0.7, engine=engine)
            network.reset_state_variables()
            network.run({"X": spikes()[0]}, time=30, reward=-0.5, seed=1, engine=engine)
            found.append((answer.spike_counts, state(network)))
    for counts, kept in found[1:]:
        assert torch.equal(counts, found[0][0])
        assert same(kept, found[0][1])
    assert counts.any()
    assert not torch.equal(kept["w of ('X', 'Y')"], network_of(False).connections[PAIR].w)
    assert program_text(network_of(True), "Z") == program_text(network_of(False), "Z")


def test_batches_and_repetitions_are_those_of_a_dense_connection():
    found, repetition = [], Repetition(PAIR, min_spikes=60, max_presentations=3)
    for features in (True, False):
        network = network_of(features)
        network.run({"X": spikes(30, 3)}, time=30, reward=torch.tensor([0.5, -1.0, 2.0]), seed=1)
        answer = network.present(SpikeTrains.from_dense(spikes()), "Y", repetition, seed=3, reward=0.7, engine="plain")
        assert answer.n_presentations.sum() > 4
        found.append(state(network))
    assert same(*found)


@pytest.mark.parametrize(
    ("pipeline", "options", "reason"),
    [
        ([Weight("w", 1.0), Mask("m", True)], {}, r"its pipeline holds Weight, Mask, and not one Weight alone"),
        ([Mask("m", True)], {}, r"holds Mask"),
        ([], {}, r"holds nothing"),
        (
            [Weight("w", 1.0, norm=1.0, norm_frequency="time step")],
            {},
            r"its Weight averages updates, is normalised in every step",
        ),
        ([Weight("w", 1.0, learning_rule=MCC_learning.PostPre, average_update=2)], {}, r"its Weight averages updates"),
        ([Weight("w", 1.0)], {"manual_update": True}, r"updated by hand"),
        ([Weight("w", 1.0)], {"traces": True}, r"keeps its activity"),
    ],
)
def test_other_pipelines_keep_the_plain_engine_which_says_why(pipeline, options, reason):
    network, _ = connected(*pipeline, **options)
    with pytest.raises(CannotFuseError, match=rf"connection X_to_Y: .*{reason}"):
        network.present(SpikeTrains.from_dense(spikes()), "Y", engine="fused")


def test_a_network_of_features_goes_on_where_it_was_saved_and_where_it_was_copied(tmp_path):
    network, connection = everything(traces=True, delay=2)
    before = connection.w.clone()
    network.run({"X": spikes()[0]}, time=30, reward=0.5)
    connection.w[:2] = 0.0  # whose signs are known still
    network.save(tmp_path / "network.pt")
    goes_on = [network, load(tmp_path / "network.pt"), network.clone().to("cpu")]
    for each in goes_on:
        each.run({"X": spikes()[1]}, time=30, reward=-0.5, seed=6)
    assert all(same(network.state_dict(), each.state_dict()) for each in goes_on[1:])
    assert not torch.equal(connection.w, before)
    for each in goes_on[1:]:
        made = each.connections[PAIR].feature_index
        assert list(made) == list(connection.feature_index)
        assert made["loss"].parent_feature is made["often"]
        assert made["again"].parent_feature is made["weight"]
        assert made["weight"].learning_rule.average_update == 3
        assert (made["weight"].synapses.wmin == connection.pipeline[0].synapses.wmin).all()
    network.reset_state_variables()
    assert connection.at_rest


def test_what_no_file_holds_is_named(tmp_path):
    network, _ = connected(Weight("w", 1.0), Degradation("loss", 0.1, degrade_function=torch.sqrt))
    with pytest.raises(NetworkError, match="holds numbers, text and tensors, not a builtin_function_or_method"):
        network.save(tmp_path / "network.pt")
    parent = Weight("elsewhere", 1.0)
    connected(parent)
    network, _ = connected(Degradation("loss", parent_feature=parent))
    with pytest.raises(NetworkError, match=r"'loss' .* cannot be saved: .*'elsewhere' .* is not before it"):
        network.save(tmp_path / "network.pt")


def test_rates_that_each_weight_has_of_its_own_are_saved(tmp_path):
    network, connection = connected(Weight("w", 1.0, learning_rule=MCC_learning.PostPre))
    connection.rules[0].declare(nu_post=torch.rand(12, 8))
    network.save(tmp_path / "network.pt")
    assert torch.equal(
        load(tmp_path / "network.pt").connections[PAIR].rules[0].parameters["nu_post"], connection.rules[0].parameters["nu_post"]
    )


def test_pipelines_are_changed_by_name_and_place():
    _, connection = connected(Weight("w", 2.0), Bias("b", 1.0))
    s = torch.ones(1, 12, dtype=torch.bool)
    assert connection.compute(s).tolist() == [[36.0] * 8]
    mask = Mask("m", torch.arange(12)[:, None].expand(12, 8) < 3)
    connection.insert_pipeline(mask, 1)
    assert [feature.name for feature in connection.pipeline] == ["w", "m", "b"]
    assert connection.compute(s).tolist() == [[18.0] * 8]
    connection.insert_pipeline(Intensity("half", 0.5), -1)
    assert [feature.name for feature in connection.pipeline] == ["w", "m", "half", "b"]
    connection.remove_pipeline(connection.feature_index["half"])
    connection.append_pipeline(Intensity("half", 0.5))
    assert connection.compute(s).tolist() == [[9.0] * 8]
    connection.remove_pipeline(connection.feature_index["b"])
    assert connection.compute(s).tolist() == [[3.0] * 8]
    with pytest.raises(NetworkError, match="two features 'm'"):
        connection.append_pipeline(Mask("m", True))
    with pytest.raises(NetworkError, match=r"'w' \(Weight\) is not in the pipeline; there are w, m, half"):
        connection.remove_pipeline(Weight("w"))
    with pytest.raises(NetworkError, match="made of features, such as Weight, got Tensor"):
        connection.append_pipeline(torch.ones(12, 8))


def test_arguments_of_a_connection_go_to_the_rules_of_its_features():
    rule = {"learning_rule": MCC_learning.DiehlAndCook, "range": [0.0, 1.0]}
    _, connection = connected(Weight("w", 1.0, x_tar=0.1, **rule), Weight("fixed", 1.0), x_tar=0.25)
    assert [float(rule.parameters["x_tar"]) for rule in connection.rules if "x_tar" in rule.parameters] == [0.25]
    with pytest.raises(NetworkError, match="takes no argument 'x_tar': none of its features has a rule"):
        connected(Weight("w", 1.0), x_tar=0.25)
    with pytest.raises(NetworkError, match=r"'w' \(Weight\): DiehlAndCook takes no argument 'x_tra'"):
        connected(Weight("w", 1.0, x_tra=0.1, **rule))


def test_all_synapses_have_one_delay():
    with pytest.raises(NetworkError, match="give one delay for all"):
        MulticompartmentConnection(Input(2), LIFNodes(2), "cpu", [Weight("w", 1.0)], delay=torch.tensor([[1, 2], [3, 4]]))


def test_a_feature_that_is_added_later_reckons_with_the_time_step_and_the_batch():
    network = Network(dt=0.5, batch_size=3)
    for layer, name in ((Input(2), "X"), (LIFNodes(2), "Y")):
        network.add_layer(layer, name)
    connection = MulticompartmentConnection(network.layers["X"], network.layers["Y"], "cpu")
    network.add_connection(connection, *PAIR)
    connection.append_pipeline(Weight("w", 1.0, learning_rule=MCC_learning.MSTDP))
    assert connection.rules[0].dt == 0.5
    assert connection.pipeline[0].learning_rule.p_plus.shape == (3, 2)


def test_keywords_of_a_run_reach_rules_of_features_and_others_are_refused():
    network = network_of(True)
    other = network.clone()
    run = {"inputs": {"X": spikes()[0]}, "time": 30, "seed": 1}
    with pytest.raises(NetworkError, match=r"the rule of \('Y', 'Z'\) \(MSTDP\) takes a reward"):
        network.present(SpikeTrains.from_dense(spikes()), "Y")
    with pytest.raises(NetworkError, match="run takes no argument 'rewrad'"):
        network.run(**run, rewrad=1.0)
    network.run(**run, reward=1.0, a_plus={("Y", "Z"): 0.5})
    other.run(**run, reward=1.0)
    assert not torch.equal(network.connections["Y", "Z"].w, other.connections["Y", "Z"].w)


def test_monitors_record_activity_and_values():
    network, connection = connected(Weight("w", 2.0, learning_rule=MCC_learning.PostPre), Bias("b", 0.1), traces=True)
    network.add_monitor(Monitor(connection, ["activity", "w"]), "connection")
    network.add_monitor(Monitor(connection.pipeline[0], ["value"]), "feature")
    network.run({"X": spikes(1, 5)[0]}, time=5)
    activity, w = (network.monitors["connection"].get(name) for name in ("activity", "w"))
    assert activity.shape == (5, 1, 8)
    torch.testing.assert_close(activity[0], torch.full((1, 8), 1.2))  # no spike yet
    assert torch.equal(activity[-1, 0], connection.activity[0])
    assert torch.equal(w, network.monitors["feature"].get("value"))
    network.run({"X": spikes(5, 3)}, time=5)
    assert connection.activity.shape == (3, 8)
    connection.remove_pipeline(connection.pipeline[1])
    assert connection.activity.any()
    network.run({"X": torch.zeros(2, 3, 12, dtype=torch.bool)}, time=2)
    assert not connection.activity.any()  # nor is there a drive without spikes


def test_masks_of_a_run_are_those_of_the_weight():
    network, connection = connected(Intensity("i", 1.0), Weight("w", 2.0))
    network.run({"X": spikes(1, 1)[0]}, time=1, masks={PAIR: torch.eye(12, 8, dtype=torch.bool)})
    assert torch.equal(connection.w, 2.0 * (1 - torch.eye(12, 8)))
    other, _ = connected(Mask("m", True))
    with pytest.raises(NetworkError, match="MulticompartmentConnection has no weights"):
        other.run({"X": spikes(1, 1)[0]}, time=1, masks={PAIR: torch.eye(12, 8, dtype=torch.bool)})


def test_features_are_updated_and_normalised_by_hand_or_in_the_pipeline():
    def weight() -> Weight:
        return Weight("w", 4.0, learning_rule=MCC_learning.PostPre, nu=(0.0, 0.1), norm=30.0)

    network, connection = connected(weight(), manual_update=True)
    assert not connection.plastic
    network.run({"X": spikes(1, 20)[0]}, time=20)
    assert torch.equal(connection.w, torch.full((12, 8), 2.5))  # 30 / 12, at the end of the run
    connection.pipeline[0].update()
    assert network.layers["Y"].s.any() == (not torch.equal(connection.w, torch.full((12, 8), 2.5)))

    by_pipeline = weight()
    network, connection = connected(by_pipeline, Updating("u", by_pipeline), Normalization("n", by_pipeline), manual_update=True)
    network.run({"X": spikes(1, 20)[0]}, time=20)
    learned = connection.w.clone()
    torch.testing.assert_close(learned.sum(0), torch.full((8,), 30.0))
    assert not torch.equal(learned, torch.full((12, 8), 2.5))
    network.train(False)
    connection.remove_pipeline(connection.feature_index["u"])
    connection.append_pipeline(Updating("u", by_pipeline))
    network.run({"X": spikes(1, 20)[0]}, time=20)
    torch.testing.assert_close(connection.w, learned)


def test_features_work_without_a_network():
    source, target = Input(3, traces=True), LIFNodes(2, traces=True)
    for layer in (source, target):
        layer.compute_decays(1.0)
        layer.set_batch_size(1)
    weight = Weight("w", torch.ones(3, 2), nu=(0.1, 0.2), learning_rule=MCC_learning.PostPre)
    connection = MulticompartmentConnection(source, target, "cpu", [weight, MeanField()])
    source.s, target.s = torch.tensor([[True, False, True]]), torch.tensor([[False, True]])
    source.x, target.x = torch.tensor([[1.0, 0.5, 0.25]]), torch.tensor([[0.75, 1.0]])
    connection.update()
    torch.testing.assert_close(weight.value.detach(), torch.tensor([[0.925, 1.1], [1.0, 1.1], [0.925, 0.95]]))
    torch.testing.assert_close(connection.compute(source.s), 2 / 3 * torch.tensor([[1.85, 2.05]]))
    assert connection.compute_window(source.s[None].repeat(4, 1, 1)).shape == (4, 1, 2)

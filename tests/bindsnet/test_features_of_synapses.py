"""Features one by one: what they take, keep and refuse. What they compute was measured on BindsNET (`test_behaviours.py`)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bindsnet import learning
from bindsnet.errors import NetworkError
from bindsnet.learning import MCC_learning
from bindsnet.learning.MCC_learning import MSTDPET, MCC_LearningRule, PostPre
from bindsnet.network import Network
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import MulticompartmentConnection
from bindsnet.network.topology_features import (
    AbstractFeature,
    AdaptationBaseSynapsHistory,
    Bias,
    Degradation,
    Mask,
    MeanField,
    Normalization,
    Probability,
    Weight,
)

N, M = 10, 6
W = torch.linspace(0.0, 1.0, N * M).view(N, M)
ANN = [torch.ones(3, 4), torch.ones(1, 3)]


class Delays(MCC_LearningRule):
    rule = learning.DelayLearning


def network_of(*pipeline, batch_size: int = 1, n: int = N, m: int = M) -> tuple[Network, MulticompartmentConnection]:
    network = Network(batch_size=batch_size)
    network.add_layer(Input(n, traces=True), "X")
    network.add_layer(LIFNodes(m, traces=True, thresh=-60.0), "Y")
    connection = MulticompartmentConnection(network.layers["X"], network.layers["Y"], "cpu", list(pipeline))
    network.add_connection(connection, "X", "Y")
    return network, connection


def primed(*pipeline, **options) -> AbstractFeature:
    """The last of the features, in a pipeline."""
    return network_of(*pipeline, **options)[1].pipeline[-1]


def spikes(*shape: int, rate: float = 0.4) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(5)) < rate


# --- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (lambda: Weight(3), r"Weight: the name of a feature is text, got 3"),
        (lambda: Weight("w", "much"), r"'w' \(Weight\): value is a number or a tensor of some, got str"),
        (lambda: Weight("w", W, range=[0.0, 0.5]), r"'w' .*: expected values within its range \[0.0, 0.5\], got .* from 0 to 1"),
        (lambda: Weight("w", -1.0, range=(0, 1)), r"within its range \(0, 1\), got some from -1 to -1"),
        (lambda: Weight("w", range=[1.0, 0.0]), r"'w' .*: range: wmin 1.0 is not below wmax 0.0"),
        (lambda: Weight("w", range=[1.0, 1.0]), r"range is from a lower to an upper bound"),
        (lambda: Weight("w", range=1.0), r"range is a pair of bounds, got 1.0"),
        (lambda: Weight("w", norm_frequency="minute"), r"one of 'sample', 'time step', got 'minute'"),
        (lambda: Weight("w", sparse=True, enforce_polarity=True), r"leave out sparse or enforce_polarity"),
        (lambda: Weight("w", batch_size=0), r"'w' .*batch_size"),
        (lambda: Probability("p", 0.5, range=[-0.5, 1.0]), r"'p' .*: probabilities are within 0 and 1"),
        (lambda: Probability("p", 1.5), r"within its range \(0.0, 1.0\), got some from 1.5 to 1.5"),
        (lambda: Mask("m", W), r"'m' \(Mask\): value is a bool tensor, or one bool for all synapses; got torch.float32"),
        (lambda: AdaptationBaseSynapsHistory("a", W, ann_values=ANN[::-1]), r"a pair of tensors \[n_hidden, K\]"),
        (lambda: primed(Weight("w", W.T)), r"'w' .*: expected one number, or values \[10, 6\], got \[6, 10\]"),
        (lambda: primed(Mask("m", W.T > 0)), r"'m' .*: expected one number, or values \[10, 6\]"),
        (lambda: primed(Weight("w", norm=torch.ones(5))), r"'w' .*norm is a number, or one for each of 6; got 5"),
        (lambda: primed(Weight("w", learning_rule=learning.PostPre)), r"'w' .*: learning_rule is a class of .*MCC_learning"),
        (lambda: primed(Weight("w", learning_rule=MCC_learning.DiehlAndCook)), r"'w' .*: DiehlAndCook depends on"),
        (lambda: primed(Weight("w", learning_rule=PostPre, average_update=-1)), r"average_update is a number of steps"),
        (lambda: primed(Weight("w", learning_rule=Delays)), r"'w' .*: DelayLearning moves delays"),
        (lambda: primed(Degradation("d")), r"'d' .*: give value, \[10, 6\] numbers or one for all"),
        (lambda: primed(Probability("p", parent_feature=Weight("w"))), r"'p' .*: put feature 'w' \(Weight\).* before it"),
        (lambda: primed(Probability("p", parent_feature=primed(Mask("m")))), r"values of feature 'm' \(Mask\) are no numbers"),
        (lambda: primed(Weight("v"), Normalization(1, Weight("w"))), r"Normalization: the name of a feature is text"),
        (lambda: primed(Weight("v"), Normalization("n", Weight("w"))), r"'n' .*: put feature 'w' .*into the pipeline before it"),
        (lambda: Normalization("n", None), r"Normalization: parent_feature is a feature, got NoneType"),
        (lambda: Probability("p", parent_feature=5), r"'p' .*: parent_feature is a feature, got int"),
        (lambda: Weight("w", float("nan")), r"'w' .*: values are numbers, got some that are NaN"),
        (lambda: Weight("w", 1.0, value_dtype="half"), r"'w' .*: value_dtype is one of torch's types, got 'half'"),
        (lambda: primed(Weight("w", norm="all")), r"'w' .*norm is a number, or one for each of 6; got 'all'"),
        (lambda: primed(Weight("w", norm=-1.0)), r"'w' .*norm is a sum of absolute weights, from 0 on; got -1.0"),
        (lambda: AdaptationBaseSynapsHistory("a", W, ann_values=ANN, const_decay=float("nan")), r"const_decay is a number"),
        (lambda: Degradation("d", 0.5, degrade_function=3), r"'d' .*: degrade_function is a function of the values, got 3"),
        (
            lambda: primed(Degradation("d", 0.5, degrade_function=lambda _: torch.ones(7))).compute(None),
            r"'d' .*: degrade_function gives a number, or values \[10, 6\]; it gave \[7\]",
        ),
    ],
)  # fmt: skip
def test_what_is_no_feature_is_refused_by_its_name(made, complaint):
    with pytest.raises(NetworkError, match=complaint):
        made()


def test_a_feature_is_of_one_pair_of_populations():
    weight = primed(Weight("w"))
    with pytest.raises(NetworkError, match=r"'w' .* belongs to a connection of other populations already"):
        primed(weight)


def test_rates_without_a_rule_are_warned_of():
    with pytest.warns(UserWarning, match=r"'w' \(Weight\) with nu=\(0.1, 0.2\) but without a rule"):
        primed(Weight("w", nu=(0.1, 0.2)))


# --- values ------------------------------------------------------------------------------------------------------------------


def test_a_number_is_for_all_synapses():
    for feature, value in ((Weight("w", 0.5), 0.5), (Bias("b", 2), 2.0), (Probability("p", 1.0), 1.0), (Mask("m", False), False)):
        assert torch.equal(primed(feature).value, torch.full((N, M), value))


def test_values_of_the_users_stay_as_they_are():
    values = {"w": W.clone(), "b": W.clone(), "m": W > 0.5, "a": torch.ones(N, M), "ann": [each.clone() for each in ANN]}
    adaptation = AdaptationBaseSynapsHistory("a", values["a"], ann_values=values["ann"])
    network, _ = network_of(Weight("w", values["w"]), Bias("b", values["b"]), Mask("m", values["m"]), adaptation)
    for kept in network.state_dict().values():
        kept.zero_()
    assert torch.equal(values["w"], W)
    assert torch.equal(values["b"], W)
    assert torch.equal(values["m"], W > 0.5)
    assert values["a"].all()
    assert all(map(torch.equal, values["ann"], ANN))


def test_values_are_replaced_and_changed_in_place():
    network, connection = network_of(Weight("w", W), Mask("m", True))
    weight, mask = connection.pipeline
    s = torch.ones(1, N, dtype=torch.bool)
    weight.value = torch.nn.Parameter(2 * W)
    torch.testing.assert_close(connection.compute(s)[0], 2 * W.sum(0))
    kept = weight.value
    weight.value *= 0.5
    assert weight.value is kept
    torch.testing.assert_close(connection.compute(s)[0], W.sum(0))
    mask.value = torch.zeros(N, M, dtype=torch.bool)
    assert not connection.compute(s).any()
    weight.value = 3.0
    assert torch.equal(weight.value, torch.full((N, M), 3.0))
    with pytest.raises(NetworkError, match=r"'w' .*: expected one number, or values \[10, 6\], got \[6, 10\]"):
        weight.value = W.T
    weight.synapses.w = torch.nn.Parameter(W.T.contiguous(), requires_grad=False)
    with pytest.raises(NetworkError, match=r"'w' \(Weight\): weights have the shape \[10, 6\]"):
        network.run({"X": spikes(2, N)}, time=2)


def test_values_are_kept_in_the_type_asked_for_and_given_sparse():
    assert primed(Weight("w", W.double())).value.dtype is torch.float32
    assert primed(Weight("w", W, value_dtype=torch.float16)).value.dtype is torch.float16
    sparse = primed(Weight("w", W.to_sparse(), sparse=True, batch_size=2))
    assert sparse.value.is_sparse
    assert torch.equal(sparse.value.to_dense(), W.expand(2, N, M))
    assert torch.equal(primed(Weight("w", W.expand(2, N, M), sparse=True)).values, W)


def test_a_norm_is_given_later_too_and_is_of_absolute_values():
    feature = primed(Weight("w", W - 0.5))
    feature.norm = 3.0
    feature.normalize()
    torch.testing.assert_close(feature.value.abs().sum(0), torch.full((M,), 3.0))
    assert feature.norm == 3.0


def test_a_linked_feature_has_the_values_of_its_parent_which_learns_for_both():
    weight = Weight("w", W, learning_rule=PostPre, nu=(0.1, 0.2), range=[0.0, 1.0])
    network, connection = network_of(
        weight, Probability("p", parent_feature=weight), Bias("b", 1.0), Degradation("d", parent_feature=weight)
    )
    network.run({"X": spikes(10, N)}, time=10)
    assert not torch.equal(weight.value, W)
    linked = [connection.feature_index[name] for name in "pd"]
    assert all(feature.value is weight.value and not feature.learns for feature in linked)
    with pytest.raises(NetworkError, match=r"its values are those of feature 'w'"):
        connection.pipeline[1].value = W


# --- rules -------------------------------------------------------------------------------------------------------------------


def test_rates_are_changed_later():
    weight = primed(Weight("w", W, learning_rule=PostPre, nu=(0.1, 0.2)))
    weight.learning_rule.nu = (0.0, 0.3)
    weight.learning_rule.nu[0] = 0.5
    assert weight.rules[0].nu.tolist() == [0.5, pytest.approx(0.3)]


def test_what_a_rule_keeps_is_read_by_its_name_and_reset():
    network, connection = network_of(Weight("w", W, learning_rule=MSTDPET, nu=(0.1, 0.1)), Bias("b", 1.0), batch_size=2)
    rule = connection.pipeline[0].learning_rule
    network.run({"X": spikes(10, 2, N)}, time=10, reward=1.0)
    kept = {"p_plus": [2, N], "p_minus": [2, M], "eligibility": [2, N, M], "eligibility_trace": [2, N, M]}
    assert {name: list(getattr(rule, name).shape) for name in kept} == kept
    assert all(getattr(rule, name).any() for name in kept)
    network.reset_state_variables()
    assert not any(getattr(rule, name).any() for name in kept)
    assert not hasattr(rule, "theta")


def test_the_mean_of_the_last_changes_begins_anew_after_a_reset():
    weight = Weight("w", W, learning_rule=PostPre, nu=(0.1, 0.2), average_update=4, continues_update=True)
    network, _ = network_of(weight, Bias("b", 1.5))
    network.run({"X": spikes(10, N)}, time=10)
    assert weight.learning_rule.average_buffer.any()
    assert weight.learning_rule.average_buffer_index == 2
    network.reset_state_variables()
    assert not weight.learning_rule.average_buffer.any()
    assert weight.learning_rule.average_buffer_index == 0


def test_the_mean_of_one_change_is_the_change_with_decay_and_bounds():
    found = []
    for options in ({}, {"average_update": 1}):
        weight = Weight("w", 0.2 + 0.6 * W, range=[0.1, 0.9], decay=0.02, learning_rule=PostPre, nu=(0.1, 0.2), **options)
        network, _ = network_of(weight, Bias("b", 1.5))
        network.run({"X": spikes(10, N)}, time=10)
        found.append(weight.value.detach())
    torch.testing.assert_close(*found)
    assert found[0].min() == pytest.approx(0.1)


def test_polarities_are_kept():
    w = torch.tensor([0.1, -0.1, 0.0]).repeat(N * M // 3).view(N, M)
    weight = Weight("w", w, enforce_polarity=True, learning_rule=PostPre, nu=(0.5, 0.7))
    network, _ = network_of(weight, Bias("b", 1.0))
    network.run({"X": spikes(20, N)}, time=20)
    value = weight.value
    assert (value[w > 0] >= 0).all()
    assert (value[w < 0] <= 0).all()
    assert (value[w == 0] == 0).all()
    assert (value[w != 0] != w[w != 0]).any()


def test_a_rule_of_the_library_is_lent_to_features_by_two_lines():
    class Triplets(MCC_LearningRule):
        rule = learning.TripletSTDP

    weight = Weight("w", W, learning_rule=Triplets, nu=1.0, a3_plus=0.5, range=[0.0, 1.0])
    network, _ = network_of(weight, Bias("b", 1.0))
    network.run({"X": spikes(20, N)}, time=20)
    assert not torch.equal(weight.value, W)
    assert float(weight.rules[0].parameters["a3_plus"]) == 0.5


def test_a_rule_that_was_made_by_hand_changes_the_values_that_it_was_given():
    network, connection = network_of(Weight("w", W), Bias("b", 1.0))
    value = connection.pipeline[0].value
    rule = PostPre(connection, value, range=[0.0, 1.0], nu=(0.1, 0.2))
    network.run({"X": spikes(8, N, rate=0.8)}, time=8)
    assert torch.equal(value, W)
    rule.update()
    assert rule.feature_value is value
    assert not torch.equal(value, W)
    assert MCC_learning.NoOp().update(reward=1.0) is None


def test_a_batch_learns_by_mstdpet_what_its_samples_learn():
    """BindsNET's rule of this name takes one sample at a time."""
    changes = []
    for given in (spikes(12, 3, N), *spikes(12, 3, N).split(1, 1)):
        weight = Weight("w", W, learning_rule=MSTDPET, nu=(0.01, 0.01))
        network, _ = network_of(weight, Mask("m", False), Bias("b", 0.7))  # targets fire whatever is learned
        network.run({"X": given}, time=12, reward=1.0)
        changes.append(weight.value.detach() - W)
    torch.testing.assert_close(changes[0], sum(changes[1:]), atol=1e-6, rtol=1e-4)
    assert changes[0].any()


def test_a_feature_of_the_users_own_works_by_what_it_computes():
    class Squared(Weight):
        def compute(self, s):
            return self.values**2

    network, connection = network_of(Squared("w", W))
    torch.testing.assert_close(connection.compute(torch.ones(1, N, dtype=torch.bool))[0], (W**2).sum(0))
    assert network.engine() == "plain"


# --- chance, mean field, adaptation ------------------------------------------------------------------------------------------


def drives_by_chance(network: Network, connection: MulticompartmentConnection, n_steps: int, batch_size: int) -> torch.Tensor:
    """The drive of one source neuron in so many steps of each sample, ``[n_steps, batch_size, M]``."""
    s, drives = torch.zeros(batch_size, N, dtype=torch.bool), []
    s[:, 3] = True
    network.randomness.begin(1, 2, list(range(batch_size)), 0)
    for _ in range(n_steps):
        drives.append(connection.compute(s))
        network.randomness.step += 1
    return torch.stack(drives)


def test_signals_pass_with_their_probability_each_by_a_draw_of_its_own():
    p = torch.tensor([0.0, 0.1, 0.3, 0.5, 0.9, 1.0]).expand(N, M)
    network, connection = network_of(Probability("p", p), batch_size=3)
    passed = drives_by_chance(network, connection, 2000, 3)
    assert set(passed.unique().tolist()) == {0.0, 1.0}
    np.testing.assert_allclose(passed.mean((0, 1)), p[0], atol=0.02)
    for a, b in ((passed[:, 0, 3], passed[:, 1, 3]), (passed[:, 0, 3], passed[:, 0, 2]), (passed[1:, 0, 3], passed[:-1, 0, 3])):
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.07  # samples, synapses, steps: three standard errors
    alone = drives_by_chance(*network_of(Probability("p", p)), 50, 1)
    assert torch.equal(alone[:, 0], passed[:50, 0])  # whatever else is in the batch
    other = drives_by_chance(*network_of(Probability("q", p)), 50, 1)
    assert not torch.equal(alone, other)


def test_draws_take_nothing_from_torchs_generator_and_follow_the_seed_of_a_run():
    network, _ = network_of(Weight("w", 4.0), Probability("p", 0.5))
    state, found = torch.get_rng_state(), []
    for seed in (1, 1, 2):
        network.reset_state_variables()
        network.run({"X": spikes(20, N)}, time=20, seed=seed, samples=[0])
        found.append(network.layers["Y"].v.clone())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_probabilities_of_a_step_are_shown_for_all_synapses():
    feature = primed(Probability("p", W))
    s = torch.zeros(1, N, dtype=torch.bool)
    assert feature.compute(s).shape == (N, M)
    assert feature.compute(s.expand(3, N)).shape == (3, N, M)
    assert feature.sparse_bernoulli().to_dense().shape == (1, N, M)
    _, connection = network_of(Bias("b", 0.5), Probability("p", 1.0))
    assert torch.equal(connection.compute(s), torch.full((1, M), 0.5 * N))  # of silent sources, too


def test_a_mean_field_is_the_share_of_each_sample():
    _, connection = network_of(Weight("w", W), MeanField(), batch_size=2)
    s = torch.stack([torch.arange(N) < 5, torch.arange(N) < 2])
    expected = torch.stack([0.5 * W[:5].sum(0), 0.2 * W[:2].sum(0)])
    torch.testing.assert_close(connection.compute(s), expected)
    assert torch.equal(connection.pipeline[1].compute(s[:1]), torch.full((N, M), 0.5))


def test_adaptation_begins_with_the_first_mask_and_takes_one_sample():
    first = (W > 0.5).float()
    feature = AdaptationBaseSynapsHistory("a", first, ann_values=ANN)
    network, connection = network_of(Weight("w", 1.0), feature)
    given = first.clone()
    assert torch.equal(connection.compute(torch.ones(1, N, dtype=torch.bool))[0], first.sum(0))
    assert not connection.at_rest
    network.run({"X": spikes(12, N, rate=0.8)}, time=12)
    assert torch.equal(given, first)  # what was given is left alone
    assert feature.value.all()  # all have opened
    network.reset_state_variables()
    assert connection.at_rest
    assert torch.equal(feature.value, first)
    with pytest.raises(NetworkError, match=r"'a' .*: the history of a synapse is of one sample at a time, got a batch of 2"):
        network.run({"X": spikes(1, 2, N)}, time=1)

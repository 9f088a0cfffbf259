"""Presentations: order within a step, repetition, reset, seeds; and `run` with BindsNET's meaning."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
import torch
from builders import random_trains, small_network

from bindsnet.engine import Repetition, SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.circuit import n_steps_in
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input, LIFNodes, Nodes
from bindsnet.network.topology import Connection

LAYER = "Excitatory"
ONCE = Repetition(("Input", LAYER), max_presentations=1)  # so that the program is the scripts' one, which is compiled anyway


def chain(threshold=-52.0, w=20.0):
    """One input, one neuron that any spike makes fire."""
    network = Network()
    source, target = Input(1, traces=True), LIFNodes(1, thresh=threshold, refrac=0, traces=True)
    network.add_layer(source, "Input")
    network.add_layer(target, LAYER)
    network.add_connection(Connection(source, target, w=torch.tensor([[w]])), "Input", LAYER)
    return network


def spikes_at(*steps, n_steps=5):
    dense = torch.zeros(1, n_steps, 1, dtype=torch.bool)
    dense[0, list(steps)] = True
    return SpikeTrains.from_dense(dense)


def test_spike_reaches_its_target_one_step_later():
    answer = chain().present(spikes_at(1), LAYER, spike_times=True)
    assert answer.spike_trains.steps.tolist() == [2]


def test_repetition_starts_from_the_last_steps_spikes_with_a_growing_factor_and_counts_the_last_time():
    # The only input spike is in the last step: nothing can answer it but the next presentation's first step.
    network = chain()
    answer = network.present(spikes_at(4), LAYER, Repetition(("Input", LAYER), min_spikes=1), spike_times=True)
    assert answer.n_presentations.tolist() == [2]
    assert answer.spike_trains.steps.tolist() == [0]
    assert network.connections["Input", LAYER].weight_factor == 1.0


def test_next_sample_starts_without_the_last_ones_spikes():
    trains = SpikeTrains.from_dense(torch.tensor([[[0], [1]], [[0], [0]]]))
    assert chain().present(trains, LAYER).spike_counts.sum() == 0


def test_silent_sample_is_presented_five_times_with_factors_in_float32():
    network = chain()
    answer = network.present(spikes_at(), LAYER, Repetition(("Input", LAYER)))
    assert answer.n_presentations.tolist() == [5]
    factors = list(Repetition(("Input", LAYER)).factors())
    assert factors[2] == float(np.float32(np.float32(1.2) * np.float32(1.2)))


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_a_sample_is_repeated_until_it_has_just_enough_spikes_or_was_presented_often_enough(engine):
    network = chain()
    trains = SpikeTrains.from_dense(torch.tensor([[0, 0, 0], [1, 1, 0], [1, 0, 0]])[..., None])
    repetition = Repetition(("Input", LAYER), min_spikes=2, first_factor=1.5, growth=1.5, max_presentations=3)
    network.connections["Input", LAYER].weight_factor = 0.75
    answer = network.present(trains, LAYER, repetition, engine=engine)
    assert answer.n_presentations.tolist() == [3, 1, 3]
    assert answer.spike_counts.flatten().tolist() == [0, 2, 1]  # of the last presentation alone
    assert network.connections["Input", LAYER].weight_factor == 0.75


@pytest.mark.parametrize("engine", ["plain", "fused"])
@pytest.mark.parametrize(("first_factor", "n_presentations"), [(0.25, 3), (0.5, 2), (1.0, 1), (0.125, 3)])
def test_the_factor_starts_as_told_and_grows_from_presentation_to_presentation(engine, first_factor, n_presentations):
    # 14 mV are enough to fire, half of that is not.
    repetition = Repetition(("Input", LAYER), 1, first_factor, growth=2.0, max_presentations=3)
    assert list(repetition.factors()) == [first_factor, 2 * first_factor, 4 * first_factor]
    answer = chain(w=14.0).present(spikes_at(1), LAYER, repetition, engine=engine)
    assert answer.n_presentations.item() == n_presentations
    assert answer.spike_counts.item() == (first_factor >= 0.25)


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_without_repetition_the_connections_own_factor_counts(engine):
    network = chain(w=10.0)
    assert network.present(spikes_at(1), LAYER, engine=engine).spike_counts.item() == 0
    network.connections["Input", LAYER].weight_factor = 2.0
    assert network.present(spikes_at(1), LAYER, engine=engine).spike_counts.item() == 1


def test_weights_are_normalised_while_learning_only():
    network = chain(w=20.0)
    connection = network.connections["Input", LAYER]
    connection.norm = 10.0
    network.train(False).present(spikes_at(1), LAYER, engine="plain")
    assert connection.w.item() == 20.0
    network.train().present(spikes_at(1), LAYER, engine="plain")
    assert connection.w.item() == 10.0


def test_both_engines_leave_random_choices_where_the_last_presentation_did():
    left = {}
    for engine in ("plain", "fused"):
        network = chain()
        network.present(spikes_at(), LAYER, Repetition(("Input", LAYER)), samples=[7], seed=3, stream=1, engine=engine)
        left[engine] = vars(network.randomness)
    assert left["plain"] == left["fused"]


class Backwards:
    """Threads of which the last is done first."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __enter__(self) -> Backwards:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, function, *arguments):
        return [function(*given) for given in reversed(list(zip(*arguments, strict=True)))]


def test_training_is_the_same_whatever_the_number_of_threads(monkeypatch):
    monkeypatch.setattr("bindsnet.engine.fused.block.ThreadPoolExecutor", Backwards)
    one, three = small_network(), small_network()
    trains = random_trains(30)
    answers = [network.present(trains, LAYER, ONCE, seed=1, n_workers=n, engine="fused") for network, n in ((one, 1), (three, 3))]
    assert torch.equal(answers[0].spike_counts, answers[1].spike_counts)
    assert torch.equal(one.w, three.w)
    assert torch.equal(one.theta, three.theta)


def test_threads_leave_the_network_as_the_last_sample_does_whichever_ends_last(monkeypatch):
    one, three = small_network().train(False), small_network().train(False)
    trains = random_trains(9, rate=0.3)
    one.present(trains, LAYER, ONCE, seed=1, engine="fused")
    monkeypatch.setattr("bindsnet.engine.fused.block.ThreadPoolExecutor", Backwards)
    three.present(trains, LAYER, ONCE, seed=1, n_workers=3, engine="fused")
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, three.state_dict()[name]), name


def test_a_sample_is_presented_at_least_once():
    with pytest.raises(NetworkError, match="at least once, got max_presentations=0"):
        Repetition(("Input", LAYER), max_presentations=0)


@pytest.mark.parametrize("places", [[1], [-1], [0, 0]])
def test_samples_to_record_must_be_in_the_block(places):
    with pytest.raises(NetworkError, match="places in a block of 1, each once"):
        chain().present(spikes_at(1), LAYER, record={LAYER: ["v"]}, samples_to_record=places)


def test_plasticity_uses_this_steps_trace():
    network = Network()
    source, target = Input(1, traces=True), LIFNodes(1, refrac=0, traces=True)
    network.add_layer(source, "Input")
    network.add_layer(target, LAYER)
    connection = Connection(source, target, w=torch.tensor([[20.0]]), update_rule=PostPre, nu=(0.0, 1.0))
    network.add_connection(connection, "Input", LAYER)
    network.present(spikes_at(0, 1), LAYER)
    # Spikes of the target at steps 1 and 2; the trace was set anew at step 1 and decayed once at 2.
    assert connection.w.item() == pytest.approx(20.0 + 1.0 + np.exp(-1 / 20))


def test_result_depends_on_sample_numbers_and_seed_not_on_the_block():
    trains = random_trains()
    whole, parts, other = (small_network(), small_network(), small_network())
    a = whole.present(trains, LAYER, ONCE, samples=range(5), seed=1)
    dense = trains.to_dense()
    samples = [SpikeTrains.from_dense(dense[i : i + 1]) for i in range(5)]
    b = [parts.present(sample, LAYER, ONCE, samples=[i], seed=1).spike_counts for i, sample in enumerate(samples)]
    assert torch.equal(a.spike_counts, torch.cat(b))
    assert torch.equal(whole.w, parts.w)
    other.present(trains, LAYER, ONCE, samples=range(5), seed=2)
    assert not torch.equal(whole.w, other.w)


def test_eval_freezes_weights_and_thresholds():
    network = small_network()
    network.train(False)
    w = network.w.clone()
    answer = network.present(random_trains(), LAYER, ONCE)
    assert answer.spike_counts.sum() > 0
    assert torch.equal(network.w, w)
    assert network.theta.eq(0).all()


@pytest.mark.parametrize("network_learns", [True, False])
@pytest.mark.parametrize("layer_learns", [True, False])
def test_a_layer_that_is_made_frozen_stays_frozen_until_the_network_is_told_to_learn(network_learns, layer_learns):
    network = Network(learning=network_learns)
    network.add_layer(DiehlAndCookNodes(1, thresh=-60.0, learning=layer_learns), LAYER)
    layer = network.layers[LAYER]
    network.run({LAYER: torch.full((1, 1), 20.0)}, time=1)
    assert layer.s.item()
    assert layer.learning == layer.training == (network_learns and layer_learns)
    assert layer.theta.any() == (network_learns and layer_learns)
    network.train()
    assert layer.learning


def test_training_moves_weights_and_thresholds_and_keeps_no_gradients():
    network = small_network()
    w = network.w.clone()
    network.present(random_trains(), LAYER, ONCE)
    assert not torch.equal(network.w, w)
    assert network.theta.max() > 0
    assert not any(tensor.requires_grad for tensor in network.state_dict().values())


def test_run_and_present_agree():
    trains = random_trains(1)
    one, two = small_network(), small_network()
    monitor = Monitor(two.layers[LAYER], ["s"], time=60)
    two.add_monitor(monitor, "spikes")
    one.present(trains, LAYER, ONCE, spike_times=True)
    two.run({"Input": trains.to_dense()[0]}, time=60)
    assert torch.equal(one.w, two.w)
    assert torch.equal(one.layers[LAYER].v, two.layers[LAYER].v)
    assert monitor.get("s").shape == (60, 1, 6)


def winners(network, **numbered):
    """Who spikes while all neurons are driven alike for 20 steps."""
    monitor = Monitor(network.layers[LAYER], ["s"])
    network.add_monitor(monitor, "winners")
    network.reset_state_variables()
    network.run({LAYER: torch.full((20, 2, 9), 20.0)}, time=20, **numbered)
    return monitor.get("s")


def test_a_run_with_seed_and_numbers_repeats_its_random_choices_on_the_same_network():
    network = Network(learning=False)
    network.add_layer(DiehlAndCookNodes(9, refrac=0), LAYER)
    torch.manual_seed(7)
    first, second = winners(network), winners(network)
    assert not torch.equal(first, second)
    torch.manual_seed(7)
    third = winners(network)
    assert not torch.equal(first, third)  # numbers run on: what was drawn for a sample is never drawn for a later one
    assert torch.equal(first, winners(network, samples=[0, 1]))
    assert torch.equal(second, winners(network, samples=torch.tensor([2, 3])))
    torch.manual_seed(8)
    assert torch.equal(third, winners(network, seed=7, samples=range(4, 6)))
    assert not torch.equal(first, winners(network, samples=[0, 1]))


def test_in_a_batch_each_sample_makes_the_choices_of_its_own_number():
    network = Network(learning=False)
    network.add_layer(DiehlAndCookNodes(9, refrac=0), LAYER)
    both = winners(network, seed=3, samples=[4, 7])
    assert not torch.equal(both[:, 0], both[:, 1])
    assert torch.equal(both.flip(1), winners(network, seed=3, samples=[7, 4]))


def test_a_run_and_a_presentation_of_the_same_number_and_seed_agree():
    trains = random_trains(1)
    one, two = small_network(), small_network()
    for network in (one, two):
        network.layers[LAYER].thresh.fill_(-64.0)
    one.present(trains, LAYER, ONCE, samples=[5], seed=3)
    two.run({"Input": trains.to_dense()[0]}, time=60, samples=[5], seed=3)
    assert torch.equal(one.w, two.w)


def test_monitor_keeps_the_latest_steps_and_returns_what_it_has():
    network = chain()
    monitor = Monitor(network.layers["Input"], ["s"], time=3)
    network.add_monitor(monitor, "spikes")
    network.run({"Input": torch.tensor([[1.0], [0.0]])}, time=2)
    assert monitor.get("s").flatten().tolist() == [True, False]
    network.run({"Input": torch.tensor([[1.0], [1.0]])}, time=2)
    assert monitor.get("s").flatten().tolist() == [False, True, True]


def test_clamped_spikes_enter_traces_and_voltage_is_injected_before_the_step():
    network = chain()
    clamp = {LAYER: torch.tensor([True])}
    network.run({"Input": torch.zeros(1, 1)}, time=1, clamp=clamp, injects_v={LAYER: torch.tensor([1.5])})
    layer = network.layers[LAYER]
    assert layer.s.item()
    assert layer.x.item() == 1.0
    assert layer.v.item() == pytest.approx(-65.0 + 1.5 * np.exp(-1 / 100))  # before the step, which lets it decay: as in 0.3.4
    network.run({"Input": torch.ones(1, 1)}, time=1, unclamp={"Input": torch.tensor([True])})
    assert not network.layers["Input"].s.item()


def test_a_clamp_lasts_for_its_run_and_a_neuron_that_must_not_spike_does_not_though_it_must():
    network = chain()
    layer, both = network.layers[LAYER], {LAYER: torch.tensor([True])}
    network.run({"Input": torch.zeros(1, 1)}, time=1, clamp=both)
    assert layer.s.item()
    network.run({"Input": torch.zeros(2, 1)}, time=2)
    assert not layer.s.item()
    network.run({"Input": torch.zeros(1, 1)}, time=1, clamp=both, unclamp=both)
    assert not layer.s.item()


@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_answers_may_be_changed_in_place(engine):
    answer = chain().present(spikes_at(1), LAYER, spike_times=True, record={LAYER: ["v"]}, engine=engine)
    answer.spike_counts.add_(1)
    answer.n_presentations.add_(1)
    answer.spike_trains.steps.add_(1)
    answer.records[LAYER, "v"].add_(1)
    assert answer.spike_counts.item() == 2


@pytest.mark.parametrize("time", [None, 3])
def test_a_monitor_may_be_told_to_record_between_runs_and_its_recording_may_be_changed(time):
    network = chain()
    monitor = Monitor(network.layers[LAYER], ["v"], time=time)
    network.add_monitor(monitor, "voltage")
    network.run({"Input": torch.zeros(1, 1)}, time=1)
    monitor.record()
    assert monitor.get("v").add_(65.0).flatten().tolist() == [0.0, 0.0]


def test_masks_set_weights_to_zero():
    network = chain()
    network.run({"Input": torch.zeros(1, 1)}, time=1, masks={("Input", LAYER): torch.tensor([[True]])})
    assert network.connections["Input", LAYER].w.item() == 0.0


@pytest.mark.parametrize(("dt", "n_steps"), [(0.1, 10), (0.5, 2), (2.0, 0)])
def test_steps_are_counted_once_for_every_time_step(dt, n_steps):
    network = Network(dt=dt)
    network.add_layer(Input(1), "Input")
    monitor = Monitor(network.layers["Input"], ["s"])
    network.add_monitor(monitor, "spikes")
    network.run({"Input": torch.zeros(n_steps, 1, 1)}, time=1)
    assert len(monitor.get("s")) == n_steps


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"Nowhere": torch.zeros(5, 1)}, "no layer 'Nowhere'"),
        ({"Input": torch.zeros(5, 2)}, r"expected the shape \[n_steps, batch_size, 1\] or \[n_steps, 1\], got \[5, 2\]"),
        ({"Input": torch.zeros(3, 1)}, "3 steps, but the network runs 5"),
        ({"Input": [0, 1, 0, 0, 0]}, "inputs of 'Input': expected a tensor, got list"),
        (torch.zeros(5, 1), "inputs: expected a mapping from layer to tensor, got Tensor"),
    ],
)
def test_input_that_does_not_fit_is_refused_before_anything_runs(inputs, message):
    with pytest.raises(NetworkError, match=message):
        chain().run(inputs, time=5)


WRONG_ARGUMENTS = [
    ({"clamps": {}, "injectv": 3}, "run takes no argument 'clamps', 'injectv'; it takes inputs, time, one_step, clamp"),
    ({"learning": True}, "no argument 'learning'"),
    ({"clamp": [1, 2]}, "clamp: expected a mapping from layer to tensor, got list"),
    ({"unclamp": None}, "unclamp: expected a mapping"),
    ({"clamp": {LAYER: [True]}}, f"clamp of '{LAYER}': expected a tensor, got list"),
    ({"unclamp": {"E": torch.tensor([True])}}, "unclamp: there is no layer 'E'; there are Input, Excitatory"),
    (
        {"clamp": {LAYER: torch.tensor([1], dtype=torch.uint8)}},
        r"expected a bool tensor \[1\] or \[5, 1\], got torch.uint8 \[1\]",
    ),
    ({"clamp": {LAYER: torch.ones(2, dtype=torch.bool)}}, r"expected a bool tensor \[1\] or \[5, 1\], got torch.bool \[2\]"),
    ({"unclamp": {LAYER: torch.ones(4, 1, dtype=torch.bool)}}, r"got torch.bool \[4, 1\]"),
    ({"injects_v": {LAYER: torch.ones(2)}}, r"expected a real tensor \[1\] or \[5, 1\], got torch.float32 \[2\]"),
    ({"injects_v": {LAYER: torch.ones(1, dtype=torch.complex64)}}, "expected a real tensor .* got torch.complex64"),
    ({"injects_v": {"Input": torch.ones(1)}}, r"layer 'Input' \(Input\) has no voltage"),
    ({"masks": {(LAYER, "Input"): torch.tensor([[True]])}}, r"there is no connection \('Excitatory', 'Input'\)"),
    ({"masks": {("Input", LAYER): torch.tensor([[1]])}}, r"expected a bool tensor \[1, 1\] like the weights, got torch.int64"),
    (
        {"masks": {("Input", LAYER): torch.tensor([True])}},
        r"expected a bool tensor \[1, 1\] like the weights, got torch.bool \[1\]",
    ),
    ({"samples": [0]}, "2 samples but 1 sample numbers"),
    ({"time": -5}, "number of ms from 0 on, got -5"),
    ({"time": float("nan")}, "got nan"),
    ({"time": "5"}, "got '5'"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_ARGUMENTS, ids=[message for _, message in WRONG_ARGUMENTS])
def test_what_run_cannot_use_is_refused_before_anything_runs(arguments, message):
    network = chain()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(NetworkError, match=message):
        network.run({"Input": torch.ones(5, 2, 1)}, **({"time": 5} | arguments))
    assert network.batch_size == 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


class Rewarded(PostPre):
    """Keeps what a run hands over."""

    seen: ClassVar[list[dict]] = []

    def update(self, **kwargs):
        self.seen.append(kwargs)


class Picky(PostPre):
    """Declares what it takes."""

    def update(self, learning, mask, a_plus=1.0):
        Rewarded.seen.append({"a_plus": a_plus})


@pytest.mark.parametrize(
    ("rule", "handed", "refused"),
    [(Rewarded, {"reward": 2.0, "a_minus": -1.0}, {"mask": 1}), (Picky, {"a_plus": 3.0}, {"a_plu": 3.0})],
)
def test_keywords_reach_a_rule_that_takes_them(rule, handed, refused):
    network = Network()
    source, target = Input(1, traces=True), LIFNodes(1, traces=True)
    network.add_layer(source, "Input")
    network.add_layer(target, LAYER)
    network.add_connection(Connection(source, target, update_rule=rule, nu=0.1), "Input", LAYER)
    Rewarded.seen.clear()
    network.run({}, time=1, **handed)
    assert handed.items() <= Rewarded.seen[0].items()
    with pytest.raises(NetworkError, match="run takes no argument"):
        network.run({}, time=1, **refused)


def test_a_reward_is_taken_whether_or_not_a_rule_reads_it():
    chain().run({}, time=1, reward=1.0)


def test_feedback_into_an_input_is_refused_with_the_reason():
    network = chain()
    back = Connection(network.layers[LAYER], network.layers["Input"])
    with pytest.raises(NetworkError, match="from outside"):
        network.add_connection(back, LAYER, "Input")


@pytest.mark.parametrize("taken_by", ["layer 'A_to_B_to_C'", "connection A → B_to_C"])
def test_a_connection_whose_name_is_another_parts_is_refused_before_it_hides_that_part(taken_by):
    network = Network()
    for name in ("A", "A_to_B", "B_to_C", "C", "A_to_B_to_C")[: 5 if "layer" in taken_by else 4]:
        network.add_layer(LIFNodes(1), name)
    if "connection" in taken_by:
        network.add_connection(Connection(network.layers["A"], network.layers["B_to_C"]), "A", "B_to_C")
    before = list(network.state_dict())
    with pytest.raises(NetworkError, match=f"A_to_B → C: its name 'A_to_B_to_C' is taken by the {taken_by}"):
        network.add_connection(Connection(network.layers["A_to_B"], network.layers["C"]), "A_to_B", "C")
    assert list(network.state_dict()) == before
    assert ("A_to_B", "C") not in network.connections


def test_a_connection_that_was_taken_out_can_be_replaced():
    network = chain()
    del network.connections["Input", LAYER]
    network.add_connection(Connection(*network.layers.values(), w=torch.tensor([[3.0]])), "Input", LAYER)
    assert network.state_dict()[f"Input_to_{LAYER}.w"].item() == 3.0


class PortedNodes(Nodes):
    """A model as it is written for BindsNET: a ``forward`` and a reset of its own, which make new tensors."""

    def __init__(self, n, **kwargs):
        super().__init__(n, **kwargs)
        self.register_buffer("v", torch.zeros(1, n))

    def forward(self, x):
        self.v = self.v + x
        self.s = self.v >= 30.0
        self.v = self.v.masked_fill(self.s, 0.0)
        super().forward(x)

    def reset_state_variables(self):
        super().reset_state_variables()
        self.v = torch.zeros_like(self.v)


class ForgetfulNodes(LIFNodes):
    """A reset of its own that makes a new tensor."""

    def reset_state_variables(self):
        super().reset_state_variables()
        self.v = torch.full_like(self.v, -60.0)


@pytest.mark.parametrize("one_step", [False, True])
def test_spikes_that_a_models_own_forward_keeps_in_a_new_tensor_drive_and_teach(one_step):
    network = chain()
    network.add_layer(PortedNodes(1, traces=True), "Ported")
    network.add_layer(LIFNodes(1, refrac=0, traces=True), "Last")
    for source, target in (("Input", "Ported"), ("Ported", "Last")):
        ends = network.layers[source], network.layers[target]
        w = torch.tensor([[20.0]])
        network.add_connection(Connection(*ends, w=w, update_rule=PostPre, nu=(0.0, 1.0)), source, target)
    monitor = Monitor(network.layers["Last"], ["s"], time=6)
    network.add_monitor(monitor, "spikes")
    network.run({"Input": torch.ones(6, 1)}, time=6, one_step=one_step)
    # Two input spikes make the ported neuron fire, a step later each connection unless all is one step.
    assert monitor.get("s").flatten().int().tolist() == ([0, 1, 0, 1, 0, 1] if one_step else [0, 0, 0, 1, 0, 1])
    assert network.connections["Ported", "Last"].w.item() > 20.0


def test_a_models_own_reset_may_make_a_new_tensor():
    network = Network()
    for name, layer in (("Input", Input(1)), (LAYER, ForgetfulNodes(1, tc_decay=1e9))):
        network.add_layer(layer, name)
    network.add_connection(Connection(*network.layers.values(), w=torch.tensor([[2.0]])), "Input", LAYER)
    trains = SpikeTrains.from_dense(torch.ones(2, 3, 1, dtype=torch.bool))
    record = network.present(trains, LAYER, record={LAYER: ["v"]}).records[LAYER, "v"]
    assert record.reshape(2, 3).tolist() == [[-60.0, -58.0, -56.0]] * 2


def test_state_tensors_stay_the_same_and_changes_by_the_caller_count():
    network = chain()
    v = network.layers[LAYER].v
    v.fill_(-40.0)
    network.run({"Input": torch.zeros(1, 1)}, time=1)
    assert network.layers[LAYER].v is v
    assert network.layers[LAYER].s.item()


def test_batch_runs_every_sample_by_itself():
    network = Network()
    source, target = Input(1), DiehlAndCookNodes(2)
    network.add_layer(source, "Input")
    network.add_layer(target, LAYER)
    network.add_connection(Connection(source, target, w=torch.tensor([[20.0, 0.0]])), "Input", LAYER)
    network.run({"Input": torch.tensor([[[1.0], [0.0]], [[0.0], [0.0]]])}, time=2)
    assert target.s.tolist() == [[True, False], [False, False]]


def test_clone_is_independent():
    network = small_network()
    copy = network.clone()
    copy.present(random_trains(), LAYER, ONCE)
    assert network.theta.eq(0).all()
    assert copy.theta.max() > 0


@pytest.mark.parametrize("time", [3, 3.0, np.float32(3), torch.tensor(3.0)])
def test_a_time_is_any_number(time):
    assert n_steps_in(time, 0.5) == 6

"""What :meth:`Network.run` is given: which shapes mean what, and what is told of the rest."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from bindsnet.engine import SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection
from bindsnet.numbers.ops import f32

N_STEPS = 30


def network(n: int | None = 20, shape: tuple[int, ...] | None = None) -> Network:
    """An input layer, one that it drives, and a record of the input's spikes."""
    made = Network()
    made.add_layer(Input(n, shape), "X")
    made.add_layer(LIFNodes(3), "Y")
    made.add_connection(Connection(*made.layers.values()), "X", "Y")
    made.add_monitor(Monitor(made.layers["X"], ["s"], time=N_STEPS), "spikes")
    return made


@pytest.mark.parametrize("n_samples", [64, 10])
def test_a_batch_whose_samples_stand_where_its_steps_should_is_refused_with_both_shapes(n_samples):
    made = network()
    complaint = (
        rf"inputs of 'X': {n_samples} steps, but the network runs 30: expected the shape \[30, batch_size, 20\], "
        rf"got \[{n_samples}, 30, 20\]; {n_samples} samples of 30 steps are given by transpose\(0, 1\)"
    )
    inputs = torch.zeros(n_samples, N_STEPS, 20, dtype=torch.bool)
    with pytest.raises(NetworkError, match=complaint):
        made.run({"X": inputs}, time=N_STEPS)
    assert made.batch_size == 1
    made.run({"X": inputs.transpose(0, 1)}, time=N_STEPS)
    assert made.batch_size == n_samples


@pytest.mark.parametrize("role", ["clamp", "unclamp", "injects_v"])
def test_masks_and_injections_whose_samples_stand_where_their_steps_should_are_refused(role):
    value = torch.zeros(64, N_STEPS, 3, dtype=torch.bool)
    with pytest.raises(NetworkError, match=rf"{role} of 'Y': 64 steps, but the network runs 30: .* got \[64, 30, 3\]"):
        network().run({"X": torch.zeros(N_STEPS, 64, 20)}, time=N_STEPS, **{role: {"Y": value}})


@pytest.mark.parametrize("shape", [(40, 20), (40, 1, 20), (40, 5, 20)])
def test_of_a_longer_input_the_first_steps_run_and_the_rest_is_told_of(shape):
    made = network()
    spikes = torch.rand(shape, generator=torch.Generator().manual_seed(0)) < 0.5
    with pytest.warns(UserWarning, match=r"'X': 40 steps, but the network runs 30: the rest of .* is not used") as caught:
        made.run({"X": spikes}, time=N_STEPS)
    assert [warning.filename for warning in caught] == [__file__]
    assert torch.equal(made.monitors["spikes"].get("s"), spikes[:N_STEPS].view(N_STEPS, -1, 20))


@pytest.mark.parametrize(
    ("shape", "steps", "complaint"),
    [
        ((20,), 2, r"1 steps, but the network runs 2: expected the shape \[2, batch_size, 20\], got \[1, 1, 20\]"),
        ((29, 20), 30, "29 steps, but the network runs 30"),
        ((30, 1, 1, 20), 30, r"expected the shape \[n_steps, batch_size, 20\] or .* got \[30, 1, 1, 20\]"),
        ((), 30, r"got \[\]"),
    ],
)
def test_inputs_of_other_shapes_are_refused(shape, steps, complaint):
    with pytest.raises(NetworkError, match=complaint):
        network().run({"X": torch.zeros(shape)}, time=steps)


@pytest.mark.parametrize(("shape", "n_samples"), [((30, 4, 5), 1), ((30, 30, 4, 5), 30), ((30, 2, 4, 5), 2)])
def test_inputs_of_a_layer_of_several_sides_are_told_apart_by_the_number_of_sides(shape, n_samples):
    made = network(None, (4, 5))
    made.run({"X": torch.ones(shape)}, time=N_STEPS)
    assert made.batch_size == n_samples
    assert made.monitors["spikes"].get("s").all()


@pytest.mark.parametrize(
    ("image", "example"),
    [
        (torch.tensor([0.0, 0.25, 1.0, 0.75]), "such as 0.25: 75.0% of all are spikes"),
        (torch.tensor([0, 128, 255, 0], dtype=torch.uint8), "such as 128: 50.0%"),
        (torch.tensor([0.0, -1.0, 1.0, 0.0]), "such as -1: 50.0%"),
        (torch.tensor([0.0, torch.nan, 1.0, 0.0]), "such as nan"),
    ],
)
def test_an_image_in_place_of_spikes_is_told_of_once_a_layer(image, example):
    made = Network()
    for name in "AB":
        made.add_layer(Input(4), name)
    inputs = {"A": image.expand(5, 4), "B": (image > 0).expand(5, 4)}
    with pytest.warns(UserWarning, match=f"inputs of 'A': whatever is not 0 is a spike.* {example}") as caught:
        made.run(inputs, time=5)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made.run(inputs, time=5)
    with pytest.warns(UserWarning, match="inputs of 'B'"):
        made.run({"B": inputs["A"]}, time=5)


class GradedInput(Input):
    """An input that reads numbers."""

    @staticmethod
    def step(drive: f32):
        return (drive > 0.5,)


@pytest.mark.parametrize("kind", [torch.bool, torch.uint8, torch.float32, torch.int64])
def test_spikes_of_any_type_drives_and_inputs_that_read_numbers_are_not_told_of(kind, recwarn):
    made = network()
    made.add_layer(GradedInput(2), "G")
    made.run({"X": torch.ones(5, 20, dtype=kind), "Y": torch.full((5, 3), 2.5), "G": torch.full((5, 2), 0.7)}, time=5)
    assert not recwarn


@pytest.mark.parametrize("layout", [torch.strided, torch.sparse_coo])
def test_spike_trains_of_an_image_are_told_of(layout):
    image = torch.tensor([[[0.0, 0.5]]])
    with pytest.warns(UserWarning, match="spike trains: whatever is not 0 is a spike.* such as 0.5") as caught:
        trains = SpikeTrains.from_dense(image if layout is torch.strided else image.to_sparse())
    assert [warning.filename for warning in caught] == [__file__]
    assert trains.units.tolist() == [1]


FIRST = torch.tensor([True, False, False])


@pytest.mark.parametrize(
    ("mask", "clamped"),
    [
        (FIRST, [[1, 0, 0], [1, 0, 0]]),
        (FIRST.expand(5, 3), [[1, 0, 0], [1, 0, 0]]),
        (FIRST.expand(5, 1, 3), [[1, 0, 0], [1, 0, 0]]),
        (torch.stack([FIRST, FIRST.flip(0)]).expand(5, 2, 3), [[1, 0, 0], [0, 0, 1]]),
        (None, [[0, 0, 0], [0, 0, 0]]),
    ],
)
def test_masks_and_injections_are_for_all_steps_for_each_or_for_each_sample_of_each(mask, clamped):
    expected = torch.tensor(clamped, dtype=torch.bool)
    made = network()
    silent = {"X": torch.zeros(5, 2, 20)}
    made.run(silent, time=5, clamp={"Y": mask})
    assert torch.equal(made.layers["Y"].s, expected)
    made.reset_state_variables()
    everywhere = torch.ones(3, dtype=torch.bool)
    made.run(silent, time=5, clamp={"Y": everywhere}, unclamp={"Y": mask})
    assert torch.equal(made.layers["Y"].s, ~expected)
    made.reset_state_variables()
    volts = None if mask is None else 2.0 * mask
    made.run(silent, time=5, injects_v={"Y": volts})
    assert torch.equal(made.layers["Y"].v > -64.0, expected)


def test_what_changes_from_step_to_step_and_sample_to_sample_comes_in_its_own():
    made = network()
    made.add_monitor(Monitor(made.layers["Y"], ["s"], time=5), "answer")
    clamp = torch.rand(5, 2, 3, generator=torch.Generator().manual_seed(0)) < 0.5
    made.run({"X": torch.zeros(5, 2, 20)}, time=5, clamp={"Y": clamp})
    assert torch.equal(made.monitors["answer"].get("s"), clamp)


@pytest.mark.parametrize(
    ("numbers", "clamped"),
    [
        (torch.tensor([2, 0]), [[1, 0, 1]] * 3),
        (torch.tensor([1, 1], dtype=torch.int32), [[0, 1, 0]] * 3),
        (torch.tensor([-1]), [[0, 0, 1]] * 3),
        (torch.zeros(0, dtype=torch.int64), [[0, 0, 0]] * 3),
        (torch.tensor([[0], [2], [0]]), [[1, 0, 0], [0, 0, 1], [1, 0, 0]]),
    ],
)
def test_neurons_to_clamp_may_be_given_by_their_numbers(numbers, clamped):
    """As supervised programs for BindsNET give them."""
    for role, expected in (("clamp", clamped), ("unclamp", [[1 - spike for spike in step] for step in clamped])):
        made = network()
        made.add_monitor(Monitor(made.layers["Y"], ["s"]), "answer")
        others = {} if role == "clamp" else {"clamp": {"Y": torch.ones(3, dtype=torch.bool)}}
        made.run({"X": torch.zeros(3, 2, 20)}, time=3, **others, **{role: {"Y": numbers}})
        assert made.monitors["answer"].get("s").int().tolist() == [[step] * 2 for step in expected]


def test_numbers_of_neurons_to_clamp_count_along_the_first_side_and_others_are_refused():
    made = Network()
    made.add_layer(LIFNodes(shape=(2, 3)), "Y")
    made.run({}, time=1, clamp={"Y": torch.tensor([1])})
    assert made.layers["Y"].s.int().tolist() == [[[0, 0, 0], [1, 1, 1]]]
    for wrong in (torch.tensor([2]), torch.tensor(1), torch.zeros(1, 1, 1, dtype=torch.int64)):
        with pytest.raises(NetworkError, match=r"clamp of 'Y': expected numbers of neurons from 0 to 1, \[n_masked\]"):
            made.run({}, time=1, clamp={"Y": wrong})


@pytest.mark.parametrize(("shape", "n_samples"), [((5, 3, 3), 2), ((5, 2, 2), 2), ((2, 3), 1)])
def test_a_mask_of_other_samples_is_refused(shape, n_samples):
    mask = torch.ones(shape, dtype=torch.bool)
    with pytest.raises(NetworkError, match=r"clamp of 'Y': expected a bool tensor \[3\] or \[5, 3\], got .*each of . samples is"):
        network().run({"X": torch.zeros(5, n_samples, 20)}, time=5, clamp={"Y": mask})


def test_no_mask_of_a_connection_is_none():
    made = network()
    before = made.connections["X", "Y"].w.clone()
    made.run({"X": torch.zeros(1, 20)}, time=1, masks={("X", "Y"): None})
    assert torch.equal(made.connections["X", "Y"].w, before)


@pytest.mark.parametrize("dt", [None, "1", 0.0, float("nan"), torch.ones(2)])
def test_a_time_step_that_is_no_number_above_0_is_refused(dt):
    with pytest.raises(NetworkError, match="the time step dt is above 0 ms, got"):
        Network(dt=dt)


@pytest.mark.parametrize("dt", [1, np.float32(0.5), torch.tensor(0.5)])
def test_a_time_step_is_any_number(dt):
    assert Network(dt=dt).dt == float(dt)

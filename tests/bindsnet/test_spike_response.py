"""Models whose step is given more than a drive: chances (SRM0), windows (CSRM), their own last spikes (Izhikevich)."""

from __future__ import annotations

import itertools
import math

import neurons_by_hand as by_hand
import numpy as np
import pytest
import torch
from neurons_by_hand import SHORT, N, driven, drives_of, layer_of

from bindsnet.errors import NetworkError
from bindsnet.network import Network
from bindsnet.network.nodes import CSRMNodes, IzhikevichNodes, LIFNodes, Nodes, SRM0Nodes
from bindsnet.network.nodes.csrm import RESPONSES
from bindsnet.network.nodes.given import Window
from bindsnet.network.nodes.giving import bound_window
from bindsnet.numbers.ops import f32, flag
from bindsnet.numbers.random import Randomness, presentation_key, stream_key, threefry, uniform

# Chances.


def test_chances_are_the_second_words_of_threefry_as_parts_of_1():
    randomness = Randomness()
    randomness.begin(7, 2, [3, 900_000], 1)
    randomness.step = 11
    found = randomness.chances(2, 5, 6, n_steps=2)
    assert found.dtype == np.float32
    for place, (sample, number) in itertools.product((0, 1), enumerate((3, 900_000))):
        key = presentation_key(*stream_key(7, 2), number, 1)
        assert found[place, sample].tolist() == [(threefry(*key, 11 + place, 5 + j)[1] >> 8) / 2**24 for j in range(6)]
        assert found[place, sample].tolist() == [uniform(*key, 11 + place, 5 + j) for j in range(6)]


def test_chances_are_even_and_each_its_own():
    randomness = Randomness()
    randomness.begin(0, 2, range(4), 0)
    drawn = randomness.chances(4, 0, 500, n_steps=50).reshape(-1, 500)
    assert (drawn >= 0).all()
    assert (drawn < 1).all()
    expected = drawn.size / 20
    assert abs(np.histogram(drawn, 20, (0, 1))[0] - expected).max() < 4.5 * math.sqrt(expected)
    assert abs(np.corrcoef(drawn) - np.eye(200)).max() < 0.25
    assert len(np.unique(drawn)) > 0.99 * drawn.size


def test_a_layer_alone_draws_anew_in_every_step():
    layer = layer_of("SRM0Nodes", 3)
    found = driven(layer, np.zeros((40, 3, N)), ("chance",))["chance"]
    assert len(np.unique(found)) == found.size


@pytest.mark.parametrize("model", [SRM0Nodes, CSRMNodes, IzhikevichNodes])
def test_running_draws_from_no_generator_of_torchs(model):
    layer = layer_of(model.__name__, 3)
    before = torch.get_rng_state()
    driven(layer, drives_of(3, mean=5.0))
    assert torch.equal(before, torch.get_rng_state())


# SRM0.


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_each_step_of_srm0_is_that_of_a_loop_in_float64_with_the_same_chances(batch_size, dt):
    parameters = {"thresh": np.array([-60.0, -62.0, -58.0, -61.0]), "refrac": 2, "eps_0": 0.8, "rho_0": 0.7, "lbound": -71.0}
    layer = layer_of("SRM0Nodes", batch_size, dt, **{name: torch.as_tensor(value) for name, value in parameters.items()})
    drives = drives_of(batch_size)
    found = driven(layer, drives, ("v", "s", "chance"))
    expected = by_hand.srm0(drives, dt, found["chance"], **parameters)
    assert 0.05 < expected["s"].mean() < 0.5
    np.testing.assert_array_equal(found["s"], expected["s"])
    np.testing.assert_allclose(found["v"], expected["v"], rtol=1e-5)


#: voltage that is held, mV, and time step, ms -> spikes a step, of 4,000 neurons in 1,000 steps each, in BindsNET 0.3.4
MEASURED_RATES = {(-60.0, 1.0): 0.12671, (-55.0, 1.0): 0.30761, (-50.0, 0.5): 0.39363, (-47.0, 1.0): 0.83816}


@pytest.mark.parametrize(("voltage", "dt"), MEASURED_RATES)
def test_srm0_fires_as_often_as_its_formula_and_bindsnet_say(voltage, dt):
    layer = layer_of("SRM0Nodes", 1, dt, n=500, rest=voltage, reset=voltage, refrac=0)
    rate = driven(layer, np.zeros((300, 1, 500)), ("s",))["s"].mean()
    expected = 1 - math.exp(-dt * math.exp((voltage + 50) / 5))
    assert abs(rate - expected) < 4.5 * math.sqrt(expected * (1 - expected) / 150_000)
    assert expected == pytest.approx(MEASURED_RATES[voltage, dt], abs=1.5e-3)


def test_srm0_that_is_driven_fires_as_often_as_bindsnets():
    layer = layer_of("SRM0Nodes", n=500)
    spikes = driven(layer, np.full((1_000, 1, 500), 3.0), ("s",))["s"]
    assert spikes.mean() == pytest.approx(0.09751, abs=1e-3)  # of 4,000 neurons in 1,000 steps


def test_chances_go_by_seed_sample_and_neuron_whatever_is_beside_them():
    def spikes_of(samples: list[int], n_before: int, seed: int = 1) -> torch.Tensor:
        network = Network()
        for name, n in (("before", n_before), ("Y", 20), ("after", 5)):
            network.add_layer(SRM0Nodes(n, thresh=-65.0), name)
        network.layers["Y"].first_neuron = 30
        network.run({"Y": torch.full((30, len(samples), 20), 1.0)}, time=30, samples=samples, seed=seed)
        return network.layers["Y"].v

    together = spikes_of([4, 9, 2], 3)
    for place, sample in enumerate([4, 9, 2]):
        assert torch.equal(spikes_of([sample], 8)[0], together[place])
    assert not torch.equal(together[0], together[1])
    assert not torch.equal(spikes_of([4], 3, seed=2)[0], together[0])


# CSRM.

ADAPTIVE = {"theta_plus": 0.5, "tc_theta_decay": 50.0, "tc_decay": 500.0, "thresh": -60.0}
KERNELS = {
    "AlphaKernel": lambda t: t / 4 * math.exp(-t / 2),
    "AlphaKernelSLAYER": lambda t: t / 2 * math.exp(1 - t / 2),
    "LaplacianKernel": lambda t: math.exp(-t / 2) / 4,
    "ExponentialKernel": lambda t: math.exp(-t / 2) / 2,
    "RectangularKernel": lambda t: 0.25 * (t <= 2),
    "TriangularKernel": lambda t: 0.5 * (1 - t / 2),
}


def within(window, kernel):
    """A kernel that ends with its window."""
    return lambda t: kernel(t) * (t < window - 1e-9)


@pytest.mark.parametrize("dt", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("kernel", RESPONSES)
def test_each_step_of_csrm_is_that_of_a_loop_in_float64_over_all_that_has_been(kernel, dt):
    layer = layer_of("CSRMNodes", 2, dt, responseKernel=kernel, lbound=-68.0, **SHORT, **ADAPTIVE)
    drives = drives_of(2, mean=0.8)
    expected = by_hand.csrm(
        drives, dt, within(4, KERNELS[kernel]), within(3, lambda t: -8 * math.exp(-t / 2)), lbound=-68.0, **ADAPTIVE
    )
    found = driven(layer, drives, ("v", "s", "theta"))
    assert expected["s"].any()
    np.testing.assert_array_equal(found["s"], expected["s"])
    np.testing.assert_allclose(found["v"], expected["v"], rtol=2e-5)
    np.testing.assert_allclose(found["theta"], expected["theta"], rtol=1e-5)


#: kernel -> spikes of two neurons in 30 steps and their voltage then, in BindsNET 0.3.4; the first is driven by 1, 2, 3, 1, ...
#: mV, the second by 2 mV
MEASURED_RESPONSES = {
    "AlphaKernel": ([6, 20], [6, 20], [-64.847519, -64.529892]),
    "AlphaKernelSLAYER": (
        [3, 4, 9, 10, 14, 17, 20, 22, 26, 27],
        [2, 5, 8, 11, 13, 17, 18, 23, 24, 28],
        [-65.295128, -58.607651],
    ),
    "LaplacianKernel": ([5, 18], [4, 18], [-60.971523, -60.718239]),
    "ExponentialKernel": ([3, 10, 17, 24], [3, 10, 16, 23], [-60.976082, -60.467613]),
    "TriangularKernel": ([3, 18], [3, 17], [-61.900436, -61.639362]),
}


@pytest.mark.parametrize("kernel", MEASURED_RESPONSES)
def test_spikes_of_csrm_are_those_measured_on_bindsnet(kernel):
    first, second, v = MEASURED_RESPONSES[kernel]
    layer = layer_of("CSRMNodes", n=2, responseKernel=kernel, **SHORT, **ADAPTIVE)
    found = driven(layer, np.array([[[1.0 + step % 3, 2.0]] for step in range(30)]))
    assert [found["s"][:, 0, j].nonzero()[0].tolist() for j in range(2)] == [first, second]
    np.testing.assert_allclose(layer.v[0], v, rtol=1e-6)


def test_kernels_give_the_weight_of_each_step_of_their_window_the_oldest_first():
    layer = layer_of("CSRMNodes", **SHORT)
    for name, kernel in KERNELS.items():
        np.testing.assert_allclose(getattr(layer, name)(1.0), [kernel(t) for t in (3, 2, 1, 0)], rtol=1e-6)
    np.testing.assert_allclose(layer.EtaKernel(1.0), [-2.943036, -4.852245, -8.0], rtol=1e-6)  # as measured
    assert torch.equal(layer.resKernel.double(), layer.ExponentialKernel(1.0).float().double())
    assert layer.refKernel.shape == (3,)
    assert [len(layer_of("CSRMNodes", dt=dt).resKernel) for dt in (0.1, 0.3, 0.7, 1.0, 7.0)] == [200, 67, 29, 20, 3]


def test_a_reset_clears_windows():
    layer = layer_of("CSRMNodes", 2)
    before = driven(layer, drives_of(2, mean=9.0))["v"]
    layer.theta.zero_()
    layer.reset_state_variables()
    np.testing.assert_array_equal(driven(layer, drives_of(2, mean=9.0))["v"], before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"responseKernel": "Alpha"}, "CSRMNodes has no kernel 'Alpha'; it has AlphaKernel, .*TriangularKernel"),
        ({"refractoryKernel": None}, "CSRMNodes has no kernel None; it has EtaKernel"),
        ({"tau": 0.0}, "CSRMNodes: tau, of a kernel, is one number above 0"),
        ({"res_window_size": torch.ones(N)}, "CSRMNodes: res_window_size, of a kernel, is one number"),
    ],
)
def test_a_kernel_that_cannot_be_is_refused(options, message):
    with pytest.raises(NetworkError, match=message):
        CSRMNodes(N, **options)


def test_a_kernel_of_a_users_own_can_be_named():
    class Lasting(CSRMNodes):
        def StepKernel(self, dt):  # noqa: N802
            return torch.ones(3)

    layer = Lasting(1, responseKernel="StepKernel", tc_decay=math.inf, rest=-99.0)
    layer.compute_decays(1.0)
    layer.set_batch_size(1)
    found = driven(layer, np.array([1.0, 2.0, 4.0, 8.0]).reshape(4, 1, 1))["v"]
    assert (np.diff(found.ravel(), prepend=-99.0)).tolist() == [1, 3, 7, 14]


# Izhikevich.


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("excitatory", [1, 0, 0.5])
def test_each_step_of_izhikevich_is_that_in_float64(excitatory, batch_size, dt):
    torch.manual_seed(0)
    layer = layer_of("IzhikevichNodes", batch_size, dt, excitatory=excitatory, lbound=-70.0)
    layer.S *= 20.0
    drives = drives_of(batch_size, mean=6.0)
    drawn = {name: layer.get_buffer(name).double().numpy() for name in "abcd"} | {"within": layer.S.double().numpy()}
    before = [layer.get_buffer(name).numpy().copy() for name in "vus"]
    found = driven(layer, drives, ("v", "u", "s"))
    assert found["s"].any((0, 1)).all()
    assert (found["v"] == -70.0).any()
    for step, drive in enumerate(drives):
        v, u, s = by_hand.izhikevich(*(np.float64(value) for value in before), drive, dt, **drawn, lbound=-70.0)
        before = [found[name][step] for name in "vus"]
        np.testing.assert_array_equal(before[2], s)
        np.testing.assert_allclose(before[0], v, rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(before[1], u, rtol=1e-4, atol=1e-3)


#: share of excitatory neurons -> spikes of two neurons in 60 steps of 0.5 ms, what seed 3 has drawn for them, and S, in BindsNET
#: 0.3.4; the first is driven by 6, 12, 18, 6, ... mV, the second by 12 mV
MEASURED_SPIKES = {
    1: ([6, 29], [6, 35], {"c": [-64.999725, -64.832825], "d": [7.999891, 7.933131]}, [0.142921, 0.013477, 0.235807, 0.030058]),
    0: (
        [5, 12, 20, 33, 53],
        [5, 12, 21, 34, 53],
        {"a": [0.020341, 0.028446], "b": [0.249787, 0.244722]},
        [-0.285842, -0.026955, -0.471614, -0.060116],
    ),
    0.5: ([6, 30], [5, 12, 21, 36], {"a": [0.02, 0.022156], "d": [7.999891, 2.0]}, [0.052785, -0.471614, 0.142921, -0.060116]),
}


@pytest.mark.parametrize("excitatory", MEASURED_SPIKES)
def test_draws_and_spikes_of_izhikevich_are_those_measured_on_bindsnet(excitatory):
    first, second, drawn, s = MEASURED_SPIKES[excitatory]
    torch.manual_seed(3)
    layer = layer_of("IzhikevichNodes", dt=0.5, n=2, excitatory=excitatory)
    for name, values in drawn.items():
        np.testing.assert_allclose(layer.get_buffer(name), values, atol=1e-6)
    np.testing.assert_allclose(layer.S.reshape(-1), s, atol=1e-6)
    found = driven(layer, np.array([[[6.0 * (1 + step % 3), 12.0]] for step in range(60)]))
    assert [found["s"][:, 0, j].nonzero()[0].tolist() for j in range(2)] == [first, second]


def test_which_neurons_are_excitatory_can_be_said_of_each():
    layer = IzhikevichNodes(shape=(2, 2), excitatory=torch.tensor([[1, 0], [0, 1]]))
    assert layer.excitatory.tolist() == [1, 0, 0, 1]
    assert (layer.S > 0).all(0).tolist() == (layer.a == 0.02).reshape(-1).tolist() == [True, False, False, True]
    assert IzhikevichNodes(10, excitatory=7.0).excitatory.all()
    with pytest.raises(NetworkError, match="excitatory is a share, or 1 or 0 for each of 10 neurons, got"):
        IzhikevichNodes(10, excitatory=torch.ones(3))


def test_a_replaced_parameter_counts_from_the_first_step_on():
    layer = layer_of("IzhikevichNodes")
    layer.b = torch.full((N,), 0.25)
    layer.reset_state_variables()
    assert layer.u.tolist() == [[0.25 * -65.0] * N]


# A user's own.


class Patient(Nodes):
    """Fires where the drives of three steps reach 3 mV, by chance, and not twice in a row."""

    state = {"v": 0.0}  # noqa: RUF012
    windows = {"gathered": Window("drive", "three")}  # noqa: RUF012

    def three(self, dt):
        return torch.ones(3)

    @staticmethod
    def step(v: f32, drive: f32, gathered: f32, s: flag, chance: f32) -> tuple[f32, flag]:
        return gathered, (gathered >= 3.0) & ~s & (chance < 0.5)


def test_a_model_of_a_users_own_takes_what_it_names():
    layer = Patient(400)
    layer.compute_decays(1.0)
    layer.set_batch_size(1)
    found = driven(layer, np.ones((20, 1, 400)), ("s", "v"))
    spikes = found["s"][:, 0]
    assert not spikes[:2].any()
    assert not (spikes[1:] & spikes[:-1]).any()
    assert spikes[2].mean() == pytest.approx(0.5, abs=0.11)


@pytest.mark.parametrize("of", ["drive", "s"])
def test_a_window_slides_over_tensors_as_over_arrays(of):
    drives, kernel = torch.rand(5, 2, 3), torch.rand(4)
    found = []
    for as_given in (torch.Tensor.clone, lambda tensor: tensor.clone().numpy()):
        s, total, values = (as_given(tensor) for tensor in (drives[0] < 0.5, torch.zeros(2, 3), torch.zeros(4, 2, 3)))
        slide = bound_window(of, s, total, as_given(kernel), values)
        for drive in drives:
            slide(as_given(drive))
        found.append((torch.as_tensor(total), torch.as_tensor(values)))
    assert torch.equal(found[0][0], found[1][0])
    assert torch.equal(found[0][1], found[1][1])
    assert found[0][0].any()


def test_a_window_whose_sum_nobody_takes_goes_on_all_the_same():
    class Idle(Patient):
        @staticmethod
        def step(v: f32, drive: f32) -> tuple[f32, flag]:
            return v + drive, drive > 1.0

    network = Network()
    network.add_layer(Idle(2), "Y")
    network.run({"Y": torch.ones(2, 1, 2)}, time=2)
    assert network.layers["Y"].gathered.tolist() == [[2.0, 2.0]]


def test_what_a_step_is_given_has_one_type():
    class Wrong(Patient):
        @staticmethod
        def step(v: f32, drive: f32, gathered: flag) -> tuple[f32, flag]:
            return v, gathered

    network = Network()
    network.add_layer(Wrong(2), "Y")
    with pytest.raises(NetworkError, match=r"Wrong.step declares 'gathered' as flag, it is given as such and is f32"):
        network.run({"Y": torch.ones(1, 1, 2)}, time=1)
    with pytest.raises(NetworkError, match="the layer keeps chance itself"):
        LIFNodes(2).declare(chance=0.5)

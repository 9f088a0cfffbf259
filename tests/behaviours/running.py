"""Programs that run networks: steps, inputs, clamps, injections, resets."""

from __future__ import annotations

import torch

from behaviours.common import grid, numbers, pattern
from behaviours.programs import ONE_SPIKE, chain, learning, program, spikes_of
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, IFNodes, Input, LIFNodes
from bindsnet.network.topology import Connection


@program
def a_spike_reaches_the_next_layer_one_step_later() -> dict[str, list]:
    """A spike of step t drives its targets at step t + 1."""
    network = chain()
    network.run({"X": ONE_SPIKE}, time=6)
    return spikes_of(network, "X", "Y", "Z")


@program
def in_one_step_a_spike_crosses_all_layers_in_the_order_in_which_they_were_added() -> dict[str, list]:
    """With ``one_step`` a spike drives within its step what was added after its layer."""
    network = chain()
    network.run({"X": ONE_SPIKE}, time=6, one_step=True)
    return spikes_of(network, "X", "Y", "Z")


@program
def spikes_under_way_arrive_in_the_next_run() -> dict[str, list]:
    """Nothing is reset between two runs: the last step's spikes drive the first one's of the next."""
    network = chain()
    for _ in range(2):
        network.run({"X": ONE_SPIKE[2:4]}, time=2)
    return spikes_of(network, "Y", "Z")


@program
def input_of_a_layer_adds_to_the_drive_of_its_connections() -> dict[str, list]:
    """A layer that is no input takes what it is given as mV on top of what its connections bring."""
    network = chain()
    network.add_monitor(Monitor(network.layers["Y"], ["v"]), "v")
    network.run({"X": ONE_SPIKE, "Y": grid(6, 2, high=10.0)}, time=6)
    return {"v": numbers(network.monitors["v"].get("v")), **spikes_of(network, "Y", "Z")}


@program
def inputs_have_or_lack_a_batch_dimension() -> dict[str, list]:
    """``[n_steps, n]`` is one sample; ``[n_steps, batch_size, *shape]`` are several, and set the batch size."""
    network, sizes = chain(), []
    for shape in ((6, 2), (6, 1, 2), (6, 3, 2)):
        network.run({"X": pattern(*shape)}, time=6)
        sizes += [network.batch_size, *network.layers["Z"].v.shape]
    return {"sizes": sizes}


@program
def the_number_of_steps_is_time_over_dt() -> dict[str, list]:
    """3 ms of 0.5 ms steps are six."""
    network = chain(dt=0.5)
    network.run({"X": ONE_SPIKE}, time=3)
    return spikes_of(network, "X", "Y")


@program
def a_layer_without_drive_goes_on() -> dict[str, list]:
    """Voltages and traces decay where nothing arrives."""
    network = Network()
    network.add_layer(LIFNodes(2, traces=True, tc_decay=10.0), "Y")
    network.layers["Y"].v.copy_(torch.tensor([[-60.0, -70.0]]))
    network.layers["Y"].x.fill_(1.0)
    network.run({}, time=5)
    return {"v": numbers(network.layers["Y"].v), "x": numbers(network.layers["Y"].x)}


@program
def connections_into_a_layer_add_up_and_a_layer_may_drive_itself() -> dict[str, list]:
    """A recurrent connection is one like any other."""
    network = chain()
    network.add_connection(Connection(network.layers["Z"], network.layers["Z"], w=7.0 * torch.ones(2, 2)), "Z", "Z")
    network.add_connection(Connection(network.layers["X"], network.layers["Z"], w=6.0 * torch.ones(2, 2)), "X", "Z")
    network.add_monitor(Monitor(network.layers["Z"], ["v"]), "v")
    network.run({"X": pattern(8, 2)}, time=8)
    return {"v": numbers(network.monitors["v"].get("v")), **spikes_of(network, "Z")}


@program
def clamped_neurons_spike_and_that_enters_their_trace() -> dict[str, list]:
    """A clamped spike drives and leaves a trace, but resets no voltage; the mask is of all steps, or one for each."""
    network = chain()
    network.add_monitor(Monitor(network.layers["Y"], ["v", "x"]), "Y state")
    network.run({"X": ONE_SPIKE}, time=3, clamp={"Y": torch.tensor([True, False])})
    each_step = torch.tensor([[0, 0], [0, 1], [0, 0]]).bool()
    network.run({"X": torch.zeros(3, 2).bool()}, time=3, clamp={"Y": each_step})
    state = network.monitors["Y state"]
    return {"v": numbers(state.get("v")), "x": numbers(state.get("x")), **spikes_of(network, "Y", "Z")}


@program
def clamped_neurons_may_be_given_by_their_numbers() -> dict[str, list]:
    """``[k]`` numbers of neurons for all steps, or ``[n_steps, k]`` for each."""
    network = chain()
    network.run({"X": torch.zeros(3, 2).bool()}, time=3, clamp={"Y": torch.tensor([1])})
    network.run({"X": torch.zeros(3, 2).bool()}, time=3, clamp={"Y": torch.tensor([[0], [0], [1]])})
    network.run({"X": ONE_SPIKE}, time=3, unclamp={"Y": torch.tensor([0, 1])})
    return spikes_of(network, "Y", "Z")


@program
def unclamped_neurons_are_silent_and_leave_no_trace() -> dict[str, list]:
    """A suppressed spike has reset its neuron, but drives nothing and leaves no trace; it wins over a clamp."""
    network = chain()
    network.add_monitor(Monitor(network.layers["Y"], ["v", "x"]), "Y state")
    silent = torch.tensor([True, False])
    network.run({"X": pattern(6, 2)}, time=6, clamp={"Y": torch.tensor([True, True])}, unclamp={"Y": silent})
    state = network.monitors["Y state"]
    return {"v": numbers(state.get("v")), "x": numbers(state.get("x")), **spikes_of(network, "Y", "Z")}


@program
def injected_voltages_add_up() -> dict[str, list]:
    """``injects_v`` adds mV to the voltages, each step before the layer's own step."""
    network = chain()
    network.add_monitor(Monitor(network.layers["Y"], ["v"]), "v")
    network.run({"X": ONE_SPIKE}, time=3, injects_v={"Y": torch.tensor([5.0, 1.0])})
    network.run({"X": ONE_SPIKE}, time=3, injects_v={"Y": grid(3, 2, high=9.0)})
    return {"v": numbers(network.monitors["v"].get("v")), **spikes_of(network, "Y")}


@program
def arguments_that_have_lost_their_effect_are_taken() -> dict[str, list]:
    """Programs still give ``input_time_dim`` and ``progress_bar``."""
    network = chain()
    network.run(inputs={"X": ONE_SPIKE}, time=6, input_time_dim=1, progress_bar=False)
    return spikes_of(network, "Y")


@program
def a_reset_forgets_everything_but_weights_and_thresholds() -> dict[str, list]:
    """Voltages, refractory periods, spikes, traces and recordings begin anew."""
    network = learning()
    network.add_monitor(Monitor(network.layers["Y"], ["s"]), "Y")
    network.run({"X": pattern(10, 4)}, time=10)
    w, theta = network.connections["X", "Y"].w.clone(), network.layers["Y"].theta.clone()
    network.reset_state_variables()
    layer = network.layers["Y"]
    kept = [torch.equal(w, network.connections["X", "Y"].w), torch.equal(theta, layer.theta)]
    forgotten = {name: numbers(getattr(layer, name)) for name in ("v", "refrac_count", "s", "x")}
    return forgotten | {"kept": kept, "n_recorded": [len(network.monitors["Y"].get("s"))], "theta": numbers(theta)}


@program
def state_may_be_changed_between_runs() -> dict[str, list]:
    """What a program writes into voltages, thresholds, traces or weights counts from the next step on."""
    network = learning()
    network.run({"X": pattern(3, 4)}, time=3)
    network.layers["Y"].v.fill_(-58.0)
    network.layers["Y"].theta += torch.tensor([0.0, 5.0, 50.0])
    network.layers["X"].x.fill_(0.5)
    network.connections["X", "Y"].w *= 1.5
    network.run({"X": pattern(5, 4)}, time=5)
    return {"v": numbers(network.layers["Y"].v), "w": numbers(network.connections["X", "Y"].w)}


@program
def floats_given_to_an_input_drive_by_their_size() -> dict[str, list]:
    """An input's spikes are what it is given: 0.5 drives half as much as 1."""
    network = Network()
    network.add_layer(Input(2), "X")
    network.add_layer(IFNodes(2), "Y")
    network.add_connection(Connection(network.layers["X"], network.layers["Y"], w=4.0 * torch.eye(2)), "X", "Y")
    network.run({"X": torch.tensor([[0.5, 1.0], [0.0, 0.25], [0.0, 0.0]])}, time=3)
    return {"v": numbers(network.layers["Y"].v)}


@program
def of_a_batch_one_spike_of_each_sample_is_left_to_neurons_that_compete() -> dict[str, list]:
    """With ``one_spike`` one neuron of those over the threshold spikes; all are reset, and all thresholds rise."""
    torch.manual_seed(0)
    network = Network(batch_size=2)
    network.add_layer(DiehlAndCookNodes(4, theta_plus=1.0), "Y")
    network.add_monitor(Monitor(network.layers["Y"], ["s", "v"]), "Y")
    network.run({"Y": torch.full((8, 2, 4), 7.0)}, time=8)
    counts = network.monitors["Y"].get("s").sum(-1)
    return {"n_spikes": counts.tolist(), "v": numbers(network.layers["Y"].v), "theta": numbers(network.layers["Y"].theta)}

"""Programs in which weights change: learning, bounds, normalisation, decay, masks, rewards."""

from __future__ import annotations

import torch

from behaviours.common import grid, numbers, pattern
from behaviours.programs import learning, program
from bindsnet.learning import MSTDP, MSTDPET, PostPre, Rmax
from bindsnet.learning.reward import MovingAvgRPE
from bindsnet.network import Network, nodes
from bindsnet.network.nodes import AdaptiveLIFNodes, Input, LIFNodes
from bindsnet.network.topology import Connection


@program
def masked_weights_are_zero_after_a_step() -> dict[str, list]:
    """A mask of a connection sets its weights to 0, learning or not."""
    found = {}
    for learns in (True, False):
        network = learning()
        network.train(learns)
        network.run({"X": pattern(4, 4)}, time=4, masks={("X", "Y"): pattern(4, 3)})
        found[f"learning {learns}"] = numbers(network.connections["X", "Y"].w)
    return found


@program
def a_network_that_may_not_learn_keeps_weights_and_thresholds() -> dict[str, list]:
    """``train(False)`` freezes both; traces go on."""
    network = learning(weight_decay=0.1)
    network.run({"X": pattern(10, 4)}, time=10)
    found = {"w": numbers(network.connections["X", "Y"].w), "theta": numbers(network.layers["Y"].theta)}
    network.train(False)
    network.run({"X": pattern(10, 4)}, time=10)
    same = [numbers(network.connections["X", "Y"].w) == found["w"], numbers(network.layers["Y"].theta) == found["theta"]]
    return found | {"same": same, "x": numbers(network.layers["Y"].x)}


@program
def a_network_made_not_to_learn_has_layers_that_do_not() -> dict[str, list]:
    """``Network(learning=False)`` tells its layers when they are added."""
    network = Network(learning=False)
    network.add_layer(AdaptiveLIFNodes(2), "Y")
    before = [network.learning, network.layers["Y"].learning, network.layers["Y"].training]
    network.run({"Y": torch.full((3, 2), 20.0)}, time=3)
    return {"learning": before, "theta": numbers(network.layers["Y"].theta)}


@program
def weights_are_normalised_at_the_end_of_a_run() -> dict[str, list]:
    """Not after each step: absolute weights into a neuron sum to ``norm`` afterwards, also where nothing learns."""
    network = learning(norm=12.0)
    network.run({"X": pattern(10, 4)}, time=10)
    learned = numbers(network.connections["X", "Y"].w)
    network.train(False)
    network.connections["X", "Y"].w *= 2
    network.run({"X": pattern(1, 4)}, time=1)
    return {"w": learned, "sums": numbers(network.connections["X", "Y"].w.abs().sum(0))}


@program
def weights_stay_within_their_bounds_also_those_given() -> dict[str, list]:
    """What is given beyond ``wmin`` and ``wmax`` is cut, and what is learned."""
    network = learning(wmin=5.0, wmax=7.0)
    given = numbers(network.connections["X", "Y"].w)
    network.run({"X": pattern(10, 4)}, time=10)
    return {"given": given, "learned": numbers(network.connections["X", "Y"].w)}


@program
def bounds_may_be_one_for_each_weight() -> dict[str, list]:
    """``wmin`` and ``wmax`` may be tensors of the weights' shape."""
    network = learning(wmin=grid(4, 3, low=4.0, high=5.0), wmax=grid(4, 3, low=6.0, high=7.0))
    network.run({"X": pattern(10, 4)}, time=10)
    return {"w": numbers(network.connections["X", "Y"].w)}


@program
def weights_decay_without_a_rule_while_the_network_learns() -> dict[str, list]:
    """``weight_decay`` is the share that is lost each step."""
    network = learning(update_rule=None, nu=None, weight_decay=0.1)
    network.run({"X": pattern(4, 4)}, time=4)
    return {"w": numbers(network.connections["X", "Y"].w)}


@program
def a_rule_works_on_a_connection_without_a_network() -> dict[str, list]:
    """Layers, a connection and ``update`` are enough."""
    source, target = Input(3, traces=True), LIFNodes(2, traces=True)
    for layer in (source, target):
        layer.compute_decays(1.0)
        layer.set_batch_size(1)
    connection = Connection(source, target, w=grid(3, 2), nu=(0.1, 0.2), update_rule=PostPre)
    source.s, target.s = torch.tensor([[True, False, True]]), torch.tensor([[False, True]])
    source.x, target.x = torch.tensor([[1.0, 0.5, 0.25]]), torch.tensor([[0.75, 1.0]])
    connection.update()
    return {"w": numbers(connection.w), "drive": numbers(connection.compute(source.s))}


@program
def rewards_scale_what_reward_modulated_rules_learn() -> dict[str, list]:
    """``reward`` is a number or a tensor; ``a_plus`` and ``a_minus`` are the sizes of a spike's traces."""
    found = {}
    for rule in (MSTDP, MSTDPET):
        for options in ({"reward": 1.0}, {"reward": torch.tensor(-0.5)}, {"reward": 1.0, "a_plus": 0.5, "a_minus": -2.0}):
            network = learning(rule=rule)
            network.run({"X": pattern(10, 4)}, time=10, **options)
            name = " ".join([rule.__name__, *(f"{key}={float(value)}" for key, value in options.items())])
            found[name] = numbers(network.connections["X", "Y"].w)
    return found


@program
def a_reward_function_stands_between_the_reward_and_the_rule() -> dict[str, list]:
    """``MovingAvgRPE`` takes from a reward what was to be expected: a moving average that ``update`` moves."""
    network = learning(rule=MSTDP, reward_fn=MovingAvgRPE)
    for _ in range(2):
        network.run({"X": pattern(10, 4)}, time=10, reward=1.0)
        network.reward_fn.update(accumulated_reward=torch.tensor(6.0), steps=10, ema_window=5.0)
    expectation = network.reward_fn
    predicted = torch.stack([torch.as_tensor(expectation.reward_predict), torch.as_tensor(expectation.reward_predict_episode)])
    return {
        "w": numbers(network.connections["X", "Y"].w),
        "predicted": numbers(predicted),
        "episodes": list(expectation.rewards_predict_episode),
        "error": numbers(torch.as_tensor(expectation.compute(reward=1.0))[None]),
    }


@program
def a_batch_learns_from_all_of_its_samples_at_once() -> dict[str, list]:
    """Updates of a batch are summed; thresholds rise by all of its spikes."""
    network = learning(batch_size=3)
    network.run({"X": pattern(10, 3, 4)}, time=10)
    return {"w": numbers(network.connections["X", "Y"].w), "theta": numbers(network.layers["Y"].theta)}


@program
def r_max_learns_from_spikes_that_were_not_to_be_expected() -> dict[str, list]:
    """Into SRM0 neurons, from a source with additive traces; here with a threshold that is next to sharp."""
    network = Network()
    network.add_layer(Input(4, traces=True, traces_additive=True), "X")
    network.add_layer(nodes.SRM0Nodes(3, d_thresh=1e-3, rho_0=1e3, refrac=2), "Y")
    layers = network.layers["X"], network.layers["Y"]
    w = grid(4, 3, low=4.0, high=9.0)
    network.add_connection(Connection(*layers, w=w, nu=0.1, update_rule=Rmax, tc_c=4.0, tc_e_trace=10.0), "X", "Y")
    network.run({"X": pattern(12, 4)}, time=12, reward=0.5)
    return {"w": numbers(network.connections["X", "Y"].w), "v": numbers(layers[1].v)}


@program
def a_network_with_a_reward_function_runs_step_by_step() -> dict[str, list]:
    """As pipelines do: one step a run, each with a reward of its own."""
    network = learning(rule=MSTDPET, reward_fn=MovingAvgRPE, tc_e_trace=10.0)
    inputs = pattern(8, 4)
    for t in range(8):
        network.run({"X": inputs[t : t + 1]}, time=1, reward=float(t % 3))
    return {"w": numbers(network.connections["X", "Y"].w)}

"""Programs with connections made of features: how these fold, what their rules learn, what is drawn for them."""

from __future__ import annotations

import torch

from behaviours.common import grid, numbers, pattern
from behaviours.programs import program
from bindsnet.learning import MCC_learning
from bindsnet.network import Network
from bindsnet.network.nodes import AdaptiveLIFNodes, DiehlAndCookNodes, Input, LIFNodes
from bindsnet.network.topology import MulticompartmentConnection
from bindsnet.network.topology_features import (
    AdaptationBaseOtherSynaps,
    AdaptationBaseSynapsHistory,
    Bias,
    Degradation,
    Intensity,
    Mask,
    Probability,
    Weight,
)


def between(source: int, target: int, *pipeline, batch_size: int = 1, **options) -> MulticompartmentConnection:
    """A connection of a pipeline between two layers without a network."""
    layers = Input(source), LIFNodes(target)
    for layer in layers:
        layer.set_batch_size(batch_size)
    return MulticompartmentConnection(*layers, "cpu", list(pipeline), **options)


def weight(**options) -> Weight:
    """Weights of 5 by 3 synapses."""
    return Weight("weight", grid(5, 3, low=-1.0, high=2.0), **options)


@program
def features_multiply_add_and_subtract_in_their_order() -> dict[str, list]:
    """What is added is of every synapse, also of silent sources, and is multiplied by what comes after it."""
    mask = pattern(5, 3, share=7)
    pipelines = {
        "weight": lambda: [weight()],
        "weight, mask": lambda: [weight(), Mask("mask", mask)],
        "weight, mask, intensity": lambda: [weight(), Mask("mask", mask), Intensity("intensity", grid(5, 3, low=-1.0))],
        "weight, bias": lambda: [weight(), Bias("bias", grid(5, 3))],
        "bias, weight": lambda: [Bias("bias", grid(5, 3)), weight()],
        "weight, degradation": lambda: [weight(), Degradation("loss", grid(5, 3), degrade_function=lambda value: 0.5 * value)],
        "weight, degradation, intensity": lambda: [
            weight(),
            Degradation("loss", grid(5, 3)),
            Intensity("intensity", grid(5, 3)),
        ],
        "weight, probability": lambda: [weight(), Probability("probability", mask.float())],
        "mask": lambda: [Mask("mask", mask)],
        "bias": lambda: [Bias("bias", grid(5, 3))],
    }
    found = {}
    for name, made in pipelines.items():
        for batch_size in (1, 3):
            drive = between(5, 3, *made(), batch_size=batch_size).compute(pattern(batch_size, 5, start=3))
            found[f"{name}, batch {batch_size}"] = numbers(drive)
    return found


def learning(rule: str | None, batch_size: int = 1, **options) -> Network:
    """Input ``X`` of 4, which drives the 3 adaptive neurons ``Y`` through a weight that learns."""
    network = Network(batch_size=batch_size)
    network.add_layer(Input(4, traces=True), "X")
    network.add_layer(AdaptiveLIFNodes(3, traces=True, refrac=1, tc_decay=20.0), "Y")
    options = {"learning_rule": getattr(MCC_learning, rule)} | options if rule else options
    feature = Weight("weight", grid(4, 3, low=4.0, high=9.0), **options)
    connection = MulticompartmentConnection(network.layers["X"], network.layers["Y"], "cpu", [feature])
    network.add_connection(connection, "X", "Y")
    return network


@program
def rules_of_features_learn() -> dict[str, list]:
    """Each rule, with rates given and by default, for a sample and, where there are such, for batches."""
    rates = {"nu": (0.02, 0.05)}
    found = {}
    for name, rule, options, batches in (
        ("PostPre", "PostPre", rates, (1, 3)),
        ("PostPre by default", "PostPre", {}, (1,)),
        ("PostPre within bounds", "PostPre", {"nu": (0.3, 0.5), "range": [4.0, 9.0]}, (1, 3)),
        ("PostPre with decay", "PostPre", rates | {"decay": 0.02}, (1,)),
        ("PostPre, mean", "PostPre", rates | {"reduction": torch.mean}, (3,)),
        ("PostPre averaged", "PostPre", rates | {"average_update": 3}, (1, 3)),
        ("PostPre averaged on and on", "PostPre", rates | {"average_update": 3, "continues_update": True}, (1,)),
        ("Hebbian", "Hebbian", rates, (1, 3)),
        ("DiehlAndCook", "DiehlAndCook", rates | {"range": [0.0, 12.0]}, (1, 3)),
        ("DiehlAndCook as told", "DiehlAndCook", rates | {"range": [0.0, 12.0], "x_tar": 0.4, "mu": 0.5}, (1, 3)),
        ("MSTDP", "MSTDP", rates | {"tc_plus": 10.0}, (1, 3)),
        ("MSTDP averaged", "MSTDP", rates | {"average_update": 4}, (1,)),
        ("MSTDPET", "MSTDPET", rates | {"tc_e_trace": 8.0}, (1,)),
        ("MSTDPET averaged", "MSTDPET", rates | {"average_update": 4, "continues_update": True}, (1,)),
    ):
        for batch_size in batches:
            network = learning(rule, batch_size, **options)
            network.run({"X": pattern(10, batch_size, 4)}, time=10, **({"reward": 0.5} if "MSTDP" in rule else {}))
            found[f"{name}, batch {batch_size}"] = numbers(network.connections["X", "Y"].pipeline[0].value)
    return found


@program
def weights_of_features_are_normalised_after_samples_or_steps() -> dict[str, list]:
    """``norm_frequency`` says when; of a run the end is the end of a sample."""
    found = {}
    for frequency in ("sample", "time step"):
        network = learning("PostPre", nu=(0.02, 0.05), norm=12.0, norm_frequency=frequency)
        network.run({"X": pattern(6, 4)}, time=6)
        found[frequency] = numbers(network.connections["X", "Y"].pipeline[0].value)
    return found


@program
def features_without_values_draw_them_from_torchs_generator() -> dict[str, list]:
    """In the order of the pipeline."""
    torch.manual_seed(3)
    pipeline = Weight("weight"), Intensity("intensity"), Probability("probability"), Bias("bias"), Mask("mask"), Weight("again")
    return {feature.name: numbers(feature.value) for feature in between(3, 2, *pipeline).pipeline}


@program
def adaptation_opens_and_closes_synapses_by_what_sources_did() -> dict[str, list]:
    """One network of fixed weights looks at the last recorded spikes of each source."""
    found = {}
    for kind in (AdaptationBaseSynapsHistory, AdaptationBaseOtherSynaps):
        given = [grid(3, 4, low=-2.0, high=2.0), grid(1, 3, low=-1.0, high=1.5)]
        feature = kind("adaptation", grid(5, 2, low=-0.2, high=0.3), ann_values=given, const_update_rate=0.3)
        connection = between(5, 2, Weight("weight", torch.ones(5, 2)), feature)
        connection.reset_state_variables()  # which shows the first values
        spikes = pattern(14, 1, 5) & (torch.arange(14) % 3 > 0).view(-1, 1, 1)
        found[kind.__name__] = [numbers(connection.compute(step)[0]) for step in spikes]
        found[f"mask of {kind.__name__}"] = numbers(feature.mask)
    return found


@program
def a_network_of_diehl_and_cook_is_made_of_features() -> dict[str, list]:
    """Input, excitatory and inhibitory layer as in the model of that name, but that all spike which are over threshold."""
    found = {}
    for batch_size in (1, 3):
        network = Network(batch_size=batch_size)
        network.add_layer(Input(24, traces=True), "X")
        excitatory = {"rest": -65.0, "reset": -60.0, "thresh": -58.0, "tc_decay": 100.0, "theta_plus": 0.5}
        network.add_layer(DiehlAndCookNodes(8, traces=True, refrac=5, tc_theta_decay=1e7, one_spike=False, **excitatory), "Ae")
        network.add_layer(LIFNodes(8, rest=-60.0, reset=-45.0, thresh=-40.0, tc_decay=10.0, refrac=2), "Ai")
        rule = {"nu": (1e-2, 1e-1), "learning_rule": MCC_learning.PostPre, "norm": 6.0, "reduction": torch.sum}
        off = torch.ones(8, 8) - torch.eye(8)
        for source, target, value, bounds, options in (
            ("X", "Ae", grid(24, 8, high=0.6), [0.0, 1.0], rule),
            ("Ae", "Ai", 22.5 * torch.eye(8), [0.0, 22.5], {}),
            ("Ai", "Ae", -2.5 * off, [-2.5, 0.0], {}),
        ):
            feature = Weight("weight", value, range=bounds, **options)
            layers = network.layers[source], network.layers[target]
            network.add_connection(MulticompartmentConnection(*layers, "cpu", [feature]), source, target)
        spikes = []
        for sample in range(5):
            counts = torch.zeros(batch_size, 8)
            for t in range(30):
                network.run({"X": pattern(1, batch_size, 24, share=2, start=sample * 2203 + t * 29 * batch_size)}, time=1)
                counts += network.layers["Ae"].s.view(batch_size, 8)
            spikes.append(numbers(counts))
            network.reset_state_variables()
        learned = network.connections["X", "Ae"].pipeline[0].value
        found |= {f"spikes, batch {batch_size}": spikes, f"w, batch {batch_size}": numbers(learned)}
        found[f"theta, batch {batch_size}"] = numbers(network.layers["Ae"].theta)
    return found

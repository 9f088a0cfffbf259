"""Whether both engines agree, bit for bit, on random networks.

    python benchmarks/agreement.py [--networks 2000] [--each 8] [--first 0]

A structure is drawn (layers, kinds of connections, rules, delays, who wins), which is one program, and several networks of it:
other sizes, weights, parameters, delays, spikes. Every network is presented a block of samples by the plain engine and by the
fused one; counts, spikes, numbers of presentations, records and every tensor of the network must be the same. The first
difference ends the run with the seeds that make it again.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from bindsnet.engine import Repetition, SpikeTrains
from bindsnet.learning import (
    MSTDP,
    MSTDPET,
    Competitive,
    DelayLearning,
    DiehlAndCook,
    Field,
    Hebbian,
    HomeostaticScaling,
    LearningRule,
    NearestTripletSTDP,
    PostPre,
    SaturatingCompetitive,
    Trace,
    TripletSTDP,
    WeightDependentPostPre,
)
from bindsnet.learning.MCC_learning import MCC_LearningRule
from bindsnet.network import Network
from bindsnet.network.nodes import (
    AdaptiveLIFNodes,
    BoostedLIFNodes,
    CSRMNodes,
    CurrentLIFNodes,
    DecisionNodes,
    DiehlAndCookNodes,
    IFNodes,
    Input,
    IzhikevichNodes,
    LIFNodes,
    McCullochPitts,
    Nodes,
    PhaseNodes,
    SRM0Nodes,
)
from bindsnet.network.topology import (
    AbstractConnection,
    Connection,
    Conv2dConnection,
    DistanceLateralConnection,
    LocalConnection,
    MaskedConnection,
    MulticompartmentConnection,
    OneToOneConnection,
    RegionConnection,
    SparseConnection,
    UniformLateralConnection,
)
from bindsnet.network.topology_features import Weight
from bindsnet.numbers.ops import f32, f64, to_f32

plan_of_fused = importlib.import_module("bindsnet.engine.fused.plan")  # beside which there is a function of that name
N_SAMPLES, N_STEPS = 3, 30
LONGEST_DELAY = 20


class Settling(LearningRule):
    """A neuron's own learning rate falls with its number of spikes; its field's length and sum keep its weights together.

    They follow a trace of the source that its spikes saturate, as they exhaust depressing synapses.
    """

    traces = {"used": Trace("source", "tc", scale="part", saturating=True)}  # noqa: RUF012
    adaptive_state = {"n_spikes": 0.0}  # noqa: RUF012
    fields = {"length": Field("w", "length"), "input": Field("x_pre")}  # noqa: RUF012

    def __init__(self, connection: AbstractConnection, tc: float = float("inf"), part: float = 0.5, **kwargs) -> None:
        super().__init__(connection, **kwargs)
        self.declare(tc=tc, part=part)

    @staticmethod
    def on_post(w: f32, used: f32, length: f32, input: f32, n_spikes: f64, nu_post: f32) -> f32:
        """Change of w when its target fires."""
        return nu_post / to_f32(1.0 + n_spikes) * (used / (1.0 + input) - w * length)

    @staticmethod
    def adapt(n_spikes: f64, spikes: f64) -> f64:
        """One spike more."""
        return n_spikes + spikes


class ScaledTriplets(HomeostaticScaling, TripletSTDP):
    """Two rules in one: triplets of spikes, and scaling that keeps rates."""

    traces = HomeostaticScaling.traces | TripletSTDP.traces


class Retimed(DelayLearning, PostPre):
    """Two rules in one: pairs of spikes, and delays."""


RULES = {"none": None, "post_pre": PostPre, "diehl_and_cook": DiehlAndCook, "hebbian": Hebbian, "triplet": TripletSTDP}
RULES |= {"weight_dependent": WeightDependentPostPre, "nearest_triplet": NearestTripletSTDP, "scaled": ScaledTriplets}
RULES |= {"mstdp": MSTDP, "mstdpet": MSTDPET, "settling": Settling}
RULES |= {"retimed": Retimed, "competitive": Competitive, "saturating": SaturatingCompetitive}
OPTIONS = {
    TripletSTDP: {"a2_plus": 0.5, "a3_plus": 0.7, "a2_minus": 0.5, "a3_minus": 0.7},
    HomeostaticScaling: {"beta": 1.0, "target_rate": 20.0, "tc_rate": 50.0},
    MSTDP: {"a_plus": 0.5, "tc_minus": 10.0},
}  # so that weights move as far within some steps as by other rules
FORWARD = ("dense", "convolution", "regions", "local", "sparse", "masked")
LATERAL = ("one_to_one", "uniform", "uniform_by_position", "distance", "sparse", "masked", "dense")
DELAYS = ("none", "one", "each")
NODES = (LIFNodes, DiehlAndCookNodes, DecisionNodes, PhaseNodes)
#: models of the output layer, and what makes them fire by drives of some mV and differ within the layer
OUTPUTS = {
    LIFNodes: {"thresh": -58.0, "tc_decay": 20.0},
    IFNodes: {"thresh": -60.0},
    AdaptiveLIFNodes: {"thresh": -60.0, "theta_plus": 0.5, "tc_theta_decay": 200.0},
    BoostedLIFNodes: {"thresh": 6.0},
    CurrentLIFNodes: {"thresh": -60.0, "tc_i_decay": 3.0},
    McCullochPitts: {"thresh": 4.0},
    IzhikevichNodes: {"excitatory": 0.7},
    CSRMNodes: {"thresh": -60.0, "tau": 3, "res_window_size": 6, "ref_window_size": 4},
    SRM0Nodes: {"thresh": -62.0, "d_thresh": 3.0, "tc_decay": 20.0},
}


class Structure:
    """What the program of a network depends on.

    Args:
        seed: which structure.
    """

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.forward = random.choice(FORWARD)
        self.lateral = random.sample(LATERAL, 2)
        self.rules = [random.choice(list(RULES)) for _ in range(3)]
        self.delays = [random.choice(DELAYS) for _ in range(3)]
        self.nodes = random.choice(NODES)
        self.output = random.choice(list(OUTPUTS))
        self.one_spike = random.random() < 0.7
        self.per = random.choice(["layer", "position"])
        self.winner = random.choice(["drawn", "highest"] if self.nodes.depolarisation else ["drawn"])
        self.additive = random.random() < 0.5
        self.norm = random.random() < 0.3
        self.decay = random.choice([0.0, 1e-3])
        self.bias = random.random() < 0.2
        self.learning = random.random() < 0.85
        self.own_rates = random.random() < 0.2
        self.dt = random.choice([0.5, 1.0])
        self.counted = random.choice(["Y", "Z"])
        self.repeats = random.random() < 0.5
        self.as_large = random.random() < 0.5
        depressing = [random.random() < 0.6 for _ in range(3)]
        self.depressing = [drawn and delay != "each" for drawn, delay in zip(depressing, self.delays, strict=True)]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value.__name__ if isinstance(value, type) else value}" for name, value in vars(self).items())


def random_network(structure: Structure, seed: int) -> tuple[Network, dict]:
    """A network of this structure, and what to present to it.

    Args:
        structure: its layers, connections and rules.
        seed: of sizes, weights, parameters, delays and spikes.
    """
    random, generator = Random(seed), torch.Generator().manual_seed(seed)
    side, n_maps = random.choice([4, 5, 6]), random.choice([2, 3])
    kernel, stride, padding = random.choice([2, 3]), random.choice([1, 2]), random.choice([0, 1])
    inputs = Input(shape=[2, side, side], traces=True, traces_additive=structure.additive, tc_trace=random.uniform(5, 30))
    if structure.forward == "local":
        inputs = Input(shape=[side, side], traces=True, traces_additive=structure.additive, tc_trace=random.uniform(5, 30))
    if structure.forward in ("local", "regions"):
        padding = 0
    out = (side + 2 * padding - kernel) // stride + 1
    hidden = _hidden(structure, [n_maps, *([2] if structure.forward == "regions" else []), out, out], random)
    refrac = {"refrac": random.choice([0, 2])} if "refrac" in inspect.signature(structure.output).parameters else {}
    torch.manual_seed(seed)  # of what a layer itself draws
    output = structure.output(hidden.n, traces=True, **OUTPUTS[structure.output], **refrac)
    network = Network(dt=structure.dt)
    for name, layer in {"X": inputs, "Y": hidden, "Z": output}.items():
        network.add_layer(layer, name)

    ends = [("X", "Y"), ("Y", "Z"), ("Z", "Y")]
    kinds = [structure.forward, *structure.lateral]
    for k, ((source, target), kind) in enumerate(zip(ends, kinds, strict=True)):
        layers = network.layers[source], network.layers[target]
        geometry = kernel, stride, padding
        network.add_connection(_connection(structure, k, kind, layers, geometry, random, generator), source, target)
    network.train(structure.learning)
    spikes = torch.rand(N_SAMPLES, N_STEPS, inputs.n, generator=generator) < random.choice([0.1, 0.2, 0.4])
    record = {"Y": ["s", *hidden.state, *hidden.adaptive_state, "x"], "Z": [*output.state, "x"]}
    presented = {
        "spike_trains": SpikeTrains.from_dense(spikes),
        "layer": structure.counted,
        "seed": seed,
        "record": record,
        "samples_to_record": random.choice([None, [1]]),
    }
    presented["reward"] = torch.randn(N_SAMPLES, N_STEPS, generator=generator)
    if structure.repeats:
        presented["repetition"] = Repetition(("X", "Y"), min_spikes=random.choice([1, 5]), max_presentations=3)
    return network, presented


def _hidden(structure: Structure, shape: list[int], random: Random) -> Nodes:
    arguments = {"tc_trace": random.uniform(5, 30), "traces_additive": structure.additive}
    arguments |= {"one_spike_per": structure.per, "winner": structure.winner}
    if structure.nodes is PhaseNodes:
        begins = torch.arange(shape[0]).view(-1, *[1] * (len(shape) - 1)) * random.uniform(0, 8)
        arguments |= {"begins": begins, "ends": begins + random.uniform(2, 20), "thresh": random.uniform(1, 8)}
    elif structure.nodes is DecisionNodes:
        arguments |= {"decides_at": random.uniform(0, 12), "ceiling": random.uniform(5, 100), "ramp": random.uniform(0.05, 0.5)}
    else:
        arguments |= {"thresh": random.uniform(-63, -55), "refrac": random.choice([0, 3])}
    if structure.nodes is not PhaseNodes:
        arguments["tc_decay"] = 50.0
    if issubclass(structure.nodes, DiehlAndCookNodes | DecisionNodes):
        arguments |= {"theta_plus": random.uniform(0.1, 2), "tc_theta_decay": random.choice([100.0, 1e7])}
    nodes = structure.nodes(shape=shape, traces=True, **arguments)
    nodes.one_spike = structure.one_spike
    return nodes


def _connection(
    structure: Structure,
    k: int,
    kind: str,
    ends: tuple[Nodes, Nodes],
    geometry: tuple,
    random: Random,
    generator: torch.Generator,
) -> AbstractConnection:
    source, target = ends
    strength = random.uniform(3, 12) * random.choice([1, 1, -1] if k else [1])

    def weights(*shape: int) -> torch.Tensor:
        return strength * torch.rand(*shape, generator=generator)

    def delay(*shape: int) -> int | torch.Tensor:
        one = random.randint(2, LONGEST_DELAY)
        each = torch.randint(1, random.choice([3, LONGEST_DELAY + 1]), shape, generator=generator)
        return {"none": 1, "one": one, "each": each if shape else one}[structure.delays[k]]

    if kind in ("uniform", "uniform_by_position"):
        per = "position" if kind == "uniform_by_position" and len(target.shape) > 1 else "layer"
        return UniformLateralConnection(source, target, strength, within=per, delay=delay())
    if kind == "distance":
        return DistanceLateralConnection(source, target, w_near=-abs(strength), w_far=-3 * abs(strength), delay=delay())
    rule = RULES[structure.rules[k]]
    if rule is Retimed and (kind in ("convolution", "regions") or structure.depressing[k]):
        rule = PostPre  # since these have no delay for each synapse
    arguments = {"wmin": -6.0, "wmax": random.choice([2.0, 6.0])}
    if rule is not None:
        arguments |= {"update_rule": rule, "nu": (0.05, random.uniform(0.05, 1.0))}
    for base in [base for base in OPTIONS if rule is not None and issubclass(rule, base)]:
        arguments |= OPTIONS[base]
    if rule is not None and issubclass(rule, MSTDP):
        arguments |= {"nu": random.uniform(0.05, 1.0), "zero_lag": random.random() < 0.3}
    if rule is not None and issubclass(rule, Competitive):
        own_rate = 0.0 if kind in ("convolution", "regions") else random.choice([0.0, 0.5, 1.0])
        arguments |= {"tc_trace": random.choice([10.0, float("inf")]), "release": 0.5, "own_rate": own_rate}
    if rule is Retimed:
        arguments |= {"longest_delay": LONGEST_DELAY, "delay_rate": random.uniform(0.1, 1.0)}
    if structure.decay:
        arguments["weight_decay"] = structure.decay
    if structure.depressing[k]:
        arguments |= {"depression": random.choice([0.1, 0.5, 1.0]), "tc_recovery": random.choice([5.0, 100.0, float("inf")])}
    pairs = source.n, target.n
    if structure.norm and kind != "regions":
        arguments["norm"] = random.uniform(5, 30)
    made: AbstractConnection
    if kind == "one_to_one":
        made = OneToOneConnection(source, target, weights(source.n), **arguments, delay=delay(source.n))
    elif kind == "convolution":
        kernel, stride, padding = geometry
        shape = target.shape[0], source.shape[0], kernel, kernel
        bias = {"b": weights(target.shape[0])} if structure.bias else {}
        layout = {"kernel_size": kernel, "stride": stride, "padding": padding}
        made = Conv2dConnection(source, target, w=weights(*shape), **layout, **arguments, **bias, delay=delay(*shape))
    elif kind == "regions":
        made = RegionConnection(source, target, *geometry[:2], w=abs(strength), **arguments, delay=delay(1))
    elif kind == "local":
        kernel, stride, _ = geometry
        layout = {"kernel_size": kernel, "stride": stride, "n_filters": target.shape[0], "input_shape": tuple(source.shape)}
        made = LocalConnection(source, target, **layout, w=weights(*pairs), **arguments, delay=delay(*pairs))
    else:
        mask = torch.rand(pairs, generator=generator) < random.uniform(0.1, 0.6)
        if kind == "masked":
            made = MaskedConnection(source, target, mask, w=weights(*pairs), **arguments, delay=delay(*pairs))
        elif kind == "sparse":
            w = (weights(*pairs) * mask).to_sparse()
            made = SparseConnection(source, target, w=w, **arguments, delay=delay(w._nnz()) if w._nnz() else 1)
        else:
            bias = {"b": weights(target.n)} if structure.bias else {}
            if structure.delays[k] == "none" and not (structure.bias or structure.depressing[k]) and source.n % 2:
                return _of_a_feature(source, target, weights(*pairs), **arguments)
            made = Connection(source, target, w=weights(*pairs), **arguments, **bias, delay=delay(*pairs))
    if structure.own_rates and rule is not None and made.w.numel():
        each = 0.5 * torch.rand(made.w.shape, generator=generator)
        made.update_rule.declare(nu_pre=each, nu_post=each)
    return made


def _of_a_feature(source: Nodes, target: Nodes, w: torch.Tensor, **arguments) -> MulticompartmentConnection:
    """The same as a dense connection: to the fused engine it is one, so that no other program is compiled."""
    bounds, rule = [arguments.pop("wmin"), arguments.pop("wmax")], arguments.pop("update_rule", None)
    lent = {"learning_rule": type(f"{rule.__name__}OfFeatures", (MCC_LearningRule,), {"rule": rule})} if rule else {}
    arguments |= {"decay": arguments.pop("weight_decay", 0.0), "range": bounds}
    return MulticompartmentConnection(source, target, "cpu", [Weight("weight", w.clamp(*bounds), **lent, **arguments)])


def difference(network: Network, presented: dict, as_large: bool = False) -> str | None:
    """What the engines do not agree on; None where they do.

    Args:
        network: the network.
        presented: what is presented to it.
        as_large: whether its layers are advanced as large ones are, of which only neurons that some drive has reached.
    """
    copies = {engine: network.clone() for engine in ("plain", "fused")}
    with mock.patch.object(plan_of_fused, "LARGE", 0 if as_large else plan_of_fused.LARGE):
        answers = {engine: copy.present(engine=engine, spike_times=True, **presented) for engine, copy in copies.items()}
    plain, fused = answers.values()
    if not torch.equal(plain.n_presentations, fused.n_presentations):
        return "numbers of presentations"
    for (layer, name), tensor in plain.records.items():
        if not np.array_equal(tensor.numpy(), fused.records[layer, name].numpy(), equal_nan=True):
            differs = ~((tensor == fused.records[layer, name]) | (tensor.isnan() if tensor.is_floating_point() else False))
            return f"{name} of {layer}, first at [sample, step, neuron] {differs.nonzero()[0].tolist()}"
    if not torch.equal(plain.spike_counts, fused.spike_counts):
        return "spike counts"
    if not torch.equal(plain.spike_trains.to_dense(), fused.spike_trains.to_dense()):
        return "spike trains"
    states = [copy.state_dict() for copy in copies.values()]
    unlike = [name for name in states[0] if not np.array_equal(*(state[name].numpy() for state in states), equal_nan=True)]
    return ", ".join(unlike) or None


def main() -> None:
    """Draw networks until as many agree."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=2000)
    parser.add_argument("--each", type=int, default=8, help="networks of each structure, which is compiled once")
    parser.add_argument("--first", type=int, default=0, help="number of the first structure")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    seen, n_spikes, started = Counter(), 0, time.perf_counter()
    for k in range(arguments.networks):
        number = arguments.first + k // arguments.each
        structure = Structure(number)
        network, presented = random_network(structure, k)
        found = difference(network, presented, structure.as_large)
        if found is not None:
            sys.exit(f"structure {number}, network {k}: the engines differ in {found}\n{structure}")
        if k % arguments.each == 0:
            seen.update([structure.nodes.__name__, structure.output.__name__])
            seen.update([structure.forward, *structure.lateral, *structure.rules, *(f"delay {d}" for d in structure.delays)])
            seen.update(["as large"] * structure.as_large + ["depressing"] * sum(structure.depressing))
            seen.update([f"{structure.per} {structure.winner}"] if structure.one_spike else ["all spike"])
        n_spikes += int(network.present(**presented).spike_counts.sum())
        if (k + 1) % 100 == 0:
            print(f"{k + 1} networks agree, {n_spikes} spikes, {time.perf_counter() - started:.0f} s", flush=True)
    print(", ".join(f"{name} {n}" for name, n in seen.most_common()))


if __name__ == "__main__":
    main()

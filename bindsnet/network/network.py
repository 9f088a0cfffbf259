"""A network of populations and connections, and how it runs."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from bindsnet.engine import plain
from bindsnet.engine.plain import NOTHING
from bindsnet.engine.presentation import Presentation, Recording, Repetition
from bindsnet.engine.random import ELSEWHERE, Randomness
from bindsnet.engine.spike_trains import PackedSpikes, SpikeTrains
from bindsnet.errors import NetworkError
from bindsnet.network import run_arguments
from bindsnet.network.checks import real_number, whole_number
from bindsnet.network.monitors import AbstractMonitor
from bindsnet.network.nodes import AbstractInput, Nodes
from bindsnet.network.topology import AbstractConnection

if TYPE_CHECKING:
    from bindsnet.engine.plan import Plan

log = logging.getLogger(__name__)

ENGINES = ("auto", "fused", "plain")
ROUNDING = 1e-9  # share of a step by which time / dt may fall short of a whole number


def n_steps_in(time: float, dt: float) -> int:
    """Number of time steps of ``dt`` ms in ``time`` ms: every part that counts steps counts them here.

    Raises:
        NetworkError: the time is no number of ms from 0 on.
    """
    number = real_number(time)
    if number is None or not 0 <= number < math.inf:
        raise NetworkError(f"a time is a number of ms from 0 on, got {time!r}")
    return math.floor(number / dt + ROUNDING)


class Network(torch.nn.Module):
    """Populations of neurons (layers), connections between them, and monitors.

    Synapses take one step: a spike at step t reaches its target at step t + 1.

    Args:
        dt: time step, ms.
        batch_size: number of samples simulated at a time.
        learning: whether plasticity and thresholds change.
        reward_fn: gives the reward of reward-modulated rules (an object with ``compute`` and ``update``, or its class).

    Attributes:
        layers: name -> population; connections: (source, target) -> connection; monitors: name -> monitor.

    Raises:
        NetworkError: ``dt`` is not above 0, or ``batch_size`` no whole number.
    """

    def __init__(
        self,
        dt: float = 1.0,
        batch_size: int = 1,
        learning: bool = True,
        reward_fn: type | object | None = None,
    ) -> None:
        super().__init__()
        step = real_number(dt)
        if step is None or not step > 0:
            raise NetworkError(f"the time step dt is above 0 ms, got {dt!r}")
        self.dt = float(step)
        self.batch_size = whole_number(batch_size, "batch_size", least=1)
        self.layers: dict[str, Nodes] = {}
        self.connections: dict[tuple[str, str], AbstractConnection] = {}
        self.monitors: dict[str, AbstractMonitor] = {}
        self.reward_fn = reward_fn() if isinstance(reward_fn, type) else reward_fn
        self.randomness = Randomness()
        self._said: set[str] = set()
        self.train(learning)

    @property
    def device(self) -> torch.device:
        """Where the network's tensors are."""
        return next((layer.s.device for layer in self.layers.values()), torch.device("cpu"))

    def add_layer(self, layer: Nodes, name: str) -> None:
        """Add a population under a name. It learns if both the network and the layer itself do.

        Raises:
            NetworkError: the name is taken or has a dot, or the layer is no population.
        """
        if not isinstance(layer, Nodes):
            raise NetworkError(f"a layer is a population (Nodes), got {type(layer).__name__}")
        if name in self.layers or "." in name or hasattr(self, name):
            raise NetworkError(f"the layer name {name!r} is taken or not allowed")
        layer.first_neuron = sum(other.n for other in self.layers.values())
        layer.randomness = self.randomness
        self.layers[name] = layer
        self.add_module(name, layer)
        layer.train(self.learning and layer.learning)  # one that was made frozen stays so until it is told otherwise
        layer.compute_decays(self.dt)
        layer.set_batch_size(self.batch_size)

    def add_connection(self, connection: AbstractConnection, source: str, target: str) -> None:
        """Add a connection between two layers.

        Raises:
            NetworkError: a name or population does not fit, the two are connected already, the target is an input, or the name
                under which the connection is kept is that of another layer or connection.
        """
        for role, name in (("source", source), ("target", target)):
            if name not in self.layers:
                raise NetworkError(f"connection {source} → {target}: there is no layer {name!r}; add it first")
            if getattr(connection, role) is not self.layers[name]:
                raise NetworkError(f"connection {source} → {target}: its {role} is not the layer {name!r}")
        if isinstance(connection.target, AbstractInput):
            raise NetworkError(f"connection {source} → {target}: {target!r} takes its spikes from outside, not from a layer")
        if (source, target) in self.connections:
            raise NetworkError(f"{source} and {target} are connected already")
        name = f"{source}_to_{target}"
        others = [f"connection {a} → {b}" for a, b in self.connections if f"{a}_to_{b}" == name]
        others += [f"layer {name!r}"] if name in self.layers else []
        if others:  # a module has one name: the later of the two would take the earlier one's place in files and in ``to``
            raise NetworkError(f"connection {source} → {target}: its name {name!r} is taken by the {others[0]}; rename a layer")
        self.connections[source, target] = connection
        self.add_module(name, connection)
        connection.train(self.learning)

    def add_monitor(self, monitor: AbstractMonitor, name: str) -> None:
        """Add a monitor, which records after every step of :meth:`run`.

        Raises:
            NetworkError: it cannot record.
        """
        if not all(callable(getattr(monitor, method, None)) for method in ("record", "reset_state_variables")):
            raise NetworkError(
                f"monitor {name!r}: expected one with the methods record and reset_state_variables, such as Monitor, "
                f"got {type(monitor).__name__}"
            )
        self.monitors[name] = monitor
        monitor.network = self

    def run(self, inputs: Mapping[str, torch.Tensor], time: float, one_step: bool = False, **kwargs) -> None:
        """Simulate the network for ``time`` ms, all samples of a batch at once.

        Random choices (which of the neurons over threshold wins) depend on a seed and on each sample's number, never on torch's
        generator. Samples are numbered on from run to run, from 0 for every other seed: a second run makes new choices, also
        after ``torch.manual_seed`` with the same seed and ``reset_state_variables``. ``samples=[0]`` makes those of the first.

        Args:
            inputs: layer name -> input of each step, ``[n_steps, batch_size, *shape]``, ``[n_steps, *shape]`` for one
                sample, or ``[*shape]`` for one sample and step: spikes for an input layer, drive in mV for another. Of more
                steps the first are taken, as in BindsNET, with a warning, unless these could be the samples of a batch.
            time: ms.
            one_step: spikes cross all layers within one step, in the order in which the layers were added.
            clamp, unclamp: layer name -> bool mask of neurons that must (not) spike, ``[*shape]``, ``[n_steps, *shape]``, or
                ``[n_steps, batch_size, *shape]`` for each sample; None is none.
            injects_v: layer name -> voltage (mV) added after each step, of the same shapes.
            masks: (source, target) -> bool mask of weights that are set to 0; None is none.
            reward: for reward-modulated rules.
            seed, samples: as in :meth:`present`, a number for each sample of the batch.
            kwargs: handed to the plasticity rules, if one of the user's own takes them.

        Raises:
            NetworkError: the time is negative, an input, mask or injection names no layer or connection, or has another type or
                shape, there is not one number for each sample, or a keyword is known neither here nor to a rule. Nothing has
                run then.

        Warns:
            UserWarning: something has more steps than run, or an input layer is given other numbers than 0 and 1 (once).
        """
        n_steps = n_steps_in(time, self.dt)
        self._check_weights()
        inputs = run_arguments.batches_of_inputs(self, inputs, n_steps)
        batch_size = run_arguments.batch_size(inputs, otherwise=self.batch_size)
        per_step = {
            role: run_arguments.each_step(self, role, kwargs.pop(role, NOTHING), n_steps, batch_size)
            for role in run_arguments.PER_STEP
        }
        masks = run_arguments.weight_masks(self, kwargs.pop("masks", NOTHING))
        seed, samples = kwargs.pop("seed", None), kwargs.pop("samples", None)
        run_arguments.refuse_unknown(self, kwargs)
        seed, numbers = self._numbered(seed, samples, batch_size)
        self._use_batch_size(batch_size)
        if self.reward_fn is not None:
            kwargs["reward"] = self.reward_fn.compute(**kwargs)
        self.randomness.begin(seed, ELSEWHERE, numbers, 0)
        with torch.no_grad(), np.errstate(all="ignore"):  # inference mode saves no time, and its tensors may not be changed later
            advance = plain.Stepper(self, one_step)
            for t in range(n_steps):
                now = {role: {name: value[t] for name, value in values.items()} for role, values in per_step.items()}
                given = {name: value[t] for name, value in inputs.items()}
                advance(given, masks=masks, **now, **kwargs)
                for monitor in self.monitors.values():
                    monitor.record()
            self.normalize()

    def present(
        self,
        spike_trains: PackedSpikes | Mapping[str, PackedSpikes],
        layer: str,
        repetition: Repetition | None = None,
        samples: Sequence[int] | torch.Tensor | None = None,
        seed: int | None = None,
        stream: int = ELSEWHERE,
        spike_times: bool = False,
        engine: str = "auto",
        n_workers: int = 1,
        record: Mapping[str, Sequence[str]] = NOTHING,
        samples_to_record: Sequence[int] | None = None,
    ) -> Presentation:
        """Present a block of samples one after the other, each to a network whose voltages and traces are reset.

        Weights and thresholds that a sample changed stay (:meth:`train` decides whether they change); while learning, weights
        are normalised after every presentation. A sample that is repeated is not reset in between.

        Args:
            spike_trains: the samples' spikes for the only input layer, or by name of input layer.
            layer: the layer whose spikes are counted.
            repetition: when to present a sample again; None never.
            samples: a number for each sample: random choices depend on it, not on the place in the block. Running
                numbers when left out.
            seed: seed of random choices; ``torch.initial_seed()`` when left out.
            stream: stream of random choices (:mod:`bindsnet.engine.random`).
            spike_times: whether to return the spikes too, not only their counts.
            engine: ``"fused"`` compiles the network into one loop, ``"plain"`` advances it tensor by tensor, with the same
                bits; ``"auto"`` takes the fused one where it can, and logs once why not where it cannot.
            n_workers: threads over which the fused engine spreads samples while nothing learns; results stay the same.
            record: what to keep of every step: names of variables by name of layer (``{"Excitatory": ["v", "theta"]}``), its
                state, its trace ``x``, its spikes ``s``.
            samples_to_record: places in the block of the samples to keep that of; all when left out.

        Returns:
            Spike counts, numbers of presentations, and the spikes and records if asked for.

        Raises:
            NetworkError: spike trains, layer or connection do not fit the network, or ``"fused"`` was asked for in vain.
        """
        self._check_weights()
        trains = self._checked_trains(spike_trains)
        n_samples = next(iter(trains.values())).n_samples
        if layer not in self.layers:
            raise NetworkError(f"there is no layer {layer!r} to count spikes of; there are {', '.join(self.layers)}")
        if repetition is not None and repetition.connection not in self.connections:
            raise NetworkError(f"repetition: there is no connection {repetition.connection}")
        seed, numbers = self._numbered(seed, samples, n_samples)
        self._use_batch_size(1)
        planned = self._plan(engine, layer, repetition.connection if repetition else None)
        n_steps = next(iter(trains.values())).n_steps
        recording = Recording(self, record, samples_to_record, n_samples, n_steps)
        answered = (numbers, seed, stream, spike_times, recording)
        with torch.no_grad(), np.errstate(all="ignore"):
            if planned is not None:
                from bindsnet.engine import fused  # with Numba, which takes a second to import

                return fused.present(self, planned, trains, repetition, *answered, n_workers)
            return plain.present(self, trains, layer, repetition, *answered)

    def engine(self, asked: str = "auto") -> str:
        """Which engine presents samples: ``"fused"`` or ``"plain"``.

        Raises:
            NetworkError: there is no such engine, or ``"fused"`` was asked for and cannot run this network.
        """
        return "plain" if self._plan(asked) is None else "fused"

    def _plan(self, engine: str, counted: str | None = None, repeated: tuple[str, str] | None = None) -> Plan | None:
        """What the fused engine needs to know of the network; None where the plain one runs it."""
        if engine not in ENGINES:
            raise NetworkError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
        if engine == "plain":
            return None
        from bindsnet.engine.plan import CannotFuseError, plan

        try:
            return plan(self, counted, repeated)
        except CannotFuseError as reason:
            if engine == "fused":
                raise
            self._say_once(f"The plain engine runs this network: {reason}")
            return None

    def _say_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            log.info("%s", line)

    def normalize(self) -> None:
        """Restore the sum of the weights into each neuron, in connections that have one."""
        for connection in self.connections.values():
            connection.normalize()

    def reset_state_variables(self) -> None:
        """Between samples: reset what layers, connections and monitors keep; weights and thresholds stay."""
        for part in (*self.layers.values(), *self.connections.values(), *self.monitors.values()):
            part.reset_state_variables()

    def train(self, mode: bool = True) -> Network:
        """Let weights and thresholds change, or freeze them (``train(False)``, ``eval()``)."""
        self.learning = mode
        return super().train(mode)

    def set_batch_size(self, batch_size: int) -> None:
        """Make room for this many samples at a time, and reset layers and monitors.

        Raises:
            NetworkError: this is no whole number.
        """
        self.batch_size = whole_number(batch_size, "batch_size", least=1)
        for layer in self.layers.values():
            layer.set_batch_size(self.batch_size)
        for monitor in self.monitors.values():
            monitor.reset_state_variables()

    def save(self, file_name: str | Path) -> None:
        """Write the network, its layers, connections and state, to a file that :func:`load` reads.

        Monitors and ``reward_fn`` are no part of the file; of a ``reward_fn`` both warn.
        """
        from bindsnet.network.persistence import save

        save(self, file_name)

    def clone(self) -> Network:
        """An independent copy."""
        return copy.deepcopy(self)

    def _numbered(
        self, seed: int | None, samples: Sequence[int] | torch.Tensor | None, n_samples: int
    ) -> tuple[int, Sequence[int]]:
        """The seed of random choices and a number for each sample: those given, or torch's and the numbers that come next."""
        seed = torch.initial_seed() if seed is None else seed
        numbers = self.randomness.next_samples(seed, n_samples) if samples is None else [int(k) for k in samples]
        if len(numbers) != n_samples:
            raise NetworkError(f"{n_samples} samples but {len(numbers)} sample numbers")
        return seed, numbers

    def _use_batch_size(self, batch_size: int) -> None:
        if batch_size != self.batch_size:
            self.set_batch_size(batch_size)

    def _check_weights(self) -> None:
        for pair, connection in self.connections.items():
            try:
                connection.check_weights()
            except NetworkError as error:
                raise NetworkError(f"connection {pair}: {error}") from None

    def _checked_trains(self, spike_trains: PackedSpikes | Mapping[str, PackedSpikes]) -> dict[str, SpikeTrains]:
        """Spike trains by name of input layer, all with the same number of samples and steps."""
        if not isinstance(spike_trains, Mapping):
            names = [name for name, layer in self.layers.items() if isinstance(layer, AbstractInput)]
            if len(names) != 1:
                raise NetworkError(f"{len(names)} input layers: give spike trains by name, {{name: spike_trains}}")
            spike_trains = {names[0]: spike_trains}
        trains = {}
        for name, packed in spike_trains.items():
            trains[name] = SpikeTrains.of(packed)
            if name not in self.layers or not isinstance(self.layers[name], AbstractInput):
                raise NetworkError(f"spike trains for {name!r}, which is no input layer of this network")
            if trains[name].n_units != self.layers[name].n:
                raise NetworkError(
                    f"spike trains for {name!r} have {trains[name].n_units} units, the layer {self.layers[name].n} neurons"
                )
        if len({(t.n_samples, t.n_steps) for t in trains.values()}) != 1:
            raise NetworkError("spike trains differ in their number of samples or steps")
        return trains


def load(file_name: str | Path, map_location: str = "cpu", learning: bool | None = None) -> Network:
    """Read a network that :meth:`Network.save` wrote.

    Args:
        file_name: the file.
        map_location: device to load it to.
        learning: whether it shall learn, with all its layers; each as it was saved when None.

    Raises:
        NetworkError: the file is no saved network, or holds a kind of layer or rule that is not defined.
    """
    from bindsnet.network.persistence import load as read

    return read(file_name, map_location, learning)

"""A network: the parts of a circuit, and the engines that run them."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from bindsnet.engine import fused, monitored, plain, whole_run
from bindsnet.engine.presentation import Presentation, Records, Repetition
from bindsnet.errors import NetworkError
from bindsnet.network import persistence, run_arguments
from bindsnet.network.circuit import Circuit, n_steps_in
from bindsnet.network.nodes import AbstractInput
from bindsnet.numbers.random import ELSEWHERE
from common.spike_trains import SpikeTrains, SpikeTrainsError

log = logging.getLogger(__name__)

ENGINES = ("auto", "fused", "plain")
NOTHING: Mapping = MappingProxyType({})


class Network(Circuit):
    """Populations of neurons (layers), connections between them, and monitors, that run: see :class:`Circuit` for arguments.

    A spike at step t reaches its target at step t + 1, or by the connection's delay later.
    """

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
                ``[n_steps, batch_size, *shape]`` for each sample; or, as whole numbers, which neurons, ``[n_masked]`` or
                ``[n_steps, n_masked]``. None is none.
            injects_v: layer name -> voltage (mV) added before each step, of the same shapes.
            masks: (source, target) -> bool mask of weights that are set to 0; None is none.
            reward: for reward-modulated rules: a number, or one for each sample of the batch; of every step.
            seed, samples: as in :meth:`present`, a number for each sample of the batch.
            engine: as in :meth:`present`. The fused engine takes a run of one sample from rest, with spikes into input layers and
                nothing else; ``"auto"`` lets it once the plain one has run as long as compiling takes, and logs once why not
                where it cannot.
            kwargs: what rules take of a run, such as ``a_plus``: a number, or ``{(source, target): number}``; others are handed
                on, if a rule of the user's own takes them.

        Raises:
            NetworkError: the time is negative, an input, mask or injection names no layer or connection, or has another type or
                shape, there is not one number for each sample, or a keyword is known neither here nor to a rule. Nothing has
                run then.

        Warns:
            UserWarning: something has more steps than run, or an input layer is given other numbers than 0 and 1 (once).
        """
        n_steps = n_steps_in(time, self.dt)
        prepared = self._checked()
        inputs = run_arguments.batches_of_inputs(self, inputs, n_steps)
        batch_size = run_arguments.batch_size(inputs, otherwise=self.batch_size)
        per_step = {
            role: run_arguments.each_step(self, role, kwargs.pop(role), n_steps, batch_size)
            for role in run_arguments.PER_STEP
            if role in kwargs
        }
        masks = run_arguments.weight_masks(self, kwargs.pop("masks", NOTHING))
        seed, samples, engine = kwargs.pop("seed", None), kwargs.pop("samples", None), kwargs.pop("engine", "auto")
        run_arguments.refuse_unknown(self, kwargs)
        seed, numbers = self._numbered(seed, samples, batch_size)
        if batch_size != self.batch_size or kwargs or self.reward_fn is not None:
            prepared = None  # below, arrays, what rules are told, or anything may be replaced
        self._use_batch_size(batch_size)
        if self.reward_fn is not None:
            kwargs["reward"] = self.reward_fn.compute(**kwargs)
        self.randomness.begin(seed, ELSEWHERE, numbers, 0)
        # Inference mode saves no time, and its tensors may not be changed later.
        with torch.no_grad(), np.errstate(all="ignore"), run_arguments.telling_rules(self, kwargs):
            given = per_step | {"masks": masks, "one_step": one_step} | kwargs
            prepared = self._prepared_run(engine, prepared, inputs, given) if n_steps else None
            if prepared is not None and self._ran_whole(engine, prepared, inputs, n_steps, seed, numbers, kwargs.get("reward")):
                return
            self.n_plain_steps += n_steps
            advance = plain.Stepper(self, one_step)
            rows_of = {name: value[:n_steps].unbind(0) for name, value in inputs.items()}
            for t in range(n_steps):
                now = {role: {name: value[t] for name, value in values.items()} for role, values in per_step.items()}
                given = {name: rows[t] for name, rows in rows_of.items()}
                advance(given, masks=masks, **now, **kwargs)
                for monitor in self.monitors.values():
                    monitor.record()
            self.normalize()

    def present(
        self,
        spike_trains: SpikeTrains | Mapping[str, SpikeTrains],
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
        reward: float | torch.Tensor | None = None,
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
            stream: stream of random choices (:mod:`bindsnet.numbers.random`).
            spike_times: whether to return the spikes too, not only their counts.
            engine: ``"fused"`` compiles the network into one loop, ``"plain"`` advances it tensor by tensor, with the same
                bits; ``"auto"`` takes the fused one where it can, and logs once why not where it cannot.
            n_workers: threads over which the fused engine spreads samples while nothing learns; results stay the same.
            record: what to keep of every step: names of variables by name of layer (``{"Excitatory": ["v", "theta"]}``), its
                state, its trace ``x``, its spikes ``s``.
            samples_to_record: places in the block of the samples to keep that of; all when left out.
            reward: for reward-modulated rules: a number, ``[n_samples]`` or ``[n_samples, n_steps]``.

        Returns:
            Spike counts, numbers of presentations, and the spikes and records if asked for.

        Raises:
            NetworkError: spike trains, layer or connection do not fit the network, or ``"fused"`` was asked for in vain.
        """
        what = layer, repetition.connection if repetition else None
        prepared = self._checked(*what)
        trains = self._checked_trains(spike_trains)
        n_samples, n_steps = next((t.n_samples, t.n_steps) for t in trains.values())
        self._check_presentation(layer, repetition, reward)
        seed, numbers = self._numbered(seed, samples, n_samples)
        if self.batch_size != 1:
            self.set_batch_size(1)
            prepared = None
        prepared = self._prepared(engine, prepared, *what)
        records = asked = Records(self, record, samples_to_record, n_samples, n_steps)
        fills = prepared is not None and n_samples > 0 and bool(self.monitors)
        if fills:
            records = monitored.records_for_all(self, prepared.watched, record, samples_to_record, n_samples, n_steps)
        rewards = run_arguments.rewards(reward, n_samples, n_steps)
        answered = (numbers, seed, stream, spike_times, records, rewards)
        with torch.no_grad(), np.errstate(all="ignore"):
            if prepared is not None:
                answer = fused.run_compiled(self, prepared, trains, repetition, *answered, n_workers)
                return monitored.fill(prepared.watched, answer, records, asked) if fills else answer
            return plain.step_through(self, trains, layer, repetition, *answered)

    def _get_inputs(self, layers: Iterable[str] | None = None) -> dict[str, torch.Tensor]:
        """What layers receive from the spikes that their sources hold now: for programs that have a ``run`` of their own.

        Args:
            layers: names of layers; all when None. One whose sources are silent is left out.
        """
        with torch.no_grad(), np.errstate(all="ignore"):
            return plain.Stepper(self).drives(self.layers if layers is None else layers)

    def _check_presentation(self, layer: str, repetition: Repetition | None, reward: float | torch.Tensor | None) -> None:
        if layer not in self.layers:
            raise NetworkError(f"there is no layer {layer!r} to count spikes of; there are {', '.join(self.layers)}")
        if repetition is not None and repetition.connection not in self.connections:
            raise NetworkError(f"repetition: there is no connection {repetition.connection}")
        if reward is None and self.learning:
            run_arguments.refuse_without_reward(self)

    def engine(self, asked: str = "auto") -> str:
        """Which engine presents samples: ``"fused"`` or ``"plain"``.

        Raises:
            NetworkError: there is no such engine, or ``"fused"`` was asked for and cannot run this network.
        """
        return "plain" if self._prepared(asked) is None else "fused"

    def _checked(self, counted: str | None = None, repeated: tuple[str, str] | None = None) -> fused.Prepared | None:
        """What was prepared for the fused engine if it holds still, or None if the network's parts had to be checked.

        Raises:
            NetworkError: something that was replaced does not fit.
        """
        prepared = fused.holding(self, counted, repeated)
        if prepared is None:
            self._check_weights()
        return prepared

    def _prepared(
        self,
        engine: str,
        prepared: fused.Prepared | None = None,
        counted: str | None = None,
        repeated: tuple[str, str] | None = None,
    ) -> fused.Prepared | None:
        """What the fused engine needs of the network, if not yet ``prepared``; None where the plain one runs it."""
        if engine not in ENGINES:
            raise NetworkError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
        if engine == "plain":
            return None
        try:
            return prepared or fused.prepared(self, counted, repeated)
        except fused.CannotFuseError as reason:
            if engine == "fused":
                raise
            self._say_once(f"The plain engine runs this network: {reason}")
            return None

    def _prepared_run(
        self, engine: str, prepared: fused.Prepared | None, inputs: Mapping[str, torch.Tensor], given: Mapping[str, Any]
    ) -> fused.Prepared | None:
        """What the fused engine needs where it takes a run, if not yet ``prepared``; None where the plain one does."""
        if engine == "auto" and self.n_plain_steps < whole_run.N_STEPS_BEFORE:
            return None
        reason = whole_run.reason_against(self, prepared, inputs, given)
        if reason is None or engine not in ("auto", "fused"):
            return self._prepared(engine, prepared)
        if engine == "fused":
            raise fused.CannotFuseError(f"the fused engine takes runs of one sample from rest, with spikes alone: {reason}")
        self._say_once(f"The plain engine takes this run: {reason}")
        return None

    def _ran_whole(self, engine: str, *arguments: Any) -> bool:
        """Whether the fused engine has taken the run; its program may yet not compile, which is asked for once."""
        try:
            whole_run.run(self, *arguments)
        except fused.CannotFuseError as reason:  # before anything has run
            if engine == "fused":
                raise
            self._say_once(f"The plain engine goes on: {reason}")
            self.n_plain_steps = -math.inf
            return False
        return True

    def _say_once(self, line: str) -> None:
        said = self.__dict__.setdefault("_said", set())
        if line not in said:
            said.add(line)
            log.info("%s", line)

    def save(self, file_name: str | Path) -> None:
        """Write the network, its layers, connections, state and monitors, to a file that :func:`load` reads.

        Monitors come with what they have recorded; those that record in a file of their own, with the path of that file, which
        loaded ones read but do not write to. A ``reward_fn``, of which both warn, and monitors of the user's own classes are no
        part of the file.
        """
        persistence.save(self, file_name)

    def _checked_trains(self, spike_trains: SpikeTrains | Mapping[str, SpikeTrains]) -> dict[str, SpikeTrains]:
        """Spike trains by name of input layer, all with the same number of samples and steps."""
        if not isinstance(spike_trains, Mapping):
            names = [name for name, layer in self.layers.items() if isinstance(layer, AbstractInput)]
            if len(names) != 1:
                raise NetworkError(f"{len(names)} input layers: give spike trains by name, {{name: spike_trains}}")
            spike_trains = {names[0]: spike_trains}
        trains = {}
        for name, packed in spike_trains.items():
            try:
                trains[name] = SpikeTrains.of(packed)
            except SpikeTrainsError as error:
                raise NetworkError(str(error)) from error
            if name not in self.layers or not isinstance(self.layers[name], AbstractInput):
                raise NetworkError(f"spike trains for {name!r}, which is no input layer of this network")
            if trains[name].n_units != self.layers[name].n:
                raise NetworkError(
                    f"spike trains for {name!r} have {trains[name].n_units} units, the layer {self.layers[name].n} neurons"
                )
        if len({(t.n_samples, t.n_steps) for t in trains.values()}) != 1:
            raise NetworkError("spike trains differ in their number of samples or steps")
        return trains


def load(file_name: str | Path, map_location: str = "cpu", learning: bool | None = None, weights_only: bool = False) -> Network:
    """Read a network that :meth:`Network.save` wrote.

    What BindsNET's own ``save`` wrote is a pickle of objects, which is refused; the error says how to carry its weights over.

    Args:
        file_name: the file.
        map_location: device to load it to.
        learning: whether it shall learn, with all its layers; each as it was saved when None.
        weights_only: taken for BindsNET's interface, and always so: no code in a file is ever run, only numbers and text read.

    Raises:
        NetworkError: the file is no saved network, or holds a kind of layer or rule that is not defined.
    """
    return persistence.load(Network, file_name, map_location, learning)

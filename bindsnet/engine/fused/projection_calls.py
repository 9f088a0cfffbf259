"""What a program calls for each projection: its drive and its normalisation, in the compiled form that its kind gives."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable

from bindsnet.engine.fused.kernels import RELEASE
from bindsnet.engine.fused.layer_loops import LayerLoops
from bindsnet.engine.fused.plan import Layer, Projection
from bindsnet.engine.fused.translate import CannotFuseError, Translator, names_of
from bindsnet.network.topology.connection import add_rows
from bindsnet.network.topology.moving_delays import add_runs_of_delay
from bindsnet.network.topology.synapses import add_runs
from bindsnet.numbers.depression import recover, use_up


class ProjectionCalls:
    """Text of the calls, and of the compiled forms that they call.

    Args:
        names: the arguments of the program that belong to the network.
        projections: the connections.
        translator: collects the functions that are called.
    """

    def __init__(self, names: list[str], projections: list[Projection], translator: Translator) -> None:
        self.names, self.release = names, ""
        if any(projection.depresses for projection in projections):
            called = {function.__name__: translator.add(function).name for function in (recover, use_up)}
            self.release = RELEASE.format(**called)
        self.compiled_forms: dict[Callable, str] = {}

    def kernels(self) -> list[str]:
        """All compiled forms that were asked for, each once."""
        forms = [f"\n@loop\n{_renamed(function, name)}" for function, name in self.compiled_forms.items()]
        return [*forms, *([self.release] if self.release else [])]

    def drive(self, layer: LayerLoops) -> list[str]:
        """What brings the spikes that arrive now into the layer's drive."""
        lines = []
        for k, projection in enumerate(layer.projections):
            direct = k == 0 and projection.in_place
            into = f"drive__{layer.name}" if direct else f"partial__{layer.name}"
            added = [f"add_partial(drive__{layer.name}, {into})"] if not direct else []
            if not projection.in_place:
                added = [f"add_mapped(drive__{layer.name}, {into}, map__{projection.name})"]
            gather = self._gather if projection.delays_alike else self._gather_by_delay
            gather = self._gather_moving if projection.delays_move else gather
            lines += gather(layer, projection, into, [] if projection.biased else added)
            if projection.biased:
                lines += [f"for j in range(len({into})):", f"    {into}[j] += b__{projection.name}[j]", *added]
        return lines + (self._within(layer.name) if layer.nodes.within is not None else [])

    def _within(self, name: str) -> list[str]:
        """What the last spikes of a layer bring into its own drive, after all others."""
        into, some = f"partial__{name}", f"last__{name} > first__{name}"
        call = f"{self._compiled(add_rows)}({into}, within__{name}, {names_of(name, 'fired', 'first', 'last')}, f32(1.0))"
        return [f"if {some}:", f"    {call}", f"    add_partial(drive__{name}, {into})"]

    def normalize(self, projection: Projection) -> str:
        """What brings the weights into a neuron back to their sum."""
        norm = f"norm__{projection.name}"
        given = [argument for argument in self._arguments("norm_", projection) if argument != norm]
        taken = ", ".join([f"w__{projection.name}", *given, norm])
        return f"{self._compiled(type(projection.connection).compiled_normalize)}({taken})"

    def _gather(self, layer: LayerLoops, projection: Projection, into: str, added: list[str]) -> list[str]:
        """Where all synapses have one delay: what the spikes do, and then what is to be done where there are any."""
        source, name, lines = projection.source.name, projection.name, []
        spikes, some = names_of(source, "fired", "first", "last"), f"last__{source} > first__{source}"
        if projection.source.n_slots > 1:
            lines.append(f"slot = (clock - delay__{name}) % len(lasts__{source})")
            spikes, some = in_slot(projection.source), f"lasts__{source}[slot] > firsts__{source}[slot]"
        kind, found = type(projection.connection), []
        if projection.depresses:
            found = [f"found__{name}"]
            lines.append(f"release({names_of(name, 'found', 'resources', 'used', 'recovery')}, {spikes})")
        gather = self._compiled(kind.compiled_depressed_drive if projection.depresses else kind.compiled_drive)
        taken = ", ".join([into, f"w__{name}", *self._arguments("drive_", projection), spikes, *found, f"factor__{name}"])
        inside = [f"{gather}({taken})", *self._touch(layer, f"drive_pointers__{name}", projection, spikes), *added]
        return [*lines, f"if {'True' if projection.spontaneous else some}:", *(f"    {line}" for line in inside)]

    def _gather_by_delay(self, layer: LayerLoops, projection: Projection, into: str, added: list[str]) -> list[str]:
        """The same where delays differ: the runs of each delay take the spikes of so many steps ago."""
        source, name, spikes = projection.source.name, projection.name, in_slot(projection.source)
        arrays = names_of(name, "w" if projection.connection.computes_by_runs else "flat")
        runs = f"drive_pointers__{name}[d], {names_of(name, 'drive_targets', 'drive_weights', 'drive_lengths')}"
        return [
            f"for d in range(len(drive_delays__{name})):",
            f"    slot = (clock - drive_delays__{name}[d]) % len(lasts__{source})",
            f"    if lasts__{source}[slot] > firsts__{source}[slot]:",
            f"        {self._compiled(add_runs)}({into}, {arrays}, {runs}, {spikes}, f32(1.0))",
            *(f"        {line}" for line in self._touch(layer, f"drive_pointers__{name}[d]", projection, spikes)),
            f"scale({into}, factor__{name})",
            *added,
        ]

    def _gather_moving(self, layer: LayerLoops, projection: Projection, into: str, added: list[str]) -> list[str]:
        """Where a rule moves delays: of the spikes of each step those that take so long now."""
        source, name, spikes = projection.source.name, projection.name, in_slot(projection.source)
        w = names_of(name, "w" if projection.connection.computes_by_runs else "flat")
        runs = names_of(name, "drive_pointers", "drive_targets", "drive_weights", "drive_lengths", "steps")
        return [
            f"for d in range(1, longest__{name} + 1):",
            f"    slot = (clock - d) % len(lasts__{source})",
            f"    if lasts__{source}[slot] > firsts__{source}[slot]:",
            f"        {self._compiled(add_runs_of_delay)}({into}, {w}, {runs}, d, {spikes})",
            *(f"        {line}" for line in self._touch(layer, f"drive_pointers__{name}", projection, spikes)),
            f"scale({into}, factor__{name})",
            *added,
        ]

    def _touch(self, layer: LayerLoops, pointers: str, projection: Projection, spikes: str) -> list[str]:
        if not layer.is_sparse:
            return []
        reached = names_of(layer.name, "touched", "n_touched", "is_touched")
        runs = f"{pointers}, {names_of(projection.name, 'drive_targets', 'drive_lengths')}"
        return [f"n_touched__{layer.name} = touch({runs}, {spikes}, {reached})"]

    def _arguments(self, prefix: str, projection: Projection) -> list[str]:
        return [name for name in self.names if name.startswith(prefix) and name.endswith(f"__{projection.name}")]

    def _compiled(self, function: Callable) -> str:
        """The name of the compiled form of what a kind of connection does."""
        return self.compiled_forms.setdefault(function, f"kind_{len(self.compiled_forms)}_{function.__name__}")


def in_slot(layer: Layer) -> str:
    """The spikes of a layer in the slot at hand, of the last steps' spikes that are still on their way."""
    fired = f"units__{layer.name}" if layer.is_input else f"slots__{layer.name}[slot]"
    return f"{fired}, firsts__{layer.name}[slot], lasts__{layer.name}[slot]"


def _renamed(function: Callable, name: str) -> str:
    """The text of the compiled form of what a kind does, in its class or not, under a name that nothing else has."""
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError) as error:
        raise CannotFuseError(f"the source of {function.__qualname__} cannot be read: define it in a file") from error
    if (head := re.search(rf"^def {function.__name__}\b", text, flags=re.MULTILINE)) is None:
        raise CannotFuseError(f"{function.__qualname__} is no function of its own: define it with def")
    return f"def {name}{text[head.end() :]}"

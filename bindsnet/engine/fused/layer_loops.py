"""The loops of a program over the neurons of one layer, made of the functions of its model."""

from __future__ import annotations

from collections.abc import Callable

from bindsnet.engine.fused.plan import Layer, Projection
from bindsnet.engine.fused.translate import Translator, names_of, own
from bindsnet.network.nodes.given import Window

PART = 128  # neurons that wake together, and are advanced before one looks which of them fired


class LayerLoops:
    """Text of a layer's loops, and the names of what they take.

    Args:
        layer: the layer.
        projections: the connections to it.
        translator: collects the functions that the loops call.
    """

    def __init__(self, layer: Layer, projections: list[Projection], translator: Translator) -> None:
        self.layer, self.projections, self.translator = layer, projections, translator
        self.name, self.nodes, self.kind = layer.name, layer.nodes, type(layer.nodes)
        self.is_input, self.trace = layer.is_input, layer.trace
        self.state, self.adaptive = [own(name) for name in layer.state], [own(name) for name in layer.adaptive]
        self.relaxes = layer.adapts and self.kind.relax is not None
        self.adapts = layer.adapts and self.kind.adapt is not None

    @property
    def has_steady_threshold(self) -> bool:
        """Whether nothing moves the threshold, so that it is computed once, before the block."""
        return self.kind.threshold is not None and not self.layer.adapts

    @property
    def takes_thresholds(self) -> bool:
        """Whether thresholds are computed before the block: they stay, or it is to be seen whether neurons rest."""
        return self.has_steady_threshold or (self.sleeps and self.kind.threshold is not None)

    @property
    def is_sparse(self) -> bool:
        """Whether spikes reach only few neurons of this layer: then those that none has reached need not be advanced."""
        return all(projection.few and projection.in_place for projection in self.projections) and not (
            self.is_input or self.layer.adapts or self.layer.acts_alone
        )

    @property
    def sleeps(self) -> bool:
        """Whether neurons that no drive has reached in a sample are not advanced."""
        return self.layer.may_rest and not (self.is_input or self.is_sparse)

    @property
    def first_state(self) -> dict[str, str]:
        """Each state as the program calls it, and what it is reset to."""
        firsts = self.nodes.state.items()
        return {own(state): own(first) if isinstance(first, str) else f"first_{own(state)}" for state, first in firsts}

    def has_own(self, parameter: str) -> bool:
        """Whether every neuron has its own value of a parameter or of what it is given, as the program calls it."""
        return parameter in map(own, self.layer.given) or any(
            tensor.dim() > 0 for name, tensor in self.layer.parameters.items() if own(name) == parameter
        )

    @property
    def sees_spikes(self) -> bool:
        """Whether what neurons are given is made of the spikes of the last step."""
        return "s" in self.layer.given or any(window.of == "s" for window in self.nodes.windows.values())

    def rooms(self) -> dict[str, str]:
        """Room for what neurons are given, and how it is made for n of them."""
        numbers = [name for name in self.layer.given if name != "s"]
        rooms = {own(name): "np.empty({n}, f32)" for name in dict.fromkeys([*numbers, *self.nodes.windows])}
        return rooms | ({own("s"): "np.zeros({n}, np.bool_)"} if self.sees_spikes else {})

    def give(self) -> list[str]:
        """What fills it, before the step; the spikes of the last one still stand where they did."""
        lines, s = [], own("s")
        if self.sees_spikes:
            places = ["places"] if self.layer.order is not None else []
            lines.append(f"mark{'_places' * len(places)}({names_of(self.name, s, 'fired', 'first', 'last', *places)})")
        if "chance" in self.layer.given:
            lines.append(f"draw_chances({names_of(self.name, own('chance'), 'numbers')}, key_0, key_1, t)")
        for name, window in self.nodes.windows.items():
            taken = own(name), own(Window.kernel_of(name)), own(Window.values_of(name)), s if window.of == "s" else "drive"
            lines.append(f"slide({names_of(self.name, *taken)})")
        return lines

    def text(self) -> list[str]:
        """The loops."""
        loops = [] if self.is_input else [self._advance()]
        if self.takes_thresholds:
            loops.append(self._thresholds())
        if self.is_sparse or self.sleeps:
            loops.append(self._rests())
        if self.sleeps and self.relaxes:
            loops.append(self._relax_asleep())
        if self.adapts:
            loops.append(self._adapt())
        if self.trace is not None:
            loops.append(self._follow())
        return loops

    def advance_arguments(self) -> list[str]:
        """What ``advance_`` takes after the drive."""
        shared = self._shared
        taken = self._taken(self.kind.step, [*self.state, *shared, "drive"])
        if self.kind.threshold is not None and self.layer.adapts:
            shared = self.adaptive
            taken += self._taken(self.kind.threshold, shared)
        if self.relaxes:
            taken += self._taken(self.kind.relax, self.adaptive)
        if self.layer.by_height:
            taken += ["height", *self._taken(self.kind.depolarisation, [*self.state, *self._shared, "drive"])]
        return [*self.state, *shared, *dict.fromkeys(taken)]

    def relax_arguments(self) -> list[str]:
        """What ``relax_asleep_`` takes after parts and steps."""
        return list(dict.fromkeys([*self.adaptive, *self._taken(self.kind.relax, self.adaptive)]))

    def threshold_arguments(self) -> list[str]:
        """What ``thresholds_`` takes after the number of neurons."""
        return [*self.adaptive, *self._taken(self.kind.threshold, self.adaptive)]

    def rests_arguments(self) -> list[str]:
        """What ``rests_`` takes after the number of neurons."""
        firsts = list(self.first_state.values())
        taken = self._taken(self.kind.step, [*firsts, *self._shared, "drive"])
        return list(dict.fromkeys([*firsts, *self._shared, *taken]))

    def adapt_arguments(self) -> list[str]:
        """What ``adapt_`` takes after the spikes."""
        taken = [*self.adaptive, *self._taken(self.kind.adapt, [*self.adaptive, "spikes"])]
        return ["places", *taken] if self._adapts_by_number else taken

    def trace_arguments(self) -> list[str]:
        """What ``follow_`` takes after trace and spikes."""
        return self._taken(self.trace, ["x", "spike"])

    @property
    def _adapts_by_number(self) -> bool:
        """Whether spikes are numbers of neurons by the time that these adapt, and their state lies in another order."""
        return self.kind.only_winners_adapt and self.layer.order is not None

    @property
    def _shared(self) -> list[str]:
        """What the step takes of all that samples share."""
        return self.adaptive if self.kind.threshold is None else ["threshold"]

    def _taken(self, function: Callable, leading: list[str]) -> list[str]:
        """The parameters that a function of the model takes after its first arguments, as the program calls them."""
        return [own(name) for name in list(self.translator.add(function).arguments)[len(leading) :]]

    def _call(self, function: Callable, leading: list[str]) -> str:
        """A call of a function of the model for neuron j with these first arguments."""
        rest = [f"{name}[j]" if self.has_own(name) else name for name in self._taken(function, leading)]
        translated = self.translator.add(function)
        alone = "[0]" if translated.in_a_tuple and len(translated.results) == 1 and function is not self.kind.step else ""
        return f"{translated.name}({', '.join([*leading, *rest])}){alone}"

    def _advance(self) -> str:
        state, adaptive, shared = _of_neuron(self.state), _of_neuron(self.adaptive), _of_neuron(self._shared)
        lines = []
        if self.relaxes:
            lines.append(f"{', '.join(adaptive)} = {self._call(self.kind.relax, adaptive)}")
        if self.kind.threshold is not None and self.layer.adapts:
            lines.append(f"threshold = {self._call(self.kind.threshold, adaptive)}")
            shared = ["threshold"]
        if self.layer.by_height:
            lines.append(f"height[j] = {self._call(self.kind.depolarisation, [*state, *shared, 'drive[j]'])}")
        lines.append(f"{_results(state)} = {self._call(self.kind.step, [*state, *shared, 'drive[j]'])}")
        lines += ["drive[j] = where(spike, f32(1.0), f32(0.0))", "any_over |= spike"]
        if self.sleeps:
            return self._advance_awake(lines)
        which, neurons = ("every neuron", "j in range(len(drive))")
        taken = ["drive", *self.advance_arguments()]
        if self.is_sparse:
            which, neurons = "the neurons that spikes have reached", "j in touched[:n_touched]"
            taken = ["touched", "n_touched", *taken]
        return f'''
@loop
def advance__{self.name}({", ".join(taken)}):
    """{self.kind.__name__}: one time step of {which}; a mark of those over threshold takes the drive's place. Is there any?"""
    any_over = False
    for {neurons}:
        {indented(lines, 8)}
    return any_over
'''

    def _advance_awake(self, lines: list[str]) -> str:
        """Those who fired are found while their part is at hand; an unsigned j is sure not to count from the end."""
        return f'''
@loop
def advance__{self.name}(fired, awake, age, {", ".join(["drive", *self.advance_arguments()])}):
    """{self.kind.__name__}: one time step of the parts that some drive has reached. How many neurons are over threshold?"""
    n_fired = 0
    for part in range(len(awake)):
        first = part * {PART}
        n = min(len(drive) - first, {PART})
        if not awake[part]:
            any_drive = False
            for k in range(n):
                any_drive |= drive[np.uint64(first + k)] != f32(0.0)
            if not any_drive:
                continue
            awake[part] = True
            {indented(self._relax_part() if self.relaxes else [], 12)}
        any_over = False
        for k in range(n):
            j = np.uint64(first + k)
            {indented(lines, 12)}
        if any_over:
            for j in range(first, first + n):
                if drive[j] != f32(0.0):
                    fired[n_fired] = j
                    n_fired += 1
                    drive[j] = f32(0.0)
    return n_fired
'''

    def _relax_part(self) -> list[str]:
        """Of a part that was asleep, the steps that its adaptive state has missed."""
        adaptive = _of_neuron(self.adaptive)
        return [
            "for _ in range(age):",
            "    for k in range(n):",
            "        j = np.uint64(first + k)",
            f"        {', '.join(adaptive)} = {self._call(self.kind.relax, adaptive)}",
        ]

    def _relax_asleep(self) -> str:
        return f'''
@loop
def relax_asleep__{self.name}(awake, age, {", ".join(self.relax_arguments())}):
    """{self.kind.__name__}: the steps of a sample that the adaptive state of neurons which no drive has reached has missed."""
    for part in range(len(awake)):
        first = part * {PART}
        n = min(len({self.adaptive[0]}) - first, {PART})
        if not awake[part]:
            {indented(self._relax_part(), 12)}
'''

    def _thresholds(self) -> str:
        call = self._call(self.kind.threshold, _of_neuron(self.adaptive))
        (dtype,) = self.translator.add(self.kind.threshold).results
        return f'''
@loop
def thresholds__{self.name}(n, {", ".join(self.threshold_arguments())}):
    """{self.kind.__name__}: the threshold of every neuron."""
    threshold = np.empty(n, {dtype})
    for j in range(n):
        threshold[j] = {call}
    return threshold
'''

    def _rests(self) -> str:
        firsts = {state: f"{first}[j]" if self.has_own(first) else first for state, first in self.first_state.items()}
        call = self._call(self.kind.step, [*firsts.values(), *_of_neuron(self._shared), "f32(0.0)"])
        moved = " or ".join([*(f"{state} != {first}" for state, first in firsts.items()), "spike"])
        return f'''
@loop
def rests__{self.name}(n, {", ".join(self.rests_arguments())}):
    """{self.kind.__name__}: whether a neuron that no spike has reached stays as it was reset."""
    for j in range(n):
        {_results(list(firsts))} = {call}
        if {moved}:
            return False
    return True
'''

    def _adapt(self) -> str:
        adaptive = _of_neuron(self.adaptive)
        return f'''
@loop
def adapt__{self.name}(fired, n_fired, {", ".join(self.adapt_arguments())}):
    """{self.kind.__name__}: what a spike leaves behind for all samples."""
    for k in range(n_fired):
        j = {"places[fired[k]]" if self._adapts_by_number else "fired[k]"}
        {", ".join(adaptive)} = {self._call(self.kind.adapt, [*adaptive, "1.0"])}
'''

    def _follow(self) -> str:
        head = f"follow__{self.name}(x, fired, first, last, room, {', '.join(self.trace_arguments())})"
        return following(head, "x", lambda value, spike: self._call(self.trace, [value, spike]))


def following(head: str, x: str, call: Callable[[str, str], str]) -> str:
    """The loop that lets a trace follow the spikes of a step.

    Args:
        head: its name and what it takes: ``fired, first, last``, ``room`` for values, the trace and parameters.
        x: the trace.
        call: gives the trace's equation for a value and whether its neuron fired.
    """
    return f'''
@loop
def {head}:
    """The trace of every neuron, one time step on: first of those that fired, aside, then as if none had."""
    for k in range(first, last):
        j = fired[k]
        room[k - first] = {call(f"{x}[j]", "True")}
    for j in range(len({x})):
        {x}[j] = {call(f"{x}[j]", "False")}
    for k in range(first, last):
        {x}[fired[k]] = room[k - first]
'''


def indented(lines: list[str], indent: int) -> str:
    """Lines as text, where the first one's indentation is already there."""
    return ("\n" + " " * indent).join(lines)


def _of_neuron(names: list[str]) -> list[str]:
    return [f"{name}[j]" for name in names]


def _results(state: list[str]) -> str:
    """What a step's results are assigned to: a step of a model without state returns its spikes in a tuple, too."""
    return ", ".join([*state, "spike"]) + ("" if state else ",")

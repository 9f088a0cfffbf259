"""The loops of a program over the synapses of one connection that learns, made of the functions of its rule.

In their text i is the source of a synapse, j its target as runs count, p its weight and q its own number.
"""

from __future__ import annotations

from collections.abc import Callable

from bindsnet.engine.fused.layer_loops import following, indented
from bindsnet.engine.fused.plan import Projection
from bindsnet.engine.fused.synapse_loops import MatrixLoops, RunLoops
from bindsnet.engine.fused.translate import Translator, own
from bindsnet.learning.rules.declared import Field

SPIKES = ("fired_pre", "first", "last", "fired_post", "n_fired")


class RuleLoop:
    """Text of the loops of a connection's rule, and the names of what they take.

    Args:
        projection: the connection.
        translator: collects the functions that the loops call.
    """

    def __init__(self, projection: Projection, translator: Translator) -> None:
        self.projection, self.rule, self.kind = projection, projection.rule, type(projection.rule)
        self.translator = translator
        connection = projection.connection
        self.shared = connection.shares_weights
        self.synapses = RunLoops(projection) if connection.computes_by_runs else MatrixLoops()
        acting = {"on_pre": self.rule.acts_on_pre, "on_post": self.rule.acts_on_post, "on_step": self.rule.acts_on_step}
        self.functions = {role: getattr(self.kind, role) for role, acts in acting.items() if acts}

    @property
    def in_every_step(self) -> bool:
        """Whether weights may change in a step without spikes."""
        return self.rule.weight_decay != 0 or self.rule.acts_on_step

    @property
    def sources(self) -> dict[str, str]:
        """What a function may take of the source of a synapse -> the array that holds it."""
        return {"x_pre": "x_pre"} | {name: own(name) for name, trace in self.kind.traces.items() if trace.side == "source"}

    @property
    def taken(self) -> list[str]:
        """What the functions take, by the names that they have for it."""
        return list(dict.fromkeys(name for function in self.functions.values() for name in self._arguments_of(function)))

    def arguments(self) -> list[str]:
        """What ``learn_`` takes after spikes and weights: by names that the connection has for them, traces of layers first."""
        given = [name for name in ("x_pre", "x_post", "reward") if name in [*self.taken, *self._fields_of()]]
        memory = [name for name in (*self.kind.traces, *self.kind.state, *self.kind.adaptive_state) if name in self._named()]
        parameters = [name for name in self.taken if name in self.rule.parameters]
        parameters = dict.fromkeys([*parameters, "wmin", "wmax"])
        return [*given, *self.synapses.arguments(), *self.rooms(), *map(own, memory), *map(own, parameters)]

    def rooms(self, n: str = "", m: str = "", n_weights: str = "") -> dict[str, str]:
        """Rooms of the loops and how they are made, from what gives the numbers of sources, of targets and of weights."""
        rooms = {f"field_{own(name)}": f"np.empty({m}, f32)" for name in self._fields()}
        if self.shared:
            rooms |= {"delta": f"np.zeros({n_weights}, f32)"}
        rooms |= {f"is_fired_{side}": f"np.zeros({n if side == 'pre' else m}, np.bool_)" for side in self._marked}
        if self._compacts:
            rooms |= {"column": f"np.empty({n}, f32)", "places": f"np.empty({n}, np.int32)"}
            rooms |= {f"column_{array}": f"np.empty({n}, f32)" for array in self._taken_of_source("on_post").values()}
        return rooms

    def text(self) -> str:
        """The loops."""
        lines = [*self._mark(True), *(self._change_shared() if self.shared else self._change()), *self._mark(False)]
        lines += self._decay() if self.rule.weight_decay else []
        text = f'''
@loop
def learn__{self.projection.name}({", ".join([*SPIKES, "w", "remaining", *self.arguments()])}):
    """{self.kind.__name__}: the synapses of sources that fired, then those of targets that fired."""
    {indented(lines, 4)}
'''
        for name in self.kind.traces:
            text += self._follow(name)
        text += self._shift() if self.kind.shift is not None else ""
        return text + (self._adapt() if self.kind.adapt is not None else "")

    def trace_arguments(self, name: str) -> list[str]:
        """What the loops of a trace of the rule's own take after spikes and room."""
        return [own(name), own(f"{name}_decay"), own(f"{name}_scale")]

    def shift_arguments(self) -> list[str]:
        """What ``shift_`` takes after spikes: by names that the connection has for them."""
        parameters = [name for name in self._arguments_of(self.kind.shift) if name in self.rule.parameters]
        return ["w", *self.synapses.arguments(), "exact", "steps", "longest", "since", *map(own, parameters)]

    def adapt_arguments(self) -> list[str]:
        """What ``adapt_`` takes after the spikes of the target."""
        given = ("spikes", *self.kind.adaptive_state)
        taken = [name for name in self._arguments_of(self.kind.adapt) if name not in given]
        return [*map(own, self.kind.adaptive_state), *map(own, taken)]

    @property
    def _compacts(self) -> bool:
        """Whether the synapses of a target are changed side by side, without the weights that stay as they are."""
        return "on_post" in self.functions and not self._holds_more and not self._at_once

    @property
    def _at_once(self) -> bool:
        """Whether both functions change a weight and take it as it was before the step; of shared ones all take it so."""
        return self.kind.at_once and {"on_pre", "on_post"} <= self.functions.keys() and not self.shared

    @property
    def _marked(self) -> list[str]:
        """The sides of which it is marked who fired: a function takes it, or one kind of spike must know the other."""
        by_target = self.shared and "on_pre" in self.functions and not self.projection.connection.alike_in_order
        needed = {"pre": by_target or self._at_once, "post": self._at_once}
        return [side for side, also in needed.items() if also or f"s_{side}" in self.taken]

    @property
    def _holds_more(self) -> bool:
        """Whether a synapse has more than a weight: state, a field, or parameters of its own."""
        return bool(self.kind.state or self._fields() or set(self.projection.owns).intersection(self.taken))

    def _arguments_of(self, function: Callable) -> list[str]:
        return list(self.translator.add(function, mere_numbers=True).arguments)

    def _fields(self, role: str | None = None) -> dict[str, Field]:
        functions = self.functions.values() if role is None else [self.functions[role]]
        taken = [name for function in functions for name in self._arguments_of(function)]
        return {name: field for name, field in self.kind.fields.items() if name in taken}

    def _fields_of(self) -> list[str]:
        return [field.of for field in self._fields().values()]

    def _named(self) -> list[str]:
        state = [*self.kind.state] if self.functions else []
        return [*self.taken, *self._fields_of(), *state]

    def _taken_of_source(self, role: str) -> dict[str, str]:
        """What a function takes of the source of a synapse, and the array that holds it."""
        taken = self._arguments_of(self.functions[role])
        return {name: array for name, array in self.sources.items() if name in taken}

    def _call(self, role: str, **given: str) -> str:
        """A call of a function for synapse q from i to j with the weight p, but for what is given."""
        neuron = self.synapses.neuron
        known = {"x_pre": "x_pre[i]", "x_post": f"x_post[{neuron}]", "reward": "reward", **given}
        known |= {"s_pre": "f32(is_fired_pre[i])", "s_post": f"f32(is_fired_post[{neuron}])"}
        known |= {name: f"{array}[i]" for name, array in self.sources.items() if name not in given}
        ends = [name for name, trace in self.kind.traces.items() if trace.side == "target"]
        known |= {name: f"{own(name)}[{neuron}]" for name in (*ends, *self.kind.adaptive_state)}
        known |= {name: f"{own(name)}[q]" for name in self.kind.state}
        known |= {name: f"field_{own(name)}[j]" for name in self.kind.fields}
        known |= {name: f"{own(name)}[p]" for name in self.projection.owns}
        function = self.translator.add(self.functions[role], mere_numbers=True)
        return f"{function.name}({', '.join(known.get(name, own(name)) for name in function.arguments)})"

    def _changing(self, role: str, w: str, bounded: bool = False, before: str | None = None) -> list[str]:
        """The lines that let a function change a synapse, from its weight or what that was before."""
        change, lines = self._call(role, w=before or w), []
        returned = self.translator.add(self.functions[role], mere_numbers=True)
        if len(returned.results) == 1:
            change += "[0]" * returned.in_a_tuple
        else:
            results = ["change", *(f"{own(name)}[q]" for name in self.kind.state)]
            change, lines = "change", [f"{', '.join(results)} = {change}"]
        if self.shared:
            return [*lines, f"delta[p] += f32({change})"]
        return [*lines, f"{w} = bounded({w} + {change}, u_wmin, u_wmax)" if bounded else f"{w} += {change}"]

    def _decay(self) -> list[str]:
        w = self.synapses.weight
        decayed = f"{w} * remaining"
        if self.projection.connection.bounded:
            decayed = f"bounded({decayed}, u_wmin, u_wmax)"
        return self.synapses.every_weight([f"{w} = {decayed}"])

    def _change(self) -> list[str]:
        """Each synapse by itself: what its source does to it, bounded at the end, then its target, then the step."""
        loops, lines, w = self.synapses, [], self.synapses.weight
        if self._at_once:
            lines += self._change_at_once()
        elif "on_pre" in self.functions:
            lines += self._sum_fields("on_pre") + loops.from_sources(self._changing("on_pre", w))
        if self._compacts:
            lines += self._change_columns()
        elif "on_post" in self.functions and not self._at_once:
            lines += self._sum_fields("on_post") + loops.into_targets(self._changing("on_post", w, bounded=True))
        if "on_pre" in self.functions:
            lines += loops.from_sources([f"{w} = bounded({w}, u_wmin, u_wmax)"])
        if "on_step" in self.functions:
            lines += self._sum_fields("on_step") + loops.every_synapse(self._changing("on_step", w, bounded=True))
        return lines

    def _change_at_once(self) -> list[str]:
        """Both changes where both ends fired, from the weight before them; then those of targets alone."""
        loops, w = self.synapses, self.synapses.weight
        both = self._changing("on_post", w, bounded=True, before="before")
        both = [f"if is_fired_post[{loops.neuron}]:", *(f"    {line}" for line in both)]
        alone = ["if not is_fired_pre[i]:", *(f"    {line}" for line in self._changing("on_post", w, bounded=True))]
        lines = self._sum_fields("on_pre") + self._sum_fields("on_post")
        lines += loops.from_sources([f"before = {w}", *self._changing("on_pre", w, before="before"), *both])
        return lines + loops.into_targets(alone)

    def _mark(self, fired: bool) -> list[str]:
        """Note who has fired, or that nobody has."""
        neurons = {"pre": ("range(first, last)", "fired_pre"), "post": ("range(n_fired)", "fired_post")}
        ranges = [(side, *neurons[side]) for side in self._marked]
        return [line for side, k, f in ranges for line in (f"for k in {k}:", f"    is_fired_{side}[{f}[k]] = {fired}")]

    def _change_shared(self) -> list[str]:
        """All changes from the weights before the step, summed for each weight in ascending order of target, then source."""
        loops, lines, w = self.synapses, [], self.synapses.weight
        apply = [f"{w} = bounded({w} + delta[p], u_wmin, u_wmax)", "delta[p] = f32(0.0)"]
        if "on_pre" in self.functions:
            change = self._changing("on_pre", w)
            by_target = ["if is_fired_pre[i]:", *(f"    {line}" for line in change)]
            in_order = self.projection.connection.alike_in_order
            change = loops.from_sources(change) if in_order else loops.every_synapse(by_target)
            lines += self._sum_fields("on_pre") + change
        if self._compacts:
            lines += self._change_columns()
        elif "on_post" in self.functions:
            lines += self._sum_fields("on_post") + loops.into_targets(self._changing("on_post", w))
        if "on_step" in self.functions:
            lines += self._sum_fields("on_step") + loops.every_synapse(self._changing("on_step", w))
        lines += loops.every_weight(apply)
        if not self.in_every_step or "on_step" in self.functions:
            return lines
        spikes = {"on_pre": "last > first", "on_post": "n_fired > 0"}
        some = " or ".join(condition for role, condition in spikes.items() if role in self.functions)
        return [f"if {some}:", *(f"    {line}" for line in lines)] if some else []  # weights beyond their bounds decay first

    def _sum_fields(self, role: str) -> list[str]:
        """Quantities of the synapses into each target, or into those that fired where only these count."""
        loops, lines = self.synapses, []
        for name, field in self._fields(role).items():
            value = self.synapses.weight if field.of == "w" else f"{self.sources[field.of]}[i]"
            total = f"field_{own(name)}[j]"
            add = [f"{total} += {value if field.quantity == 'sum' else f'{value} * {value}'}"]
            root = [f"{total} = np.sqrt({total})"] if field.quantity == "length" else []
            if role == "on_post":
                lines += loops.columns([f"{total} = f32(0.0)"], add, root)
            else:
                lines += [f"fill(field_{own(name)}, f32(0.0))", *loops.every_synapse(add)]
                lines += [f"for j in range(len(field_{own(name)})):", f"    {root[0]}"] if root else []
        return lines

    def _change_columns(self) -> list[str]:
        """The synapses of a target side by side: first all that the function takes, then all changes, then all weights.

        Where the rule leaves weights at the lower bound whose source is silent, as most are, only the others are changed.
        """
        of_source, whole, w = self._taken_of_source("on_post"), self.synapses.column, self.synapses.in_column
        call = self._call("on_post", w="column[i]", **{name: f"column_{array}[i]" for name, array in of_source.items()})
        at_rest = self._call("on_post", w="u_wmin", **dict.fromkeys(of_source, "f32(0.0)"))
        if self.translator.add(self.functions["on_post"], mere_numbers=True).in_a_tuple:
            call, at_rest = f"{call}[0]", f"{at_rest}[0]"
        silent = "".join(f" | ({array}[i] != f32(0.0))" for array in of_source.values())
        taking = [
            f"column[n], places[n] = {w}",
            *(f"column_{array}[n] = {array}[i]" for array in of_source.values()),
            "n += 1" if self.shared else f"n += moves | ({self.synapses.weight_in_column} != u_wmin){silent}",
        ]
        moves = [] if self.shared else [f"moves = bounded(u_wmin + {at_rest}, u_wmin, u_wmax) != u_wmin"]
        changed = f"f32({call})" if self.shared else f"bounded(column[i] + {call}, u_wmin, u_wmax)"
        put = "delta[places[i]] += column[i]" if self.shared else f"{whole}[places[i]] = column[i]"
        changing = ["for i in range(n):", f"    column[i] = {changed}", "for i in range(n):", f"    {put}"]
        return self.synapses.columns([*moves, "n = 0"], taking, changing)

    def _follow(self, name: str) -> str:
        """A trace of the rule's own: one step on before the functions see it, with this step's spikes in it or not yet."""
        trace = self.kind.traces[name]
        equation = self.translator.add(trace.equation).name
        x, decay, scale = self.trace_arguments(name)
        taken = f"(fired, first, last, room, {x}, {decay}, {scale})"
        head = f"decay_{x}__{self.projection.name}{taken}"
        if trace.with_spikes:
            return following(head, x, lambda value, spike: f"{equation}({value}, {spike}, {decay}, {scale})")
        return f'''
@loop
def {head}:
    """The trace {name}, one time step on as if nobody had fired."""
    for j in range(len({x})):
        {x}[j] = {equation}({x}[j], False, {decay}, {scale})


@loop
def add_to_{x}__{self.projection.name}{taken}:
    """This step's spikes enter the trace {name}, which has decayed already."""
    for k in range(first, last):
        {x}[fired[k]] = {equation}({x}[fired[k]], True, f32(1.0), {scale})
'''

    def _shift(self) -> str:
        function = self.translator.add(self.kind.shift, mere_numbers=True)
        given = {"delay": "exact[p]", "elapsed": "f32(since[i])"}
        call = f"{function.name}({', '.join(given.get(name, own(name)) for name in function.arguments)})"
        change = [
            "if since[i] > 0:",
            f"    exact[p] = bounded(exact[p] + {call}{'[0]' * function.in_a_tuple}, f32(1.0), f32(longest))",
            "    steps[p] = np.int32(np.floor(exact[p] + f32(0.5)))",
        ]
        return f'''
@loop
def shift__{self.projection.name}(fired_post, n_fired, {", ".join(self.shift_arguments())}):
    """{self.kind.__name__}: the delays of synapses into targets that fired, of sources that had fired not long before."""
    {indented(self.synapses.into_targets(change), 4)}
    fill(since, 0)
'''

    def _adapt(self) -> str:
        adaptive = {name: f"{own(name)}[j]" for name in self.kind.adaptive_state}
        function = self.translator.add(self.kind.adapt, mere_numbers=True)
        taken = [({"spikes": "1.0"} | adaptive).get(name, own(name)) for name in function.arguments]
        results = ", ".join(adaptive.values()) + ("," if function.in_a_tuple and len(adaptive) == 1 else "")
        return f'''
@loop
def adapt__{self.projection.name}(fired, first, last, {", ".join(self.adapt_arguments())}):
    """{self.kind.__name__}: what a spike leaves behind for all samples."""
    for k in range(first, last):
        j = fired[k]
        {results} = {function.name}({", ".join(taken)})
'''

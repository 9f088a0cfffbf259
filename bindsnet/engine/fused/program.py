"""The program of a network: Python text that Numba compiles, one loop over samples and time steps.

It is made of the network's own functions (:mod:`~bindsnet.engine.fused.translate`), loops over the neurons of each layer
(:mod:`~bindsnet.engine.fused.layer_loops`) and over the synapses of each connection that learns
(:mod:`~bindsnet.engine.fused.rule_loop`), and the presentation of section "Training and Classification" of Diehl & Cook (2015)
around them. Event-driven: a connection costs what its spikes cost. Sums run in ascending order of the source, one by one, as in
the plain engine, so both give the same bits.
"""

from __future__ import annotations

import inspect
import re

from bindsnet.engine.fused import kernels
from bindsnet.engine.fused.layer_loops import PART, LayerLoops, indented
from bindsnet.engine.fused.plan import Plan, Projection
from bindsnet.engine.fused.projection_calls import ProjectionCalls, in_slot
from bindsnet.engine.fused.rule_loop import RuleLoop
from bindsnet.engine.fused.translate import Translator, names_of, own
from bindsnet.engine.presentation import recordable
from bindsnet.network.nodes.given import Window
from bindsnet.numbers import random


def text_of(plan: Plan, names: list[str]) -> str:
    """The program of a plan, whose ``simulate`` takes the arguments ``names`` after the block's own."""
    return _Program(plan, names).text()


class _Program:
    def __init__(self, plan: Plan, names: list[str]) -> None:
        self.plan, self.names = plan, names
        self.translator = Translator()
        into = {layer.name: [p for p in plan.projections if p.target is layer] for layer in plan.layers}
        self.layers = [LayerLoops(layer, into[layer.name], self.translator) for layer in plan.layers]
        self.rules = [RuleLoop(p, self.translator) for p in plan.projections if p.rule is not None]
        self.calls = ProjectionCalls(names, plan.projections, self.translator)

    def text(self) -> str:
        plan = self.plan
        simulate = self._simulate()
        layers = [loop for layer in self.layers for loop in layer.text()]
        rules = [rule.text() for rule in self.rules]
        title = ", ".join(f"{layer.name} ({type(layer.nodes).__name__})" for layer in plan.layers)
        text = "\n".join(
            [
                kernels.HEADER.format(title=f"{title}; {'learning' if plan.learning else 'frozen'}."),
                *(f"{name} = {getattr(random, name)!r}" for name in kernels.RANDOM_CONSTANTS),
                *("\n\n@loop\n" + inspect.getsource(function) for function in kernels.RANDOM_FUNCTIONS),
                "\n" + self.translator.text,
                kernels.MARK,
                kernels.MARK_PLACES if any(layer.sees_spikes and layer.layer.order is not None for layer in self.layers) else "",
                kernels.CHANCES if any("chance" in layer.given for layer in plan.layers) else "",
                kernels.SLIDE if any(layer.nodes.windows for layer in plan.layers) else "",
                kernels.COLLECT if not all(layer.is_input or layer.sleeps for layer in self.layers) else "",
                kernels.TOUCH if any(layer.is_sparse for layer in self.layers) else "",
                kernels.ADD if any(len(layer.projections) > 1 or layer.nodes.within for layer in self.layers) else "",
                kernels.ADD_MAPPED if any(not p.in_place for p in plan.projections) else "",
                kernels.SCALE if any(not p.delays_alike for p in plan.projections) else "",
                kernels.NOTE if any(rule.kind.shift is not None for rule in self.rules) else "",
                kernels.KEEP_WITHIN if self._lifted else "",
                kernels.ORDER if any(layer.order is not None for layer in plan.layers) else "",
                kernels.CHOOSE if any(layer.by_groups for layer in plan.layers) else "",
                *self.calls.kernels(),
                *layers,
                *rules,
                simulate,
            ]
        )
        return re.sub(r"\n +\n", "\n", text)  # where a part of simulate has nothing to do

    def _simulate(self) -> str:
        plan = self.plan
        block = ["first_sample", "last_sample", "n_steps", "sample_numbers", "stream_0", "stream_1", "max_presentations"]
        block += ["min_spikes", "growth", "counts", "n_presentations", "raster", "traces_to_the_end", "rewards", "record_rows"]
        block += [f"record_{own(variable)}__{layer.name}" for layer in plan.layers for variable in recordable(layer.nodes)]
        block += [f"{part}__{layer.name}" for layer in plan.layers if layer.is_input for part in ("pointers", "steps", "units")]
        return f'''
@njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True)
def simulate({_wrapped([*block, *self.names])}):
    """Present a block of samples; results go into counts, n_presentations and raster, the network's arrays hold its state."""
    none = i64(0)  # of one type from the start, else what is called with it is compiled twice
    {indented(self._set_up(), 4)}
    for sample in range(first_sample, last_sample):
        record_row = record_rows[sample]
        keep_traces = {"True" if plan.learning else "record_row >= 0 or (traces_to_the_end and sample == last_sample - 1)"}
        {indented(self._reset(), 8)}
        for presentation in range(max_presentations):
            key_0, key_1 = presentation_key(stream_0, stream_1, sample_numbers[sample], presentation)
            fill(counts[sample], 0)
            n_counted = 0
            {indented(self._rewind(), 12)}
            for t in range(n_steps):
                {indented(self._step(), 16)}
                if record_row >= 0:
                    {indented(self._record(), 20)}
            {indented(self._normalize(), 12)}
            n_presentations[sample] += 1
            if n_counted >= min_spikes:
                break
            {indented(self._grow(), 12)}
        {indented(self._end_of_sample(), 8)}
    if last_sample > first_sample:
        {indented(self._last_spikes(), 8)}
'''

    def _set_up(self) -> list[str]:
        lines = [line for layer in self.layers for line in self._set_up_layer(layer)]
        for loop in self.rules:
            projection = loop.projection
            n, m = f"len(s__{projection.source.name})", f"len(s__{projection.target.name})"
            rooms = loop.rooms(n, m, f"len(w__{projection.name})")
            lines += [f"{room}__{projection.name} = {how}" for room, how in rooms.items()]
            if loop.kind.traces:
                lines.append(f"room__{projection.name} = np.empty(max({n}, {m}), f32)")
            if loop.kind.shift is not None:
                lines.append(f"since__{projection.name} = np.zeros({n}, np.int32)")
        for name in self._depressing:
            lines.append(f"found__{name} = np.empty(len(resources__{name}), f32)")
        if self.plan.repeated is not None:
            lines.append(f"first_factor = factor__{self.plan.repeated.name}")
        return lines

    def _set_up_layer(self, layer: LayerLoops) -> list[str]:
        name, lines, n = layer.name, [], f"len(s__{layer.name})"
        if layer.is_input:
            lines.append(f"fired__{name} = units__{name}")
        else:
            lines.append(f"drive__{name} = aligned_zeros({n})")
            if len(layer.projections) > 1 or layer.nodes.within or any(not p.in_place for p in layer.projections):
                lines.append(f"partial__{name} = aligned_zeros({n})")
            if layer.layer.n_slots > 1:
                lines.append(f"slots__{name} = np.empty((len(past__{name}) + 1, {n}), np.int32)")
                lines.append(f"fired__{name} = slots__{name}[0]")
            else:
                lines.append(f"fired__{name} = np.empty({n}, np.int32)")
        if layer.layer.n_slots > 1:
            lines += [f"{part}__{name} = np.zeros(len(past__{name}) + 1, np.int64)" for part in ("firsts", "lasts")]
        lines += [f"{room}__{name} = {how.format(n=n)}" for room, how in layer.rooms().items()]
        if layer.takes_thresholds:
            taken = names_of(name, *layer.threshold_arguments())
            lines.append(f"threshold__{name} = thresholds__{name}({n}, {taken})")
        if layer.is_sparse:
            rests = f"rests__{name}({n}, {names_of(name, *layer.rests_arguments())})"
            lines.append(f"touched__{name} = np.empty({n}, np.int32)")
            lines += [f"for j in range(len(touched__{name})):", f"    touched__{name}[j] = j"]
            lines.append(f"first_touched__{name} = 0 if {rests} else {n}")
            lines.append(f"is_touched__{name} = np.empty({n}, np.bool_)")
        if layer.sleeps:
            lines.append(f"may_rest__{name} = rests__{name}({n}, {names_of(name, *layer.rests_arguments())})")
            lines.append(f"awake__{name} = np.empty(({n} + {PART - 1}) // {PART}, np.bool_)")
        if layer.trace:
            lines.append(f"room__{name} = np.empty({n}, f32)")
        if layer.layer.by_groups:
            lines.append(f"height__{name} = np.empty({n if layer.layer.by_height else 0}, f32)")
            if layer.layer.by_height and layer.layer.order is not None:
                lines.append(f"height_of__{name} = np.empty({n}, f32)")
            lines.append(f"n_rivals__{name} = np.zeros(n_groups__{name}, np.int64)")
            lines.append(f"best__{name} = np.empty(n_groups__{name}, f32)")
        return lines

    def _reset(self) -> list[str]:
        lines = ["clock = 0"]
        for layer in self.layers:
            name = layer.name
            if layer.sleeps:
                lines.append(f"fill(awake__{name}, record_row >= 0 or not may_rest__{name})")
            for state, first in layer.first_state.items():
                lines.append(f"{'copy' if layer.has_own(first) else 'fill'}({state}__{name}, {first}__{name})")
            windows = [own(Window.values_of(window)) for window in layer.nodes.windows]
            lines += [f"fill({zero}__{name}, f32(0.0))" for zero in [*windows, *(["x"] if layer.trace else [])]]
            lines.append(f"first__{name} = last__{name} = none")
            if layer.layer.n_slots > 1:
                lines += [f"fill({part}__{name}, 0)" for part in ("firsts", "lasts")]
            if not layer.is_input:
                lines.append(f"fill(drive__{name}, f32(0.0))")
            if layer.is_sparse:
                lines.append(f"n_touched__{name} = first_touched__{name}")
                lines.append(f"fill(is_touched__{name}, n_touched__{name} > 0)")
        for loop in self.rules:
            fading = [name for name, trace in loop.kind.traces.items() if not trace.lasting]
            firsts = dict.fromkeys(fading, 0.0) | loop.kind.state
            lines += [f"fill({own(name)}__{loop.projection.name}, f32({float(first)!r}))" for name, first in firsts.items()]
        lines += [f"fill(resources__{name}, f32(1.0))" for name in self._depressing]
        if self.plan.repeated is not None:
            lines.append(f"factor__{self.plan.repeated.name} = first_factor")
        return lines

    @property
    def _depressing(self) -> list[str]:
        return [projection.name for projection in self.plan.projections if projection.depresses]

    def _rewind(self) -> list[str]:
        """A presentation begins: the spikes still on their way from the last one come first, those to come are sample's."""
        inputs = [layer.name for layer in self.plan.layers if layer.is_input]
        return [f"next__{name}, end__{name} = pointers__{name}[sample], pointers__{name}[sample + 1]" for name in inputs]

    def _normalize(self) -> list[str]:
        return [self.calls.normalize(p) for p in self.plan.projections if p.normalized and self.plan.learning]

    def _grow(self) -> list[str]:
        repeated = self.plan.repeated
        return [] if repeated is None else [f"factor__{repeated.name} *= growth"]

    def _step(self) -> list[str]:
        lines = ["reward = rewards[sample, t]"] if self.plan.takes_reward and self.plan.learning else []
        lines += [line for layer in self.layers if not layer.is_input for line in self.calls.drive(layer)]
        for layer in self.layers:
            name = layer.name
            lines += self._take_spikes(name) if layer.is_input else self._fire(layer)
            if layer.layer.n_slots > 1:
                slot = f"clock % len(lasts__{name})"
                lines.append(f"firsts__{name}[{slot}], lasts__{name}[{slot}] = first__{name}, last__{name}")
            if layer.trace:
                taken = names_of(name, "x", "fired", "first", "last", "room", *layer.trace_arguments())
                lines += ["if keep_traces:", f"    follow__{name}({taken})"]
        lines.append("clock += 1")
        for rule in self.rules:
            lines += self._learn(rule)
        return lines + self._keep_within_bounds() + self._count()

    def _keep_within_bounds(self) -> list[str]:
        """See :meth:`AbstractConnection.keep_within_bounds`."""
        names = [names_of(p.name, "w", own("wmin"), own("wmax")) for p in self._lifted]
        return ["if t == 0:", *(f"    keep_within({taken})" for taken in names)] if names else []

    @property
    def _lifted(self) -> list[Projection]:
        """Connections whose norm may lift weights that learn beyond their bounds."""
        learning = (loop.projection for loop in self.rules)
        return [projection for projection in learning if projection.normalized and projection.connection.bounded]

    def _take_spikes(self, name: str) -> list[str]:
        return [
            f"first__{name} = last__{name} = next__{name}",
            f"while last__{name} < end__{name} and steps__{name}[last__{name}] == t:",
            f"    last__{name} += 1",
            f"next__{name} = last__{name}",
        ]

    def _fire(self, layer: LayerLoops) -> list[str]:
        name, lines = layer.name, layer.give()
        lines += [f"fired__{name} = slots__{name}[clock % len(lasts__{name})]"] if layer.layer.n_slots > 1 else []
        if layer.sleeps:
            taken = f"{names_of(name, 'fired', 'awake')}, clock, {names_of(name, 'drive', *layer.advance_arguments())}"
            lines.append(f"last__{name} = advance__{name}({taken})")
        else:  # finding who fired apart keeps the loop small enough for the compiler to put it here
            reached = ["touched", "n_touched"] if layer.is_sparse else []
            lines += [
                f"last__{name} = 0",
                f"if advance__{name}({names_of(name, *reached, 'drive', *layer.advance_arguments())}):",
                f"    last__{name} = collect(drive__{name}, fired__{name})",
            ]
        adapt = [f"adapt__{name}({names_of(name, 'fired', 'last', *layer.adapt_arguments())})"] if layer.adapts else []
        some = [] if layer.kind.only_winners_adapt else [*adapt]
        if layer.layer.order is not None:
            if layer.layer.by_height:
                some.append(f"copy_of_fired({names_of(name, 'height_of', 'height', 'fired', 'last', 'order')})")
            some.append(f"as_neurons(fired__{name}, last__{name}, order__{name})")
        if layer.layer.n_groups:
            some += [f"if last__{name} > 1:", *(f"    {line}" for line in self._choose(layer))]
        if layer.kind.only_winners_adapt:
            some += adapt
        return [*lines, *([f"if last__{name} > 0:", *(f"    {line}" for line in some)] if some else [])]

    def _choose(self, layer: LayerLoops) -> list[str]:
        name = layer.name
        if not layer.layer.by_groups:
            winner = f"fired__{name}[draw_below(last__{name}, key_0, key_1, t, first_neuron__{name})]"
            return [f"winner = {winner}", f"fired__{name}[0], last__{name} = winner, 1"]
        heights = "height_of" if layer.layer.by_height and layer.layer.order is not None else "height"
        taken = names_of(name, "fired", "last", "n_groups", heights, "n_rivals", "best")
        return [f"last__{name} = choose({taken}, key_0, key_1, t, first_neuron__{name})"]

    def _learn(self, loop: RuleLoop) -> list[str]:
        projection, rule, kind = loop.projection, loop.rule, loop.kind
        source, target = projection.source.name, projection.target.name
        spikes_of = {"source": names_of(source, "fired", "first", "last"), "target": names_of(target, "fired", "first", "last")}
        before, after = [], []
        for name, trace in kind.traces.items():
            taken = f"{spikes_of[trace.side]}, {names_of(projection.name, 'room', *loop.trace_arguments(name))}"
            before.append(f"decay_{own(name)}__{projection.name}({taken})")
            if not trace.with_spikes:
                after.append(f"add_to_{own(name)}__{projection.name}({taken})")
        if kind.shift is not None:
            after += self._shift(loop, f"{names_of(target, 'fired', 'last')}")
        if kind.adapt is not None:
            after.append(f"adapt__{projection.name}({spikes_of['target']}, {names_of(projection.name, *loop.adapt_arguments())})")
        given = {"x_pre": f"x__{source}", "x_post": f"x__{target}", "reward": "reward"}
        taken = [given.get(name, f"{name}__{projection.name}") for name in loop.arguments()]
        spikes = f"{spikes_of['source']}, {names_of(target, 'fired', 'last')}"
        learn = f"learn__{projection.name}({', '.join([spikes, names_of(projection.name, 'w', 'remaining'), *taken])})"
        if loop.in_every_step:
            return [*before, learn, *after]
        conditions = [f"last__{source} > first__{source}"] * rule.acts_on_pre
        conditions += [f"last__{target} > first__{target}"] * rule.acts_on_post
        return [*before, *([f"if {' or '.join(conditions)}:", f"    {learn}"] if conditions else []), *after]

    def _shift(self, loop: RuleLoop, spikes: str) -> list[str]:
        """When a target fires: how long ago each source has, and then the delays."""
        source, name = loop.projection.source, loop.projection.name
        return [
            f"if last__{loop.projection.target.name} > 0:",
            f"    for d in range(longest__{name}, 0, -1):",
            f"        slot = (clock - 1 - d) % len(lasts__{source.name})",
            f"        note(since__{name}, d, {in_slot(source)})",
            f"    shift__{name}({spikes}, {names_of(name, *loop.shift_arguments())})",
        ]

    def _count(self) -> list[str]:
        name = self.plan.counted.name
        return [
            f"for k in range(first__{name}, last__{name}):",
            f"    counts[sample, fired__{name}[k]] += 1",
            "if len(raster) > 0:",
            f"    mark(raster[sample, t], {names_of(name, 'fired', 'first', 'last')})",
            f"n_counted += last__{name} - first__{name}",
        ]

    def _record(self) -> list[str]:
        """Of a sample to record: what is asked for, as it is after a step."""
        lines = []
        for layer in self.plan.layers:
            for variable in recordable(layer.nodes):
                record, name = f"record_{own(variable)}__{layer.name}", layer.name
                lines.append(f"if len({record}) > 0:")
                if variable == "s":
                    lines.append(f"    mark({record}[record_row, t], {names_of(name, 'fired', 'first', 'last')})")
                elif variable == "x":
                    lines.append(f"    copy({record}[record_row, t], x__{name})")
                elif layer.order is not None:
                    lines.append(f"    copy_in_order({record}[record_row, t], {own(variable)}__{name}, order__{name})")
                else:
                    lines.append(f"    copy({record}[record_row, t], {own(variable)}__{name})")
        return lines

    def _end_of_sample(self) -> list[str]:
        return [
            f"relax_asleep__{layer.name}(awake__{layer.name}, clock, {names_of(layer.name, *layer.relax_arguments())})"
            for layer in self.layers
            if layer.sleeps and layer.relaxes
        ]

    def _last_spikes(self) -> list[str]:
        """The block ends: the spikes of the last steps, as the network keeps them."""
        lines = [f"mark({names_of(layer.name, 's', 'fired', 'first', 'last')})" for layer in self.plan.layers]
        for layer in self.plan.layers:
            name = layer.name
            if layer.n_slots > 1:
                lines.append(f"for k in range(len(past__{name})):")
                lines.append(f"    slot = (clock - 2 - k) % len(lasts__{name})")
                lines.append(f"    mark(past__{name}[k], {in_slot(layer)})")
        return lines


def _wrapped(names: list[str]) -> str:
    rows = [", ".join(names[k : k + 8]) for k in range(0, len(names), 8)]
    return "\n    " + ",\n    ".join(rows) + ",\n"

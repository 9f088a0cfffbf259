"""The program of a network: Python source that Numba compiles, one loop over samples and time steps.

It is made of the network's own functions (:mod:`~bindsnet.engine.fused.translate`), loops over the neurons of each layer
(:mod:`~bindsnet.engine.fused.layer_loops`) and over the synapses of each connection that learns
(:mod:`~bindsnet.engine.fused.rule_loop`), and the presentation of section "Training and Classification" of Diehl & Cook (2015)
around them. Event-driven: a connection costs what its spikes cost. Sums run in ascending order of the source, one by one, as in
the plain engine, so both give the same bits.
"""

from __future__ import annotations

import inspect
import re

from bindsnet.engine.fused.layer_loops import LayerLoops, indented
from bindsnet.engine.fused.pieces import (
    ADD,
    COLLECT,
    GATHER_NAMES,
    GATHERS,
    HEADER,
    MARK,
    NORMALIZE,
    RANDOM_CONSTANTS,
    RANDOM_FUNCTIONS,
    TOUCH,
)
from bindsnet.engine.fused.plan import Plan
from bindsnet.engine.fused.rule_loop import ROOM, RuleLoop
from bindsnet.engine.fused.translate import Translator
from bindsnet.engine.presentation import recordable
from bindsnet.numbers import random


def source(plan: Plan, names: list[str]) -> str:
    """The program of a plan, whose ``present`` takes the arguments ``names`` after the block's own."""
    return _Program(plan).text(names)


class _Program:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.translator = Translator()
        links_to = {layer.name: [link for link in plan.links if link.target is layer] for layer in plan.layers}
        self.layers = [LayerLoops(layer, links_to[layer.name], self.translator) for layer in plan.layers]
        self.rules = [RuleLoop(link, self.translator) for link in plan.links if link.rule is not None]

    def text(self, names: list[str]) -> str:
        plan = self.plan
        kinds = list(dict.fromkeys(type(link.connection) for link in plan.links))
        layers = [loop for layer in self.layers for loop in layer.text()]
        rules = [rule.text() for rule in self.rules]
        title = ", ".join(f"{layer.name} ({type(layer.nodes).__name__})" for layer in plan.layers)
        text = "\n".join(
            [
                HEADER.format(title=f"{title}; {'learning' if plan.learning else 'frozen'}."),
                *(f"{name} = {getattr(random, name)!r}" for name in RANDOM_CONSTANTS),
                *("\n\n@loop\n" + inspect.getsource(function) for function in RANDOM_FUNCTIONS),
                "\n" + self.translator.text,
                MARK,
                COLLECT,
                TOUCH if any(layer.is_sparse for layer in self.layers) else "",
                ADD if any(len(layer.links) > 1 for layer in self.layers) else "",
                *(GATHERS[kind] for kind in kinds),
                NORMALIZE if any(link.normalized for link in plan.links) else "",
                *layers,
                *rules,
                self._present(names),
            ]
        )
        return re.sub(r"\n +\n", "\n", text)  # where a part of present has nothing to do

    def _present(self, names: list[str]) -> str:
        plan = self.plan
        block = ["first_sample", "last_sample", "n_steps", "sample_numbers", "stream_0", "stream_1", "max_presentations"]
        block += ["min_spikes", "growth", "counts", "n_presentations", "raster", "traces_to_the_end", "record_rows"]
        block += [f"record_{variable}__{layer.name}" for layer in plan.layers for variable in recordable(layer.nodes)]
        block += [f"{part}__{layer.name}" for layer in plan.layers if layer.is_input for part in ("pointers", "steps", "units")]
        return f'''
@njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True)
def present({_wrapped([*block, *names])}):
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
            {indented(self._end_of_presentation(), 12)}
            n_presentations[sample] += 1
            if n_counted >= min_spikes:
                break
            {indented(self._grow(), 12)}
    if last_sample > first_sample:
        {indented(self._last_spikes(), 8)}
'''

    def _set_up(self) -> list[str]:
        lines = []
        for layer in self.layers:
            name = layer.name
            if layer.is_input:
                lines.append(f"fired__{name} = units__{name}")
            else:
                lines.append(f"drive__{name} = aligned_zeros(len(s__{name}))")
                if len(layer.links) > 1:
                    lines.append(f"partial__{name} = aligned_zeros(len(s__{name}))")
                lines.append(f"fired__{name} = np.empty(len(s__{name}), np.int32)")
            if layer.has_steady_threshold:
                taken = _of(name, *layer.threshold_arguments())
                lines.append(f"threshold__{name} = thresholds__{name}(len(s__{name}), {taken})")
            if layer.is_sparse:
                rests = f"rests__{name}(len(s__{name}), {_of(name, *layer.rests_arguments())})"
                lines.append(f"touched__{name} = np.empty(len(s__{name}), np.int32)")
                lines += [f"for j in range(len(touched__{name})):", f"    touched__{name}[j] = j"]
                lines.append(f"first_touched__{name} = 0 if {rests} else len(s__{name})")
                lines.append(f"is_touched__{name} = np.empty(len(s__{name}), np.bool_)")
            if layer.trace:
                lines.append(f"kept__{name} = np.empty(len(s__{name}), f32)")
        for link in self.plan.links:
            if link.rule is not None:
                lines += [f"{room}__{link.name} = np.empty(len(s__{link.source.name}), {dtype})" for room, dtype in ROOM.items()]
            if link is self.plan.repeated:
                lines.append(f"first_factor = factor__{link.name}")
        return lines

    def _reset(self) -> list[str]:
        lines = []
        for layer in self.layers:
            name = layer.name
            for state, first in layer.first_state.items():
                own = layer.has_own(first)
                lines.append(f"{'copy' if own else 'fill'}({state}__{name}, {first}__{name})")
            if layer.trace:
                lines.append(f"fill(x__{name}, f32(0.0))")
            lines.append(f"first__{name} = last__{name} = none")
            if not layer.is_input:
                lines.append(f"fill(drive__{name}, f32(0.0))")
            if layer.is_sparse:
                lines.append(f"n_touched__{name} = first_touched__{name}")
                lines.append(f"fill(is_touched__{name}, n_touched__{name} > 0)")
        if self.plan.repeated is not None:
            lines.append(f"factor__{self.plan.repeated.name} = first_factor")
        return lines

    def _rewind(self) -> list[str]:
        """A presentation begins: the spikes still on their way from the last one come first, those to come are sample's."""
        inputs = [layer.name for layer in self.plan.layers if layer.is_input]
        return [f"next__{name}, end__{name} = pointers__{name}[sample], pointers__{name}[sample + 1]" for name in inputs]

    def _grow(self) -> list[str]:
        repeated = self.plan.repeated
        return [] if repeated is None else [f"factor__{repeated.name} *= growth"]

    def _step(self) -> list[str]:
        lines = [line for layer in self.layers if not layer.is_input for line in self._drive(layer)]
        for layer in self.layers:
            lines += self._take_spikes(layer.name) if layer.is_input else self._fire(layer)
            if layer.trace:
                taken = _of(layer.name, "x", "fired", "first", "last", "kept", *layer.trace_arguments())
                lines += ["if keep_traces:", f"    follow__{layer.name}({taken})"]
        for rule in self.rules:
            lines += self._learn(rule)
        return lines + self._count()

    def _drive(self, layer: LayerLoops) -> list[str]:
        lines = []
        for k, link in enumerate(layer.links):
            source, into = link.source.name, f"drive__{layer.name}" if k == 0 else f"partial__{layer.name}"
            gather = GATHER_NAMES[type(link.connection)]
            spikes = _of(source, "fired", "first", "last")
            lines.append(f"if last__{source} > first__{source}:")
            lines.append(f"    {gather}({into}, w__{link.name}, {spikes}, factor__{link.name})")
            if layer.is_sparse:
                reached = _of(layer.name, "touched", "n_touched", "is_touched")
                lines.append(f"    n_touched__{layer.name} = touch({spikes}, {reached})")
            if k:
                lines.append(f"    add_partial(drive__{layer.name}, {into})")
            if link.biased:
                lines += [f"for j in range(len(drive__{layer.name})):", f"    drive__{layer.name}[j] += b__{link.name}[j]"]
        return lines

    def _take_spikes(self, name: str) -> list[str]:
        return [
            f"first__{name} = last__{name} = next__{name}",
            f"while last__{name} < end__{name} and steps__{name}[last__{name}] == t:",
            f"    last__{name} += 1",
            f"next__{name} = last__{name}",
        ]

    def _fire(self, layer: LayerLoops) -> list[str]:
        name = layer.name
        leading = ("touched", "n_touched", "drive") if layer.is_sparse else ("drive",)
        lines = [
            f"last__{name} = 0",
            f"if advance__{name}({_of(name, *leading, *layer.advance_arguments())}):",
            f"    last__{name} = collect(drive__{name}, fired__{name})",
        ]
        if layer.adapts:
            lines.append(f"    adapt__{name}({_of(name, 'fired', 'last', *layer.adapt_arguments())})")
        if layer.nodes.one_spike:
            lines += [
                f"if last__{name} > 1:",
                f"    winner = fired__{name}[draw_below(last__{name}, key_0, key_1, t, first_neuron__{name})]",
                f"    fired__{name}[0], last__{name} = winner, 1",
            ]
        return lines

    def _learn(self, loop: RuleLoop) -> list[str]:
        link, rule = loop.link, loop.rule
        source, target = link.source.name, link.target.name
        traces = {"x_pre": f"x__{source}", "x_post": f"x__{target}"}
        taken = [traces.get(name, f"{name}__{link.name}") for name in loop.arguments()]
        spikes = f"{_of(source, 'fired', 'first', 'last')}, {_of(target, 'fired', 'last')}"
        learn = f"learn__{link.name}({spikes}, {_of(link.name, 'w', *ROOM, 'kept')}, {', '.join(taken)})"
        if rule.weight_decay:
            return [learn]
        conditions = [f"last__{source} > first__{source}"] * rule.acts_on_pre
        conditions += [f"last__{target} > first__{target}"] * rule.acts_on_post
        return [f"if {' or '.join(conditions)}:", f"    {learn}"] if conditions else []

    def _count(self) -> list[str]:
        name = self.plan.counted.name
        return [
            f"for k in range(first__{name}, last__{name}):",
            f"    counts[sample, fired__{name}[k]] += 1",
            "if len(raster) > 0:",
            f"    mark(raster[sample, t], {_of(name, 'fired', 'first', 'last')})",
            f"n_counted += last__{name} - first__{name}",
        ]

    def _record(self) -> list[str]:
        """Of a sample to record: what is asked for, as it is after a step."""
        lines = []
        for layer in self.plan.layers:
            for variable in recordable(layer.nodes):
                record, name = f"record_{variable}__{layer.name}", layer.name
                lines.append(f"if len({record}) > 0:")
                if variable == "s":
                    lines.append(f"    mark({record}[record_row, t], {_of(name, 'fired', 'first', 'last')})")
                else:
                    lines.append(f"    copy({record}[record_row, t], {variable}__{name})")
        return lines

    def _last_spikes(self) -> list[str]:
        """The block ends: the spikes of the last step, as the network keeps them."""
        return [f"mark({_of(layer.name, 's', 'fired', 'first', 'last')})" for layer in self.plan.layers]

    def _end_of_presentation(self) -> list[str]:
        links = [link for link in self.plan.links if link.normalized and self.plan.learning]
        return [f"normalize(w__{link.name}, norm__{link.name})" for link in links]


def _of(owner: str, *names: str) -> str:
    """Names as the presentation knows them, each with the layer or connection that it belongs to."""
    return ", ".join(f"{name}__{owner}" for name in names)


def _wrapped(names: list[str]) -> str:
    rows = [", ".join(names[k : k + 8]) for k in range(0, len(names), 8)]
    return "\n    " + ",\n    ".join(rows) + ",\n"

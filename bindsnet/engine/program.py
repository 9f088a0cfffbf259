"""The program of a network: Python source that Numba compiles, one loop over samples and time steps.

It is made of the network's own functions (:mod:`bindsnet.engine.translate`), a loop over the neurons of each layer, a gather and
an update for each connection, and the presentation of section "Training and Classification" of Diehl & Cook (2015) around them.
Event-driven: a connection costs what its spikes cost. Sums run in ascending order of the source, one by one, as in the plain
engine, so both give the same bits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from bindsnet.engine import random
from bindsnet.engine.pieces import (
    ADD,
    COLLECT,
    GATHER_NAMES,
    GATHERS,
    HEADER,
    NORMALIZE,
    RANDOM_CONSTANTS,
    RANDOM_FUNCTIONS,
    TOUCH,
)
from bindsnet.engine.plan import Layer, Link, Plan
from bindsnet.engine.presentation import recordable
from bindsnet.engine.translate import Translator
from bindsnet.learning import LearningRule
from bindsnet.network.topology import OneToOneConnection

#: So many weights of a column are gathered, changed and put back at a time: their cache lines are still near.
ROWS_AT_ONCE = 64


def source(plan: Plan, names: list[str]) -> str:
    """The program of a plan, whose ``present`` takes the arguments ``names`` after the block's own."""
    return _Program(plan).text(names)


class _Program:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.translator = Translator()

    def text(self, names: list[str]) -> str:
        plan = self.plan
        kinds = list(dict.fromkeys(type(link.connection) for link in plan.links))
        layers = [part for layer in plan.layers for part in self._layer_functions(layer)]
        rules = [self._learn(link) for link in plan.links if link.rule is not None]
        title = ", ".join(f"{layer.name} ({type(layer.nodes).__name__})" for layer in plan.layers)
        return "\n".join(
            [
                HEADER.format(title=f"{title}; {'learning' if plan.learning else 'frozen'}."),
                *(f"{name} = {getattr(random, name)!r}" for name in RANDOM_CONSTANTS),
                *("\n\n@loop\n" + inspect.getsource(function) for function in RANDOM_FUNCTIONS),
                "\n" + self.translator.text,
                COLLECT,
                TOUCH if any(self._sparse(layer) for layer in plan.layers) else "",
                ADD if any(len(self._links_to(layer)) > 1 for layer in plan.layers) else "",
                *(GATHERS[kind] for kind in kinds),
                NORMALIZE if any(link.normalized for link in plan.links) else "",
                *layers,
                *rules,
                self._present(names),
            ]
        )

    def _links_to(self, layer: Layer) -> list[Link]:
        return [link for link in self.plan.links if link.target is layer]

    # -- layers

    def _layer_functions(self, layer: Layer) -> list[str]:
        functions = [] if layer.is_input else [self._advance(layer)]
        if self._has_steady_threshold(layer):
            functions.append(self._thresholds(layer))
        if self._sparse(layer):
            functions.append(self._rests(layer))
        if layer.adapts and type(layer.nodes).adapt is not None:
            functions.append(self._adapt(layer))
        if layer.trace is not None:
            functions.append(self._follow(layer))
        return functions

    def _call(self, layer: Layer, function: Callable, leading: list[str]) -> tuple[str, list[str]]:
        """A call of a step function for neuron j with these first arguments, and the parameters that follow them."""
        translated = self.translator.add(function)
        parameters = list(translated.arguments)[len(leading) :]
        texts = [f"{name}[j]" if layer.parameters[name] else name for name in parameters]
        return f"{translated.name}({', '.join([*leading, *texts])})", parameters

    def _advance_arguments(self, layer: Layer) -> list[str]:
        kind, shared = type(layer.nodes), self._shared(layer)
        _, taken = self._call(layer, kind.step, [*layer.state, *shared, "drive"])
        if kind.threshold is not None and layer.adapts:
            shared = list(layer.adaptive)
            taken += self._call(layer, kind.threshold, shared)[1]
        if self._relaxes(layer):
            taken += self._call(layer, kind.relax, list(layer.adaptive))[1]
        return [*layer.state, *shared, *dict.fromkeys(taken)]

    def _shared(self, layer: Layer) -> list[str]:
        """What the step takes of all that samples share."""
        return list(layer.adaptive) if type(layer.nodes).threshold is None else ["threshold"]

    def _has_steady_threshold(self, layer: Layer) -> bool:
        """Whether nothing moves the threshold, so that it is computed once, before the block."""
        return type(layer.nodes).threshold is not None and not layer.adapts

    def _threshold_arguments(self, layer: Layer) -> list[str]:
        return [*layer.adaptive, *self._call(layer, type(layer.nodes).threshold, list(layer.adaptive))[1]]

    def _thresholds(self, layer: Layer) -> str:
        kind = type(layer.nodes)
        call, _ = self._call(layer, kind.threshold, [f"{name}[j]" for name in layer.adaptive])
        (dtype,) = self.translator.add(kind.threshold).results
        return f'''
@loop
def thresholds_{layer.name}(n, {", ".join(self._threshold_arguments(layer))}):
    """{kind.__name__}: the threshold of every neuron."""
    threshold = np.empty(n, {dtype})
    for j in range(n):
        threshold[j] = {call}
    return threshold
'''

    def _relaxes(self, layer: Layer) -> bool:
        return layer.adapts and type(layer.nodes).relax is not None

    def _sparse(self, layer: Layer) -> bool:
        """Whether only spikes reach this layer, each a single neuron: then those that none has reached need not be advanced."""
        links = self._links_to(layer)
        one_to_one = all(type(link.connection) is OneToOneConnection and not link.biased for link in links)
        return one_to_one and not layer.is_input and not layer.adapts

    def _first_state(self, layer: Layer) -> dict[str, str]:
        """Each state and the value that it is reset to."""
        firsts = layer.nodes.state.items()
        return {state: first if isinstance(first, str) else f"first_{state}" for state, first in firsts}

    def _advance(self, layer: Layer) -> str:
        kind = type(layer.nodes)
        state, adaptive, shared = (
            [f"{name}[j]" for name in names] for names in (layer.state, layer.adaptive, self._shared(layer))
        )
        lines = []
        if self._relaxes(layer):
            call, _ = self._call(layer, kind.relax, adaptive)
            lines.append(f"{', '.join(adaptive)} = {call}")
        if kind.threshold is not None and layer.adapts:
            call, _ = self._call(layer, kind.threshold, adaptive)
            lines.append(f"threshold = {call}")
            shared = ["threshold"]
        call, _ = self._call(layer, kind.step, [*state, *shared, "drive[j]"])
        lines.append(f"{', '.join([*state, 'spike'])}{'' if state else ','} = {call}")
        arguments = ", ".join(["drive", *self._advance_arguments(layer)])
        which, neurons = "every neuron", "j in range(len(drive))"
        if self._sparse(layer):
            arguments = f"touched, n_touched, {arguments}"
            which, neurons = "the neurons that spikes have reached", "j in touched[:n_touched]"
        return f'''
@loop
def advance_{layer.name}({arguments}):
    """{kind.__name__}: one time step of {which}; a mark for those over threshold takes the drive's place. Is there any?"""
    any_over = False
    for {neurons}:
        {_lines(lines, 8)}
        drive[j] = where(spike, f32(1.0), f32(0.0))
        any_over |= spike
    return any_over
'''

    def _rests_arguments(self, layer: Layer) -> list[str]:
        firsts = list(self._first_state(layer).values())
        _, taken = self._call(layer, type(layer.nodes).step, [*firsts, *self._shared(layer), "drive"])
        return list(dict.fromkeys([*firsts, *self._shared(layer), *taken]))

    def _rests(self, layer: Layer) -> str:
        firsts = self._first_state(layer)
        firsts = {state: f"{first}[j]" if layer.parameters.get(first) else first for state, first in firsts.items()}
        shared = [f"{name}[j]" for name in self._shared(layer)]
        call, _ = self._call(layer, type(layer.nodes).step, [*firsts.values(), *shared, "f32(0.0)"])
        moved = " or ".join([*(f"{state} != {first}" for state, first in firsts.items()), "spike"])
        return f'''
@loop
def rests_{layer.name}(n, {", ".join(self._rests_arguments(layer))}):
    """{type(layer.nodes).__name__}: whether a neuron that no spike has reached stays as it was reset."""
    for j in range(n):
        {", ".join([*firsts, "spike"])}{"" if firsts else ","} = {call}
        if {moved}:
            return False
    return True
'''

    def _adapt(self, layer: Layer) -> str:
        here = [f"{name}[j]" for name in layer.adaptive]
        call, taken = self._call(layer, type(layer.nodes).adapt, [*here, "1.0"])
        return f'''
@loop
def adapt_{layer.name}(fired, n_fired, {", ".join([*layer.adaptive, *taken])}):
    """{type(layer.nodes).__name__}: what a spike leaves behind for all samples."""
    for k in range(n_fired):
        j = fired[k]
        {", ".join(here)} = {call}
'''

    def _adapt_arguments(self, layer: Layer) -> list[str]:
        _, taken = self._call(layer, type(layer.nodes).adapt, [*layer.adaptive, "spikes"])
        return [*layer.adaptive, *taken]

    def _follow(self, layer: Layer) -> str:
        fired, taken = self._call(layer, layer.trace, ["x[j]", "True"])
        quiet, _ = self._call(layer, layer.trace, ["x[j]", "False"])
        return f'''
@loop
def follow_{layer.name}(x, fired, first, last, kept, {", ".join(taken)}):
    """The trace of every neuron, one time step on: first of those that fired, aside, then as if none had."""
    for k in range(first, last):
        j = fired[k]
        kept[k - first] = {fired}
    for j in range(len(x)):
        x[j] = {quiet}
    for k in range(first, last):
        x[fired[k]] = kept[k - first]
'''

    # -- plasticity

    def _rule_call(self, function, given: dict[str, str]) -> tuple[str, list[str]]:
        translated = self.translator.add(function)
        taken = [name for name in translated.arguments if name not in given]
        return f"{translated.name}({', '.join(given.get(name, name) for name in translated.arguments)})", taken

    def _learn_arguments(self, rule: LearningRule) -> list[str]:
        traces, parameters = [], []
        for function, acts in ((type(rule).on_pre, rule.acts_on_pre), (type(rule).on_post, rule.acts_on_post)):
            if acts:
                names = self._rule_call(function, {"w": ""})[1]
                traces += [name for name in names if name in ("x_pre", "x_post")]
                parameters += [name for name in names if name not in ("x_pre", "x_post")]
        return [*dict.fromkeys(traces), *dict.fromkeys([*parameters, "wmin", "wmax"])]

    def _learn(self, link: Link) -> str:
        rule, kind = link.rule, type(link.rule)
        lines = []
        if rule.weight_decay:
            lines += ["for i in range(w.shape[0]):", "    for j in range(w.shape[1]):"]
            kept = "w[i, j] * kept"
            lines += [f"        w[i, j] = {f'bounded({kept}, wmin, wmax)' if link.connection.bounded else kept}"]
        if rule.acts_on_pre:
            change, _ = self._rule_call(kind.on_pre, {"w": "row[j]", "x_pre": "x_pre[i]", "x_post": "x_post[j]"})
            lines += [
                "for k in range(first, last):",
                "    i = fired_pre[k]",
                "    row = w[i]",
                "    for j in range(w.shape[1]):",
                f"        row[j] += {change}",
            ]
        if rule.acts_on_post:
            taken = self._rule_call(kind.on_post, {})[1]
            change, _ = self._rule_call(kind.on_post, {"w": "column[i]", "x_pre": "x_pre_part[i]", "x_post": "x_post[j]"})
            lines += [
                "for k in range(n_fired):",
                "    j = fired_post[k]",
                "    whole = w[:, j]",
                f"    for begin in range(0, len(whole), {ROWS_AT_ONCE}):",
                f"        part = whole[begin:begin + {ROWS_AT_ONCE}]",
                *[f"        x_pre_part = x_pre[begin:begin + {ROWS_AT_ONCE}]"] * ("x_pre" in taken),
                "        for i in range(len(part)):",
                "            column[i] = part[i]",
                "        for i in range(len(part)):",
                f"            column[i] = bounded(column[i] + {change}, wmin, wmax)",
                "        for i in range(len(part)):",
                "            part[i] = column[i]",
            ]
        if rule.acts_on_pre:
            lines += [
                "for k in range(first, last):",
                "    row = w[fired_pre[k]]",
                "    for j in range(w.shape[1]):",
                "        row[j] = bounded(row[j], wmin, wmax)",
            ]
        arguments = ", ".join(["w", "column", "kept", *self._learn_arguments(rule)])
        return f'''
@loop
def learn_{link.name}(fired_pre, first, last, fired_post, n_fired, {arguments}):
    """{kind.__name__}: the rows of sources that fired, then the columns of targets that fired."""
    {_lines(lines, 4)}
'''

    # -- the presentation

    def _present(self, names: list[str]) -> str:
        plan = self.plan
        block = ["first_sample", "last_sample", "n_steps", "sample_numbers", "stream_0", "stream_1", "max_presentations"]
        block += ["min_spikes", "growth", "counts", "n_presentations", "raster", "traces_to_the_end", "record_rows"]
        block += [f"record_{variable}_{layer.name}" for layer in plan.layers for variable in recordable(layer.nodes)]
        block += [f"{part}_{layer.name}" for layer in plan.layers if layer.is_input for part in ("pointers", "steps", "units")]
        return f'''
@njit(error_model="numpy", nogil=True, cache=True)
def present({_wrapped([*block, *names])}):
    """Present a block of samples; results go into counts, n_presentations and raster, the network's arrays hold its state."""
    {_lines(self._set_up(), 4)}
    for sample in range(first_sample, last_sample):
        record_row = record_rows[sample]
        keep_traces = {"True" if plan.learning else "record_row >= 0 or (traces_to_the_end and sample == last_sample - 1)"}
        {_lines(self._reset(), 8)}
        for presentation in range(max_presentations):
            key_0, key_1 = presentation_key(stream_0, stream_1, sample_numbers[sample], presentation)
            counts[sample, :] = 0
            raster[sample:sample + 1] = False
            n_counted = 0
            {_lines(self._rewind(), 12)}
            for t in range(n_steps):
                {_lines(self._step(), 16)}
                if record_row >= 0:
                    {_lines(self._record(), 20)}
            {_lines(self._end_of_presentation(), 12)}
            n_presentations[sample] += 1
            if n_counted >= min_spikes:
                break
            {_lines(self._grow(), 12)}
    if last_sample > first_sample:
        {_lines(self._last_spikes(), 8)}
'''

    def _set_up(self) -> list[str]:
        lines = []
        for layer in self.plan.layers:
            name = layer.name
            if layer.is_input:
                lines.append(f"fired_{name}, first_{name}, last_{name}, end_{name} = units_{name}, 0, 0, 0")
            else:
                lines.append(f"drive_{name} = aligned_zeros(len(s_{name}))")
                if len(self._links_to(layer)) > 1:
                    lines.append(f"partial_{name} = aligned_zeros(len(s_{name}))")
                lines.append(f"fired_{name}, first_{name}, last_{name} = np.empty(len(s_{name}), np.int32), 0, 0")
            if self._has_steady_threshold(layer):
                taken = ", ".join(f"{a}_{name}" for a in self._threshold_arguments(layer))
                lines.append(f"threshold_{name} = thresholds_{name}(len(s_{name}), {taken})")
            if self._sparse(layer):
                rests = f"rests_{name}(len(s_{name}), {', '.join(f'{a}_{name}' for a in self._rests_arguments(layer))})"
                lines.append(f"touched_{name}, first_touched_{name} = np.arange(len(s_{name})), 0 if {rests} else len(s_{name})")
                lines.append(f"is_touched_{name} = np.ones(len(s_{name}), np.bool_)")
            if layer.trace:
                lines.append(f"kept_{name} = np.empty(len(s_{name}), f32)")
        for link in self.plan.links:
            if link.rule is not None:
                lines.append(f"column_{link.name} = np.empty({ROWS_AT_ONCE}, f32)")
            if link is self.plan.repeated:
                lines.append(f"first_factor = factor_{link.name}")
        return lines

    def _reset(self) -> list[str]:
        lines = []
        for layer in self.plan.layers:
            name = layer.name
            lines += [f"{state}_{name}[:] = {first}_{name}" for state, first in self._first_state(layer).items()]
            if layer.trace:
                lines.append(f"x_{name}[:] = f32(0.0)")
            lines.append(f"first_{name} = last_{name} = 0")
            if not layer.is_input:
                lines.append(f"drive_{name}[:] = f32(0.0)")
            if self._sparse(layer):
                lines.append(f"n_touched_{name} = first_touched_{name}")
                lines.append(f"is_touched_{name}[:] = n_touched_{name} > 0")
        if self.plan.repeated is not None:
            lines.append(f"factor_{self.plan.repeated.name} = first_factor")
        return lines

    def _rewind(self) -> list[str]:
        """A presentation begins: the spikes still on their way from the last one come first, those to come are sample's."""
        inputs = [layer.name for layer in self.plan.layers if layer.is_input]
        return [f"next_{name}, end_{name} = pointers_{name}[sample], pointers_{name}[sample + 1]" for name in inputs] or ["pass"]

    def _grow(self) -> list[str]:
        repeated = self.plan.repeated
        return ["pass"] if repeated is None else [f"factor_{repeated.name} *= growth"]

    def _step(self) -> list[str]:
        lines = [line for layer in self.plan.layers if not layer.is_input for line in self._drive(layer)]
        for layer in self.plan.layers:
            lines += self._take_spikes(layer) if layer.is_input else self._fire(layer)
            if layer.trace:
                taken = [f"{p}_{layer.name}" for p in self._call(layer, layer.trace, ["x", "s"])[1]]
                spikes = ", ".join(f"{part}_{layer.name}" for part in ("x", "fired", "first", "last", "kept"))
                lines += ["if keep_traces:", f"    follow_{layer.name}({spikes}, {', '.join(taken)})"]
        for link in self.plan.links:
            if link.rule is not None:
                lines += self._update(link)
        return lines + self._count()

    def _drive(self, layer: Layer) -> list[str]:
        lines = []
        for k, link in enumerate(self._links_to(layer)):
            source, into = link.source.name, f"drive_{layer.name}" if k == 0 else f"partial_{layer.name}"
            gather = GATHER_NAMES[type(link.connection)]
            spikes = f"fired_{source}, first_{source}, last_{source}"
            lines.append(f"if last_{source} > first_{source}:")
            lines.append(f"    {gather}({into}, w_{link.name}, {spikes}, factor_{link.name})")
            if self._sparse(layer):
                reached = f"touched_{layer.name}, n_touched_{layer.name}, is_touched_{layer.name}"
                lines.append(f"    n_touched_{layer.name} = touch({spikes}, {reached})")
            if k:
                lines.append(f"    add_partial(drive_{layer.name}, {into})")
            if link.biased:
                lines += [f"for j in range(len(drive_{layer.name})):", f"    drive_{layer.name}[j] += b_{link.name}[j]"]
        return lines

    def _take_spikes(self, layer: Layer) -> list[str]:
        name = layer.name
        return [
            f"first_{name} = last_{name} = next_{name}",
            f"while last_{name} < end_{name} and steps_{name}[last_{name}] == t:",
            f"    last_{name} += 1",
            f"next_{name} = last_{name}",
        ]

    def _fire(self, layer: Layer) -> list[str]:
        name = layer.name
        leading = ("touched", "n_touched", "drive") if self._sparse(layer) else ("drive",)
        arguments = ", ".join(f"{a}_{name}" for a in (*leading, *self._advance_arguments(layer)))
        lines = [
            f"last_{name} = 0",
            f"if advance_{name}({arguments}):",
            f"    last_{name} = collect(drive_{name}, fired_{name})",
        ]
        if layer.adapts and type(layer.nodes).adapt is not None:
            adapted = ", ".join(f"{a}_{name}" for a in ("fired", "last", *self._adapt_arguments(layer)))
            lines.append(f"    adapt_{name}({adapted})")
        if layer.nodes.one_spike:
            lines += [
                f"if last_{name} > 1:",
                f"    winner = fired_{name}[draw_below(last_{name}, key_0, key_1, t, first_neuron_{name})]",
                f"    fired_{name}[0], last_{name} = winner, 1",
            ]
        return lines

    def _update(self, link: Link) -> list[str]:
        source, target = link.source.name, link.target.name
        traces = {"x_pre": f"x_{source}", "x_post": f"x_{target}"}
        taken = [traces.get(name, f"{name}_{link.name}") for name in self._learn_arguments(link.rule)]
        spikes = f"fired_{source}, first_{source}, last_{source}, fired_{target}, last_{target}"
        learn = f"learn_{link.name}({spikes}, w_{link.name}, column_{link.name}, kept_{link.name}, {', '.join(taken)})"
        if link.rule.weight_decay:
            return [learn]
        conditions = [f"last_{source} > first_{source}"] * link.rule.acts_on_pre
        conditions += [f"last_{target} > first_{target}"] * link.rule.acts_on_post
        return [f"if {' or '.join(conditions)}:", f"    {learn}"] if conditions else []

    def _count(self) -> list[str]:
        name = self.plan.counted.name
        return [
            f"for k in range(first_{name}, last_{name}):",
            f"    counts[sample, fired_{name}[k]] += 1",
            "    if len(raster) > 0:",
            f"        raster[sample, t, fired_{name}[k]] = True",
            f"n_counted += last_{name} - first_{name}",
        ]

    def _record(self) -> list[str]:
        """Of a sample to record: what is asked for, as it is after a step."""
        lines = []
        for layer in self.plan.layers:
            for variable in recordable(layer.nodes):
                record, name = f"record_{variable}_{layer.name}", layer.name
                lines.append(f"if len({record}) > 0:")
                if variable == "s":
                    lines += [f"    {record}[record_row, t, :] = False", f"    for k in range(first_{name}, last_{name}):"]
                    lines.append(f"        {record}[record_row, t, fired_{name}[k]] = True")
                else:
                    lines.append(f"    {record}[record_row, t, :] = {variable}_{name}")
        return lines

    def _last_spikes(self) -> list[str]:
        """The block ends: the spikes of the last step, as the network keeps them."""
        lines = []
        for name in (layer.name for layer in self.plan.layers):
            lines += [f"s_{name}[:] = False"]
            lines += [f"for k in range(first_{name}, last_{name}):", f"    s_{name}[fired_{name}[k]] = True"]
        return lines

    def _end_of_presentation(self) -> list[str]:
        links = [link for link in self.plan.links if link.normalized and self.plan.learning]
        return [f"normalize(w_{link.name}, norm_{link.name})" for link in links] or ["pass"]


def _lines(lines: list[str], indent: int) -> str:
    return ("\n" + " " * indent).join(lines)


def _wrapped(names: list[str]) -> str:
    rows = [", ".join(names[k : k + 8]) for k in range(0, len(names), 8)]
    return "\n    " + ",\n    ".join(rows) + ",\n"

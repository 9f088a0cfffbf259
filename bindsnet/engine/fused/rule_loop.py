"""The loop of a program over the weights of one connection that learns, made of the functions of its rule."""

from __future__ import annotations

from collections.abc import Callable

from bindsnet.engine.fused.layer_loops import indented
from bindsnet.engine.fused.plan import Link
from bindsnet.engine.fused.translate import Translator

#: room of a column's length, and its type: the weights that change, their places, and their sources' traces
ROOM = {"column": "f32", "places": "np.int32", "x_column": "f32"}
TRACES = ("x_pre", "x_post")


class RuleLoop:
    """Text of the loop of a connection's rule, and the names of what it takes.

    Args:
        link: the connection.
        translator: collects the functions that the loop calls.
    """

    def __init__(self, link: Link, translator: Translator) -> None:
        self.link, self.rule, self.kind = link, link.rule, type(link.rule)
        self.translator = translator

    def arguments(self) -> list[str]:
        """What ``learn_`` takes after spikes and weights: traces, then parameters."""
        taken: list[str] = []
        for function, acts in ((self.kind.on_pre, self.rule.acts_on_pre), (self.kind.on_post, self.rule.acts_on_post)):
            if acts:
                taken += [name for name in self.translator.add(function).arguments if name != "w"]
        traces = [name for name in taken if name in TRACES]
        return list(dict.fromkeys([*traces, *(name for name in taken if name not in TRACES), "wmin", "wmax"]))

    def text(self) -> str:
        """The loop."""
        lines = self._decay() if self.rule.weight_decay else []
        if self.rule.acts_on_pre:
            lines += self._change_rows()
        if self.rule.acts_on_post:
            lines += self._change_columns()
        if self.rule.acts_on_pre:
            lines += self._bound_rows()
        spikes = "fired_pre, first, last, fired_post, n_fired"
        return f'''
@loop
def learn__{self.link.name}({spikes}, w, {", ".join(ROOM)}, kept, {", ".join(self.arguments())}):
    """{self.kind.__name__}: the rows of sources that fired, then the columns of targets that fired."""
    {indented(lines, 4)}
'''

    def _call(self, function: Callable, **given: str) -> str:
        translated = self.translator.add(function)
        return f"{translated.name}({', '.join(given.get(name, name) for name in translated.arguments)})"

    def _decay(self) -> list[str]:
        kept = "w[i, j] * kept"
        return [
            "for i in range(w.shape[0]):",
            "    for j in range(w.shape[1]):",
            f"        w[i, j] = {f'bounded({kept}, wmin, wmax)' if self.link.connection.bounded else kept}",
        ]

    def _change_rows(self) -> list[str]:
        return [
            "for k in range(first, last):",
            "    i = fired_pre[k]",
            "    row = w[i]",
            "    for j in range(w.shape[1]):",
            f"        row[j] += {self._call(self.kind.on_pre, w='row[j]', x_pre='x_pre[i]', x_post='x_post[j]')}",
        ]

    def _change_columns(self) -> list[str]:
        """Where the rule leaves weights at the lower bound whose source is silent, as most are, only the others are changed."""
        change = self._call(self.kind.on_post, w="column[i]", x_pre="x_column[i]", x_post="x_post[j]")
        change_at_rest = self._call(self.kind.on_post, w="wmin", x_pre="f32(0.0)", x_post="x_post[j]")
        takes_trace = "x_pre" in self.translator.add(self.kind.on_post).arguments
        return [
            "for k in range(n_fired):",
            "    j = fired_post[k]",
            "    whole = w[:, j]",
            f"    moves = bounded(wmin + {change_at_rest}, wmin, wmax) != wmin",
            "    n = 0",
            "    for i in range(len(whole)):",
            "        column[n], places[n] = whole[i], i",
            *["        x_column[n] = x_pre[i]"] * takes_trace,
            f"        n += moves | (whole[i] != wmin){' | (x_pre[i] != f32(0.0))' * takes_trace}",
            "    for i in range(n):",
            f"        column[i] = bounded(column[i] + {change}, wmin, wmax)",
            "    for i in range(n):",
            "        whole[places[i]] = column[i]",
        ]

    def _bound_rows(self) -> list[str]:
        return [
            "for k in range(first, last):",
            "    row = w[fired_pre[k]]",
            "    for j in range(w.shape[1]):",
            "        row[j] = bounded(row[j], wmin, wmax)",
        ]

"""A population's time step for the plain engine: its functions with the arrays that they take, looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.nodes.giving import bound_giving, bound_within
from bindsnet.network.nodes.population import Population
from bindsnet.numbers.declarations import argument_types, guarded
from bindsnet.numbers.ops import Array, any_in, as_array, to_f64, where
from bindsnet.numbers.trace import additive_trace, set_trace

Leading = Mapping[str, Mapping[str, torch.dtype | None]]  # what each function takes first, by its place


def bound_step(layer: Population) -> Callable[[torch.Tensor], None]:
    """What takes a layer's drive of one step, and moves its state and spikes, and while it learns its adaptive state.

    Raises:
        NetworkError: the functions of its model do not fit what it keeps; when called, they return something else than they
            should.
    """
    model, leading = type(layer), layer.leading_arguments()
    spikes, state, adaptive = _arrays(layer, ["s"])[0], _arrays(layer, layer.state), _arrays(layer, layer.adaptive_state)
    step, parameters = _guarded(layer, "step", (*layer.state, "its spikes")), _parameters(layer, "step", leading)
    threshold = _bound_threshold(layer, adaptive, leading) if model.threshold is not None else None
    relax = _bound_relax(layer, adaptive, leading) if layer.learning and model.relax is not None else None
    adapt = _bound_adapt(layer, adaptive, leading) if layer.learning and model.adapt is not None else None
    heights_of = _bound_heights(layer, state, leading) if layer.highest_wins else None
    giving, within = bound_giving(layer), bound_within(layer) if layer.within is not None else None

    def advance(drive: torch.Tensor) -> None:
        if relax is not None:
            relax()
        shared = adaptive if threshold is None else threshold()
        drive = as_array(drive)
        if within is not None:
            drive = within(drive)
        for give in giving:
            give(drive)
        heights = () if heights_of is None else (heights_of(shared, drive),)
        *after, over = step(*state, *shared, drive, *parameters)
        if getattr(over, "dtype", None) != spikes.dtype:
            raise NetworkError(f"{layer.name_of('step')} must return its spikes as flags, got {over!r}")
        for array, value in zip(state, after, strict=True):
            array[...] = value
        spikes[...] = over
        if any_in(over):
            if adapt is not None and not model.only_winners_adapt:
                adapt(over)
            layer.select_winners(layer.s, *heights)
            if adapt is not None and model.only_winners_adapt:
                adapt(spikes)

    return advance


def bound_trace(layer: Population) -> Callable[[], None]:
    """What lets a layer's trace follow the spikes of one step."""
    follow = additive_trace if layer.traces_additive else set_trace
    trace, spikes = _arrays(layer, ("x", "s"))
    parameters = [as_array(layer.parameter(name)) for name in list(argument_types(follow))[2:]]

    def apply() -> None:
        trace[...] = follow(trace, spikes, *parameters)

    return apply


def _bound_heights(layer: Population, state: list[Array], leading: Leading) -> Callable[[Iterable[Array], Array], torch.Tensor]:
    """How far above threshold the neurons will be, where that decides who wins."""
    depolarisation = _guarded(layer, "depolarisation", ("it",))
    parameters = _parameters(layer, "depolarisation", {"depolarisation": leading["step"]})
    shape = layer.s.shape
    return lambda shared, drive: torch.as_tensor(*depolarisation(*state, *shared, drive, *parameters)).cpu().expand(shape)


def _bound_threshold(layer: Population, adaptive: list[Array], leading: Leading) -> Callable[[], tuple[Array]]:
    threshold, parameters = _guarded(layer, "threshold", ("it",)), _parameters(layer, "threshold", leading)
    return lambda: threshold(*adaptive, *parameters)


def _bound_relax(layer: Population, adaptive: list[Array], leading: Leading) -> Callable[[], None]:
    relax, parameters = (
        guarded(layer.name_of("relax"), type(layer).relax, tuple(layer.adaptive_state)),
        _parameters(layer, "relax", leading),
    )

    def apply() -> None:
        for array, value in zip(adaptive, relax(*adaptive, *parameters), strict=True):
            array[...] = value

    return apply


def _bound_adapt(layer: Population, adaptive: list[Array], leading: Leading) -> Callable[[Array], None]:
    adapt, parameters = (
        guarded(layer.name_of("adapt"), type(layer).adapt, tuple(layer.adaptive_state)),
        _parameters(layer, "adapt", leading),
    )

    def apply(over: Array) -> None:
        spikes = to_f64(over.sum(0))  # samples of a batch share the threshold: each spike moves it
        for array, value in zip(adaptive, adapt(*adaptive, spikes, *parameters), strict=True):
            array[...] = where(spikes > 0, value, array)

    return apply


def _guarded(layer: Population, role: str, expected: Iterable[str]) -> Callable[..., tuple[Array, ...]]:
    return guarded(layer.name_of(role), getattr(type(layer), role), tuple(expected))


def _arrays(layer: Population, names: Iterable[str]) -> list[Array]:
    return [as_array(layer.variable(name, type(layer).__name__)) for name in names]


def _parameters(layer: Population, role: str, leading: Leading) -> list[Array]:
    """What a function of the model takes after its first arguments: parameters, by name."""
    names = list(argument_types(getattr(type(layer), role)))[len(leading[role]) :]
    if layer.given or not layer._buffers.keys() >= set(names):
        layer.check_functions()  # which says what is wrong
    return [as_array(layer.parameter(name)) for name in names]

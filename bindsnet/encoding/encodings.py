"""From numbers to spikes: each encoding gives a train of shape ``[time / dt, *shape of the datum]``, the first step first.

All but :func:`repeat` give uint8. None changes its datum, as some of BindsNET's do. A keyword that an encoding does not know is
an error, as are numbers that are negative or not finite: NetworkError.

Chance comes from torch's generator, or from the one given as ``generator``. On the CPU the same seed gives, bit for bit, the
trains of BindsNET 0.3.4 for :func:`bernoulli` and for :func:`poisson` as it is by default.
"""

from __future__ import annotations

from typing import Any

import torch

from bindsnet.encoding.intensities import as_tensor, intensities, n_steps, refuse_unknown
from bindsnet.errors import NetworkError
from bindsnet.network.checks import real_number

LONGEST_INTERVAL = 1e18  # steps, on average: past the end of any train, and within what torch can draw
SMALLEST = torch.finfo(torch.float32).tiny
WORTH_COMPILING = 10_000  # intervals, of one datum
MS_PER_S = 1000.0


def single(
    datum: torch.Tensor,
    time: float,
    dt: float = 1.0,
    sparsity: float = 0.5,
    device: torch.device | str = "cpu",
    **kwargs: Any,
) -> torch.Tensor:
    """One spike, in the first step, from each of the largest values.

    Args:
        datum: numbers of any shape.
        time: length of the train (ms).
        dt: time step (ms).
        sparsity: share of values that send a spike: those above the quantile of 1 − ``sparsity`` (between values, the quantile
            is interpolated). The smallest value never does.
        device: where the train lies.
    """
    refuse_unknown(kwargs, single)
    share = real_number(sparsity)
    if share is None or not 0 <= share <= 1:
        raise NetworkError(f"sparsity is from 0 to 1, got {sparsity!r}")
    values = intensities(datum, device)
    spikes = torch.zeros(n_steps(time, dt), len(values), dtype=torch.uint8, device=device)
    if spikes.numel():
        spikes[0] = values > torch.quantile(values, 1 - share)
    return shaped(spikes, datum)


def repeat(
    datum: torch.Tensor, time: float, dt: float = 1.0, device: torch.device | str | None = None, **kwargs: Any
) -> torch.Tensor:
    """The datum itself in every step, in its own type: a constant current.

    Args:
        datum: numbers of any shape.
        time: length of the train (ms).
        dt: time step (ms).
        device: where the train lies; where the datum does by default.
    """
    refuse_unknown(kwargs, repeat)
    values = as_tensor(datum, device)
    return values.repeat(n_steps(time, dt), *(1 for _ in values.shape))


def bernoulli(
    datum: torch.Tensor,
    time: float | None = None,
    dt: float = 1.0,
    device: torch.device | str = "cpu",
    max_prob: float = 1.0,
    generator: torch.Generator | None = None,
    **kwargs: Any,
) -> torch.Tensor:
    """Spikes that in every step are drawn anew, with the values as their chances.

    Args:
        datum: chances, of any shape; where one exceeds 1, all are divided by the largest.
        time: length of the train (ms); None is a single step, which then has no dimension of its own.
        dt: time step (ms). The chances are those of a step, however long.
        device: where the train lies.
        max_prob: what the chances are multiplied by, from 0 to 1.
        generator: what is drawn from instead of torch's own generator.
    """
    refuse_unknown(kwargs, bernoulli)
    limit = real_number(max_prob)
    if limit is None or not 0 <= limit <= 1:
        raise NetworkError(f"max_prob is from 0 to 1, got {max_prob!r}")
    chances = intensities(datum, device)
    if chances.numel() and chances.max() > 1:
        chances = chances / chances.max()
    steps = () if time is None else (n_steps(time, dt),)
    drawn = torch.rand(*steps, len(chances), dtype=chances.dtype, device=device, generator=generator)
    return shaped((drawn < limit * chances).to(torch.uint8), datum)


def poisson(
    datum: torch.Tensor,
    time: float,
    dt: float = 1.0,
    device: torch.device | str = "cpu",
    approx: bool = False,
    process: bool = False,
    generator: torch.Generator | None = None,
    **kwargs: Any,
) -> torch.Tensor:
    """Spikes at random times, with the values as their rates (Hz), in one of three ways.

    By default, as in BindsNET, *intervals* are Poisson-distributed: their mean is m = 1000 / (rate · dt) steps and their variance
    m, and an interval of 0 becomes 1. Such trains are more regular than a Poisson process: with counts of mean n, the variance is
    about n / m instead of n. Of a rate above 1000 / dt most steps hold a spike. Programs written for BindsNET learn from these.

    Args:
        datum: rates (Hz), of any shape.
        time: length of the train (ms).
        dt: time step (ms).
        device: where the train lies.
        approx: BindsNET's approximation: a step, however long, holds a spike where abs(x) ** ((0.11 rate + 5) / 50) < 0.6 for a
            normal x. So a value of 0 fires in 0.5 % of steps, one of 128 in 21 %.
        process: a Poisson process, seen step by step: each step holds a spike with the chance 1 − exp(−rate · dt / 1000), that
            of at least one event, whatever happened before.
        generator: what is drawn from instead of torch's own generator.
    """
    refuse_unknown(kwargs, poisson)
    if approx and process:
        raise NetworkError("a train is drawn by approx or by process, not by both")
    rates = intensities(datum, device)
    steps = n_steps(time, dt)
    draw = approximate_spikes if approx else process_spikes if process else spikes_at_poisson_intervals
    if approx:
        return shaped(draw(rates, steps, dt, generator), datum)
    # Values of 0, most of a picture, cost nothing: they draw nothing and send nothing.
    spikes = torch.zeros(steps, len(rates), dtype=torch.uint8, device=device)
    active = rates.nonzero()[:, 0]
    if len(active) and steps:
        spikes.scatter_(1, active.expand(steps, -1), draw(rates[active], steps, dt, generator))
    return shaped(spikes, datum)


def spikes_at_poisson_intervals(rates: torch.Tensor, steps: int, dt: float, generator: torch.Generator | None) -> torch.Tensor:
    """Spikes ``[steps, n]`` after Poisson-distributed intervals; rates (Hz) above 0."""
    means = (1 / rates * (MS_PER_S / dt)).float().clamp(max=LONGEST_INTERVAL)
    if means.device.type == "cpu" and len(means) * steps >= WORTH_COMPILING:
        from bindsnet.encoding.poisson_draws import can_draw, draw_spikes

        if can_draw(source := generator or torch.default_generator):
            return draw_spikes(means, steps, source)
    # As many intervals as BindsNET draws, one more than steps, or the generator would go on elsewhere.
    intervals = torch.poisson(means.expand(steps + 1, -1), generator=generator).clamp_(min=1)
    times = intervals.cumsum(0).clamp_(max=steps + 1).long()
    spikes = torch.zeros(steps + 2, len(rates), dtype=torch.uint8, device=rates.device)
    return spikes.scatter_(0, times, 1)[1:-1]


def process_spikes(rates: torch.Tensor, steps: int, dt: float, generator: torch.Generator | None) -> torch.Tensor:
    """Spikes ``[steps, n]`` of a Poisson process; rates in Hz."""
    chances = -torch.expm1(-rates * (dt / MS_PER_S))
    drawn = torch.rand(steps, len(rates), dtype=rates.dtype, device=rates.device, generator=generator)
    return (drawn < chances).to(torch.uint8)


def approximate_spikes(rates: torch.Tensor, steps: int, dt: float, generator: torch.Generator | None) -> torch.Tensor:
    """Spikes ``[steps, n]`` of BindsNET's approximation; rates in Hz."""
    limits = 0.6 ** (50 / (rates * 0.11 + 5))  # of |x|, rather than a power of each x
    drawn = torch.randn(steps, len(rates), device=rates.device, generator=generator)
    return (drawn.abs_() < limits).to(torch.uint8)


def rank_order(
    datum: torch.Tensor, time: float, dt: float = 1.0, device: torch.device | str = "cpu", **kwargs: Any
) -> torch.Tensor:
    """One spike from each value, the larger the sooner.

    The spike of value v comes in step ⌈steps · v_min / v⌉, counted from 1, with v_min the smallest value above 0. As in BindsNET,
    the last step holds none: v_min itself, and what is as small, never fires, nor does 0.

    Args:
        datum: numbers of any shape.
        time: length of the train (ms).
        dt: time step (ms).
        device: where the train lies.
    """
    refuse_unknown(kwargs, rank_order)
    values = intensities(datum, device)
    steps = n_steps(time, dt)
    spikes = torch.zeros(steps, len(values), dtype=torch.uint8, device=device)
    active = values.nonzero()[:, 0]
    if len(active) and steps:
        # As BindsNET computes it; but a share below what float32 can invert would be no time at all.
        times = 1 / (values[active] / values.max()).float().clamp(min=SMALLEST)
        times = (times * (steps / times.max())).ceil().long()
        in_time = times < steps
        spikes[times[in_time] - 1, active[in_time]] = 1
    return shaped(spikes, datum)


def shaped(spikes: torch.Tensor, datum: Any) -> torch.Tensor:
    """Spikes of flat values, ``[..., n]``, in the shape of the datum that these are."""
    return spikes.view(*spikes.shape[:-1], *as_tensor(datum).shape)

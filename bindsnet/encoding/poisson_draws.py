"""Spikes at Poisson-distributed intervals, drawn as torch draws them but several times faster.

Bit for bit what ``torch.poisson`` gives on the CPU, and the generator goes on from where torch would have left it: the Mersenne
Twister (Matsumoto & Nishimura 1998) makes its words, of which two make a number in [0, 1). An interval of mean m below 10 is how
many of them can be multiplied before their product falls to exp(−m) (Knuth 1969); of a larger one, Hörmann's transformed
rejection (1993, "The transformed rejection method for generating Poisson random variables", algorithm PTRS). An interval past the
end of the train is worked out only as far as the generator needs.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numba import njit

from common.compiled import compiled_once

N_WORDS, SHIFT = 624, 397  # of the Mersenne Twister's state
UPPER, LOWER, MATRIX = np.uint32(0x80000000), np.uint32(0x7FFFFFFF), np.uint32(0x9908B0DF)
N_UNIFORMS = N_WORDS // 2
HIGH = np.uint32(0x1FFFFF)  # the bits of the first word of a pair that are used
REJECTION_FROM = 10.0  # mean from which intervals are drawn by rejection

#: a generator's state as torch keeps it: how many words are left, which is next, and the words, each in 64 bits
STATE_SIZE, LEFT, NEXT, WORDS = 5056, slice(8, 12), slice(16, 24), slice(24, 24 + 8 * N_WORDS)


class Means(NamedTuple):
    """What the draws need to know of each mean, float64 ``[n]``."""

    mean: np.ndarray
    low: np.ndarray  # exp(−mean)
    log: np.ndarray
    a: np.ndarray  # the hat's constants, as Hörmann names them
    b: np.ndarray
    log_inverse_alpha: np.ndarray
    v_r: np.ndarray


def of_means(mean: np.ndarray) -> Means:
    """Constants of means above 0."""
    with np.errstate(all="ignore"):  # those of the hat are of no use for small means
        b = 0.931 + 2.53 * np.sqrt(mean)
        a = -0.059 + 0.02483 * b
        log_inverse_alpha = np.log(1.1239 + 1.1328 / (b - 3.4))
        return Means(mean, np.exp(-mean), np.log(mean), a, b, log_inverse_alpha, 0.9277 - 3.6224 / (b - 2))


def can_draw(generator: torch.Generator) -> bool:
    """Whether this is a generator of the kind whose words are made here."""
    return generator.device.type == "cpu" and len(generator.get_state()) == STATE_SIZE


def draw_spikes(means: torch.Tensor, steps: int, generator: torch.Generator) -> torch.Tensor:
    """Spikes uint8 ``[steps, n]`` after intervals of these means (float32, above 0), an interval of 0 being 1."""
    state = generator.get_state()
    memory = state.numpy()
    words = memory[WORDS].view(np.uint64).astype(np.uint32)
    place = N_WORDS + 1 - int(memory[LEFT].view(np.int32)[0])
    spikes = np.zeros((steps, len(means)), np.uint8)
    place = _draw(*of_means(means.numpy().astype(np.float64)), spikes, words, place)
    memory[WORDS].view(np.uint64)[:] = words
    memory[LEFT].view(np.int32)[0] = N_WORDS + 1 - place
    memory[NEXT].view(np.uint64)[0] = place
    generator.set_state(state)
    return torch.from_numpy(spikes)


@compiled_once
def _draw(mean, low, log_mean, a, b, log_inverse_alpha, v_r, spikes, words, place):
    """Draws row by row into ``spikes``; ``words`` and the place among them go on, and the place is returned."""
    steps, n = spikes.shape
    numbers = np.empty(N_WORDS, np.uint32)
    uniforms = np.empty(N_UNIFORMS)
    odd = place % 2
    temper(words, numbers)
    pair(numbers, uniforms, odd, np.uint32(0))
    k = (place + odd) // 2
    times = np.zeros(n, np.int64)
    for _ in range(steps + 1):
        for i in range(n):
            interval = 0.0
            if mean[i] < REJECTION_FROM:
                product = 1.0
                while True:
                    if k == N_UNIFORMS:
                        k = fill(words, numbers, uniforms, odd)
                    product *= uniforms[k]
                    k += 1
                    if product <= low[i]:
                        break
                    interval += 1.0
            else:
                while True:
                    if k == N_UNIFORMS:
                        k = fill(words, numbers, uniforms, odd)
                    u = uniforms[k]
                    k += 1
                    if k == N_UNIFORMS:
                        k = fill(words, numbers, uniforms, odd)
                    v = uniforms[k]
                    k += 1
                    u -= 0.5
                    us = 0.5 - abs(u)
                    is_inside = us >= 0.07 and v <= v_r[i]
                    if is_inside and times[i] >= steps:
                        break
                    interval = math.floor((2 * a[i] / us + b[i]) * u + mean[i] + 0.43)
                    if is_inside:
                        break
                    if interval < 0 or (us < 0.013 and v > us):
                        continue
                    hat = math.log(v) + log_inverse_alpha[i] - math.log(a[i] / (us * us) + b[i])
                    if hat <= interval * log_mean[i] - mean[i] - math.lgamma(interval + 1):
                        break
            if times[i] < steps:
                times[i] += int(min(max(interval, 1.0), steps + 1.0))
                if times[i] <= steps:
                    spikes[times[i] - 1, i] = 1
    return 2 * k - odd


@njit
def fill(words, numbers, uniforms, odd):
    """The next numbers in [0, 1), and the place of the first. A function between this and who draws would cost more than all."""
    last = numbers[N_WORDS - 1]
    refill(words)
    temper(words, numbers)
    pair(numbers, uniforms, odd, last)
    return 0


@njit
def pair(numbers, uniforms, odd, last):
    """Numbers of 53 bits out of two words each; if they come from an odd place, the first takes the last word before these."""
    if odd:
        uniforms[0] = (last & HIGH) * 2.0**-21 + numbers[0] * 2.0**-53
    for i in range(odd, N_UNIFORMS):
        uniforms[i] = (numbers[2 * i - odd] & HIGH) * 2.0**-21 + numbers[2 * i + 1 - odd] * 2.0**-53


@njit
def refill(words):
    """The next words of the Mersenne Twister."""
    for i in range(N_WORDS - SHIFT):
        words[i] = words[i + SHIFT] ^ twist(words[i], words[i + 1])
    for i in range(N_WORDS - SHIFT, N_WORDS - 1):
        words[i] = words[i + SHIFT - N_WORDS] ^ twist(words[i], words[i + 1])
    words[N_WORDS - 1] = words[SHIFT - 1] ^ twist(words[N_WORDS - 1], words[0])


@njit
def twist(upper, lower):
    """What a word is combined with: the upper bit of one and the lower bits of the next, multiplied by the matrix."""
    mixed = (upper & UPPER) | (lower & LOWER)
    return (mixed >> np.uint32(1)) ^ ((lower & np.uint32(1)) * MATRIX)


@njit
def temper(words, numbers):
    """What the generator gives for its words."""
    for i in range(N_WORDS):
        y = words[i]
        y ^= y >> np.uint32(11)
        y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
        y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
        numbers[i] = y ^ (y >> np.uint32(18))

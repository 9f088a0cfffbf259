"""Random choices that depend on nothing but where in a run they are made.

Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") turns a key of two 32-bit words
and a counter of two into two random words. Three calls in a chain give every draw its own number: the seed and the stream, the
sample and the presentation, the step and the neuron. So a choice depends neither on the engine, nor on the number of workers,
nor on what was drawn before it. Of the two words of a neuron the first draws winners, the second is its chance.

Every function works on Python integers and compiles unchanged, as no value exceeds 63 bits; and on arrays of uint32.
"""

from __future__ import annotations

from functools import lru_cache
from operator import index

import numpy as np
import torch

TRAINING, TESTING, ELSEWHERE = 0, 1, 2

WORD = 0xFFFFFFFF
PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
N_GROUPS = 5  # four rounds each


def threefry(key_0: int, key_1: int, counter_0: int, counter_1: int) -> tuple[int, int]:
    """Two random 32-bit words for a key and a counter of two 32-bit words each."""
    keys = (key_0, key_1, key_0 ^ key_1 ^ PARITY)
    x_0 = (counter_0 + keys[0]) & WORD
    x_1 = (counter_1 + keys[1]) & WORD
    for group in range(N_GROUPS):
        for rotation in ROTATIONS[group % 2]:
            x_0 = (x_0 + x_1) & WORD
            x_1 = ((x_1 << rotation) | (x_1 >> (32 - rotation))) & WORD
            x_1 = x_1 ^ x_0
        x_0 = (x_0 + keys[(group + 1) % 3]) & WORD
        x_1 = (x_1 + keys[(group + 2) % 3] + group + 1) & WORD
    return x_0, x_1


@lru_cache(64)
def stream_key(seed: int, stream: int) -> tuple[int, int]:
    """The key of one stream (training, testing, elsewhere) of a seed of up to 64 bits."""
    return threefry(seed & WORD, (seed >> 32) & WORD, stream, 0)


def presentation_key(stream_0: int, stream_1: int, sample: int, presentation: int) -> tuple[int, int]:
    """The key of one presentation of one sample, from its stream's key."""
    return threefry(stream_0, stream_1, sample & WORD, presentation)


def draw_below(limit: int, key_0: int, key_1: int, step: int, neuron: int) -> int:
    """An even draw from 0, ..., limit - 1 (off by less than limit / 2**32) for a presentation's key, a step and a neuron."""
    word, _ = threefry(key_0, key_1, step, neuron)
    return (word * limit) >> 32


def uniform(key_0: int, key_1: int, step: int, neuron: int) -> float:
    """An even draw from the multiples of 2**-24 in [0, 1), which are float32, for a presentation's key, a step and a neuron."""
    _, word = threefry(key_0, key_1, step, neuron)
    return (word >> 8) / 16777216.0


class Randomness:
    """Where in a run a network is: what its layers need to draw a winner, or chances.

    ``begin`` names the samples of a batch and their presentation; ``step`` counts time steps within the presentation.

    Args:
        alone: whether it belongs to a layer without a network around it, so that nobody counts steps but who draws chances.
    """

    def __init__(self, alone: bool = False) -> None:
        self.alone = alone
        self.step = 0
        self._keys: list[tuple[int, int]] | None = []  # None as long as nobody has asked for those of what was begun
        self.seed: int | None = None
        self.n_samples = 0

    def begin(self, seed: int, stream: int, samples: range | list[int], presentation: int) -> None:
        """Start a presentation of these samples: time step 0, a key for each."""
        self._begun, self._keys = (*stream_key(index(seed), stream), [int(k) for k in samples], presentation), None
        self.step = 0

    @property
    def keys(self) -> list[tuple[int, int]]:
        """A key for each sample, found when it is asked for: most networks draw nothing."""
        if self._keys is None:
            *stream, samples, presentation = self._begun
            self._keys = [presentation_key(*stream, sample, presentation) for sample in samples]
        return self._keys

    def next_samples(self, seed: int, n_samples: int) -> range:
        """Running numbers for samples that have none of their own, from 0 for every seed."""
        if seed != self.seed:
            self.seed, self.n_samples = seed, 0
        first = self.n_samples
        self.n_samples += n_samples
        return range(first, self.n_samples)

    def draw_below(self, limit: int, sample: int, neuron: int) -> int:
        """An even draw from 0, ..., limit - 1 for the sample at this place in the batch, at this time step."""
        key_0, key_1 = self._keys_of(sample + 1)[sample]
        return draw_below(limit, key_0, key_1, self.step, neuron)

    def chances(self, n_samples: int, first_neuron: int, n: int, n_steps: int = 1) -> np.ndarray:
        """Even draws from [0, 1) for the first samples of the batch and n neurons, at this step and the next ones.

        Returns:
            float32 ``[n_steps, n_samples, n]``.
        """
        key_0, key_1 = np.array(self._keys_of(n_samples), np.uint32).T[:, :, None]
        steps = np.arange(self.step, self.step + n_steps, dtype=np.uint32)[:, None, None]
        return uniform(key_0, key_1, steps, np.arange(first_neuron, first_neuron + n, dtype=np.uint32)).astype(np.float32)

    def chances_of_synapses(self, samples: np.ndarray, where: tuple[int, int, int], synapses: np.ndarray) -> np.ndarray:
        """Even draws from [0, 1) for rows of synapses, at this step.

        Args:
            samples: the place in the batch of each row, ``[n_rows]``.
            where: what no other synapses have: the first neuron of their target and of their source, and a number of their own.
            synapses: their numbers, from 0 to 2**32 - 1, ``[n_rows, n]``.

        Returns:
            float32 ``[n_rows, n]``.
        """
        target, source, own = where
        n_samples = int(samples.max(initial=0)) + 1
        keys = [threefry(*threefry(*key, WORD - target, source), own, 0) for key in self._keys_of(n_samples)]
        key_0, key_1 = np.array(keys, np.uint32)[samples].T[:, :, None]
        chances = uniform(key_0, key_1, np.uint32(self.step), synapses.astype(np.uint32)).astype(np.float32)
        self.step += self.alone
        return chances

    def _keys_of(self, n_samples: int) -> list[tuple[int, int]]:
        if n_samples > len(self.keys):  # a layer without a network around it
            seed = torch.initial_seed()
            self.begin(seed, ELSEWHERE, self.next_samples(seed, n_samples), 0)
        return self.keys[:n_samples]

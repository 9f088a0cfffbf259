"""A silicon cochlea of 64 channels that listens to a sound (after Liu et al. 2014, the sensor of N-TIDIGITS18).

Each channel is a gammatone filter of fourth order, as a cascade of four complex one-pole filters (Hohmann 2002):

    z_k(n) = λ z_k(n − 1) + z_{k−1}(n),   λ = exp(−2π b / f_s + 2πi f / f_s),   y = g Re z_4

with f on an even scale of auditory bandwidths (Glasberg & Moore 1990) and b that of the filter. Its hair cell passes the square
root of the positive half of y and adapts: that is divided by what it was of late. Its neuron integrates what exceeds a floor, and
sends an event at each threshold. Channel 0 is the highest, as where a travelling wave enters a cascade of filters.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from common.compiled import compiled_once
from eventvision import EVENT_DTYPE, Events
from eventvision.sensors import COCHLEA

N_CHANNELS = COCHLEA.width
LOWEST, HIGHEST = 150.0, 3700.0  # Hz, centres of the last and the first channel: what audio at 8 kHz carries
LOWEST_RATE, HIGHEST_RATE = 8_000, 16_000  # Hz, sampling rates of sounds
ORDER = 4
# Bandwidth of a fourth-order gammatone filter in units of the auditory filter's (Patterson et al. 1992).
BANDWIDTH = 1.019
EAR_Q, LEAST_BANDWIDTH = (
    9.26449,
    24.7,
)  # of the auditory filter, its width f / EAR_Q + LEAST_BANDWIDTH (Glasberg & Moore 1990), Hz

# Speech is as strong at all frequencies up to some 500 Hz and falls beyond (Byrne et al. 1994); gains make up for that.
SLOPE_START, SLOPE = 500.0, 1.0  # Hz, and the power of frequency by which gains rise from there
ADAPTATION_TIME = 50.0  # ms over which it adapts
RESTING = 0.1  # what divides it in silence, when it has passed nothing of late
DRIVE = 350.0  # events per s for each unit that a hair cell passes
FLOOR = 0.1  # what a hair cell must pass before its neuron integrates it
REFRACTORY = 1.5  # ms
MISMATCH = 0.1  # relative standard deviation of thresholds between channels
COCHLEA_SEED = 64  # one cochlea, so one mismatch, for all recordings
NOISE_RATE = 1.0  # Hz, of each channel
USUAL_LEVEL = 1.0  # root mean square of the louder half of a sound that is played at the usual loudness
MS_PER_S, US_PER_S = 1000, 1_000_000


def listen(sound: np.ndarray, rate: int, generator: np.random.Generator) -> Events:
    """The events of a sound, from its start.

    Args:
        sound: the wave, float ``[n]``; as loud as `levelled` makes it if it is to be heard well.
        rate: its sampling rate, 8,000 to 16,000 Hz.
        generator: what differs between recordings of one sound.
    """
    channels, times = _hear(sound, rate, *_filters(rate), _thresholds())
    duration = len(sound) / rate
    n_noise = generator.poisson(N_CHANNELS * NOISE_RATE * duration)
    channels = np.concatenate([channels, generator.integers(N_CHANNELS, size=n_noise)])
    times = np.concatenate([times, generator.random(n_noise) * duration])
    data = np.zeros(len(times), EVENT_DTYPE)
    data["x"], data["p"], data["ts"] = channels, True, (times * US_PER_S).astype(np.int64)
    return Events(data[np.argsort(data["ts"], kind="stable")], N_CHANNELS, 1)


def levelled(sound: np.ndarray) -> np.ndarray:
    """A sound, float ``[n]``, at the usual loudness, whatever it had; silence stays silence."""
    power = np.sort(np.asarray(sound, np.float64) ** 2)
    loudness = math.sqrt(power[len(power) // 2 :].mean()) if len(power) else 0.0
    return sound * (USUAL_LEVEL / loudness) if loudness else np.zeros(len(sound))


def centre_frequencies() -> np.ndarray:
    """Centres of the channels (Hz), ``[64]``, falling."""
    ends = np.log1p(np.array([HIGHEST, LOWEST]) / (EAR_Q * LEAST_BANDWIDTH))
    return np.expm1(np.linspace(*ends, N_CHANNELS)) * EAR_Q * LEAST_BANDWIDTH


@cache
def _filters(rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Poles λ and gains g of the channels at a sampling rate (Hz)."""
    centres = centre_frequencies()
    widths = BANDWIDTH * (centres / EAR_Q + LEAST_BANDWIDTH)
    poles = np.exp(2 * np.pi * (1j * centres - widths) / rate)
    unit_gain = 2 * (1 - np.abs(poles)) ** ORDER
    return poles, unit_gain * (np.maximum(centres, SLOPE_START) / centres[0]) ** SLOPE


@compiled_once
def _hear(
    sound: np.ndarray, rate: int, poles: np.ndarray, gains: np.ndarray, thresholds: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Channels and times (s) of the events that a sound gives."""
    adapt = 1.0 - math.exp(-MS_PER_S / (ADAPTATION_TIME * rate))
    least_wait = REFRACTORY / MS_PER_S
    n_channels = len(thresholds)  # not a constant of another package, which machine code would keep
    most = n_channels * (2 + int(len(sound) / rate / least_wait))
    channels, times = np.empty(most, np.int64), np.empty(most)
    n = 0
    for channel in range(n_channels):
        pole, gain = poles[channel], gains[channel]
        z1 = z2 = z3 = z4 = 0j
        passed, charge, rested_at = 0.0, 0.0, 0.0
        for sample in range(len(sound)):
            z1 = pole * z1 + sound[sample]
            z2 = pole * z2 + z1
            z3 = pole * z3 + z2
            z4 = pole * z4 + z3
            deflection = gain * z4.real
            strength = math.sqrt(deflection) if deflection > 0.0 else 0.0
            output = strength / (RESTING + passed)
            passed += adapt * (strength - passed)
            charge += max(output - FLOOR, 0.0) * DRIVE / rate
            now = sample / rate
            if charge < thresholds[channel] or now < rested_at:
                charge = min(charge, thresholds[channel])
                continue
            channels[n], times[n] = channel, now
            n += 1
            charge -= thresholds[channel]
            rested_at = now + least_wait
    return channels[:n], times[:n]


@cache
def _thresholds() -> np.ndarray:
    mismatch = np.random.default_rng(COCHLEA_SEED).standard_normal(N_CHANNELS)
    return np.clip(1.0 + MISMATCH * mismatch, 0.5, 1.5)

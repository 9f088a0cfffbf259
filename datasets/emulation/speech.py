"""A formant synthesiser that speaks the ten digits (source and filter, after Klatt 1980).

A word is a chain of sounds, each with the frequencies of three formants, how much voice and how much noise excites them, and the
band of its own noise, if it hisses. Values glide from one sound to the next. The voice is a train of pulses, smoothed; the vocal
tract a cascade of resonators. Speakers differ in pitch and its fall, in the length of their vocal tract, in pace and loudness.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from common.compiled import compiled_once
from datasets.emulation.cochlea import levelled

RATE = 8_000  # Hz
MS_PER_S = 1000

# How speakers and takes differ.
PITCH = (90.0, 230.0)  # Hz, from the lowest to the highest
TRACT = (0.92, 1.2)  # formants in units of an average man's: short vocal tracts have high ones; follows pitch
TRACT_SPREAD = 0.06  # relative standard deviation beside what follows pitch
FALL = (0.7, 0.95)  # of pitch, from the word's start to its end
PACE_SPREAD, LEAST_PACE, MOST_PACE = 0.2, 0.6, 1.5  # relative standard deviation of a word's length, and its limits
SOUND_SPREAD = 0.25  # the same of a single sound's
SHORTEST = 0.4  # the least length of a sound, in units of the usual
FORMANT_SPREAD = 0.1  # relative standard deviation of each formant of each sound
STRENGTH_SPREAD = 6.0  # dB, standard deviation of a single sound's strength
LOUDNESS_SPREAD = 3.0  # dB, standard deviation
LEAD = (20.0, 120.0)  # ms of silence before the word
TAIL = 40.0  # ms after it
BACKGROUND = 0.02  # root mean square of the noise in the room; speech has about 1

FADE = 15.0  # ms of gliding into and out of a word
GLIDE = 40.0  # ms over which one sound becomes the next
BANDWIDTHS = (60.0, 90.0, 150.0)  # Hz of the formants
PULSE_CORNER = (150.0, 600.0)  # Hz above which the voice's spectrum falls: from soft to shrill voices
RADIATION = 0.9  # of a sample that lips take from the next: they let high frequencies out more
HISS_WIDTH = 800.0  # Hz
N_VALUES = 7  # that describe a moment: three formants, voice, breath, hiss and its frequency


class Sound(NamedTuple):
    """A sound of speech.

    Attributes:
        duration: ms at an average pace.
        formants: frequencies of the first three for an average man, Hz.
        voice: how loud the voice is, 0 to 1.
        breath: how loud noise from the throat is, through the formants as the voice.
        hiss: how loud noise from the mouth is, in its own band.
        hiss_frequency: the middle of that band, Hz; of higher ones what 8 kHz carry.
    """

    duration: float
    formants: tuple[float, float, float]
    voice: float = 1.0
    breath: float = 0.0
    hiss: float = 0.0
    hiss_frequency: float = 3000.0


# Formants of vowels: Peterson & Barney 1952; of consonants: Klatt 1980.
SOUNDS = {
    "IY": Sound(150, (270, 2290, 3010)),
    "IH": Sound(90, (390, 1990, 2550)),
    "EH": Sound(100, (530, 1840, 2480)),
    "AH": Sound(110, (640, 1190, 2390)),
    "AX": Sound(70, (500, 1400, 2450), 0.8),
    "AA": Sound(120, (730, 1090, 2440)),
    "AO": Sound(140, (570, 840, 2410)),
    "UW": Sound(170, (300, 870, 2240)),
    "OW": Sound(110, (500, 900, 2300)),
    "EY": Sound(100, (480, 2000, 2600)),
    "W": Sound(80, (290, 610, 2150), 0.6),
    "R": Sound(80, (310, 1060, 1380), 0.7),
    "N": Sound(90, (280, 1340, 2470), 0.35),
    "V": Sound(70, (220, 1100, 2080), 0.3, 0.0, 0.05, 3000),
    "Z": Sound(90, (240, 1390, 2530), 0.25, 0.0, 0.25, 3600),
    "F": Sound(110, (340, 1100, 2080), 0.0, 0.03, 0.08, 3000),
    "TH": Sound(100, (320, 1290, 2540), 0.0, 0.03, 0.06, 3200),
    "S": Sound(130, (320, 1390, 2530), 0.0, 0.0, 0.4, 3700),
    "closure": Sound(50, (350, 1600, 2600), 0.0),
    "T": Sound(40, (400, 1600, 2600), 0.0, 0.15, 0.35, 3300),
    "K": Sound(40, (300, 1990, 2850), 0.0, 0.1, 0.3, 2200),
}
WORDS = (
    ("Z", "IH", "R", "OW", "UW"),
    ("W", "AH", "N"),
    ("T", "UW", "UW"),
    ("TH", "R", "IY"),
    ("F", "AO", "AO", "R"),
    ("F", "AA", "IY", "V"),
    ("S", "IH", "closure", "K", "S"),
    ("S", "EH", "V", "AX", "N"),
    ("EY", "IY", "closure", "T"),
    ("N", "AA", "IY", "N"),
)


def speak_digit(digit: int, generator: np.random.Generator) -> np.ndarray:
    """A digit, spoken by a random speaker: float ``[n_samples]`` at 8 kHz, 0.2 to 1 s long."""
    height = generator.random()
    pitch = PITCH[0] * (PITCH[1] / PITCH[0]) ** height
    tract = (TRACT[0] + (TRACT[1] - TRACT[0]) * height) * (1 + TRACT_SPREAD * generator.standard_normal())
    pace = np.clip(1 + PACE_SPREAD * generator.standard_normal(), LEAST_PACE, MOST_PACE)
    values = _course([SOUNDS[name] for name in WORDS[digit]], tract, pace, generator)
    n = len(values)
    pitches = pitch * np.linspace(1.0, generator.uniform(*FALL), n)
    noises = generator.standard_normal((2, n))
    corner = PULSE_CORNER[0] * (PULSE_CORNER[1] / PULSE_CORNER[0]) ** generator.random()
    word = _speak(values, pitches, noises, corner, RATE)
    loudness = _decibels(LOUDNESS_SPREAD * generator.standard_normal())
    lead, tail = _samples(generator.uniform(*LEAD)), _samples(TAIL)
    sound = np.concatenate([np.zeros(lead), loudness * levelled(word), np.zeros(tail)])
    return sound + BACKGROUND * generator.standard_normal(len(sound))


def _course(sounds: list[Sound], tract: float, pace: float, generator: np.random.Generator) -> np.ndarray:
    """What describes each moment of a word, ``[n_samples, 7]``."""
    rows, lengths = [], []
    for sound in sounds:
        spread = 1 + FORMANT_SPREAD * generator.standard_normal(3)
        strengths = np.array([sound.voice, sound.breath, sound.hiss]) * _decibels(STRENGTH_SPREAD * generator.standard_normal())
        rows.append([*(np.array(sound.formants) * spread * tract), *strengths, sound.hiss_frequency])
        lengths.append(_samples(sound.duration * pace * max(1 + SOUND_SPREAD * generator.standard_normal(), SHORTEST)))
    course = np.repeat(np.array(rows), lengths, axis=0)
    width = _samples(GLIDE)
    padded = np.pad(course, ((width // 2, width - 1 - width // 2), (0, 0)), mode="edge")
    glided = np.stack([np.convolve(padded[:, k], np.full(width, 1 / width), "valid") for k in range(N_VALUES)], axis=1)
    fade = np.minimum(np.arange(1, len(course) + 1) / _samples(FADE), 1.0)
    glided[:, 3:6] *= (fade * fade[::-1])[:, None]
    return glided


@compiled_once
def _speak(values: np.ndarray, pitches: np.ndarray, noises: np.ndarray, corner: float, rate: int) -> np.ndarray:
    """The wave of a word: source, cascade of formants, and hiss beside it."""
    n_formants = len(BANDWIDTHS)
    before = np.zeros((n_formants + 1, 2))  # the last two outputs of each resonator, that of hiss the last
    word = np.zeros(len(values))
    smooth = math.exp(-2 * math.pi * corner / rate)
    phase = pulse = 0.0
    last = 0.0
    for sample in range(len(values)):
        phase += pitches[sample] / rate
        opening = 0.0
        if phase >= 1.0:
            phase -= 1.0
            opening = rate / pitches[sample]  # as much sound at any pitch
        pulse = smooth * pulse + (1.0 - smooth) * opening
        _, _, _, voice, breath, hiss, hiss_frequency = values[sample]
        flow = voice * (pulse - 1.0) + breath * noises[0, sample]
        for k in range(n_formants):
            frequency = min(values[sample, k], 0.48 * rate)
            flow = _resonate(flow, frequency, BANDWIDTHS[k], rate, before[k])
        radiated = flow - RADIATION * last
        last = flow
        word[sample] = radiated + _resonate(hiss * noises[1, sample], hiss_frequency, HISS_WIDTH, rate, before[n_formants])
    return word


@njit
def _resonate(x: float, frequency: float, width: float, rate: int, before: np.ndarray) -> float:
    """A step of a resonator (Klatt 1980) that passes a steady flow unchanged."""
    c = -math.exp(-2 * math.pi * width / rate)
    b = 2 * math.exp(-math.pi * width / rate) * math.cos(2 * math.pi * frequency / rate)
    y = (1 - b - c) * x + b * before[0] + c * before[1]
    before[1] = before[0]
    before[0] = y
    return y


def _decibels(gain: float) -> float:
    return 10 ** (gain / 20)


def _samples(duration: float) -> int:
    """Samples in some ms, at least one."""
    return max(int(duration * RATE / MS_PER_S), 1)

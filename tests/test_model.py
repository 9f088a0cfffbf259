"""The model's page says what the network does."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from pages import rows_of

from bindsnet.engine import SpikeTrains
from bindsnet.numbers.ops import pow
from bindsnet.numbers.random import TESTING, TRAINING, draw_below, presentation_key, stream_key
from experiment.model.diehl_cook import INHIBITORY, DiehlCookNetwork
from experiment.model.network import EXCITATORY, INPUT


def test_the_model_page_has_the_parameters_of_the_network():
    layers = DiehlCookNetwork(4, 3).layers
    rows = [row for row in rows_of("model.md") if len(row) == 6 and re.fullmatch(r"`\w+`", row[1])]
    for _, name, *values, _, _ in rows:
        for layer, value in zip((EXCITATORY, INHIBITORY), values, strict=True):
            if value:
                assert layers[layer].get_buffer(name.strip("`")).item() == pytest.approx(float(value.replace("−", "-"))), name
    assert len(rows) == 7


THETA_DECAY = torch.exp(torch.tensor(-1 / 1e7, dtype=torch.float64)).item()  # libraries differ in its last bit


def leak(v: np.ndarray, rest: float, tau: float) -> np.ndarray:
    return np.float32(rest) + (v - np.float32(rest)) * np.float32(math.exp(-1 / tau))


def by_the_page(network: DiehlCookNetwork, trains: SpikeTrains, seed: int) -> tuple[np.ndarray, ...]:
    """Spike counts, presentations, w, θ, x and voltages after samples presented as docs/model.md says; dt is 1 ms."""
    f32, learning = np.float32, network.learning
    w, theta = network.w.numpy().copy(), network.theta.numpy().copy()
    n_inputs, n = w.shape
    counts, n_presentations = np.zeros((trains.n_samples, n), int), []
    for sample in range(trains.n_samples):
        x, s_input = np.zeros(n_inputs, f32), np.zeros(n_inputs, bool)
        (v, v_inh), (r, r_inh), (s, s_inh) = np.full((2, n), [[-65], [-60]], f32), np.zeros((2, n), f32), np.zeros((2, n), bool)
        g = f32(1.0 if learning else 1.2)
        for presentation in range(5):
            key = presentation_key(*stream_key(seed, TRAINING if learning else TESTING), sample, presentation)
            counts[sample] = 0
            for t, now in enumerate(trains.to_dense()[sample].numpy() != 0):
                # 1. drives
                drive, inhibition, drive_inh = np.zeros(n, f32), np.zeros(n, f32), np.where(s, f32(22.5), f32(0))
                for i in s_input.nonzero()[0]:
                    drive += w[i]
                for k in s_inh.nonzero()[0]:
                    inhibition[np.arange(n) != k] -= f32(17.5)
                drive = g * drive + inhibition
                # 2. input
                s_input, x = now, np.where(now, f32(1), x * f32(math.exp(-1 / 20)))
                # 3. excitatory neurons
                theta = theta * THETA_DECAY if learning else theta
                v, r = leak(v, -65, 215) + np.where(r == 0, drive, f32(0)), np.maximum(r - f32(1), f32(0))
                over = v >= (-52 + theta).astype(f32)
                v, r = np.where(over, f32(-60), v), np.where(over, f32(5), r)
                theta = theta + np.float64(f32(0.2)) * over if learning else theta
                candidates = over.nonzero()[0]
                s = np.zeros(n, bool)
                if len(candidates):
                    s[candidates[draw_below(len(candidates), *key, t, n_inputs)]] = True
                # 4. inhibitory neurons
                v_inh, r_inh = leak(v_inh, -60, 10) + np.where(r_inh == 0, drive_inh, f32(0)), np.maximum(r_inh - f32(1), f32(0))
                s_inh = v_inh >= -40
                v_inh, r_inh = np.where(s_inh, f32(-45), v_inh), np.where(s_inh, f32(2), r_inh)
                # 5. plasticity
                for j in s.nonzero()[0] if learning else ():
                    change = f32(0.05) * (x - f32(0.4)) * pow(f32(1) - w[:, j], f32(0.2))
                    w[:, j] = np.clip(w[:, j] + change, f32(0), f32(1))
                counts[sample] += s
            if counts[sample].sum() >= 2:
                break
            g = f32(g * f32(1.2))
        n_presentations.append(presentation + 1)
    return counts, np.array(n_presentations), w, theta, x, v, v_inh


@pytest.mark.parametrize("learning", [True, False])
@pytest.mark.parametrize("engine", ["plain", "fused"])
def test_the_network_does_bit_for_bit_what_the_model_page_says(learning, engine):
    network = DiehlCookNetwork(60, 8, seed=1).train(learning)
    network.w.mul_(1.5)
    network.theta.uniform_(0.0, 1.0, generator=torch.Generator().manual_seed(1))
    rates = torch.linspace(0.0, 0.03, 30).view(30, 1, 1)
    trains = SpikeTrains.from_dense(torch.rand(30, 60, 60, generator=torch.Generator().manual_seed(1)) < rates)
    expected = by_the_page(network, trains, seed=3)
    answer = network.answer(trains, range(30), 3, TRAINING if learning else TESTING, engine=engine)
    layers = network.layers
    state = layers[INPUT].x[0], layers[EXCITATORY].v[0], layers[INHIBITORY].v[0]
    found = answer.spike_counts, answer.n_presentations, network.w, network.theta, *state
    for kept, value in zip(found, expected, strict=True):
        np.testing.assert_array_equal(kept.numpy(), value)
    assert {1, 2, 5} <= set(answer.n_presentations.tolist())

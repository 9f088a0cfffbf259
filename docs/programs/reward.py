"""A reward-modulated network of two layers learns by trial and error which action each pattern asks for.

Inputs reach three actions, which inhibit each other; the one that fires most while a pattern is shown is chosen. Only then comes
a reward from outside, +1 for the right action and -1 for another, for a few milliseconds: MSTDPET keeps a trace of which
synapses took part until then (Florian 2007). Nobody tells which action would have been right; a little noise, other in every
trial, makes the network try them all. The control is the same network, rewarded as often as chance is right, whatever it chose.

    python docs/programs/reward.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch

from bindsnet.learning import MSTDPET
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import Input, LIFNodes
from bindsnet.network.topology import Connection

N_PATTERNS, N_ACTIONS = 6, 3
N_INPUTS, N_ACTIVE = 60, 15
SHOWN, REWARDED = 40, 5  # ms


def build() -> tuple[Network, Monitor]:
    """Inputs, actions, and inhibition among actions."""
    network = Network(dt=1.0)
    inputs = Input(n=N_INPUTS)
    actions = LIFNodes(n=N_ACTIONS, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=3, tc_decay=20.0)
    network.add_layer(inputs, name="inputs")
    network.add_layer(actions, name="actions")
    learned = Connection(
        source=inputs, target=actions, update_rule=MSTDPET, nu=0.1, wmin=0.0, wmax=4.0, norm=60.0,
        tc_plus=20.0, tc_minus=20.0, tc_e_trace=50.0, w=0.5 + torch.rand(N_INPUTS, N_ACTIONS),
    )  # fmt: skip
    inhibition = Connection(source=actions, target=actions, w=-60.0 * (1 - torch.eye(N_ACTIONS)))
    network.add_connection(learned, source="inputs", target="actions")
    network.add_connection(inhibition, source="actions", target="actions")
    monitor = Monitor(actions, state_vars=["s"], time=SHOWN)
    network.add_monitor(monitor, name="spikes")
    return network, monitor


def main(seed: int = 0, n_trials: int = 90, n_test: int = 60, informed: bool = True) -> float:
    """Percentage of right choices after all trials, without noise and reward; ``informed`` rewards look at what was chosen."""
    torch.manual_seed(seed)
    rates = 0.2 * torch.stack([torch.randperm(N_INPUTS) < N_ACTIVE for _ in range(N_PATTERNS)])
    patterns = torch.arange(n_trials + n_test) % N_PATTERNS
    right = patterns % N_ACTIONS
    shown = torch.rand(len(patterns), SHOWN, N_INPUTS) < rates[patterns][:, None]
    silence = torch.zeros(REWARDED, N_INPUTS, dtype=torch.bool)
    network, monitor = build()

    rates_of_rule = {"a_plus": 1.0, "a_minus": 0.0}
    for trial in range(n_trials):
        noise = torch.randn(1, N_ACTIONS).repeat(SHOWN, 1)  # mV a step, the same in all steps of a trial
        network.run(inputs={"inputs": shown[trial], "actions": noise}, time=SHOWN, reward=0.0, **rates_of_rule)
        chosen = monitor.get("s").sum(0).argmax()
        success = chosen == right[trial] if informed else torch.rand(()) < 1 / N_ACTIONS
        network.run(inputs={"inputs": silence}, time=REWARDED, reward=1.0 if success else -1.0, **rates_of_rule)
        network.reset_state_variables()

    network.train(False)
    network.run(inputs={"inputs": shown[n_trials:].transpose(0, 1)}, time=SHOWN)
    chosen = monitor.get("s").sum(0).argmax(1)
    return 100 * (chosen == right[n_trials:]).float().mean().item()


if __name__ == "__main__":
    for seed in range(2):
        learned, control = main(seed), main(seed, informed=False)
        print(f"seed {seed}: {learned:.0f} % right; rewarded whatever it chose {control:.0f} %; chance {100 / N_ACTIONS:.0f} %")

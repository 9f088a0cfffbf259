"""A reward-modulated network of two layers learns by trial and error which action each pattern asks for.

Inputs reach three actions, which inhibit each other; the one that fires most while a pattern is shown is chosen. Only then comes
a reward from outside, +1 for the right action and -1 for another, for a few milliseconds: MSTDPET keeps a trace of which
synapses took part until then (Florian 2007). Nobody tells which action would have been right. The control is the same network,
rewarded just as often, but no matter what it has chosen.

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
N_INPUTS = 60
SHOWN, REWARDED = 50, 10  # ms


def build() -> tuple[Network, Monitor]:
    """Inputs, actions, and inhibition among actions."""
    network = Network(dt=1.0)
    inputs = Input(n=N_INPUTS, traces=True)
    actions = LIFNodes(n=N_ACTIONS, traces=True, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=3, tc_decay=20.0)
    network.add_layer(inputs, name="inputs")
    network.add_layer(actions, name="actions")
    learned = Connection(
        source=inputs, target=actions, update_rule=MSTDPET, nu=NU, wmin=0.0, wmax=4.0, norm=NORM,
        tc_plus=20.0, tc_minus=20.0, tc_e_trace=50.0, w=1.0 + torch.rand(N_INPUTS, N_ACTIONS),
    )  # fmt: skip
    inhibition = Connection(source=actions, target=actions, w=-INH * (1 - torch.eye(N_ACTIONS)))
    network.add_connection(learned, source="inputs", target="actions")
    network.add_connection(inhibition, source="actions", target="actions")
    monitor = Monitor(actions, state_vars=["s"], time=SHOWN)
    network.add_monitor(monitor, name="spikes")
    return network, monitor

NU, NORM, INH, AM = 0.1, 90.0, 10.0, 0.0

def main(seed: int = 0, n_trials: int = 200, n_test: int = 60, informed: bool = True) -> float:
    """Percentage of right choices after learning, of patterns drawn anew with the network frozen."""
    torch.manual_seed(seed)
    rates = 0.2 * (torch.rand(N_PATTERNS, N_INPUTS) < 0.3)
    patterns = torch.arange(n_trials + n_test) % N_PATTERNS
    right = patterns % N_ACTIONS
    shown = torch.rand(len(patterns), SHOWN, N_INPUTS) < rates[patterns][:, None]
    network, monitor = build()
    silence = torch.zeros(REWARDED, N_INPUTS, dtype=torch.bool)

    choices = []
    for trial, spikes in enumerate(shown):
        learning = trial < n_trials
        network.train(learning)
        network.run(inputs={"inputs": spikes}, time=SHOWN, reward=0.0, a_plus=1.0, a_minus=AM)
        choices.append(monitor.get("s").sum(0).argmax().item())
        if learning:
            other = informed or trial % N_PATTERNS
            success = choices[-1] == right[trial] if informed else torch.rand(()) < 1 / N_ACTIONS
            network.run(inputs={"inputs": silence}, time=REWARDED, reward=1.0 if success else -0.5, a_plus=1.0, a_minus=AM)
        network.reset_state_variables()
    r = (torch.tensor(choices) == right).float()
    if VERB: print([round(x.mean().item(), 2) for x in r.split(40)])
    return 100 * r[n_trials:].mean().item()
VERB = True


if __name__ == "__main__":
    for seed in range(2):
        print(f"seed {seed}: {main(seed):.0f} % right; rewards without regard to choices {main(seed, informed=False):.0f} %")

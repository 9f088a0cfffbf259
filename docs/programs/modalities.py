"""Several inputs into one layer: what is seen and heard together is told apart afterwards by either alone.

Two input layers, an eye and an ear, reach the same neurons by connections that both learn; neurons inhibit each other, and the
threshold of one that fired rises, so that each comes to stand for one class of pairs. Then neurons get their labels by the eye
alone, and sounds without any sight are named by the same neurons: only what was learned together can carry a label across.

    python docs/programs/modalities.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the clone, where bindsnet lies

import torch

from bindsnet.learning import PostPre
from bindsnet.network import Network
from bindsnet.network.monitors import Monitor
from bindsnet.network.nodes import DiehlAndCookNodes, Input
from bindsnet.network.topology import Connection

N_CLASSES = 4
SIZES = {"eye": 100, "ear": 60}
N_NEURONS = 20
TIME = 50  # ms


def patterns(n_inputs: int, labels: torch.Tensor) -> torch.Tensor:
    """One modality: noisy samples of one prototype a class as Poisson spikes ``[n_samples, TIME, n_inputs]``."""
    prototypes = torch.stack([torch.randperm(n_inputs) < n_inputs // 4 for _ in range(N_CLASSES)])
    flipped = torch.rand(len(labels), n_inputs) < 0.1
    shown = prototypes[labels] ^ flipped
    return torch.rand(len(labels), TIME, n_inputs) < 0.15 * shown[:, None]


def build() -> tuple[Network, Monitor]:
    """An eye and an ear, neurons that learn from both, and inhibition among them."""
    network = Network(dt=1.0)
    neurons = DiehlAndCookNodes(
        n=N_NEURONS, traces=True, thresh=-52.0, rest=-65.0, reset=-65.0, refrac=5, tc_decay=100.0, theta_plus=0.5,
        tc_theta_decay=1e5, one_spike=False,
    )  # fmt: skip
    network.add_layer(neurons, name="neurons")
    for name, n in SIZES.items():
        inputs = Input(n=n, traces=True)
        network.add_layer(inputs, name=name)
        learned = Connection(
            source=inputs, target=neurons, update_rule=PostPre, nu=(1e-4, 2e-2), norm=30.0, wmin=0.0, wmax=3.0,
            w=torch.rand(n, N_NEURONS),
        )  # fmt: skip
        network.add_connection(learned, source=name, target="neurons")
    inhibition = Connection(source=neurons, target=neurons, w=-20.0 * (1 - torch.eye(N_NEURONS)))
    network.add_connection(inhibition, source="neurons", target="neurons")
    monitor = Monitor(neurons, state_vars=["s"], time=TIME)
    network.add_monitor(monitor, name="spikes")
    return network, monitor


def counts_of(network: Network, monitor: Monitor, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """How often each neuron fires for each sample, ``[n_samples, N_NEURONS]``: all samples at once, as a batch."""
    network.run(inputs={name: spikes.transpose(0, 1) for name, spikes in inputs.items()}, time=TIME)
    counts = monitor.get("s").sum(0).float()
    network.reset_state_variables()
    return counts


def accuracy(assigned: torch.Tensor, counts: torch.Tensor, labels: torch.Tensor) -> float:
    """Percentage of samples of which the neurons labelled with the right class fire most on average."""
    members = torch.nn.functional.one_hot(assigned, N_CLASSES).float()
    rates = counts @ (members / members.sum(0).clamp(min=1))
    return 100 * (rates.argmax(1) == labels).float().mean().item()


def main(seed: int = 0, n_train: int = 60, n_test: int = 40, learning: bool = True, paired: bool = True) -> dict[str, float]:
    """Percentages right of sights (``"eye"``), and of sounds named by labels of sights (``"ear"``)."""
    torch.manual_seed(seed)
    labels = torch.arange(n_train + 2 * n_test) % N_CLASSES
    seen, heard = (patterns(n, labels) for n in SIZES.values())
    network, monitor = build()

    network.train(learning)
    order = torch.arange(n_train) if paired else torch.randperm(n_train)
    for sight, sound in zip(seen[:n_train], heard[:n_train][order], strict=True):
        network.run(inputs={"eye": sight, "ear": sound}, time=TIME)
        network.reset_state_variables()

    network.train(False)
    known, new = slice(n_train, n_train + n_test), slice(n_train + n_test, None)
    counts = counts_of(network, monitor, {"eye": seen[known]})
    assigned = torch.stack([counts[labels[known] == label].mean(0) for label in range(N_CLASSES)]).argmax(0)
    by_eye = accuracy(assigned, counts_of(network, monitor, {"eye": seen[new]}), labels[new])
    by_ear = accuracy(assigned, counts_of(network, monitor, {"ear": heard[new]}), labels[new])
    return {"eye": by_eye, "ear": by_ear}


if __name__ == "__main__":
    for seed in range(2):
        print(f"seed {seed}, % right, eye alone and ear alone named by the eye's labels:")
        for name, given in (("learned", {}), ("pairs mixed up", {"paired": False}), ("without learning", {"learning": False})):
            found = main(seed, **given)
            print(f"  {name}: {found['eye']:.0f}, {found['ear']:.0f}")

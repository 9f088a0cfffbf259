"""The network of Diehl & Cook 2015 ("Unsupervised learning of digit recognition", figure 1).

Each spike of an excitatory neuron makes its inhibitory neuron fire, which inhibits all other excitatory neurons: so they learn
different things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from bindsnet.learning import DiehlAndCook, LearningRule, PostPre
from bindsnet.models.parts import all_others, competing, inputs, plastic, strength
from bindsnet.network import Network
from bindsnet.network.nodes import LIFNodes
from bindsnet.network.topology import Connection


class DiehlAndCook2015(Network):
    """Layers X (inputs), Ae (excitatory) and Ai (inhibitory); X → Ae learns, Ae → Ai is one to one, Ai → Ae to all others.

    Args:
        n_inpt: number of inputs.
        n_neurons: number of neurons in Ae, and in Ai.
        exc, inh: weights Ae → Ai and, without its sign, Ai → Ae, mV.
        dt: time step, ms.
        nu, reduction, wmin, wmax, norm: of X → Ae, see :class:`Connection`.
        theta_plus, tc_theta_decay: of Ae, see :class:`DiehlAndCookNodes`.
        inpt_shape: shape of X; ``[n_inpt]`` when left out.
        device: where to put the network.
        batch_size: number of samples at a time that it makes room for, as in :class:`Network`; 1 when None.
        sparse: taken for BindsNET's interface. Connections here cost what their spikes cost, whatever this says.
        w_dtype: type of all weights, see :class:`StoredConnection`.
        inh_thresh, exc_thresh: threshold of Ai, and that of Ae without θ, mV.
        learning_rule: class of the rule of X → Ae, also that of ``MCC_learning`` which lends it; :class:`PostPre` when None.
            :class:`DiehlAndCook`, the rule of the paper, has traces of X that add up.
        learning_rule_kwargs: keywords of the rule, such as ``{"x_tar": 0.4, "mu": 1.0}``.
    """

    def __init__(
        self,
        n_inpt: int,
        n_neurons: int = 100,
        exc: float = 22.5,
        inh: float = 17.5,
        dt: float = 1.0,
        nu: float | tuple[float, float] | None = (1e-4, 1e-2),
        reduction: Callable | None = None,
        wmin: float = 0.0,
        wmax: float = 1.0,
        norm: float | None = 78.4,
        theta_plus: float = 0.05,
        tc_theta_decay: float = 1e7,
        inpt_shape: Iterable[int] | None = None,
        device: str | torch.device = "cpu",
        batch_size: int | None = None,
        sparse: bool = False,
        w_dtype: torch.dtype = torch.float32,
        inh_thresh: float = -40.0,
        exc_thresh: float = -52.0,
        learning_rule: type[LearningRule] | None = None,
        learning_rule_kwargs: dict | None = None,
    ) -> None:
        super().__init__(dt=dt, batch_size=1 if batch_size is None else batch_size)
        self.n_inpt, self.inpt_shape, self.n_neurons = n_inpt, inpt_shape, n_neurons
        self.exc, self.inh = exc, inh = strength(exc, "exc"), strength(inh, "inh")
        given = PostPre if learning_rule is None else learning_rule
        rule = getattr(given, "rule", given)  # what a rule of features lends them
        of_rule = {**getattr(given, "defaults", {}), **(learning_rule_kwargs or {})}
        self.add_layer(inputs(n_inpt, inpt_shape, traces_additive=rule is DiehlAndCook), name="X")
        self.add_layer(competing(n_neurons, exc_thresh, theta_plus, tc_theta_decay), name="Ae")
        inhibitory = LIFNodes(n=n_neurons, rest=-60.0, reset=-45.0, thresh=inh_thresh, refrac=2, tc_decay=10.0)
        self.add_layer(inhibitory, name="Ai")
        learned = plastic(
            self.X, self.Ae, rule, nu=nu, reduction=reduction, wmin=wmin, wmax=wmax, norm=norm, w_dtype=w_dtype,
            **of_rule,
        )  # fmt: skip
        self.add_connection(learned, source="X", target="Ae")
        excites = Connection(self.Ae, self.Ai, w=exc * torch.eye(n_neurons), wmin=0.0, wmax=exc, w_dtype=w_dtype)
        self.add_connection(excites, source="Ae", target="Ai")
        inhibits = Connection(self.Ai, self.Ae, w=all_others(n_neurons, -inh), wmin=-inh, wmax=0.0, w_dtype=w_dtype)
        self.add_connection(inhibits, source="Ai", target="Ae")
        self.to(device)

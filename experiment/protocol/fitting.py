"""One more pass over the training samples once the network is trained: what it says of them is what read-outs are fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from bindsnet.engine import Presentation
from experiment.protocol.evaluation import EvaluationPass
from experiment.protocol.label_curve import LabelCurve


@dataclass
class Fitting(EvaluationPass):
    """The pass: read-outs see the labelled samples only, the label curve sees all.

    Not saved on the way: it is the same each time, so a resumed run begins it anew.

    Args:
        labelled: the samples whose labels may be used, bool ``[n_train]``.
        curve: how right the network is by the number of labels.
    """

    labelled: torch.Tensor = field(kw_only=True)
    curve: LabelCurve = field(kw_only=True)

    def __iter__(self) -> Iterator[int]:
        """Go on; yields the number of samples of each piece, 0 while read-outs are fitted."""
        yield from super().__iter__()
        for readout in self.readouts.values():
            for _ in readout.fit():
                yield 0

    def take(self, piece: torch.Tensor, answer: Presentation) -> None:
        """Hand the answers on."""
        counts, labels, known = answer.spike_counts, self.labels[piece], self.labelled[piece]
        self.curve.observe(piece, counts, labels)
        spikes = answer.spike_trains
        if spikes is not None:
            spikes = spikes.select(known.nonzero().flatten())
        for readout in self.readouts.values():
            readout.observe(self.counts_for(readout, piece, answer)[known], spikes, labels[known])

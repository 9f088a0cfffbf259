"""Small transforms for samples."""

from __future__ import annotations

import torch


class SparseToDense:
    """Turns a sparse tensor into a dense one; a dense one stays as it is."""

    def __call__(self, sample: torch.Tensor) -> torch.Tensor:
        """The same values, `sample.layout` strided."""
        return sample if sample.layout == torch.strided else sample.to_dense()

    def __repr__(self) -> str:
        return "SparseToDense()"

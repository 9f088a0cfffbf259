"""PyTorch's loader of batches, with time as the first dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from bindsnet.datasets.collate import time_aware_collate


class DataLoader(torch.utils.data.DataLoader):
    """As ``torch.utils.data.DataLoader``, but for how items become a batch; further keywords are that loader's own."""

    def __init__(
        self,
        dataset: torch.utils.data.Dataset,
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Iterable | None = None,
        batch_sampler: Iterable | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list], Any] = time_aware_collate,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dataset,
            batch_size=batch_size,
            shuffle=shuffle,
            sampler=sampler,
            batch_sampler=batch_sampler,
            num_workers=num_workers,
            collate_fn=collate_fn,
            pin_memory=pin_memory,
            drop_last=drop_last,
            timeout=timeout,
            worker_init_fn=worker_init_fn,
            **kwargs,
        )

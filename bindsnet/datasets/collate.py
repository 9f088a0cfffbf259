"""Items into batches of spike trains, of which the first dimension is time and the second the sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from bindsnet.errors import DataError
from common.errors import reason_of


def safe_worker_check() -> bool:
    """Whether this is a process that loads data for another one, so that batches go into memory that both share."""
    return torch.utils.data.get_worker_info() is not None


def time_aware_collate(batch: Sequence[Any]) -> Any:
    """A batch of items, each field of which becomes one tensor or list.

    Tensors and arrays ``[time, ...]`` become ``[time, batch, ...]``, one of a single dimension ``[time, batch, 1]``, and one of
    none ``[1, batch, 1]``. Numbers become a tensor ``[batch]``, strings a list. Mappings, tuples and lists are batched by field.

    Raises:
        DataError: there is no item, one is none of these, or they differ in their fields, or tensors in shape.
    """
    if not len(batch):
        raise DataError("a batch is made of one item at least")
    try:
        return _batched(batch)
    except DataError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"the items of a batch have not the same fields of the same kinds ({reason_of(error)})") from error


def _batched(batch: Sequence[Any]) -> Any:
    first = batch[0]
    if isinstance(first, np.ndarray) and first.dtype.kind in "biufc":
        return time_aware_collate([torch.as_tensor(each) for each in batch])
    if isinstance(first, torch.Tensor):
        return _stacked(batch)
    if isinstance(first, float):  # NumPy's float64 is one, too
        return torch.tensor(batch, dtype=torch.float64)
    if isinstance(first, int | np.generic):
        return torch.as_tensor(np.asarray(batch))
    if isinstance(first, Mapping):
        return {key: time_aware_collate([item[key] for item in batch]) for key in first}
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*map(time_aware_collate, zip(*batch, strict=True)))
    if isinstance(first, str | bytes):
        return list(batch)
    if isinstance(first, Sequence):
        return [time_aware_collate(field) for field in zip(*batch, strict=True)]
    raise DataError(
        f"a batch is made of tensors, arrays, numbers and collections of these, got {type(first).__name__}; "
        f"a transform of the data set, such as intensity=..., makes tensors of images"
    )


def _stacked(batch: Sequence[torch.Tensor]) -> torch.Tensor:
    shapes = {tuple(each.shape) for each in batch}
    if len(shapes) > 1:
        raise DataError(f"a batch is made of tensors of one shape, got {', '.join(str(list(shape)) for shape in sorted(shapes))}")
    if batch[0].dim() < 2:
        batch = [each.reshape(-1, 1) for each in batch]
    shape = (len(batch[0]), len(batch), *batch[0].shape[1:])
    if not safe_worker_check():
        return torch.stack(tuple(batch), 1)
    shared = batch[0].new_empty(0)
    storage = batch[0].untyped_storage()._new_shared(math.prod(shape) * shared.element_size())
    return torch.stack(tuple(batch), 1, out=shared.set_(storage, 0, shape))

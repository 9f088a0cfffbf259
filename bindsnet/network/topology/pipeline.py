"""A connection's weights under the name that programs for BindsNET 0.3.4 give them: ``connection.pipeline[0].value``."""

from __future__ import annotations

import torch


class WeightsOfConnection:
    """What a ``pipeline`` holds of a connection: its weights, to read, to change in place and to replace.

    Args:
        connection: one with weights ``w``.
    """

    name = "weight"

    def __init__(self, connection: torch.nn.Module) -> None:
        self.connection = connection

    @property
    def value(self) -> torch.nn.Parameter:
        """The weights themselves, ``connection.w``."""
        return self.connection.w

    @value.setter
    def value(self, value: torch.Tensor) -> None:
        self.connection.w = torch.nn.Parameter(torch.as_tensor(value).detach(), requires_grad=False)

"""Bounds of weights: one for all, or one for each."""

from __future__ import annotations

import torch

from bindsnet.errors import NetworkError

INF = float("inf")


class Bounds:
    """A lower and an upper bound of weights.

    Args:
        wmin, wmax: a number, or a tensor that broadcasts to the weights; -inf and inf are no bound.

    Attributes:
        low, high: the bounds, both a number, or both a float32 tensor if one of them is given for each weight.

    Raises:
        NetworkError: one is neither, or the lower one is above the upper one.
    """

    def __init__(self, wmin: float | torch.Tensor, wmax: float | torch.Tensor) -> None:
        try:
            given = [torch.as_tensor(bound, dtype=torch.float64).detach() for bound in (wmin, wmax)]
            self.each = any(bound.numel() != 1 for bound in given)
            ordered = bool((given[0] <= given[1]).all())
        except (TypeError, ValueError, RuntimeError) as error:  # whatever is no number, nor a tensor of some, or of another shape
            got = " and ".join(" ".join(repr(bound).split()) for bound in (wmin, wmax))
            raise NetworkError(
                f"wmin and wmax are a number each, or one for each weight, -inf and inf are no bound; got {got}"
            ) from error
        if not ordered:
            which = "some of wmin is not below wmax" if self.each else f"wmin {wmin} is not below wmax {wmax}"
            raise NetworkError(which)
        self.low, self.high = ((bound.float() if self.each else bound.item()) for bound in given)

    @property
    def has_low(self) -> bool:
        """Whether all weights have a lower bound."""
        return bool((torch.as_tensor(self.low) != -INF).all())

    @property
    def has_high(self) -> bool:
        """Whether all weights have an upper bound."""
        return bool((torch.as_tensor(self.high) != INF).all())

    def within(self, weights: torch.Tensor) -> torch.Tensor:
        """The weights, those beyond a bound at it."""
        if not self.each:
            return weights.clamp(self.low, self.high)
        return weights.clamp(self.low.to(weights.device), self.high.to(weights.device)).to(weights.dtype)

    def spread(self, shares: torch.Tensor) -> torch.Tensor:
        """Numbers from 0 to 1, spread from the lower to the upper bound where there are both, as BindsNET does."""
        return self.low + shares * (self.high - self.low) if self.has_low and self.has_high else shares

    def check(self, kind: str, shape: tuple[int, ...]) -> None:
        """See that there is a bound for each weight of this shape, if each has its own.

        Raises:
            NetworkError: they do not broadcast to it.
        """
        for name, bound in (("wmin", self.low), ("wmax", self.high)):
            try:
                torch.as_tensor(bound).broadcast_to(shape)
            except RuntimeError as error:
                raise NetworkError(
                    f"{kind}: {name} is a number, or broadcasts to {list(shape)}; got {list(bound.shape)}"
                ) from error


NONE = Bounds(-INF, INF)

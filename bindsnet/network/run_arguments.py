"""What :meth:`Network.run` is given, checked before anything runs, as its time steps take it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch

from bindsnet.errors import NetworkError
from bindsnet.network.topology import AbstractConnection

if TYPE_CHECKING:
    from bindsnet.network.network import Network

MASKS = ("clamp", "unclamp")
PER_STEP = (*MASKS, "injects_v")
#: what a step itself hands to an update
GIVEN_BY_THE_STEP = {"given", "learning", "mask"}


def batches_of_inputs(network: Network, inputs: Mapping[str, torch.Tensor], n_steps: int) -> dict[str, torch.Tensor]:
    """Inputs by layer as ``[n_steps, batch_size, *shape]``.

    Raises:
        NetworkError: there is no such layer, or an input is no tensor or has another shape or too few steps.
    """
    found = {}
    for name, value in _tensors("inputs", inputs, network.layers, "layer").items():
        shape = list(network.layers[name].shape)
        n_leading = value.dim() - len(shape)
        if not 0 <= n_leading <= 2 or list(value.shape[n_leading:]) != shape:
            raise NetworkError(
                f"inputs of {name!r}: expected the shape {_shape('n_steps', 'batch_size', *shape)} or "
                f"{_shape('n_steps', *shape)}, got {list(value.shape)}"
            )
        value = value.view(*([1] * (1 - n_leading)), *value.shape) if n_leading < 1 else value
        value = value.unsqueeze(1) if n_leading < 2 else value
        if len(value) < n_steps:
            raise NetworkError(f"inputs of {name!r}: {len(value)} steps, but the network runs {n_steps}")
        found[name] = value.detach()
    return found


def batch_size(inputs: Mapping[str, torch.Tensor], otherwise: int) -> int:
    """How many samples the inputs of :func:`batches_of_inputs` have.

    Raises:
        NetworkError: some have more than others.
    """
    sizes = {name: value.shape[1] for name, value in inputs.items()}
    if len(set(sizes.values())) > 1:
        raise NetworkError(f"inputs differ in their batch size: {sizes}")
    return next(iter(sizes.values()), otherwise)


def each_step(network: Network, role: str, given: Mapping[str, torch.Tensor], n_steps: int) -> dict[str, torch.Tensor]:
    """Masks or injections by layer, ``[n_steps, *shape]``.

    Raises:
        NetworkError: there is no such layer, it has no voltage to inject, or the tensor has another type or shape.
    """
    found = {}
    for name, value in _tensors(role, given, network.layers, "layer").items():
        layer = network.layers[name]
        if role == "injects_v" and not isinstance(getattr(layer, "v", None), torch.Tensor):
            raise NetworkError(f"injects_v: layer {name!r} ({type(layer).__name__}) has no voltage v")
        shape = list(layer.shape)
        fits = value.dtype is torch.bool if role in MASKS else not value.is_complex()
        if fits and list(value.shape) == shape:
            found[name] = value.expand(n_steps, *shape)
        elif fits and list(value.shape[1:]) == shape and len(value) >= n_steps:
            found[name] = value
        else:
            kind = "bool" if role in MASKS else "real"
            raise NetworkError(
                f"{role} of {name!r}: expected a {kind} tensor {shape} or {[n_steps, *shape]}, "
                f"got {value.dtype} {list(value.shape)}"
            )
    return found


def weight_masks(network: Network, masks: Mapping[tuple[str, str], torch.Tensor]) -> Mapping[tuple[str, str], torch.Tensor]:
    """Masks of weights by connection.

    Raises:
        NetworkError: there is no such connection, or the mask is not bool or not of its weights' shape.
    """
    for pair, mask in _tensors("masks", masks, network.connections, "connection").items():
        expected = getattr(network.connections[pair], "w", mask).shape
        if mask.dtype is not torch.bool or mask.shape != expected:
            raise NetworkError(
                f"masks of {pair}: expected a bool tensor {list(expected)} like the weights, got {mask.dtype} {list(mask.shape)}"
            )
    return masks


def refuse_unknown(network: Network, names: Iterable[str]) -> None:
    """Let pass only keywords that something in the network may read.

    These are ``reward``, and what a connection, rule or reward function of the user's own takes: with ``**kwargs``, anything.

    Raises:
        NetworkError: a keyword is unknown.
    """
    from bindsnet.learning import LearningRule  # which itself imports from this package

    names = set(names) - {"reward"}
    if not names:  # the usual case, in which nothing needs to be looked at
        return
    readers = [c.update for c in network.connections.values() if type(c).update is not AbstractConnection.update]
    rules = [c.update_rule for c in network.connections.values()]
    readers += [rule.update for rule in rules if type(rule).update is not LearningRule.update]
    readers += [network.reward_fn.compute] if network.reward_fn is not None else []
    parameters = [p for reader in readers for p in inspect.signature(reader).parameters.values()]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    known = names if takes_any else {p.name for p in parameters}
    unknown = names - (known - GIVEN_BY_THE_STEP)
    if unknown:
        raise NetworkError(
            f"run takes no argument {', '.join(map(repr, sorted(unknown)))}; it takes inputs, time, one_step, "
            f"{', '.join(PER_STEP)}, masks, reward, seed, samples and what the network's own rules declare"
        )


def _tensors(role: str, given: Any, known: Mapping, kind: str) -> Mapping[Any, torch.Tensor]:
    """What is given, if these are tensors by name of a layer or connection."""
    if not isinstance(given, Mapping):
        raise NetworkError(f"{role}: expected a mapping from {kind} to tensor, got {type(given).__name__}")
    for name, value in given.items():
        if name not in known:
            there_are = ", ".join(map(str, known)) or "none"
            raise NetworkError(f"{role}: there is no {kind} {name!r}; there are {there_are}")
        if not isinstance(value, torch.Tensor):
            raise NetworkError(f"{role} of {name!r}: expected a tensor, got {type(value).__name__}")
    return given


def _shape(*sides: int | str) -> str:
    return f"[{', '.join(map(str, sides))}]"

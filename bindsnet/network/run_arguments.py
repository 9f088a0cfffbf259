"""What :meth:`Network.run` is given, checked before anything runs, as its time steps take it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import numpy as np
import torch

from bindsnet.errors import NetworkError, warn
from bindsnet.learning import LearningRule
from bindsnet.network.circuit import Circuit
from bindsnet.network.nodes import Input
from bindsnet.network.topology import AbstractConnection, MulticompartmentConnection
from common.spike_trains import warn_of_numbers

MASKS = ("clamp", "unclamp")
#: what programs give to BindsNET's run, which does not heed it either
WITHOUT_EFFECT = {"progress_bar", "input_time_dim"}
PER_STEP = (*MASKS, "injects_v")
#: what a step itself hands to an update
GIVEN_BY_THE_STEP = {"given", "learning", "mask"}
#: updates of connections that read no keyword themselves, but hand them to rules
THAT_HAND_ON = (AbstractConnection.update, MulticompartmentConnection.update)


def batches_of_inputs(network: Circuit, inputs: Mapping[str, torch.Tensor], n_steps: int) -> dict[str, torch.Tensor]:
    """Inputs by layer as ``[n_steps or more, batch_size, *shape]``.

    Raises:
        NetworkError: there is no such layer, or an input is no tensor, has another shape, too few steps, or as many samples as
            there should be steps.

    Warns:
        UserWarning: an input has more steps than the network runs, or an input layer is given other numbers than 0 and 1.
    """
    found = {}
    for name, value in _tensors("inputs", inputs, network.layers, "layer").items():
        layer, what = network.layers[name], f"inputs of {name!r}"
        value = value.detach().unsqueeze(0) if list(value.shape) == layer.shape else value.detach()
        arranged = _steps_and_samples(value, layer.shape, n_steps)
        if arranged is None:
            raise NetworkError(
                f"{what}: expected the shape {_shape('n_steps', 'batch_size', *layer.shape)} or "
                f"{_shape('n_steps', *layer.shape)}, got {list(value.shape)}"
            )
        _check_steps(what, arranged, n_steps)
        if type(layer).step is Input.step and not layer.told_of_numbers:
            layer.told_of_numbers = warn_of_numbers(what, value)
        found[name] = arranged
    return found


def _steps_and_samples(value: torch.Tensor, shape: list[int], n_steps: int) -> torch.Tensor | None:
    """The same as ``[steps, samples, *shape]``, what is given for no step being for each; None if it has another shape."""
    n_leading = value.dim() - len(shape)
    if not 0 <= n_leading <= 2 or list(value.shape[n_leading:]) != shape:
        return None
    if n_leading == 0:
        return value.expand(n_steps, 1, *shape)
    return value.unsqueeze(1) if n_leading == 1 else value


def _check_steps(what: str, value: torch.Tensor, n_steps: int) -> None:
    """See that ``[steps, samples, *shape]`` has the steps that the network runs, and tell of more."""
    steps, samples, *shape = value.shape
    if steps == n_steps:
        return
    complaint = f"{what}: {steps} steps, but the network runs {n_steps}"
    if steps < n_steps or samples == n_steps:
        turned = f"; {steps} samples of {n_steps} steps are given by transpose(0, 1)" if samples == n_steps else ""
        expected = _shape(n_steps, "batch_size", *shape)
        raise NetworkError(f"{complaint}: expected the shape {expected}, got {list(value.shape)}{turned}")
    warn(f"{complaint}: the rest of {list(value.shape)} is not used")


def batch_size(inputs: Mapping[str, torch.Tensor], otherwise: int) -> int:
    """How many samples the inputs of :func:`batches_of_inputs` have.

    Raises:
        NetworkError: some have more than others.
    """
    sizes = {name: value.shape[1] for name, value in inputs.items()}
    if len(set(sizes.values())) > 1:
        raise NetworkError(f"inputs differ in their batch size: {sizes}")
    return next(iter(sizes.values()), otherwise)


def each_step(
    network: Circuit, role: str, given: Mapping[str, torch.Tensor | None], n_steps: int, batch_size: int
) -> dict[str, torch.Tensor]:
    """Masks or injections by layer, ``[n_steps or more, 1 or batch_size, *shape]``; a layer with None has none.

    Raises:
        NetworkError: there is no such layer, it has no voltage to inject, there are no such neurons, or the tensor has another
            type or shape, too few steps, or as many samples as there should be steps.

    Warns:
        UserWarning: a tensor has more steps than the network runs.
    """
    found = {}
    for name, value in _tensors(role, given, network.layers, "layer").items():
        layer, what = network.layers[name], f"{role} of {name!r}"
        if role == "injects_v" and not isinstance(getattr(layer, "v", None), torch.Tensor):
            raise NetworkError(f"injects_v: layer {name!r} ({type(layer).__name__}) has no voltage v")
        if role in MASKS and value.dtype in (torch.int64, torch.int32):
            value = _mask_of_numbers(what, value, layer.shape)
        arranged = _steps_and_samples(value, layer.shape, n_steps)
        fits = arranged is not None and (value.dtype is torch.bool if role in MASKS else not value.is_complex())
        if not fits or ((len(arranged) < n_steps or arranged.shape[1] not in (1, batch_size)) and arranged.shape[1] != n_steps):
            kind = "bool" if role in MASKS else "real"
            raise NetworkError(
                f"{what}: expected a {kind} tensor {layer.shape} or {[n_steps, *layer.shape]}, got {value.dtype} "
                f"{list(value.shape)}; one of each of {batch_size} samples is {[n_steps, batch_size, *layer.shape]}"
            )
        _check_steps(what, arranged, n_steps)
        found[name] = arranged
    return found


def _mask_of_numbers(what: str, numbers: torch.Tensor, shape: list[int]) -> torch.Tensor:
    """Numbers of neurons, ``[n_masked]`` or ``[n_steps, n_masked]``, as a mask; they count along the layer's first side."""
    n = shape[0]
    if numbers.dim() not in (1, 2) or not ((numbers >= -n) & (numbers < n)).all():
        expected = f"expected numbers of neurons from 0 to {n - 1}, [n_masked] or [n_steps, n_masked]"
        raise NetworkError(f"{what}: {expected}, got {numbers}")
    mask = torch.zeros(*numbers.shape[:-1], n, dtype=torch.bool, device=numbers.device)
    mask.scatter_(-1, numbers.long() % n, True)
    return mask.view(*mask.shape, *[1] * (len(shape) - 1)).expand(*mask.shape, *shape[1:])


def weight_masks(
    network: Circuit, masks: Mapping[tuple[str, str], torch.Tensor | None]
) -> Mapping[tuple[str, str], torch.Tensor]:
    """Masks of weights by connection; a connection with None has none.

    Raises:
        NetworkError: there is no such connection, it has no weights, or the mask is not bool or not of its weights' shape.
    """
    masks = _tensors("masks", masks, network.connections, "connection")
    for pair, mask in masks.items():
        connection = network.connections[pair]
        if not hasattr(connection, "w") and type(connection).update in THAT_HAND_ON:
            raise NetworkError(f"masks of {pair}: {type(connection).__name__} has no weights")
        expected = getattr(connection, "w", mask).shape
        if mask.dtype is not torch.bool or mask.shape != expected:
            raise NetworkError(
                f"masks of {pair}: expected a bool tensor {list(expected)} like the weights, got {mask.dtype} {list(mask.shape)}"
            )
    return masks


def refuse_unknown(network: Circuit, names: Iterable[str]) -> None:
    """Let pass only keywords that something in the network may read.

    These are ``reward``, what a rule takes of a run, and what a connection, rule or reward function of the user's own takes: with
    ``**kwargs``, anything.

    Raises:
        NetworkError: a keyword is unknown.
    """
    names = set(names) - {"reward"} - WITHOUT_EFFECT
    if not names:  # the usual case, in which nothing needs to be looked at
        return
    rules = [rule for c in network.connections.values() for rule in c.rules]
    names -= {name for rule in rules for name in rule.of_run}
    if not names:
        return
    readers = [c.update for c in network.connections.values() if type(c).update not in THAT_HAND_ON]
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


def telling_rules(network: Circuit, given: dict[str, Any]) -> AbstractContextManager:
    """For a run, tell rules the parameters that they take of it, which are taken out of what was given.

    Args:
        network: the network.
        given: keywords of the run; of a parameter a number for all rules that take it, or one by connection.

    Raises:
        NetworkError: one is no number, or of no connection.
    """
    if not given:
        return nullcontext()
    rules = {pair: c.rules for pair, c in network.connections.items()}
    with ExitStack() as told:
        for name in {name for each in rules.values() for rule in each for name in rule.of_run}.intersection(given):
            values = given.pop(name)
            by_pair = values if isinstance(values, Mapping) else dict.fromkeys(rules, values)
            if unknown := [pair for pair in by_pair if pair not in rules]:
                raise NetworkError(f"{name}: there is no connection {unknown[0]}; there are {[*rules]}")
            for pair, value in by_pair.items():
                for rule in [rule for rule in rules[pair] if value is not None and name in rule.of_run]:
                    told.enter_context(rule.told(**{name: value}))
        return told.pop_all()


def rewards(reward: float | torch.Tensor | None, n_samples: int, n_steps: int) -> np.ndarray:
    """A reward for each step of each sample, float32 ``[n_samples, n_steps]``; ``[0, 0]`` where there is none.

    Raises:
        NetworkError: it is neither a number, nor one for each sample, nor one for each step of each.
    """
    if reward is None:
        return np.zeros((0, 0), np.float32)
    try:
        given = torch.as_tensor(reward, dtype=torch.float32).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:  # whatever torch makes no tensor of
        raise NetworkError(f"reward: expected a number or a tensor, got {reward!r}") from error
    if list(given.shape) not in ([], [n_samples], [n_samples, n_steps]):
        raise NetworkError(
            f"reward: expected a number, [{n_samples}] or [{n_samples}, {n_steps}] of them, got the shape {list(given.shape)}"
        )
    return np.ascontiguousarray((given[:, None] if given.dim() == 1 else given).expand(n_samples, n_steps).numpy())


def refuse_without_reward(network: Circuit) -> None:
    """See that no rule waits for a reward.

    Raises:
        NetworkError: one takes it.
    """
    for pair, connection in network.connections.items():
        for rule in [rule for rule in connection.rules if rule.takes_reward]:
            raise NetworkError(f"the rule of {pair} ({type(rule).__name__}) takes a reward: give reward")


def _tensors(role: str, given: Any, known: Mapping, kind: str) -> Mapping[Any, torch.Tensor]:
    """What is given, if these are tensors by name of a layer or connection; None is nothing, but for inputs."""
    if not isinstance(given, Mapping):
        raise NetworkError(f"{role}: expected a mapping from {kind} to tensor, got {type(given).__name__}")
    for name, value in given.items():
        if name not in known:
            there_are = ", ".join(map(str, known)) or "none"
            raise NetworkError(f"{role}: there is no {kind} {name!r}; there are {there_are}")
        if not isinstance(value, torch.Tensor) and (value is not None or role == "inputs"):
            raise NetworkError(f"{role} of {name!r}: expected a tensor, got {type(value).__name__}")
    return {name: value for name, value in given.items() if value is not None}


def _shape(*sides: int | str) -> str:
    return f"[{', '.join(map(str, sides))}]"

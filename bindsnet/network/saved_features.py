"""Features of connections in the file of their network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch

from bindsnet.errors import NetworkError
from bindsnet.learning import LearningRule
from bindsnet.learning.MCC_learning import MCC_LearningRule
from bindsnet.network.topology import AbstractMulticompartmentConnection
from bindsnet.network.topology.part import Part
from bindsnet.network.topology_features import AbstractFeature

NOT_ITS_OWN = ("self", "learning_rule", "nu", "reduction", "decay", "parent_feature")  # of others, or what its rule keeps
AVERAGES = ("average_update", "continues_update")  # what a rule of features keeps itself


def described(
    connection: AbstractMulticompartmentConnection, describe: Callable[[LearningRule], dict[str, Any]]
) -> list[dict[str, Any]]:
    """A pipeline as plain data.

    Args:
        connection: whose pipeline it is.
        describe: makes plain data of a rule of the library.

    Raises:
        NetworkError: a feature takes values of one that is not before it in the pipeline, or takes what it does not keep.
    """
    found: list[dict[str, Any]] = []
    for feature in connection.pipeline:
        told: dict[str, Any] = {"kind": type(feature).__name__, "arguments": _arguments(feature), "parent": None, "rule": None}
        if (parent := getattr(feature, "parent_feature", None)) is not None:
            if parent.name not in [each["arguments"]["name"] for each in found]:
                raise NetworkError(f"{feature} cannot be saved: {parent} is not before it in the same pipeline")
            told["parent"] = parent.name
        rule = feature.learning_rule if getattr(feature, "synapses", None) is not None else None
        if rule is not None and rule.synapses.learns:
            kept = {name: getattr(rule, name) for name in AVERAGES if hasattr(rule, name)}
            told["rule"] = describe(rule.synapses.update_rule) | {"of_feature": type(rule).__name__, "kept": kept}
        found.append(told)
    return found


def made(told: Sequence[dict[str, Any]], reductions: dict[str, Callable]) -> list[Part]:
    """The features of a pipeline of :func:`described`, of which no connection is made yet."""
    found: dict[str, Part] = {}
    for each in told:
        arguments = dict(each["arguments"])
        if each["parent"] is not None:
            arguments["parent_feature"] = found[each["parent"]]
        if each["rule"] is not None:
            rule = each["rule"]["arguments"]
            arguments |= {"nu": rule.pop("nu"), "reduction": reductions[rule.pop("reduction")], "decay": rule.pop("weight_decay")}
            arguments |= {"learning_rule": _class(MCC_LearningRule.known, each["rule"]["of_feature"])}
        feature = found[arguments["name"]] = _class(Part.known, each["kind"])(**arguments)
        if each["rule"] is not None:
            feature.kwargs |= rule | each["rule"]["kept"]
    return list(found.values())


def declare(connection: AbstractMulticompartmentConnection, told: Sequence[dict[str, Any]]) -> None:
    """Tell the rules of a pipeline that was made the parameters that their constructors do not take."""
    for feature, each in zip(connection.pipeline, told, strict=True):
        for rule in feature.rules:
            rule.declare(**(each["rule"] or {}).get("parameters", {}))


def _arguments(feature: Part) -> dict[str, Any]:
    """Constructor arguments of a feature, from its attributes of the same names; its values are those of its state."""
    found = {}
    for name, parameter in inspect.signature(type(feature).__init__).parameters.items():
        if name in NOT_ITS_OWN or parameter.kind is parameter.VAR_KEYWORD:
            continue
        value = getattr(feature, name, parameter.default)
        if value is parameter.empty:
            raise NetworkError(f"{feature} cannot be saved: it has no attribute {name!r} like its argument")
        found[name] = value
    if "value" in found and isinstance(feature, AbstractFeature):
        found["value"] = _first_value(feature)
    return found


def _first_value(feature: AbstractFeature) -> torch.Tensor | None:
    """Values that the feature may be made of again: within its range, and where no sign changes of the signs that they have."""
    if feature.parent_feature is not None:
        return None
    if feature.synapses is None:
        return feature._buffers.get("init_value", feature.values)
    value = feature.values.detach()
    if feature.enforce_polarity:
        low, high = (torch.as_tensor(bound) for bound in (feature.synapses.wmin, feature.synapses.wmax))
        value = (high > 0).float() - (low < 0).float()
    low, high = (torch.as_tensor(bound, device=value.device) for bound in feature.range)
    return torch.minimum(torch.maximum(value, low.to(value.dtype)), high.to(value.dtype))


def _class(known: dict[str, type], kind: str) -> type:
    if kind not in known:
        raise NetworkError(f"the file holds a {kind}, which is not defined here; import its module first")
    return known[kind]

"""The interface is BindsNET's: every public name, parameter, order and default, but for the parts left out below.

`interface.json` holds these facts of BindsNET 0.2.9 and 0.3.4 in one table: module -> name -> bases and signatures. Where the
versions differ, parameters stand in the order of 0.2.9, those that 0.3.4 adds after them (before ``**kwargs``), and of two
defaults that of 0.3.4 wins. What 0.2.9 has and 0.3.4 only inherits (as SparseConnection does) is that of the base.
"""

from __future__ import annotations

import ast
import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest
import torch

import bindsnet

TABLE = json.loads(Path(__file__).with_name("interface.json").read_text())
REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference"
PACKAGES = tuple(f"bindsnet.{name}" for name in bindsnet.MODULES)

#: public names of BindsNET that are not here, and why
LEFT_OUT = {
    "bindsnet.analysis.dotTrace_plotter": "is a script of one of BindsNET's examples",
    "bindsnet.datasets.alov300": "is a set of videos for the tracking of objects, which OpenCV reads",
    "bindsnet.datasets.ALOV300": "likewise",
    "bindsnet.datasets.davis": "likewise, for segmentation",
    "bindsnet.datasets.Davis": "likewise",
    "bindsnet.datasets.preprocess": "prepares frames of these",
}


def functions() -> list[tuple[str, str, str]]:
    """Module, function or ``class.method``, and parameters as BindsNET has them."""
    found = []
    for module, names in TABLE.items():
        for name, entry in names.items():
            if isinstance(entry, str):
                found.append((module, name, entry))
            elif isinstance(entry, dict):
                found += [(module, f"{name}.{method}", parameters) for method, parameters in entry["methods"].items()]
    return found


def classes() -> list[tuple[str, str, str]]:
    """Module, class, and one of its bases that is public, too."""
    return [
        (module, name, base)
        for module, names in TABLE.items()
        for name, entry in names.items()
        if isinstance(entry, dict)
        for base in entry["bases"]
    ]


@pytest.mark.parametrize("module", TABLE)
def test_every_public_name_is_where_bindsnet_has_it(module):
    there = import_module(module)
    names = TABLE[module].get("exports", []) + [name for name in TABLE[module] if name != "exports"]
    assert [name for name in names if not hasattr(there, name)] == []


@pytest.mark.parametrize(("module", "name", "expected"), functions(), ids=[f"{module}.{name}" for module, name, _ in functions()])
def test_parameters_their_order_and_defaults_are_bindsnets(module, name, expected):
    assert difference(found_parameters(module, name), expected) is None


@pytest.mark.parametrize(("module", "name", "base"), classes())
def test_classes_are_what_bindsnets_are(module, name, base):
    there = import_module(module)
    assert issubclass(getattr(there, name), getattr(there, base))


def found_parameters(module: str, name: str) -> list[inspect.Parameter]:
    """The parameters that a function or method takes here, without ``self``."""
    found, *attributes = import_module(module), *name.split(".")
    for attribute in attributes:
        owner, found = found, getattr(found, attribute)
    bound = inspect.isclass(owner) and not isinstance(inspect.getattr_static(owner, name.split(".")[-1]), staticmethod)
    return list(inspect.signature(found).parameters.values())[bound:]


def difference(found: list[inspect.Parameter], expected: str) -> str | None:
    """How parameters differ from those expected; None where a call that fits these means the same."""
    named, starred = [], {}
    for parameter in found:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            starred[parameter.kind] = parameter
        else:
            named.append(parameter)
    for place, (name, default) in enumerate(parsed(expected)):
        if name.startswith("*"):
            if (inspect.Parameter.VAR_KEYWORD if name.startswith("**") else inspect.Parameter.VAR_POSITIONAL) not in starred:
                return f"takes no {name}"
        elif place >= len(named) or named[place].name != name or named[place].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            return f"parameter {place} is not {name}"
        elif named[place].default != default:
            return f"{name} is {named[place].default!r} by default, not {default!r}"
    n_expected = len([name for name, _ in parsed(expected) if not name.startswith("*")])
    needed = [further.name for further in named[n_expected:] if further.default is inspect.Parameter.empty]
    return f"needs {', '.join(needed)}, too" if needed else None


def parsed(parameters: str) -> list[tuple[str, object]]:
    """Names and default values of ``a, b=1.0, **kwargs``."""
    given = ast.parse(f"def function({parameters}): ...").body[0].args
    needed = [inspect.Parameter.empty] * (len(given.args) - len(given.defaults))
    pairs = list(zip([argument.arg for argument in given.args], [*needed, *map(valued, given.defaults)], strict=True))
    starred = {"*": given.vararg, "**": given.kwarg}
    return pairs + [(stars + argument.arg, inspect.Parameter.empty) for stars, argument in starred.items() if argument]


def valued(default: ast.expr) -> object:
    """What the source of a default means: a literal, or what ``torch`` or the package has by that name."""
    if isinstance(default, ast.Attribute):
        return getattr(torch, default.attr)
    if isinstance(default, ast.Name):
        return getattr(import_module("bindsnet.datasets"), default.id)
    return ast.literal_eval(default)


def test_a_difference_is_found():
    def ours(a, b=1.0, *, c=2): ...

    parameters = list(inspect.signature(ours).parameters.values())
    assert difference(parameters, "a, b=1.0") is None
    assert difference(parameters, "a, b=2.0") == "b is 1.0 by default, not 2.0"
    assert difference(parameters, "b, a") == "parameter 0 is not b"
    assert difference(parameters, "a, b=1.0, c=2") == "parameter 2 is not c"
    assert difference(parameters, "a, b=1.0, **kwargs") == "takes no **kwargs"
    assert difference(parameters[1:], "") is None
    assert difference(parameters, "") == "needs a, too"


def test_nothing_is_left_out_that_is_here():
    assert [name for name in LEFT_OUT if is_here(name)] == []


def is_here(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    try:
        return hasattr(import_module(parent), last) or import_module(name) is not None
    except ImportError:
        return False


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="BindsNET's interface as it was read is not here")
def test_the_table_is_that_of_both_versions():
    older, newer = (json.loads((REFERENCE / f"bindsnet{version}_api.json").read_text()) for version in ("", "_034"))
    assert merged(older, newer) == TABLE


def merged(older: dict, newer: dict) -> dict:
    """One table of two versions, as this module's docstring says; without what is left out."""
    table = {}
    for module in sorted(older.keys() | newer.keys()):
        if not any(module == package or module.startswith(f"{package}.") for package in PACKAGES) or module in LEFT_OUT:
            continue
        old, new = older.get(module, {}), newer.get(module, {})
        names = [name for name in old | new if name != "__exports__" and f"{module}.{name}" not in LEFT_OUT]
        table[module] = {name: merged_entry(name, old, new) for name in names}
        exports = {*old.get("__exports__", []), *new.get("__exports__", [])}
        if exports := sorted(name for name in exports if f"{module}.{name}" not in LEFT_OUT):
            table[module]["exports"] = exports
    return table


def merged_entry(name: str, old: dict, new: dict) -> str | dict:
    """A function's parameters, or a class's bases within its module and methods with theirs."""
    before, after = old.get(name), new.get(name)
    if "function" in (after or before):
        return merged_parameters(before and before["function"], after and after["function"])
    mine, theirs = (before or {"methods": {}})["methods"], (after or {"methods": {}})["methods"]
    base = next((new[base]["methods"] for base in (after or {"bases": []})["bases"] if base in new), {})
    theirs = {method: base.get(method, given) if ["*args"] in given else given for method, given in theirs.items()}
    bases = [base for base in (before or after)["bases"] if base in old.keys() | new.keys()]
    return {"bases": bases, "methods": {m: merged_parameters(mine.get(m), theirs.get(m)) for m in mine | theirs}}


def merged_parameters(before: list | None, after: list | None) -> str:
    """Parameters of either version, in the order of the older one."""
    default = {name[0]: name for name in [*(before or []), *(after or [])]}  # of the newer one
    starred = [name for name in default if name.startswith("*")]
    return ", ".join("=".join(default[name]) for name in [*(name for name in default if name not in starred), *starred])

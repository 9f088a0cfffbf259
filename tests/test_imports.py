"""Who may import whom: the layers of the project, and what is loaded only where it is used."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

SCRIPTS = "scripts"
# The project's own packages that each layer may import.
BELOW = {
    SCRIPTS: {"experiment"},
    "experiment": {"datasets", "bindsnet", "common"},
    "datasets": {"eventvision", "common"},
    "bindsnet": {"common"},
    "eventvision": {"common"},
    "common": set(),
    "benchmarks": {"experiment", "datasets", "bindsnet", "eventvision", "common"},
}
# Other people's packages that a module may import as it is imported itself.
AT_ONCE = {
    SCRIPTS: set(),
    "experiment": {"numpy", "torch", "tqdm", "filelock"},
    "datasets": {"numpy", "torch", "tqdm", "filelock", "numba"},
    "bindsnet": {"numpy", "torch", "numba", "tqdm", "filelock"},
    "eventvision": {"numpy"},
    "common": {"numpy", "numba", "torch"},
    "benchmarks": {"numpy", "torch", "numba"},
}
# Slow to import and needed seldom: imported inside the functions that use them, without exception.
WHERE_USED = {"matplotlib", "PIL", "h5py", "scipy", "sklearn", "pooch"}
# What functions of the library may import: what takes time, itself or by what it imports.
SLOW = WHERE_USED | {"numba", "common.compiled", "bindsnet.encoding.poisson_draws"}
# Modules that answer the command line before anything slow is imported.
PROMPT = {"experiment.main", "experiment.command_line.options", "experiment.errors"}
PROMPT |= {
    "experiment.command_line.parse",
    "experiment.modality",
    "experiment",
    "experiment.__main__",
    "experiment.results.saved",
}
PROMPT |= {"datasets", "datasets.__main__", "datasets.registry", "datasets.dataset", "datasets.facts", "datasets.errors"}
PROMPT |= {"eventvision", "eventvision.sensors"}
PROMPT |= {"common", "common.durable", "common.terminal", "common.library_warnings", "common.values", "common.options"}
PROMPT |= {
    "experiment.senses",
    "experiment.command_line.checks",
    "experiment.command_line.page",
    "experiment.command_line.presets",
    "experiment.model",
    "experiment.model.parameters",
    "experiment.readouts",
}
PROMPT |= {"experiment.baselines", "experiment.baselines.names", "experiment.baselines.options"}
PROMPT |= {"common.content", "common.download", "common.errors", "common.room"}
PROMPT |= {"common.lazy", "common.time_steps", "common.machine", "common.versions", "experiment.results.folder"}
PROMPT |= {"experiment.sweep", "experiment.sweep.options", "experiment.sweep.spread", "experiment.sweep.folder"}
PROMPT |= {"experiment.sweep.plan", "experiment.sweep.points", "experiment.sweep.pool", "experiment.sweep.jobs"}
NOW, IN_A_FUNCTION, FOR_TYPES = "now", "in a function", "for types"
DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "fsspec": "torch"}  # the last comes with it


class Import(NamedTuple):
    """What an import statement names, its line, and when it is carried out: at once, in a function, or by type checkers only."""

    module: str
    line: int
    when: str


def imports_in(source: str, path: Path, modules: Container[str] = ()) -> Iterator[Import]:
    """All imports of the module with this path; `from package import name` names `package.name` if that is one of `modules`."""

    def names(node: ast.Import | ast.ImportFrom) -> set[str]:
        if isinstance(node, ast.Import):
            return {alias.name for alias in node.names}
        above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
        package = ".".join([*above, *filter(None, [node.module])])
        return {f"{package}.{alias.name}" if f"{package}.{alias.name}" in modules else package for alias in node.names}

    def walk(node: ast.AST, when: str) -> Iterator[Import]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (Import(name, node.lineno, when) for name in sorted(names(node)))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                yield from walk(child, FOR_TYPES)
            for child in node.orelse:
                yield from walk(child, when)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and when == NOW
            for child in ast.iter_child_nodes(node):
                yield from walk(child, IN_A_FUNCTION if inside else when)

    yield from walk(ast.parse(source), NOW)


def layer_of(path: Path) -> str:
    return SCRIPTS if path.parent == ROOT else path.relative_to(ROOT).parts[0]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def declared(file: str = "requirements.txt") -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {re.split("[<>=~! ]", line)[0] for line in lines if line and line[0] not in "#-"}


PACKAGES = [name for name in BELOW if (ROOT / name).is_dir()]
MODULES = sorted([*ROOT.glob("*.py"), *(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))])
MODULE_NAMES = [module_name(path) for path in MODULES]
PROMPT |= {name for name in MODULE_NAMES if name.startswith("datasets.recorded")}  # the facts of data sets


def complaints(path: Path, source: str) -> list[str]:
    """What the imports of a module break, a line each."""
    layer, module = layer_of(path), module_name(path)
    at_once = AT_ONCE[layer] | ({"numba"} if module.startswith("eventvision.filter") else set())
    if module in PROMPT:
        at_once = set()
    found = []
    for imported, line, when in imports_in(source, path, MODULE_NAMES):
        name = imported.partition(".")[0]
        where = f"{path.relative_to(ROOT)}:{line}: "
        if when == FOR_TYPES or name in sys.stdlib_module_names or name == layer:
            continue
        if (ROOT / name).is_dir() or name in BELOW:
            if name not in BELOW[layer]:
                found.append(f"{where}{layer} may not know {name}")
            elif module in PROMPT and imported not in PROMPT and when == NOW:
                found.append(f"{where}{name} would delay the answer to --help")
        elif layer == "experiment" and name in declared("requirements-sweep.txt"):
            if when == NOW:
                found.append(f"{where}{name} is optional: import it inside the function that uses it")
        elif DISTRIBUTIONS.get(name, name) not in declared():
            found.append(f"{where}{name} is not in requirements.txt")
        elif when == NOW and name not in at_once:
            found.append(f"{where}import {name} inside the function that uses it")
        elif name not in AT_ONCE[layer] | at_once | WHERE_USED and layer == "eventvision":
            found.append(f"{where}eventvision works without {name}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_downwards_and_slow_packages_are_imported_where_used(path):
    assert complaints(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("place", "source", "complaint"),
    [
        ("bindsnet/x.py", "import datasets", "may not know datasets"),
        (
            "bindsnet/x.py",
            "def f():\n    from experiment.model.network import y",
            "may not know experiment",
        ),
        ("eventvision/x.py", "import bindsnet.network", "may not know bindsnet"),
        ("datasets/x.py", "from bindsnet import network", "may not know bindsnet"),
        ("experiment/x.py", "from tests.builders import y", "may not know tests"),
        ("Visual_network.py", "import datasets", "may not know datasets"),
        ("Visual_network.py", "import torch", "inside the function"),
        ("eventvision/x.py", "import numba", "inside the function"),
        ("eventvision/x.py", "def f():\n    import torch", "works without torch"),
        ("bindsnet/x.py", "class A:\n    import scipy.io", "inside the function"),
        (
            "bindsnet/x.py",
            "try:\n    import matplotlib\nexcept ImportError: ...",
            "inside the function",
        ),
        ("bindsnet/x.py", "if TYPE_CHECKING: ...\nelse:\n    import h5py", "inside the function"),
        ("datasets/x.py", "def f():\n    import pandas", "not in requirements.txt"),
        ("datasets/x.py", "def f():\n    import ray", "not in requirements.txt"),
        ("experiment/x.py", "import ray", "is optional"),
        ("experiment/command_line/options.py", "import numpy", "inside the function"),
        ("experiment/main.py", "from bindsnet import network", "delay the answer"),
    ],
)
def test_each_kind_of_wrong_import_is_found(place, source, complaint):
    (found,) = complaints(ROOT / place, source)
    assert complaint in found


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("bindsnet/x.py", "import torch, numba, os\nfrom . import y\nfrom bindsnet.z import w"),
        ("bindsnet/x.py", "def f():\n    import matplotlib.pyplot as plt"),
        ("bindsnet/x.py", "if TYPE_CHECKING:\n    from matplotlib.figure import Figure"),
        ("bindsnet/x.py", "from bindsnet.datasets import y"),
        ("eventvision/filters.py", "import numba"),
        ("eventvision/x.py", "def f():\n    import matplotlib"),
        ("datasets/x.py", "import eventvision\ndef f():\n    import pooch, h5py"),
        ("experiment/main.py", "def main():\n    from bindsnet import network"),
    ],
)
def test_right_imports_are_let_through(place, source):
    assert complaints(ROOT / place, source) == []


def circle_in(sources: Mapping[Path, str]) -> list[str]:
    """Modules that import one another in a circle, for whatever reason and wherever in their text; none if there is no circle."""
    names = {module_name(path) for path in sources}
    imported = {
        module_name(path): {each.module for each in imports_in(source, path, names)} & names for path, source in sources.items()
    }
    try:
        graphlib.TopologicalSorter(imported).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def test_no_modules_import_one_another_in_a_circle():
    assert circle_in({path: path.read_text(encoding="utf-8") for path in MODULES}) == []


@pytest.mark.parametrize(
    ("package", "a", "b", "circle"),
    [
        ("", "import p.b", "import p.a", {"p.a", "p.b"}),
        ("", "from p import b", "from p.a import f", {"p.a", "p.b"}),
        ("", "from .b import f", "from . import a", {"p.a", "p.b"}),
        ("", "import p.b", "def f():\n    import p.a", {"p.a", "p.b"}),
        ("", "import p.b", "if TYPE_CHECKING:\n    from p.a import A", {"p.a", "p.b"}),
        ("from p.a import f", "from p import f", "", {"p", "p.a"}),
        ("from p import a", "from p import b", "import torch, q.a", set()),
        ("", "import p.b", "import p", set()),
    ],
)
def test_each_kind_of_import_closes_a_circle(package, a, b, circle):
    sources = {"p/__init__.py": package, "p/a.py": a, "p/b.py": b}
    assert set(circle_in({ROOT / path: source for path, source in sources.items()})) == circle


def prompt_imports_in_functions(source: str, path: Path) -> list[str]:
    """What is imported inside functions, though to import it takes no time."""
    found = [each.module for each in imports_in(source, path, MODULE_NAMES) if each.when == IN_A_FUNCTION]
    return [name for name in found if name not in SLOW and name.partition(".")[0] not in SLOW]


@pytest.mark.parametrize("path", [path for path in MODULES if layer_of(path) == "bindsnet"], ids=module_name)
def test_only_what_is_slow_to_import_is_imported_inside_functions_of_the_library(path):
    assert prompt_imports_in_functions(path.read_text(encoding="utf-8"), path) == []


def test_an_import_inside_a_function_that_saves_no_time_is_found():
    source = "import os\ndef f():\n    import matplotlib.pyplot, json, numba\n    from common import compiled, durable"
    assert prompt_imports_in_functions(source, ROOT / "bindsnet" / "x.py") == ["json", "common.durable"]


def test_each_module_of_the_library_can_be_the_first_to_be_imported():
    program = (
        "import importlib, sys\n"
        "known = set()\n"
        "for name in sorted(sys.argv[1:]):\n"
        "    if name in known:\n"  # its package, which any import of it begins with, loads it
        "        continue\n"
        "    for loaded in [each for each in sys.modules if each.partition('.')[0] == 'bindsnet']:\n"
        "        del sys.modules[loaded]\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ImportError as error:\n"
        "        print(name, error)\n"
        "    known.update(each for each in sys.modules if each.startswith(name + '.'))\n"
    )
    names = [name for name in MODULE_NAMES if name.partition(".")[0] == "bindsnet"]
    command = [sys.executable, "-c", program, *names]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (answer.stdout, answer.stderr, answer.returncode) == ("", "", 0)


@pytest.mark.parametrize("script", sorted(ROOT.glob("*_network.py")), ids=lambda path: path.name)
@pytest.mark.parametrize("argv", [["--help"], ["--nu", "7"]], ids=" ".join)
def test_help_and_wrong_values_are_answered_without_loading_anything_slow(script, argv):
    program = (
        "import runpy, sys\n"
        "sys.argv = sys.argv[1:]\n"
        "try:\n"
        "    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    print('status', end.code)\n"
        "print('loaded', *sys.modules)\n"
    )
    command = [sys.executable, "-c", program, str(script), *argv]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    status, loaded = answer.stdout.splitlines()[-2:]
    assert status == f"status {0 if argv == ['--help'] else 2}"
    slow = declared() | WHERE_USED | {"llvmlite", "datasets", "bindsnet", "eventvision", "tests"}
    assert [name for name in loaded.split() if name.partition(".")[0] in slow and name not in PROMPT] == []


def test_the_facts_of_all_data_sets_are_asked_without_loading_anything_slow():
    program = (
        "from datasets.registry import data_set, names\n"
        "facts = [(known.sensor, known.class_names, known.places()) for known in map(data_set, names())]\n"
        "import sys\n"
        "print(*sys.modules)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    slow = declared() | WHERE_USED | {"llvmlite"}
    assert [name for name in answer.stdout.split() if name.partition(".")[0] in slow] == []

"""Who may import whom: the layers of the project, and what is loaded only where it is used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
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
    "eventvision": set(),
    "common": set(),
    "benchmarks": {"experiment", "datasets", "bindsnet", "eventvision"},
}
# Other people's packages that a module may import as it is imported itself.
AT_ONCE = {
    SCRIPTS: set(),
    "experiment": {"numpy", "torch", "tqdm", "filelock"},
    "datasets": {"numpy", "torch", "tqdm", "filelock", "numba"},
    "bindsnet": {"numpy", "torch", "numba", "tqdm"},
    "eventvision": {"numpy"},
    "common": {"numpy", "numba"},
    "benchmarks": {"numpy", "torch", "numba"},
}
# Slow to import and needed seldom: imported inside the functions that use them, without exception.
WHERE_USED = {"matplotlib", "PIL", "h5py", "scipy", "sklearn", "pooch"}
# Modules that answer the command line before anything slow is imported.
PROMPT = {"experiment.main", "experiment.options", "experiment.values", "experiment.errors"}
PROMPT |= {"experiment.command_line", "experiment.modality", "experiment", "experiment.__main__", "experiment.saved"}
PROMPT |= {"datasets", "datasets.prompt", "datasets.library_warnings", "datasets.__main__"}
PROMPT |= {"common", "common.files", "experiment.folder"}
DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow"}


class Import(NamedTuple):
    """An import statement: the module that it names, its line, and when it is carried out."""

    module: str
    line: int
    at_once: bool


def imports_in(source: str, package: str) -> Iterator[Import]:
    """All imports of a module that lies in `package`, except those for type checkers only."""

    def walk(node: ast.AST, at_once: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_once)
        elif isinstance(node, ast.ImportFrom):
            named = package if node.level else node.module
            yield Import(named, node.lineno, at_once)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.orelse:
                yield from walk(child, at_once)
        else:
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                yield from walk(child, at_once and not inside)

    yield from walk(ast.parse(source), True)


def layer_of(path: Path) -> str:
    return SCRIPTS if path.parent == ROOT else path.relative_to(ROOT).parts[0]


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def declared() -> set[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {re.split("[<>=~! ]", line)[0] for line in lines if line and line[0] not in "#-"}


PACKAGES = [name for name in BELOW if (ROOT / name).is_dir()]
MODULES = sorted([*ROOT.glob("*.py"), *(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))])


def complaints(path: Path, source: str) -> list[str]:
    """What the imports of a module break, a line each."""
    layer, module = layer_of(path), module_name(path)
    at_once = AT_ONCE[layer] | ({"numba"} if module.startswith("eventvision.filter") else set())
    if module in PROMPT:
        at_once = set()
    found = []
    for imported, line, carried_out_at_once in imports_in(source, layer):
        name = imported.partition(".")[0]
        where = f"{path.relative_to(ROOT)}:{line}: "
        if name in sys.stdlib_module_names or name == layer:
            continue
        if (ROOT / name).is_dir() or name in BELOW:
            if name not in BELOW[layer]:
                found.append(f"{where}{layer} may not know {name}")
            elif module in PROMPT and imported not in PROMPT and carried_out_at_once:
                found.append(f"{where}{name} would delay the answer to --help")
        elif DISTRIBUTIONS.get(name, name) not in declared():
            found.append(f"{where}{name} is not in requirements.txt")
        elif carried_out_at_once and name not in at_once:
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
            "def f():\n    from experiment.network import y",
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
        ("experiment/options.py", "import numpy", "inside the function"),
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

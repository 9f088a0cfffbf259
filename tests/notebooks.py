"""Runs a notebook as Jupyter would, without it: cells one after the other, each shown by its last expression.

    python tests/notebooks.py docs/python.ipynb

writes what the cells show into the notebook, pictures too.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any


def run_cells(notebook: dict[str, Any]) -> list[Any]:
    """Run all code cells in one namespace; what each one's last expression gave."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        *statements, last = ast.parse("".join(cell["source"])).body
        before, value = io.StringIO(), None
        with contextlib.redirect_stdout(before):
            if isinstance(last, ast.Expr):
                exec(compile(ast.Module(statements, []), "cell", "exec"), names)
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            else:
                exec(compile(ast.Module([*statements, last], []), "cell", "exec"), names)
        shown.append(value if value is not None else before.getvalue().rstrip() or None)
    return shown


def as_output(value: Any, number: int) -> list[dict[str, Any]]:
    """What a cell shows, as a notebook keeps it."""
    if value is None:
        return []
    data = {"text/plain": str(value) if isinstance(value, str) else repr(value)}
    if hasattr(value, "_repr_png_"):
        data = {"image/png": base64.b64encode(value._repr_png_()).decode(), "text/plain": "<Figure>"}
    return [{"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": data}]


def main(path: Path) -> None:
    """Write what the cells show into the notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    os.chdir(path.parent)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, (cell, value) in enumerate(zip(code, run_cells(notebook), strict=True), 1):
        cell["execution_count"], cell["outputs"] = number, as_output(value, number)
    Path(path.name).write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())

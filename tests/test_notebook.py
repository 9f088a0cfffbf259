"""The notebook of the documentation: it runs, and shows what stands in it."""

from __future__ import annotations

import json
import sys

from notebooks import as_output, run_cells
from pages import ROOT


def test_the_notebook_runs_and_shows_what_stands_in_it(tmp_path, monkeypatch):
    notebook = json.loads((ROOT / "docs" / "python.ipynb").read_text(encoding="utf-8"))
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    monkeypatch.setattr(sys, "path", [*sys.path])
    shown = run_cells(notebook)
    stored = [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(shown) == len(stored)
    for value, outputs in zip(shown, stored, strict=True):
        texts = [output["data"]["text/plain"] for output in outputs]
        assert texts == [output["data"]["text/plain"] for output in as_output(value, 1)]
    assert sum("image/png" in output["data"] for outputs in stored for output in outputs) == 2
    assert (tmp_path / "results" / "notebook" / "network_notebook.npz").exists()

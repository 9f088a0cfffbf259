"""The examples of the documentation run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_examples_of_extending_run_in_both_engines_and_agree(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(), re.S)
    program = tmp_path / "example.py"  # a file: the fused engine reads the functions' source
    program.write_text(
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        + "\n".join(blocks)
        + '\nagain = network.clone().present(spikes, layer="Y", seed=0, engine="plain")\n'
        + 'copy = network.clone(); other = copy.present(spikes, layer="Y", seed=0, engine="fused")\n'
        + "assert torch.equal(again.spike_counts, other.spike_counts) and again.spike_counts.sum() > 0\n"
    )
    done = subprocess.run([sys.executable, str(program), str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("tensor(")

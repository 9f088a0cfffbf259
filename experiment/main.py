"""What the scripts run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.options import parse_options


def main(modality: Modality, argv: Sequence[str] | None = None) -> int:
    """Runs a modality's script; returns its exit status."""
    try:
        parse_options(modality, sys.argv[1:] if argv is None else argv)
    except OptionError as error:
        print(error, file=sys.stderr)
        return 2
    return 0

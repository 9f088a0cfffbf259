"""What the scripts run."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from experiment.command_line import parse_options
from experiment.errors import OptionError
from experiment.modality import Modality

WRONG_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(modality: Modality, argv: Sequence[str] | None = None) -> int:
    """Run a modality's script; returns its exit status."""
    try:
        options = parse_options(modality, sys.argv[1:] if argv is None else argv)
    except OptionError as error:
        return _refuse(error)
    # Only now: wrong options and --help are answered before torch is imported.
    from datasets.errors import DatasetError
    from experiment.run import run

    try:
        run(modality, options)
    except (OptionError, DatasetError) as error:
        return _refuse(error)
    except OSError as error:
        return _refuse(f"{error.filename or 'a file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _refuse(complaint: object) -> int:
    print(complaint, file=sys.stderr)
    return WRONG_INPUT

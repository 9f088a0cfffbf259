"""What the scripts run."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

from common.library_warnings import logged_library_warnings
from common.terminal import (
    NOBODY_READS,
    WRONG_INPUT,
    complain,
    draw_without_windows,
    drop_output,
    of_the_machine,
    refuse_vanished_folder,
    steady_output,
)
from common.values import STANDARD_OUTPUT
from experiment.command_line.options import Options
from experiment.command_line.parse import parse_options
from experiment.command_line.signals import Interrupted, Signals
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.results.folder import refuse_place
from experiment.results.saved import CHECKPOINT, RESULTS, has_begun, is_finished, refuse_changes


def main(modality: Modality, argv: Sequence[str] | None = None) -> int:
    """Run a modality's script; returns its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    steady_output()
    options = None
    try:
        refuse_vanished_folder()
        with Signals() as signals, logged_library_warnings():
            options = parse_options(modality, argv)
            return _main(modality, options, signals)
    except OptionError as error:
        return _refuse(error)
    except Interrupted as stop:
        rest = [word for word in argv if word not in ("--resume", "--overwrite")]
        command = shlex.join(["python", f"{modality.name}_network.py", *rest, "--resume"])
        complain(f"Interrupted; go on with: {command}" if stop.saved else "Interrupted; nothing was to be saved.")
        return stop.status
    except BrokenPipeError:
        drop_output()
        return NOBODY_READS
    except (OSError, MemoryError, RuntimeError) as error:
        can_go_on = options is not None and not options.predict and (RESULTS / options.filename / CHECKPOINT).exists()
        return _refuse(of_the_machine(error) + ("; --resume goes on from the last checkpoint" if can_go_on else ""))


def _main(modality: Modality, options: Options, signals: Signals) -> int:
    folder = RESULTS / options.filename
    if not options.predict:
        refuse_place(modality, options, folder)
    if not options.plot:
        draw_without_windows()
    if options.resume and has_begun(folder):
        refuse_changes(folder, options)
        if is_finished(folder):
            stream = sys.stderr if options.csv_stream == STANDARD_OUTPUT else sys.stdout
            print(f"The run in {folder} is finished; there is nothing to resume.", file=stream)
            return 0
    # Only now: wrong options and --help are answered before torch is imported.
    with signals.deferred():  # torch goes on with half of NumPy if that is broken off while torch imports it
        from bindsnet.errors import NetworkError
        from datasets.errors import DatasetError
        from experiment.progress import terminal_bar
        from experiment.run_prediction import predict
        from experiment.run_training import device_of, run_training
    signals.heed()

    try:
        if options.predict:
            predict(modality, options, device_of(options))
        else:
            run_training(modality, options, folder, signals, terminal_bar, console=True)
    except (DatasetError, NetworkError) as error:
        return _refuse(error)
    return 0


def _refuse(complaint: object) -> int:
    complain(complaint)
    return WRONG_INPUT

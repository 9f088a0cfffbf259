"""How the values of options are checked with each other, and against the data. Standard library only."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from common.options import FEATURES, LEARNING_RULE, NEURON, PROTOTYPES, Option
from common.values import Choice
from experiment.command_line.options import MAX_STEPS, Options, in_words, option_table, shown
from experiment.modality import Modality
from experiment.model import MODELS

INHIBITION = ("exc", "inh", "som")  # of the options of networks, those of the inhibitory neurons of Diehl & Cook
MODELS_OF_GROUP = {
    NEURON: ("diehl_cook",),
    LEARNING_RULE: ("diehl_cook",),
    PROTOTYPES: ("prototypes", "features"),
    FEATURES: ("features",),
}


def models_with(row: Option) -> tuple[str, ...]:
    """The models that have a use for an option."""
    return ("diehl_cook",) if row.name in INHIBITION else MODELS_OF_GROUP.get(row.group, MODELS)


def contradictions(modality: Modality, options: Options, wrong: set[str]) -> list[str]:
    """Complaints about values that are right by themselves and do not go together; options in `wrong` are left alone."""
    complaints = []
    if not wrong & {"--dt", "--pattern_time"}:
        if options.n_steps < 1:
            complaints.append(f"--dt {options.dt:g}: must be at most --pattern_time, {options.pattern_time:g} ms")
        elif options.n_steps > MAX_STEPS:
            complaints.append(
                f"--dt {options.dt:g}: must divide --pattern_time, {options.pattern_time:g} ms, "
                f"into at most {MAX_STEPS} steps, not {options.n_steps}"
            )
    if options.resume and options.overwrite:
        complaints.append("--overwrite: must not come with --resume, which goes on with what --overwrite deletes")
    if options.freeze and (options.start_from is None or options.model != "features" or options.train_layers == "together"):
        complaints.append("--freeze: must come with --start_from and --model features, and not with --train_layers together")
    if options.predict and options.preset != "faithful":
        complaints.append(f"--preset {options.preset}: must not come with --predict, which knows what it stands for")
    of_training = [name for name in ("resume", "csv_stream", "tensorboard") if options.predict and getattr(options, name)]
    complaints += [f"--{name}: must not come with --predict, which trains nothing" for name in of_training]
    if options.tensorboard and find_spec("tensorboard") is None:
        complaints.append("--tensorboard: its package is not installed: pip install -r requirements-sweep.txt")
    complaints += _of_other_models(modality, options, wrong)
    if options.gpu and options.engine == "fused":
        complaints.append("--engine fused: must be auto or plain with --gpu; it runs on the CPU")
    if options.stimuli is not None and options.source != "emulated" and "--source" not in wrong:
        stimuli, source = shown(str(options.stimuli)), shown(str(options.source))
        complaints.append(f"--stimuli {stimuli}: must come with --source emulated, not {source}")
    is_own = isinstance(options.source, Path)
    if (
        not (is_own or options.predict or wrong & {"--source", "--polarities"})
        and options.polarities not in modality.recorded.sensor.polarities
    ):
        allowed = Choice(modality.recorded.sensor.polarities).allowed
        complaints.append(f"--polarities {options.polarities}: must be {allowed} with --source {options.source}")
    if is_own:
        given = {option: getattr(options, option.name) for option in modality.recorded.options}
        allowed = "recorded or emulated" if modality.recorded.twin else "recorded"
        complaints += [
            f"{option.flag} {shown(value)}: must come with --source {allowed}, not a path"
            for option, value in given.items()
            if value != option.default
        ]
    return complaints


def _of_other_models(modality: Modality, options: Options, wrong: set[str]) -> list[str]:
    """Complaints about options that were given, and that the model has no use for."""
    if "--model" in wrong:
        return []
    complaints = []
    for row in option_table(modality).values():
        models, value = models_with(row), getattr(options, row.name)
        if options.model not in models and value != row.default and row.flag not in wrong:
            complaints.append(f"{row.flag} {in_words(value)}: must come with --model {' or '.join(models)}, not {options.model}")
    return complaints


def check_against_data(options: Options, n_train_available: int | None, n_test_available: int | None) -> list[str]:
    """Checks the options against the data (stage two).

    Args:
        options: What `parse_options` returned.
        n_train_available: Training samples that are there; None if any number can be made.
        n_test_available: The same for testing; None also if none are tested on.

    Returns:
        All complaints, a line each; empty if the run can begin.
    """
    complaints = []
    for name, asked, available, split in (
        ("n_train", options.n_train, n_train_available, "training"),
        ("n_test", options.n_test, n_test_available, "test"),
    ):
        if asked is not None and available is not None and asked > available:
            complaints.append(f"--{name} {asked}: must be at most {available}, the {split} samples that are there")
    n_train = n_train_available if options.n_train is None else options.n_train
    if options.held_out is not None and n_train is not None and n_train < options.held_out[1]:
        complaints.append(f"--validation {options.validation}: must be of at most {n_train} parts, as many as training samples")
    return complaints

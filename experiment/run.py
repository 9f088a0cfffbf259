"""A run from its options to its results."""

from __future__ import annotations

import logging
import resource
import sys
import time
import warnings
from contextlib import suppress
from dataclasses import replace

import numpy as np
import torch
from tqdm import tqdm

from datasets.preparation.room import lack_of_disk, lack_of_memory
from experiment.checkpoint import Checkpoint
from experiment.data import Samples, load_samples, report_lines
from experiment.errors import OptionError
from experiment.fitting import Fitting, LabelCurve
from experiment.modality import Modality
from experiment.network import SpikingNetwork
from experiment.options import ALL_ACTIVITY, LEARNING_RULE, NETWORK, NEURON, PROPORTION_WEIGHTING, Options
from experiment.protocol import Interval, Training, labelled_samples
from experiment.readouts import new_readouts
from experiment.results import Results
from experiment.run_log import RunLog
from experiment.saved import RESULTS
from experiment.showing import Showing, Testing
from experiment.signals import Interrupted, Signals
from experiment.trained import copy_arrays, fingerprint, read_arrays

log = logging.getLogger(__name__)

MEBIBYTE = 2**20
BYTES_PER_WEIGHT = 4
COPIES_OF_WEIGHTS = 3  # in memory while a network is built; on disk in the network's file, the model's and the checkpoint
SAY_AFTER = 10.0  # s between two lines about the accuracy on the console within an epoch; the log file has all of them


def run(modality: Modality, options: Options, signals: Signals) -> None:
    """Train and test a network as the options say, and write its results.

    Raises:
        Interrupted: a signal told it to stop.
        OptionError: the options do not fit the machine or the data.
        datasets.DatasetError: the data cannot be had.
    """
    device = device_of(options)
    torch.set_num_threads(1)  # the tensors are small: more threads only get in each other's way
    run_log = RunLog()
    results = None
    try:
        train, test = load_samples(modality, options)
        modality = replace(modality, class_names=train.class_names, input_shape=train.input_shape)
        _refuse_without_room(options, train.spike_trains.n_units)
        keys = {"train": train.key, "test": test.key}
        network = SpikingNetwork(
            train.spike_trains.n_units, **options.of(NEURON, LEARNING_RULE, NETWORK), dt=options.dt, seed=options.seed
        ).to(device)
        if options.start_from is not None:
            copy_arrays(_first_arrays(options, train.spike_trains.n_units), network)
            keys["start_from"] = fingerprint(options.start_from)
        engine = network.engine(options.engine)
        # Only now, with all checked, is anything made or moved.
        results = Results(modality, options, len(train.labels))
        results.begin(keys, run_log)
        log.info("Device: %s, %s engine", device, engine)
        log.info("Network: %s", network.summary())
        _run(modality, options, device, train, test, network, results, signals)
        results.close()  # whoever looks at the window keeps no other run waiting
        with signals.deferred():
            results.hold_live(lambda: signals.received is not None)
    finally:
        if results is not None:
            results.close()
        run_log.close()


def _run(
    modality: Modality,
    options: Options,
    device: torch.device,
    train: Samples,
    test: Samples,
    network: SpikingNetwork,
    results: Results,
    signals: Signals,
) -> None:
    for line in report_lines(train, test):
        log.info("%s", line)
    log.info(
        "Training on %d samples, testing on %d, of %s; dt %g ms, %d steps a sample",
        len(train.labels), len(test.labels), options.source, options.dt, train.spike_trains.n_steps,
    )  # fmt: skip
    training, fitting, testing = _stages(modality, options, network, train, test)
    log.info("Labels used: those of %d training samples", training.n_labels)
    checkpoint = Checkpoint(results.checkpoint, {"training": training, "testing": testing, "results": results})
    if options.resume and results.checkpoint.exists():
        checkpoint.load()
        log.info("Going on after %d of %d training samples", training.n_seen, training.n_total)
    # What takes seconds the first time is done while a signal may still break off at once.
    testing.prepare()
    training.prepare()
    with signals.deferred():
        _train(training, options, results, checkpoint, signals)
        if fitting is not None:
            _show(fitting, "look back", checkpoint, signals)
            log.info("Presented the training samples to the trained network in %.1f s", fitting.seconds)
        _show(testing, "test", checkpoint, signals)
        checkpoint.save()  # drawing may fail, as on a full disk
        results.write_network(network, training, testing.readouts)
        results.draw(network, training)
        results.draw_test(testing)
        if fitting is not None:
            results.draw_labels(fitting.curve, training.n_labels, testing)
        _report(modality, options, device, training, testing, results)
        checkpoint.remove()


def _stages(
    modality: Modality, options: Options, network: SpikingNetwork, train: Samples, test: Samples
) -> tuple[Training, Fitting | None, Testing]:
    """What a run goes through: training, a look back at the training samples where it is needed, and the test."""
    n_classes, of_train = len(modality.class_names), (train.spike_trains, train.labels)
    labelled = labelled_samples(train.labels, options.label_fraction, options.seed)
    training = Training(network, *of_train, n_classes, options.n_epochs, options.seed, options.engine, labelled)
    readouts = new_readouts(options.further_readouts, network.n_neurons, n_classes)
    how = options.seed, options.engine, options.n_threads, readouts
    testing = Testing(network, test.spike_trains, test.labels, test.numbers, *how, known=training.label_counts)
    if not readouts and options.label_fraction == 1:
        return training, None, testing
    curve = LabelCurve(train.labels, network.n_neurons, n_classes, options.seed)
    return training, Fitting(network, *of_train, train.numbers, *how, labelled=labelled, curve=curve), testing


def _train(training: Training, options: Options, results: Results, checkpoint: Checkpoint, signals: Signals) -> None:
    network, epoch, said = training.network, -1, time.perf_counter()
    with _bar(training.n_seen, training.n_total, "train") as bar:
        for n, intervals in training:
            bar.update(n)
            for interval in intervals:
                if interval.epoch > epoch:
                    epoch = interval.epoch
                    if epoch % options.progress_interval == 0:
                        log.info("Progress: %d / %d", epoch, options.n_epochs)
                results.add(interval)
                is_due = interval.n_seen % training.n_train == 0 or time.perf_counter() > said + SAY_AFTER
                said = time.perf_counter() if is_due else said
                _say(interval, results, is_due)
            if intervals:
                bar.set_postfix_str(_course(intervals[-1], results, training.repetitions), refresh=False)
                results.redraw_if_due(network, training)
            results.show_live(training)
            _pause(checkpoint, signals)
    results.show_live(training, at_once=True)
    log.info("Progress: %d / %d", options.n_epochs, options.n_epochs)


def _say(interval: Interval, results: Results, is_due: bool) -> None:
    log.log(
        logging.INFO if is_due else logging.DEBUG,
        "%d samples: all activity %s; proportion weighting %s",
        interval.n_seen,
        results.accuracy_line(ALL_ACTIVITY),
        results.accuracy_line(PROPORTION_WEIGHTING),
    )


def _course(interval: Interval, results: Results, repetitions: int) -> str:
    courses = [results.courses[name] for name in (ALL_ACTIVITY, PROPORTION_WEIGHTING)]
    n_spikes = interval.spike_counts.sum().item() / len(interval.labels)
    right = "{:.0f} and {:.0f} % right, ".format(*(course.average for course in courses)) if courses[0].n else ""
    return right + _activity(n_spikes, repetitions)


def _show(showing: Showing, name: str, checkpoint: Checkpoint, signals: Signals) -> None:
    with _bar(showing.n_done, len(showing.labels), name) as bar:
        for n in showing:
            bar.set_postfix_str(_activity(showing.n_spikes / showing.n_done, showing.repetitions), refresh=False)
            bar.update(n)
            _pause(checkpoint, signals)


def _activity(n_spikes: float, repetitions: int) -> str:
    return f"{n_spikes:.1f} spikes a sample, {repetitions} repetitions"


def _pause(checkpoint: Checkpoint, signals: Signals) -> None:
    """Between two pieces: stop if a signal says so, with everything saved; else save from time to time."""
    if signals.received is not None:
        checkpoint.save()
        raise Interrupted(signals.received, saved=True)
    checkpoint.save_if_due()


def _report(
    modality: Modality,
    options: Options,
    device: torch.device,
    training: Training,
    testing: Testing,
    results: Results,
) -> None:
    accuracies = testing.accuracies()
    n_train, n_test = training.n_train, len(testing.labels)
    for name in accuracies:
        log.info(
            "Test accuracy, %s: %.1f %% of %d samples (%d without an answer)",
            name.replace("_", " "), accuracies[name], n_test, testing.n_without_answer(name),
        )  # fmt: skip
    content = {
        "modality": modality.name,
        "source": str(options.source),
        "class_names": modality.class_names,
        "engine": training.network.engine(options.engine),
        "device": str(device),
        "seed": options.seed,
        "n_neurons": options.n_neurons,
        "n_train": n_train,
        "n_labels": training.n_labels,
        "n_test": n_test,
        "n_epochs": options.n_epochs,
        "repetitions": training.repetitions,
        "test_repetitions": testing.repetitions,
        "train_seconds": training.seconds,
        "test_seconds": testing.seconds,
        "ms_per_train_sample": 1000 * training.seconds / (n_train * options.n_epochs),
        "ms_per_test_sample": 1000 * testing.seconds / n_test,
        "peak_memory_mb": peak_memory_mb(),
        "test_accuracy": accuracies,
    }
    log.info(
        "%.2f ms a training sample, %.2f ms a test sample, %d and %d repetitions, %.1f s drawing, %.0f MB at most",
        content["ms_per_train_sample"], content["ms_per_test_sample"],
        training.repetitions, testing.repetitions, results.seconds_drawing, content["peak_memory_mb"],
    )  # fmt: skip
    results.write_results(content)
    log.info("Results: %s", results.folder)


def _refuse_without_room(options: Options, n_inputs: int) -> None:
    """Refuses a network that memory or disk cannot hold, before anything of it is made."""
    needed = COPIES_OF_WEIGHTS * BYTES_PER_WEIGHT * n_inputs * options.n_neurons
    if lack := lack_of_memory(needed) or lack_of_disk(needed, RESULTS):
        weights = f"the weights from {n_inputs:,} inputs to so many neurons need some {lack}"
        raise OptionError([f"--n_neurons {options.n_neurons}: {weights}; lower it"])


def _first_arrays(options: Options, n_inputs: int) -> dict[str, np.ndarray]:
    """The weights and thresholds that `--start_from` names."""
    folder = options.start_from
    arrays, expected = read_arrays(folder), (n_inputs, options.n_neurons)
    if arrays["w"].shape != expected:
        sizes = ["{} inputs and {} neurons".format(*shape) for shape in (arrays["w"].shape, expected)]
        raise OptionError([f"--start_from {folder}: its network has {sizes[0]}, this run's {sizes[1]}"])
    return arrays


def _bar(done: int, total: int, name: str) -> tqdm:
    return tqdm(initial=done, total=total, desc=name, unit="sample", disable=not sys.stderr.isatty())


def device_of(options: Options) -> torch.device:
    """Where the network runs.

    Raises:
        OptionError: there is no GPU.
    """
    if not options.gpu:
        return torch.device("cpu")
    with warnings.catch_warnings(record=True):
        available = torch.cuda.is_available()
    if not available:
        raise OptionError([f"--gpu: torch {torch.__version__} finds no CUDA device; run without --gpu"])
    return torch.device("cuda")


def peak_memory_mb() -> float:
    """The largest memory that this process has had, MB of 2**20 bytes."""
    # Linux counts to the usage of a process what the one that started it had; its status does not.
    with suppress(OSError, StopIteration), open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / MEBIBYTE for line in status if line.startswith("VmHWM:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / MEBIBYTE if sys.platform == "darwin" else peak * 1024 / MEBIBYTE

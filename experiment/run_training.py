"""From options to a trained and tested network."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import torch
from tqdm import tqdm

from bindsnet.errors import NetworkError
from common.machine import peak_memory_mb
from common.room import lack_of_disk, lack_of_memory
from common.spike_trains import SpikeTrains
from common.threads import one_torch_thread
from common.values import STANDARD_OUTPUT
from common.warn import caught_warnings
from experiment.command_line.options import Options
from experiment.command_line.signals import Signals
from experiment.errors import OptionError
from experiment.modality import Modality
from experiment.model.features.network import joined
from experiment.model.features.suited import kind_of
from experiment.model.models import new_features, new_network
from experiment.pause import Pause, Watch
from experiment.protocol.evaluation import EvaluationPass
from experiment.protocol.features import FeatureTraining
from experiment.protocol.fitting import Fitting
from experiment.protocol.label_curve import LabelCurve
from experiment.protocol.record import Record
from experiment.protocol.sampling import labelled_samples
from experiment.protocol.testing import Testing
from experiment.protocol.training import Interval, Training
from experiment.readouts import ALL_ACTIVITY, PROPORTION_WEIGHTING, readable
from experiment.readouts.labels import chance_level
from experiment.readouts.readout import new_readouts
from experiment.results.arrays import fingerprint
from experiment.results.csv_stream import CsvStream
from experiment.results.place import Place
from experiment.results.run_folder import RunFolder
from experiment.results.run_log import RunLog
from experiment.run import Run
from experiment.run_start import begin_from
from experiment.samples import Samples, load_samples, report_lines
from experiment.sense import Sense

log = logging.getLogger(__name__)

BYTES_PER_WEIGHT = 4
COPIES_OF_WEIGHTS = 3  # in memory while a network is built; on disk in the network's file, the model's and the checkpoint
SAY_AFTER = 10.0  # s between two lines about the accuracy on the console within an epoch; the log file has all of them

Bars = Callable[[int, int, str], tqdm]  # makes a progress bar: samples done, samples in all, name


def run_training(
    modality: Modality,
    options: Options,
    folder: Path | None,
    signals: Signals,
    bars: Bars,
    console: bool,
    progress: bool = True,
    n_processes: int | None = None,
    figures: bool = True,
    watch: Watch | None = None,
) -> Run:
    """Train and test a network as the options say.

    Args:
        modality: the sense.
        options: all options.
        folder: where results are kept; None keeps none.
        signals: what may tell it to stop.
        bars: shows how far it is.
        console: whether its lines are printed.
        progress: whether a bar is shown while data are prepared (on terminals only).
        n_processes: how many prepare data; as many as the options say when None.
        figures: whether they are drawn into the folder.
        watch: looks on, and may tell it to stop; see :class:`Pause`.

    Raises:
        Interrupted: a signal or whoever watches told it to stop.
        OptionError: the options do not fit the machine or the data.
        datasets.DatasetError: the data cannot be had.
    """
    with ExitStack() as stack:
        stack.enter_context(one_torch_thread())
        run_log = None
        if console or folder is not None:
            run_log = RunLog(console, "stderr" if options.csv_stream == STANDARD_OUTPUT else "stdout")
            stack.callback(run_log.close)
        device = device_of(options)
        watchers: list[Watch] = []
        if options.csv_stream is not None:
            stream = CsvStream(options.csv_stream, options.filename, options.resume)
            stack.callback(stream.close)
            watchers.append(stream)
        if watch is not None:
            watchers.append(watch)
        train, test = load_samples(modality, options, progress, n_processes)
        run = new_run(modality, options, folder, device, train, test)
        engine = run.network.engine(options.engine)
        # Only now, with all checked, is anything made or moved.
        place = Place() if folder is None else RunFolder(folder, options, console, figures)
        stack.callback(place.close)
        place.begin(run, run_log)
        log.info("Device: %s, %s engine", run.device, engine)
        if run.features is not None:
            kind, sides = kind_of(run.sense.features, run.sense.input_shape), run.sense.input_shape
            log.info("Features: %s, for a sensor of %d × %d units: %s", kind, *sides, run.features.network.summary())
        log.info("Network: %s", run.network.summary())
        for line in report_lines(train, test):
            log.info("%s", line)
        log.info(
            "Training on %d samples, testing on %d%s, of %s; dt %g ms, %d steps a sample",
            len(train.labels), len(test.labels), f" {options.tested_on}" if options.held_out else "",
            options.source, options.dt, train.spike_trains.n_steps,
        )  # fmt: skip
        log.info("Labels used: those of %d training samples", run.training.n_labels)
        if place.go_on():
            log.info("Going on after %d of %d training samples", run.training.n_seen, run.training.n_total)
        # What takes seconds the first time is done while a signal may still break off at once.
        if run.features is not None:
            run.features.prepare()
        run.testing.prepare()
        run.training.prepare()
        with signals.deferred():
            _go(run, place, Pause(run.record, place, signals, watchers), bars)
        place.close()  # whoever looks at the window keeps no other run waiting
        with signals.deferred():
            place.hold_view(lambda: signals.received is not None)
    return run


def new_run(
    modality: Modality, options: Options, folder: Path | None, device: torch.device, train: Samples, test: Samples
) -> Run:
    """A run as it begins: network, training, passes and test, nothing of them done."""
    n_inputs, n_classes = train.spike_trains.n_units, len(train.class_names)
    sense = Sense(modality.name, modality.dataset, train.input_shape, train.class_names, modality.features)
    keys = {"train": train.key, "test": test.key}
    features = _new_features(sense, options, train, device)
    n_inputs = features.network.n_features if features else n_inputs
    _refuse_without_room(options, folder, n_inputs)
    network = new_network(n_inputs, vars(options)).to(device)
    if options.start_from is not None:
        begin_from(options, network, features)
        keys["start_from"] = fingerprint(options.start_from)
    labelled = labelled_samples(train.labels, options.label_fraction, options.seed)
    # What features make of samples is known once they have learned.
    seen = [split.spike_trains if features is None else features.nothing for split in (train, test)]
    learned = train.spike_trains if features is not None and features.together else seen[0]
    how = n_classes, options.n_epochs, options.seed, options.engine
    training = Training(network, learned, train.labels, *how, labelled, features)
    n_read = n_inputs if options.readout_layer == "seen" else None
    readouts = new_readouts(options.further_readouts, network.n_neurons, n_classes, n_read)
    how = options.seed, options.engine, options.n_threads, readouts
    testing = Testing(network, seen[1], test.labels, test.numbers, *how, known=training.label_counts)
    fitting = None
    if readouts or options.label_fraction < 1:
        curve = LabelCurve(train.labels, network.n_neurons, n_classes, options.seed)
        fitting = Fitting(network, seen[0], train.labels, train.numbers, *how, labelled=labelled, curve=curve)
    record = Record(training.n_train, network.n_neurons, n_classes)
    return Run(modality, sense, options, keys, device, network, features, training, fitting, testing, record, test.spike_trains)


def _new_features(sense: Sense, options: Options, train: Samples, device: torch.device) -> FeatureTraining | None:
    """The layers before the one that is read out, if there are any."""
    try:
        network = new_features(sense, train.spike_trains.n_units, vars(options))
    except NetworkError as error:
        raise OptionError([f"--model features: {error}"]) from error
    if network is None:
        return None
    how = options.feature_epochs, options.feature_share, options.seed, options.engine, options.n_threads
    return FeatureTraining(network.to(device), train.spike_trains, *how, together=options.train_layers == "together")


def _go(run: Run, place: Place, pause: Pause, bars: Bars) -> None:
    features, training, how = run.features, run.training, (pause, bars)
    if features is not None:
        _train_features(features, *how)
        if not features.together:
            training.spike_trains = _see(features, features.spike_trains, *how)
    together = features is not None and features.together
    if training.n_seen == 0:
        run.network.calibrate(features.glance() if together else training.spike_trains)
    _train(run, place, *how)
    if features is not None:
        if run.fitting is not None:
            run.fitting.spike_trains = _see(features, features.spike_trains, *how) if together else training.spike_trains
        run.testing.spike_trains = _see(features, run.test_trains, *how)
    if run.fitting is not None:
        _evaluate(run.fitting, "look back", *how)
        log.info("Presented the training samples to the trained network in %.1f s", run.fitting.seconds)
    _evaluate(run.testing, run.options.test_name.lower(), *how)
    place.write()
    _report(run, place)
    place.finish()
    if place.folder is not None:
        log.info("Results: %s", place.folder)


def _train_features(features: FeatureTraining, pause: Pause, bars: Bars) -> None:
    if not features.n_total:
        return
    with bars(features.n_seen, features.n_total, "features") as bar:
        for n in features:
            bar.update(n)
            pause()
    log.info("Features have learned from %d samples in %.1f s", features.n_total, features.seconds)


def _see(features: FeatureTraining, spike_trains: SpikeTrains, pause: Pause, bars: Bars) -> SpikeTrains:
    """What features, which learn no more, make of samples."""
    seen = [features.nothing]
    with bars(0, spike_trains.n_samples, "see") as bar:
        for part in features.see(spike_trains):
            seen.append(part)
            bar.update(part.n_samples)
            pause()
    return joined(seen)


def _train(run: Run, place: Place, pause: Pause, bars: Bars) -> None:
    training, epoch, said = run.training, -1, time.perf_counter()
    with bars(training.n_seen, training.n_total, "train") as bar:
        for n, intervals in training:
            bar.update(n)
            for interval in intervals:
                if interval.epoch > epoch:
                    epoch = interval.epoch
                    if epoch % run.options.progress_interval == 0:
                        log.info("Progress: %d / %d", epoch, run.options.n_epochs)
                place.add(run.record.add(interval))
                is_due = interval.n_seen % training.n_train == 0 or time.perf_counter() > said + SAY_AFTER
                said = time.perf_counter() if is_due else said
                _say(interval, run.record, is_due)
            if intervals:
                bar.set_postfix_str(_course(intervals[-1], run.record, training.repetitions), refresh=False)
                place.redraw_if_due()
            place.show()
            pause()
    place.show(at_once=True)
    log.info("Progress: %d / %d", run.options.n_epochs, run.options.n_epochs)


def _say(interval: Interval, record: Record, is_due: bool) -> None:
    log.log(
        logging.INFO if is_due else logging.DEBUG,
        "%d samples: all activity %s; proportion weighting %s",
        interval.n_seen,
        record.courses[ALL_ACTIVITY],
        record.courses[PROPORTION_WEIGHTING],
    )


def _course(interval: Interval, record: Record, repetitions: int) -> str:
    courses = [record.courses[name] for name in (ALL_ACTIVITY, PROPORTION_WEIGHTING)]
    n_spikes = interval.spike_counts.sum().item() / len(interval.labels)
    right = "{:.0f} and {:.0f} % right, ".format(*(course.average for course in courses)) if courses[0].n else ""
    return right + _activity(n_spikes, repetitions)


def _evaluate(evaluation: EvaluationPass, name: str, pause: Pause, bars: Bars) -> None:
    with bars(evaluation.n_done, len(evaluation.labels), name) as bar:
        for n in evaluation:
            bar.set_postfix_str(_activity(evaluation.n_spikes / evaluation.n_done, evaluation.repetitions), refresh=False)
            bar.update(n)
            pause()


def _activity(n_spikes: float, repetitions: int) -> str:
    return f"{n_spikes:.1f} spikes a sample, {repetitions} repetitions"


def _report(run: Run, place: Place) -> None:
    """Say how the test went, and keep it as the run's results."""
    training, testing, options = run.training, run.testing, run.options
    accuracies, n_test = testing.accuracies(), len(testing.labels)
    for name, accuracy in accuracies.items():
        log.info(
            "%s accuracy, %s: %.1f %% of %d %s (%d without an answer)",
            options.test_name, readable(name), accuracy, n_test, options.tested_on if options.held_out else "samples",
            testing.n_without_answer(name),
        )  # fmt: skip
    run.results = {
        "modality": run.sense.name,
        "source": str(options.source),
        "class_names": run.sense.class_names,
        "engine": run.network.engine(options.engine),
        "device": str(run.device),
        "seed": options.seed,
        "n_neurons": options.n_neurons,
        "n_train": training.n_train,
        "n_labels": training.n_labels,
        "n_test": n_test,
        "tested_on": options.tested_on,
        "n_epochs": options.n_epochs,
        "repetitions": training.repetitions,
        "test_repetitions": testing.repetitions,
        "train_seconds": training.seconds,
        "test_seconds": testing.seconds,
        "ms_per_train_sample": 1000 * training.seconds / training.n_total,
        "ms_per_test_sample": 1000 * testing.seconds / n_test,
        "peak_memory_mb": peak_memory_mb(),
        "test_accuracy": accuracies,
    }
    log.info(
        "%.2f ms a training sample, %.2f ms a %s sample, %d and %d repetitions, %.1f s drawing, %.0f MB at most",
        run.results["ms_per_train_sample"], run.results["ms_per_test_sample"], options.test_name.lower(),
        training.repetitions, testing.repetitions, place.seconds_drawing, run.results["peak_memory_mb"],
    )  # fmt: skip
    chance, margin = chance_level(testing.labels)
    if max(accuracies.values()) <= chance + margin < 100:  # else the test is too small to tell
        log.info(
            "%s accuracy is not above chance (%.1f %%, ± %.1f by the size of the test): "
            "this network has not learned these recordings%s",
            options.test_name, chance, margin, "" if options.preset == "best" else "; try --preset best",
        )  # fmt: skip


def _refuse_without_room(options: Options, folder: Path | None, n_inputs: int) -> None:
    """Refuses a network that memory or disk cannot hold, before anything of it is made."""
    needed = COPIES_OF_WEIGHTS * BYTES_PER_WEIGHT * n_inputs * options.n_neurons
    if lack := lack_of_memory(needed) or (folder is not None and lack_of_disk(needed, folder)):
        weights = f"the weights from {n_inputs:,} inputs to so many neurons need some {lack}"
        raise OptionError([f"--n_neurons {options.n_neurons}: {weights}; lower it"])


def device_of(options: Options) -> torch.device:
    """Where the network runs.

    Raises:
        OptionError: there is no GPU.
    """
    if not options.gpu:
        return torch.device("cpu")
    with caught_warnings():
        available = torch.cuda.is_available()
    if not available:
        raise OptionError([f"--gpu: torch {torch.__version__} finds no CUDA device; run without --gpu"])
    return torch.device("cuda")

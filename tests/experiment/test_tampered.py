"""Results that somebody or something has changed: what does not fit is refused with a line, in every place that reads it."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from experiment.__main__ import main as experiment
from experiment.main import main
from Visual_network import VISUAL

EARLIER = Path(__file__).parent / "earlier_version" / "results"
OPTIONS = ["--source", "spikes.npz", "--pattern_time", "40", "--n_neurons", "6", "--theta_plus", "1", "--thresh", "-58"]
OPTIONS += ["--n_epochs", "2", "--readout", "ngram", "logreg", "--label_fraction", "0.5", "--n_workers", "1"]
NETWORK = Path("results") / "x" / "network_x.npz"
SAVED = Path("results") / "x" / "options.json"
# What reads a finished run's network.
READERS = {
    "predict": ["--predict", "results/x"],
    "predict files": ["--predict", "results/x", "spikes.npz"],
    "start_from": [*OPTIONS, "--start_from", "results/x", "--filename", "further"],
}


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A finished run, `x`, and an unfinished one, `y`."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EARLIER.parent / "spikes.npz", tmp_path)
    for name, then in (("x", "finished"), ("y", "unfinished")):
        (tmp_path / "results" / name).mkdir(parents=True)
        for path in (EARLIER / then).iterdir():
            shutil.copy(path, tmp_path / "results" / name / path.name.replace(then, name))
        options = tmp_path / "results" / name / "options.json"
        options.write_text(options.read_text().replace("PLACE", str(tmp_path)).replace(then, name))
    return tmp_path


def refusal(argv: list[str], capsys) -> str:
    """The one line with which a command ends."""
    capsys.readouterr()
    assert main(VISUAL, argv) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def change_arrays(change: Callable[[dict[str, np.ndarray]], object]) -> None:
    with np.load(NETWORK) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(NETWORK, **arrays)


def change_options(change: Callable[[dict], object], path: Path = SAVED) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def sized(name: str, *shape: int) -> Callable[[dict[str, np.ndarray]], None]:
    return lambda arrays: arrays.update({name: np.zeros(shape, arrays[name].dtype)})


def filled(name: str, value: float) -> Callable[[dict[str, np.ndarray]], None]:
    return lambda arrays: arrays.update({name: np.full_like(arrays[name], value)})


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("w", sized("w", 5, 6)),
        ("w", sized("w", 20, 7)),
        ("w", sized("w", 120)),
        ("theta", sized("theta", 7)),
        ("assignments", sized("assignments", 6, 1)),
        ("proportions", sized("proportions", 6, 4)),
        ("rates", sized("rates", 3, 3)),
        ("w", filled("w", 5)),
        ("w", filled("w", -0.1)),
        ("w", filled("w", np.nan)),
        ("theta", filled("theta", -1e9)),
        ("theta", filled("theta", np.inf)),
        ("assignments", filled("assignments", 3)),
        ("assignments", filled("assignments", -2)),
        ("proportions", filled("proportions", 1.5)),
        ("rates", filled("rates", -1)),
        ("w", lambda arrays: arrays.update(w=arrays["w"].astype(np.float64))),
    ],
)
def test_an_array_that_no_run_writes_is_named(here, capsys, reader, name, change):
    change_arrays(change)
    assert refusal(reader, capsys).startswith(f"{NETWORK}: its array {name} ")
    assert not (here / "results" / "further").exists()


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content["modality"].update(input_shape=[4, 6]), "its array w is float32 [20, 6]"),
        (lambda content: content["modality"].update(input_shape=[4, "5"]), "input_shape [4, '5']"),
        (lambda content: content["modality"].update(input_shape=[4, -5]), "input_shape [4, -5]"),
        (lambda content: content["modality"].pop("input_shape"), "input_shape None"),
        (lambda content: content["options"].update(polarities="both"), "its array w is float32 [20, 6]"),
        (lambda content: content["options"].update(n_neurons=7), "its array w is float32 [20, 6]"),
        (lambda content: content["modality"].update(class_names=["rest", "left"]), "its array assignments holds"),
        (lambda content: content["options"].pop("n_neurons"), f"{SAVED}: lacks n_neurons"),
        (lambda content: content["options"].update(dt=0.001, pattern_time=1e6), f"{SAVED}: dt must divide pattern_time"),
        (lambda content: content["options"].update(tc_trace=1e-300), f"{SAVED}: tc_trace 1e-300"),
    ],
)
def test_options_that_no_run_of_this_network_has_are_named(here, capsys, reader, change, said):
    change_options(change)
    assert said in refusal(reader, capsys)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_options_of_before_there_was_one_have_its_default(here, capsys, reader):
    change_options(lambda content: [content["options"].pop(name) for name in ("nu", "label_fraction", "taxel_limit", "som")])
    assert main(VISUAL, reader) == 0


def test_a_run_of_before_there_was_an_option_is_gone_on_with(here, capsys):
    path = here / "results" / "y" / "options.json"
    change_options(lambda content: content["options"].pop("n_neurons"), path)
    assert refusal([*OPTIONS, "--filename", "y", "--resume"], capsys).startswith("results/y/options.json: lacks n_neurons")
    change_options(lambda content: content["options"].update(n_neurons=6), path)
    change_options(lambda content: content["options"].pop("som"), path)
    change_options(lambda content: content.update(data=keys(here)), path)
    assert main(VISUAL, [*OPTIONS, "--filename", "y", "--resume"]) == 0


PICKLE = pickle.dumps({"w": [1.0]})


def zipped(compression: int, **parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"some text", PICKLE, b"", b"PK\3\4" + bytes(99), zipped(zipfile.ZIP_STORED, w=PICKLE)])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_what_is_no_network_is_refused_without_a_library_s_advice(here, capsys, reader, content):
    NETWORK.write_bytes(content)
    assert refusal(reader, capsys) == f"{NETWORK}: is damaged, or not the network of a run"


@pytest.mark.parametrize("content", [b"some text", PICKLE, b"", zipped(zipfile.ZIP_STORED, data=PICKLE)])
def test_what_is_no_checkpoint_is_refused_without_a_library_s_advice(here, capsys, monkeypatch, content):
    checkpoint = here / "results" / "y" / "checkpoint.pt"
    checkpoint.write_bytes(content)
    change_options(lambda content: content.update(data=keys(here)), here / "results" / "y" / "options.json")
    line = refusal([*OPTIONS, "--filename", "y", "--resume"], capsys)
    assert line.startswith("results/y/checkpoint.pt: cannot be resumed from: it is damaged, or not what a run writes; ")
    assert not [word for word in ("pickle", "weights_only", "torch") if word in line]


CHECKPOINT = Path("results") / "y" / "checkpoint.pt"
ROWS = Path("results") / "y" / "metrics.csv"


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> dict[str, str]:
    """What stands for the data, as long as they lie in this fixture's folder."""
    place = tmp_path_factory.mktemp("known")
    shutil.copy(EARLIER.parent / "spikes.npz", place)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        found = keys(place)
    return {"place": str(place), **found}


@pytest.fixture
def unfinished(here, known) -> list[str]:
    """The command that goes on with `y`."""
    data = {name: key for name, key in known.items() if name != "place"}
    change_options(lambda content: content.update(data=data), here / "results" / "y" / "options.json")
    change_options(
        lambda content: content["options"].update(source=f"{known['place']}/spikes.npz"), here / "results" / "y" / "options.json"
    )
    return ["--source", f"{known['place']}/spikes.npz", *OPTIONS[2:], "--filename", "y", "--resume"]


def put(value: object, *place: str) -> Callable[[dict], None]:
    """Puts a value into a checkpoint's state; of a function, what it makes of the one that is there."""

    def change(state: dict) -> None:
        for name in place[:-1]:
            state = state[name]
        state[place[-1]] = value(state[place[-1]]) if callable(value) else value

    return change


def first(value: float) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda tensor: tensor.flatten().index_fill(0, torch.tensor(0), value).view(tensor.shape)


@pytest.mark.parametrize(
    "change",
    [
        put(["a"], "results", "seconds_drawing"),
        put({}, "results", "seconds_drawing"),
        put("", "training", "repetitions"),
        put(10**59, "training", "seconds"),
        put(float("inf"), "testing", "seconds"),
        put(float("nan"), "training", "seconds"),
        put(-1, "testing", "repetitions"),
        put(True, "testing", "n_spikes"),
        put("x", "training", "interval_repetitions"),
        put(10**59, "testing", "n_done"),
        put([], "training"),
        lambda state: state.pop("testing"),
        lambda state: state["testing"].update(more=1),
        put(lambda tensor: tensor.clone().requires_grad_(), "training", "label_samples"),
        put(lambda tensor: torch.empty_like(tensor, device="meta"), "results", "confusion"),
        put(lambda tensor: tensor.to_sparse(), "results", "confusion"),
        put(lambda tensor: tensor.bool(), "results", "confusion"),
        put(lambda tensor: tensor.half(), "results", "confusion"),
        put(first(-3), "results", "confusion"),
        put(first(2**40), "results", "confusion"),
        put(first(-1), "results", "spikes_per_neuron"),
        put(lambda tensor: tensor[:1], "results", "spikes_per_neuron"),
        put(first(float("nan")), "training", "label_sums"),
        put(first(-1.0), "training", "label_sums"),
        put(first(-1.0), "training", "label_samples"),
        put(first(1e9), "training", "label_samples"),
        put(first(1.5), "training", "network", "Input_to_Excitatory.w"),
        put(first(-1), "training", "counts"),
        put(first(float("nan")), "training", "network", "Excitatory.v"),
        put(first(-1.0), "training", "network", "Excitatory.theta"),
        put(first(3), "testing", "predictions", "logreg"),
        put(first(-2), "testing", "predictions", "logreg"),
    ],
)
def test_a_state_that_no_run_reaches_is_refused_before_anything_is_changed(here, capsys, unfinished, change):
    content = torch.load(CHECKPOINT, weights_only=True)
    change(content["state"])
    torch.save(content, CHECKPOINT)
    before = ROWS.read_bytes()
    said = refusal(unfinished, capsys)
    assert said.startswith(f"{CHECKPOINT}: cannot be resumed from: ")
    assert len(said) < 300
    assert ROWS.read_bytes() == before


def test_numbers_of_a_state_may_share_their_place(here, unfinished):
    content = torch.load(CHECKPOINT, weights_only=True)
    predictions = content["state"]["testing"]["predictions"]
    predictions["logreg"] = torch.full((1,), -1).expand(predictions["logreg"].shape)
    torch.save(content, CHECKPOINT)
    assert main(VISUAL, unfinished) == 0


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("spikes_per_sample", "1e400"),
        ("spikes_per_sample", "nan"),
        ("spikes_per_sample", ""),
        ("all_activity", "101"),
        ("all_activity", "nan"),
        ("proportion_weighting", "-1"),
        ("n_samples", "0"),
        ("n_samples", "7"),
        ("n_silent", "\u00b2"),
        ("epoch", "0x1"),
        ("seconds", "x"),
        ("seconds", "1,2"),
    ],
)
def test_a_row_that_no_run_writes_is_named_and_all_rows_stay(here, capsys, unfinished, column, cell):
    lines = ROWS.read_text().splitlines()
    cells = lines[2].split(",")
    cells[lines[0].split(",").index(column)] = cell
    lines[2] = ",".join(cells)
    ROWS.write_bytes("".join(f"{line}\r\n" for line in [*lines, "1,2,3" + " " * 20]).encode())
    before = ROWS.read_bytes()
    assert f"line 3 of {ROWS} is damaged" in refusal(unfinished, capsys)
    assert ROWS.read_bytes() == before


@pytest.mark.parametrize("name", ["ngrams", "ngram_scores", "logreg_classes", "logreg_coefficients", "logreg_intercepts"])
@pytest.mark.parametrize(
    "change", [lambda arrays, name: arrays.pop(name), lambda arrays, name: arrays.update({name: np.array(5)})]
)
@pytest.mark.parametrize("reader", ["predict", "predict files"])
def test_a_read_out_of_which_a_part_is_lacking_or_a_single_number_is_refused(here, capsys, name, change, reader):
    change_arrays(lambda arrays: change(arrays, name))
    assert refusal(READERS[reader], capsys).startswith(f"{NETWORK}: its array ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content["modality"].update(class_names=["a", "b", "c\x1b[2J"]), "class_names "),
        (lambda content: content["modality"].update(class_names=["a", ["b"], None]), "class_names "),
        (lambda content: content["modality"].update(name="x" * 100_000), "was trained by x"),
        (lambda content: content["modality"].update(name="\x1b[2J\n"), r"was trained by '\x1b[2J\n'"),
    ],
)
def test_names_of_a_strange_run_are_told_short_and_harmless(here, capsys, change, said):
    change_options(change)
    line = refusal(READERS["predict"], capsys)
    assert said in line
    assert len(line) < 300
    assert line.isprintable()


def test_a_data_set_of_a_long_name_is_told_short(here, capsys):
    change_options(lambda content: content["modality"].update(dataset="x" * 100_000))
    change_options(lambda content: content["options"].update(source="recorded"))
    assert len(refusal(READERS["predict files"], capsys)) < 200


@pytest.mark.parametrize("text", ["9" * 6000, "[" * 100_000], ids=["digits", "brackets"])
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_options_without_end_are_refused_without_python_s_advice(here, capsys, reader, text):
    SAVED.write_text(text)
    assert refusal(reader, capsys) == f"{SAVED}: is damaged"


def keys(here: Path) -> dict[str, str]:
    """What stands for the data where they lie now."""
    assert main(VISUAL, [*OPTIONS, "--filename", "keys"]) == 0
    return json.loads((here / "results" / "keys" / "options.json").read_text())["data"]


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_packed_arrays_are_refused_before_they_are_unpacked(here, capsys, reader):
    NETWORK.write_bytes(zipped(zipfile.ZIP_DEFLATED, w=bytes(1 << 20)))
    assert refusal(reader, capsys) == f"{NETWORK}: is not what a run writes: parts of it are packed"


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("path", [NETWORK, SAVED], ids=["network", "options"])
def test_a_pipe_is_not_waited_for(here, capsys, reader, path):
    path.unlink()
    os.mkfifo(path)
    assert refusal(reader, capsys) == f"{path}: is a pipe or a device, no file; no run wrote it"


@pytest.mark.parametrize("name", ["options.json", "results.json", "metrics.csv"])
def test_a_report_does_not_wait_for_a_pipe(here, capsys, name):
    (here / "results" / "x" / name).unlink()
    os.mkfifo(here / "results" / "x" / name)
    assert experiment(["report", "results/x", "results/y"]) == 0
    assert f"results/x/{name}: is a pipe or a device" in capsys.readouterr().out


def test_a_sense_that_there_is_not_is_told(here, capsys):
    change_options(lambda content: content["modality"].update(dataset="prompt"))
    change_options(lambda content: content["options"].update(source="recorded"))
    assert "there is no data set 'prompt'" in refusal(READERS["predict files"], capsys)

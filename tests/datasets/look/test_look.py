"""`python -m datasets`: what it counts is right and says what it covers; the picture is readable."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from datasets import NMNIST, DatasetError, EmulatedNTIDIGITS, EmulatedSTMNIST, OwnSpikeTrains
from datasets.__main__ import main
from datasets.look.figure import look_figure
from datasets.look.look import Look, look_at_dataset
from datasets.look.text import look_lines
from eventvision import read_nmnist

ROOT = Path(__file__).resolve().parents[3]


def looked_at(kind=NMNIST, n_each=None, splits=(True, False), **options) -> Look:
    return look_at_dataset([kind(train=is_train, prepare=False, **options) for is_train in splits], n_each)


def texts(figure) -> str:
    from matplotlib.text import Text

    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_numbers_are_those_of_the_files(raw, files, put):
    put(raw, files)
    found = looked_at(root=raw.parents[1], pattern_time=100.0, dt=2.0)
    events = [read_nmnist(content) for content in files.values()]
    assert found.n_there == found.n_read == len(files) == 30
    assert sorted(one.n_events for one in found.measured) == sorted(map(len, events))
    assert sum(one.n_on for one in found.measured) == sum(int(held.p.sum()) for held in events)
    assert sum(one.n_past for one in found.measured) == sum(int((held.p & (held.ts >= 100_000)).sum()) for held in events)
    assert max(one.latest for one in found.measured) == max(held.ts[-1] for held in events) / 1000
    assert {split: of_class.total() for split, of_class in found.n_recordings.items()} == {"train": 20, "test": 10}


def test_spikes_are_those_of_the_prepared_samples(raw, files, put, nmnist):
    put(raw, files)
    found = looked_at(root=raw.parents[1], splits=(True,))
    assert sum(one.n_spikes for one in found.measured) == nmnist().report.n_spikes


def test_nothing_is_prepared(raw, files, put):
    put(raw, files)
    looked_at(root=raw.parents[1])
    assert not (raw.parent / "processed").exists()


def test_a_sample_is_spread_over_the_classes_and_the_text_says_so(raw, files, put):
    put(raw, files)
    found = looked_at(root=raw.parents[1], n_each=1)
    assert (found.n_read, found.n_there) == (20, 30)
    assert [one.label for one in found.measured] == [*range(10), *range(10)]
    text = "\n".join(look_lines(found))
    assert "20 of 30 recordings were read" in text
    assert "all 30 recordings were read" in "\n".join(look_lines(looked_at(root=raw.parents[1])))


def test_what_is_left_out_is_counted_and_told_with_the_reason(raw, files, put):
    damaged = {"Train/3/99998.bin": bytes([200, 0, 0, 0, 0]), "Train/3/99999.bin": files["Train/3/00003.bin"] + b"ab"}
    put(raw, files | damaged)
    found = looked_at(root=raw.parents[1])
    text = "\n".join(look_lines(found))
    assert "1 of 32 recordings that were read are damaged and left out" in text
    assert "99998.bin: event 0 has x = 200, outside 0 … 33" in text
    assert "the scripts would refuse that" not in text  # one may always be
    assert "1 partial or corrupted events left out" in text
    put(raw, {"Test/3/99996.bin": bytes([200, 0, 0, 0, 0])})
    assert "the scripts would refuse that" not in "\n".join(look_lines(looked_at(root=raw.parents[1])))  # one of each split
    put(raw, {"Train/3/99997.bin": bytes([200, 0, 0, 0, 0])})
    assert "for train: of the whole split, the scripts would refuse that" in "\n".join(look_lines(looked_at(root=raw.parents[1])))


def test_what_was_passed_over_is_told_once_for_both_splits(raw, files, put):
    put(raw, files)
    put(raw, {".old/Train/0/1.bin": b""})
    text = "\n".join(look_lines(looked_at(root=raw.parents[1])))
    assert text.count("passed over") == 1
    assert f"train and test: folders whose names begin with a dot passed over: 1, such as {raw}/.old" in text


@pytest.mark.parametrize("content", [b"notes", b"\x89PNG\r\n\x1a\n and a photograph"])
@pytest.mark.parametrize("is_link", [False, True], ids=["file", "link"])
def test_a_picture_of_others_is_not_replaced(raw, files, put, capsys, tmp_path, content, is_link):
    put(raw, files)
    mine = tmp_path / "mine.png"
    mine.write_bytes(content)
    output = tmp_path / "look.png" if is_link else mine
    if is_link:
        output.symlink_to(mine)
    assert main(["NMNIST", "--root", str(raw.parents[1]), "--n", "1", "--output", str(output)]) == 2
    said = f"--output {output}: is there already and no figure of this program; name another file\n"
    assert capsys.readouterr().err == said
    assert mine.read_bytes() == content


def test_a_folder_or_a_pipe_is_no_place_for_a_picture(raw, files, put, capsys, tmp_path):
    put(raw, files)
    (tmp_path / "a.png").mkdir()
    os.mkfifo(tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        assert main(["NMNIST", "--root", str(raw.parents[1]), "--n", "1", "--output", str(tmp_path / name)]) == 2
        assert "is there already and no figure" in capsys.readouterr().err


def test_a_figure_of_before_is_replaced(raw, files, put, tmp_path):
    put(raw, files)
    asked = ["NMNIST", "--root", str(raw.parents[1]), "--n", "1", "--output", str(tmp_path / "look.png")]
    assert main(asked) == 0
    assert main(asked) == 0


def test_a_full_disk_is_told_with_the_place_of_the_picture(raw, files, put, capsys, tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    put(raw, files)
    monkeypatch.setattr("os.fsync", full_disk)
    assert main(["NMNIST", "--root", str(raw.parents[1]), "--output", str(tmp_path / "look.png")]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"cannot write {tmp_path}/look.png: no space left on the device (")
    assert told.endswith("or let --output name a place elsewhere\n")


def test_silent_recordings_are_no_trouble(raw, files, put):
    put(raw, dict.fromkeys(files, b""))
    found = looked_at(root=raw.parents[1])
    text = "\n".join(look_lines(found))
    assert "30 of 30 samples silent" in text
    assert "warning: 30 of 30 samples are silent: are these recordings empty" in text
    assert "n = 0 events" in texts(look_figure(found))


def test_a_cochlea_has_no_share_of_on_events_and_is_shown_by_channel(tmp_path):
    found = looked_at(EmulatedNTIDIGITS, 1, root=tmp_path, n_samples=10)
    assert "ON share" not in "\n".join(look_lines(found))
    words = texts(look_figure(found))
    assert "spikes of each channel" in words
    assert "ON" not in words


def test_emulated_is_never_called_recorded(tmp_path):
    found = looked_at(EmulatedSTMNIST, 1, root=tmp_path, n_samples=10)
    for words in ("\n".join(look_lines(found)), texts(look_figure(found))):
        assert words.count("emulated ST-MNIST")
        assert "recorded" not in words


@pytest.mark.parametrize("polarities", ["on", "both"])
def test_the_picture_has_a_row_of_three_for_each_class_upright_with_units(raw, files, put, polarities):
    put(raw, files)
    found = looked_at(root=raw.parents[1], polarities=polarities)
    figure = look_figure(found)
    words = texts(figure)
    assert "N-MNIST (recorded): a recording of each class, n = 10 classes" in words
    assert all(unit in words for unit in ("time (ms)", "events/ms", "row", "column"))
    images = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert len(images) == 10
    held = found.examples[7].events
    wanted = held[held.p & (held.ts < 105_000)]
    expected = np.zeros((34, 34))
    np.add.at(expected, (wanted.y, wanted.x), 1)
    assert np.array_equal(np.asarray(images[7])[:, :34] > 0, expected > 0)
    assert images[7].shape[1] == (34 if polarities == "on" else 34 + 2 + 34)


def test_of_many_classes_the_first_are_shown_and_the_title_says_so(tmp_path):
    labels = np.arange(60) % 30
    arrays = dict(shape=[5], pointers=np.arange(61), times=np.zeros(60), units=labels % 5, labels=labels)
    np.savez(tmp_path / "own.npz", **arrays)
    found = looked_at(OwnSpikeTrains, path=tmp_path / "own.npz", root=tmp_path)
    assert "own.npz (own): a recording of each class, n = 20 of 30 classes" in texts(look_figure(found))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are Unicode here")
def test_names_that_are_no_utf_8_are_drawn_with_escapes(raw, files, put):
    put(raw, {os.fsdecode(b"/\xff").join(name.rsplit("/", 1)): content for name, content in files.items()})
    found = looked_at(root=raw.parents[1])
    found.dataset.title = os.fsdecode(b"caf\xe9")
    words = texts(look_figure(found))
    assert r"\udcff" in words
    assert r"caf\udce9 (recorded): a recording" in words


def test_the_command_prints_and_draws(raw, files, put, capsys, tmp_path, monkeypatch):
    put(raw, files)
    monkeypatch.chdir(tmp_path)
    assert main(["NMNIST", "--n", "1"]) == 0
    assert "results/look-NMNIST.png" in capsys.readouterr().out
    assert (tmp_path / "results" / "look-NMNIST.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--output", "recording.bin"], "must end in .png, not 'recording.bin'"),
        (["--n", "x"], "must be a whole number from 0, not 'x'"),
        (["--n", "-1"], "must be a whole number from 0, not '-1'"),
    ],
)
def test_wrong_options_get_a_line(words, complaint, capsys):
    with pytest.raises(SystemExit) as end:
        main(["NMNIST", *words])
    said = capsys.readouterr().err
    assert end.value.code == 2
    assert said.count("\n") == 1
    assert complaint in said


def test_stimuli_that_are_not_there_are_named(tmp_path, capsys):
    assert main(["NMNIST", "--source", "emulated", "--stimuli", str(tmp_path / "nosuch")]) == 2
    assert "nosuch: is no file" in capsys.readouterr().err


def test_missing_recordings_get_the_message_that_the_scripts_give(tmp_path, capsys):
    assert main(["NMNIST", "--root", str(tmp_path)]) == 2
    with pytest.raises(DatasetError) as caught:
        NMNIST(tmp_path)
    assert capsys.readouterr().err == f"{caught.value}\n"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["NMNIST", "--dt", "0"], "dt must be"),
        (["NMNIST", "--dt", "nan"], "dt must be"),
        (["NMNIST", "--pattern_time", "0"], "pattern_time must be"),
        (["NTIDIGITS", "--polarities", "both"], "polarities must be"),
        (["NMNIST", "--source", "no/such"], "--source no/such: must be recorded, emulated, or an existing"),
        (["STMNIST", "--source", "emulated", "--stimuli", "x"], "--stimuli x: must come with"),
    ],
)
def test_wrong_values_are_told_in_one_line(argv, named, capsys):
    assert main(argv) == 2
    told = capsys.readouterr().err
    assert named in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("argv", [["MNIST"], [], ["NMNIST", "--n", "-1"], ["NMNIST", "--n", "x"], ["NMNIST", "--tau", "3"]])
def test_wrong_options_are_told_in_one_line(argv, capsys):
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_loads_nothing_slow():
    program = (
        "import sys\nfrom datasets.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print('loaded', *sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = answer.stdout.splitlines()[-1].split()
    assert loaded[0] == "loaded"
    assert not {"torch", "numpy", "matplotlib", "numba"} & set(loaded)

"""`python -m experiment report`: the page's numbers are those of the runs; nothing in a folder breaks it."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from runs import RED_PIXEL, Page, page_of, put_run

from experiment.__main__ import main
from experiment.figures import Curve, comparison_figure
from experiment.protocol.record import COLUMNS

ROOT = Path(__file__).resolve().parents[3]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def test_seeds_of_a_setting_are_pooled_as_mean_and_deviation_with_the_number_of_test_samples(tmp_path):
    accuracies = (50.0, 53.0, 59.0)
    same = [put_run(tmp_path / f"same{seed}", seed, accuracy) for seed, accuracy in enumerate(accuracies)]
    page = page_of(*same, put_run(tmp_path / "other", 0, 70.0, nu=0.02))
    assert "2 settings" in page.text
    spread = f"{np.mean(accuracies):.1f} ± {np.std(accuracies, ddof=1):.1f}"
    assert page.row("1 ")[1:] == ["Visual, recorded", "0.05", "3", "150", "44.0 ± 4.6", spread]
    assert page.row("2 ")[1:] == ["Visual, recorded", "0.02", "1", "150", "60.0", "70.0"]


def test_legends_and_headings_tell_settings_apart_by_the_options_that_differ(tmp_path, monkeypatch):
    labels = []
    monkeypatch.setattr(
        "experiment.report.report.comparison_figure",
        lambda panels, n: labels.extend(curve.label for curve in panels["all activity"]) or comparison_figure(panels, n),
    )
    page = page_of(put_run(tmp_path / "a"), put_run(tmp_path / "b", 1), put_run(tmp_path / "c", n_neurons=16, som=True))
    assert labels == ["1: n_neurons 9, som off (2 seeds)", "2: n_neurons 16, som on (1 seed)"]
    assert "Setting 2: Visual, recorded: n_neurons 16, som on" in page.text


def test_of_many_options_that_differ_legends_tell_those_unlike_most(tmp_path):
    changes = ({}, {"nu": 0.02}, {"x_tar": 0.3}, {"inh": 120.0}, {"theta_plus": 1.0}, {"n_epochs": 3}, {"som": True})
    page = page_of(*(put_run(tmp_path / str(k), **change) for k, change in enumerate(changes)))
    told = [page.row(f"{k} ")[2] for k in range(1, 8)]
    assert told == ["as most", "nu 0.02", "x_tar 0.3", "inh 120.0", "theta_plus 1.0", "n_epochs 3", "som on"]


def test_values_of_options_are_told_as_they_are_typed(tmp_path):
    page = page_of(put_run(tmp_path / "a"), put_run(tmp_path / "b", readout=("ngram", "logreg")))
    assert ["readout", "all_activity proportion_weighting", "ngram logreg"] in page.rows


def put_large_figures(folder: Path) -> None:
    """Weights and confusion matrix of the size and the noise of real ones."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for name, side, factor in (("weights", 350, 5), ("test_confusion_matrix", 12, 100)):
        noise = rng.integers(0, 256, (side, side, 3), dtype=np.uint8).repeat(factor, 0).repeat(factor, 1)
        Image.fromarray(noise).save(folder / f"{name}_{folder.name}.png", compress_level=1)


def test_report_of_thirteen_runs_with_large_figures_stays_small(tmp_path):
    folders = [put_run(tmp_path / f"run{seed}", seed) for seed in range(13)]
    for folder in folders:
        put_large_figures(folder)
    page = page_of(*folders)
    sources = [value for _, name, value in page.attributes if name == "src"]
    assert len(sources) == 1 + 2 * 13
    assert (tmp_path / "page.html").stat().st_size < 3_000_000


def test_long_curves_are_drawn_with_few_points(tmp_path):
    folder = put_run(tmp_path / "a")
    with open(folder / "metrics.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval=0)
        writer.writeheader()
        rng = np.random.default_rng(0)
        for k in range(1, 10_001):
            running = int(rng.integers(101))
            row = {"epoch": 1 + (k - 1) // 10, "n_seen": k, "all_activity": running, "proportion_weighting": running}
            writer.writerow(row)
    page_of(folder)
    assert (tmp_path / "page.html").stat().st_size < 300_000


def test_the_matrix_of_a_run_with_further_read_outs_is_that_of_proportion_weighting(tmp_path):
    folder = put_run(tmp_path / "ngram_a")
    for name in ("ngram", "logreg"):
        (folder / f"test_confusion_matrix_{name}_ngram_a.png").write_bytes(RED_PIXEL)
    page = page_of(folder)
    assert "test confusion matrix of" in "".join(value for _, name, value in page.attributes if name == "alt")
    assert "test_confusion_matrix_….png" not in page.text


def test_curves_have_a_panel_a_readout_a_band_over_seeds_and_the_chance_level():
    seen = np.array([5, 10])
    curves = [Curve(1, "one", seen, np.array([20.0, 40.0]), np.array([2.0, 3.0])), Curve(2, "two", seen, np.array([30.0, 30.0]))]
    figure = comparison_figure({"all activity": curves, "proportion weighting": curves}, 10)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["all activity", "proportion weighting"]
    for axes in figure.axes:
        chance, *lines = axes.get_lines()
        assert chance.get_ydata()[0] == 10
        assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 2
        (band,) = axes.collections
        assert band.get_paths()[0].get_extents().extents.tolist() == [5, 18, 10, 43]


def test_options_that_differ_are_told_first_and_marked_among_all(tmp_path):
    page = page_of(put_run(tmp_path / "a"), put_run(tmp_path / "b", nu=0.02, som=True))
    first = page.text[page.text.index("What differs") : page.text.index("All options")]
    assert {"nu", "som", "0.02", "on"} <= set(first.split("\n"))
    assert "filename" not in first
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    marked = re.findall(r'<tr class="differs"><th scope="row">(.*?)<', source)
    assert marked == ["nu", "som", "filename"]
    assert ["n_train", "all", "all"] in page.rows


def test_times_memory_engine_device_and_source_are_told_of_each_run(tmp_path):
    page = page_of(put_run(tmp_path / "a"), put_run(tmp_path / "b", source="emulated"))
    values = ["fused", "cpu", "0.25", "0.12", "–", "–", "–", "460"]
    rows = [row for row in page.rows if row[3:4] == ["fused"]]
    assert [row[1:] for row in rows] == [["1", "recorded", *values], ["2", "emulated", *values]]
    assert "Events: recorded (setting 1); emulated (setting 2)." in page.text


def test_own_recordings_are_called_own_and_named(tmp_path):
    page = page_of(put_run(tmp_path / "a", source=Path("/mine/cats")))
    assert "Visual, own: /mine/cats" in page.text


def test_page_is_whole_in_itself_and_the_same_each_time(tmp_path):
    folders = put_run(tmp_path / "a"), put_run(tmp_path / "b", nu=0.02)
    page = page_of(*folders)
    before = (tmp_path / "page.html").read_bytes()
    tags = {tag for tag, _, _ in page.attributes}
    assert not {"script", "link", "iframe", "a", "object"} & tags
    sources = [value for _, name, value in page.attributes if name in ("src", "href", "srcset")]
    assert len(sources) == 5  # a figure of curves, and two of each run
    assert all(source.startswith("data:image/") for source in sources)
    assert not re.search(rb"url\(|@import|https?://", before)
    page_of(*folders)
    assert (tmp_path / "page.html").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["<script>alert(1)<", '"><img src=x onerror=alert(1)>', "a & b'", "two\nlines", "$x_1$", "\u202egnp"]
)
def test_names_are_words_and_never_tags(tmp_path, name):
    folder = put_run(tmp_path / name)
    saved = json.loads((folder / "options.json").read_text())
    saved["modality"] |= {"name": name, "dataset": name}
    saved["options"] |= {name: name, "source": name, "stimuli": name}
    (folder / "options.json").write_text(json.dumps(saved))
    results = json.loads((folder / "results.json").read_text())
    results |= {"engine": name, "test_accuracy": results["test_accuracy"] | {name: 12.5}}
    (folder / "results.json").write_text(json.dumps(results))
    page = page_of(folder)
    assert not {"script", "onerror"} & {word for tag, key, _ in page.attributes for word in (tag, key)}
    assert (name if name.isprintable() else ascii(name)) in page.text
    assert "12.5" in page.row("1 ")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_names_that_are_no_text_are_told_all_the_same(tmp_path):
    folder = put_run(tmp_path / os.fsdecode(b"caf\xe9"))
    assert r"caf\udce9" in page_of(folder).text


def test_unfinished_run_has_a_curve_no_accuracy_and_a_line(tmp_path):
    finished, begun = put_run(tmp_path / "a"), put_run(tmp_path / "b", 1)
    (begun / "results.json").unlink()
    page = page_of(finished, begun)
    assert "b: the run is unfinished (there is no results.json yet), so it has no test accuracy" in page.text
    assert page.row("2 ")[-3:] == ["–", "–", "–"]
    assert "settings 1, 2" in next(value for tag, name, value in page.attributes if name == "alt")


def damaged_results(folder):
    (folder / "results.json").write_text('{"test_accuracy": ')


def deep_results(folder):
    (folder / "results.json").write_text("[" * 100_000)


def empty_results(folder):
    (folder / "results.json").write_text("{}")


def no_metrics(folder):
    (folder / "metrics.csv").unlink()


def cut_metrics(folder):
    path = folder / "metrics.csv"
    path.write_bytes(path.read_bytes()[:-25])


def wild_metrics(folder):
    (folder / "metrics.csv").write_bytes(b"\x00\xff\n" * 300)


def backward_metrics(folder):
    with open(folder / "metrics.csv", "a") as file:
        file.write("2,3,10,10,5,0,0,0,0\n")


def no_figure(folder):
    (folder / "weights_a.png").unlink()


def cut_figure(folder):
    (folder / "weights_a.png").write_bytes(RED_PIXEL[:40])


def empty_figure(folder):
    (folder / "weights_a.png").write_bytes(RED_PIXEL[:8] + RED_PIXEL[-8:])


def vast_figure(folder):
    header = struct.pack(">4sIIBBBBB", b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (folder / "weights_a.png").write_bytes(RED_PIXEL[:8] + chunk + RED_PIXEL[33:])


def large_file(folder):
    with open(folder / "weights_a.png", "wb") as file:
        file.truncate(2**36)


def pipe_for_figure(folder):
    (folder / "weights_a.png").unlink()
    os.mkfifo(folder / "weights_a.png")


def pipe_for_metrics(folder):
    (folder / "metrics.csv").unlink()
    os.mkfifo(folder / "metrics.csv")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (damaged_results, "results.json: is damaged"),
        (deep_results, "results.json: is damaged"),
        (empty_results, "results.json: is not what a run writes; it lacks test_accuracy"),
        (no_metrics, "metrics.csv: No such file or directory, so there is no curve"),
        (cut_metrics, "metrics.csv: line 9 is damaged; the curve ends before it"),
        (wild_metrics, "metrics.csv: line 2 is damaged; the curve ends before it"),
        (backward_metrics, "metrics.csv: line 10 is damaged; the curve ends before it"),
        (no_figure, "a: holds no weights_….png"),
        (cut_figure, "weights_a.png: is damaged"),
        (empty_figure, "weights_a.png: is damaged"),
        (vast_figure, "weights_a.png: is damaged"),
        (large_file, "weights_a.png: is larger than any figure of a run"),
        (pipe_for_figure, "weights_a.png: is a pipe or a device, no file; no run wrote it"),
        (pipe_for_metrics, "metrics.csv: is a pipe or a device, no file; no run wrote it, so there is no curve"),
    ],
)
def test_damage_is_told_on_the_page_beside_what_can_be_read(tmp_path, damage, told):
    folder, other = put_run(tmp_path / "a"), put_run(tmp_path / "b", 1)
    damage(folder)
    page = page_of(folder, other)
    assert page.text.count(told) == 1
    assert str(other) in page.text


@pytest.mark.parametrize("value", [None, "67", True, float("nan"), 10**400, [1]])
def test_an_accuracy_that_is_no_number_is_missing(tmp_path, value):
    folder = put_run(tmp_path / "a")
    (folder / "results.json").write_text(json.dumps({"test_accuracy": {"all_activity": value}, "n_test": value}))
    assert page_of(folder).row("1 ")[-3:] == ["–", "–", "–"]


def test_what_is_no_run_is_left_out_with_a_line_and_the_last_page_without(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put_run(Path("results", "a"))
    Path("results", "empty").mkdir()
    Path("results", "look.png").write_bytes(RED_PIXEL)
    for _ in range(2):
        assert main(["report", *map(str, sorted(Path("results").iterdir()))]) == 0
        *left_out, done = capsys.readouterr().out.splitlines()
        assert left_out[0].startswith("results/empty/options.json: No such file")
        assert left_out[1] == "results/look.png: is no folder of a run; left out"
        assert (len(left_out), done) == (2, "1 run in 1 setting: results/report.html")
    assert "look.png: is no folder of a run; left out" in Page(Path("results", "report.html").read_text("utf-8")).text


@pytest.mark.parametrize(
    ("folders", "output", "told"),
    [
        (["a", "b", "c"], "x.html", "b: there is no such folder\nc: there is no such folder\n"),
        (["empty"], "x.html", "there is no run to report\n"),
        (["damaged"], "x.html", "damaged/options.json: is damaged"),
        (["a"], "folder.html", "--output folder.html: is a folder, a pipe or a device; name a file\n"),
        (["a"], "file/x.html", "file: "),
    ],
)
def test_what_cannot_be_reported_is_told_with_exit_code_2(tmp_path, monkeypatch, capsys, folders, output, told):
    monkeypatch.chdir(tmp_path)
    put_run(Path("a"))
    for name in ("empty", "damaged", "folder.html"):
        Path(name).mkdir()
    Path("damaged", "options.json").write_text("{")
    Path("file").write_text("")
    assert main(["report", *folders, "--output", output]) == 2
    assert told in capsys.readouterr().err
    assert not Path("x.html").exists()


def test_only_a_page_of_this_program_is_replaced(tmp_path, capsys):
    output = tmp_path / "page.html"
    page_of(put_run(tmp_path / "a"))
    page_of(tmp_path / "a")
    output.write_text("<html>mine</html>")
    assert main(["report", str(tmp_path / "a"), "--output", str(output)]) == 2
    said = f"--output {output}: is there already and no page of this program; name another file\n"
    assert capsys.readouterr().err == said
    assert output.read_text() == "<html>mine</html>"


@pytest.mark.parametrize("argv", [[], ["report"], ["retort", "a"], ["report", "a", "--output", "a/options.json"]])
def test_wrong_words_are_told_in_one_line(argv, capsys):
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert end.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_page_that_cannot_be_written_leaves_the_former_one(tmp_path, monkeypatch, capsys):
    page_of(put_run(tmp_path / "a"))
    before = (tmp_path / "page.html").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["report", str(tmp_path / "a"), "--output", str(tmp_path / "page.html")]) == 2
    assert "page.html: No space left on device" in capsys.readouterr().err
    assert (tmp_path / "page.html").read_bytes() == before
    assert not list(tmp_path.glob(".page*"))


def test_help_loads_nothing_slow():
    program = (
        "import sys\nfrom experiment.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print('loaded', *sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "report" in answer.stdout
    loaded = answer.stdout.splitlines()[-1].split()
    assert not {"torch", "numpy", "matplotlib", "numba"} & set(loaded)


def test_a_run_as_the_script_leaves_it_has_nothing_to_complain_of(tmp_path):
    fast = ("--source", "emulated", "--n_train", "12", "--n_test", "5", "--n_neurons", "9", "--pattern_time", "50")
    subprocess.run([sys.executable, ROOT / "Visual_network.py", *fast], cwd=tmp_path, capture_output=True, check=True)
    page = page_of(tmp_path / "results" / "test")
    results = json.loads((tmp_path / "results" / "test" / "results.json").read_text())
    assert "To know first" not in page.text
    assert page.row("1 ")[1:5] == ["Visual, emulated", "1", "5", f"{results['test_accuracy']['all_activity']:.1f}"]
    assert sum(name == "src" for _, name, _ in page.attributes) == 3


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_chromium_draws_tables_curves_and_figures_without_a_network(tmp_path):
    from matplotlib.image import imread

    page_of(put_run(tmp_path / "a"), put_run(tmp_path / "b", 1, offset=10.0))
    quiet = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND")
    places = (f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={tmp_path / 'page.png'}", "--window-size=1200,2400")
    subprocess.run([CHROMIUM, *quiet, *places, (tmp_path / "page.html").as_uri()], capture_output=True, timeout=100, check=True)
    picture = np.rint(imread(tmp_path / "page.png")[..., :3] * 255).astype(int)
    assert picture.shape == (2400, 1200, 3)

    def rows_of(colour: tuple[int, int, int]) -> np.ndarray:
        return np.flatnonzero((picture == colour).all(-1).any(1))

    assert len(rows_of((255, 0, 0))) > 300  # the runs' figures, a red pixel each, fill half the width
    assert np.ptp(rows_of((0, 114, 178))) > 300  # from the line beside the setting down to the curve

"""The page of a sweep: its numbers are those of the runs, whatever was swept, and nothing in a table breaks it."""

from __future__ import annotations

import math
import random

import pytest
from runs import Page
from sweeps import listed, row, sweep, swept

from experiment.errors import OptionError
from experiment.report.sweep import write_sweep_page
from experiment.sweep.table import SweepTable


@pytest.fixture
def page_of(tmp_path):
    def written(table: SweepTable) -> Page:
        write_sweep_page(table, tmp_path / "report.html")
        return Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return written


def headings(page: Page) -> list[str]:
    """Titles of the sections, those that stand before every table of all runs."""
    titles = ("Best points", "Single runs", "Main effects", "Pairs of parameters", "All points", "Accuracy against time")
    return [title for title in titles if title in page.words]


def drawn(n: int, mode: str) -> SweepTable:
    rng = random.Random(0)
    values = [
        {
            "nu": 10 ** rng.uniform(-3, -1),
            "x_tar": rng.random(),
            "som": rng.choice(["on", "off"]),
            "model": rng.choice(["diehl_cook", "prototypes", None]),
            "n_neurons": rng.choice([100, 400, 1600]),
        }
        for _ in range(n)
    ]
    return listed(values, lambda **values: None if rng.random() < 0.1 else 80 - 10 * values["x_tar"], mode=mode)


ALL = ["Best points", "Main effects", "Pairs of parameters", "All points", "Accuracy against time"]
ALONE = [title for title in ALL if title != "Pairs of parameters"]


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        (swept({"nu": [0.05, 0.2, 1.0]}, lambda nu, seed: 80 + nu), ALONE),
        (swept({"nu": [0.05, 0.2], "som": ["off", "on"]}, lambda nu, som, seed: 80 + nu + seed, 2), ALL),
        (swept({"n_neurons": [1, 2, 3, 1000], "start_from": ["$a_b$", None]}, lambda **_: 50.0), ALL),
        (swept({"nu": [0.05, 0.2], "som": ["off", "on"]}, lambda **_: None, 2), ["Best points"]),
        (swept({"nu": [0.05, 0.2], "som": ["off"]}, lambda nu, **_: None if nu == 0.2 else 50.0), ALONE),
        (swept({}, lambda seed: 80.0 + seed, 3), ["Best points", "Single runs", "Accuracy against time"]),
        (swept({}, lambda seed: 80.0), ["Best points", "Single runs", "Accuracy against time"]),
        (sweep([], "nu"), ["Best points"]),
        (sweep([row(1, {"nu": 0.1}, seconds=None)], "nu"), ALONE[:-1]),
        (drawn(3, "random"), ALL),
        (drawn(60, "random"), ALL),
        (drawn(30, "optimise"), ALL),
    ],
    ids=["one", "two", "words", "none", "level", "seeds", "run", "nothing", "no time", "three drawn", "drawn", "searched"],
)
def test_each_kind_of_sweep_has_a_page_with_the_sections_that_it_is_for(page_of, table, shown):
    page = page_of(table)
    assert headings(page) == shown
    pictures = [value for _, name, value in page.attributes if name == "src"]
    assert len(pictures) == len(shown) - 1
    assert len([each for each in page.rows if each[0].startswith("point=")]) >= len(table.rows)


def test_the_best_points_are_told_with_their_spread_and_the_commands_that_repeat_them(page_of):
    table = swept({"nu": [0.05, 0.2]}, lambda nu, seed: 80 + 50 * nu + (0, 3, 9)[seed], 3)
    final = [row(2, {"nu": 0.2}, seed, 90.0 + seed, validation="", n_tested=400) for seed in (3, 4)]
    page = page_of(table._replace(rows=[*table.rows, *final]))
    spread = f"± {math.sqrt(21):.2f}"
    error = f"{math.sqrt(94 * 6 / 100):.2f}"
    assert page.row("1, chosen") == ["1, chosen", "2", "0.2", f"94.00 {spread}", "3", error, "1.5", "93.50 ± 0.71"]
    assert page.row("2")[:4] == ["2", "1", "0.05", f"86.50 {spread}"]
    chosen = page.text.replace("\n", " ")
    assert "It gets 93.50 % of 400 test samples right, mean over 2 fresh seeds, standard error 0.50 %" in chosen
    own, seeds = 94 * 6 / 100 + 93.5 * 6.5 / 400, 21 / 3 + 0.25
    assert f"Held-out less test accuracy: +0.50 %; chance allows for ±{1.96 * math.sqrt(own + seeds):.2f} %" in chosen
    assert "python Visual_network.py --seed 0" in page.words
    assert "Point 2, on test samples: python Visual_network.py --seed 3" in chosen.replace(":  ", ": ")


def test_page_says_which_samples_its_numbers_are_of_and_how_many_runs_are_in_which_state(page_of):
    rows = [row(1, {"nu": 0.1}), row(2, {"nu": 0.2}, accuracy=None), row(3, {"nu": 0.3}, accuracy=None, state="stopped early")]
    page = page_of(sweep([*rows, row(4, {"nu": 0.4}, accuracy=None, state="waiting", reason="")], "nu"))
    assert "1 finished, 1 failed, 1 stopped early, 1 waiting" in page.text
    assert "All figures show held-out samples." in page.text
    assert all("eld-out" in value for _, name, value in page.attributes if name == "alt")
    assert "1 waiting: --resume goes on with them." in page.text
    assert "a single seed" not in page.text
    assert "There is one run a point, so there are no intervals" in page.text
    assert "Where n is 1 nothing is known of the spread over seeds" in page.text


def test_points_of_which_runs_lack_are_told_as_such(page_of):
    page = page_of(swept({"nu": [0.1, 0.2]}, lambda nu, seed: None if (nu, seed) == (0.2, 1) else 80 + nu, 2))
    assert page.row("2")[4] == "1 of 2"
    assert "Points of which runs lack come last: they cannot be chosen." in page.text
    assert "Where runs lack, a replicate counts with its differences" in page.text


def test_failures_are_told_by_reason_with_the_command_of_the_first(page_of):
    rows = [row(n, {"nu": n}, accuracy=None, reason="no memory" if n < 6 else "damaged") for n in range(1, 7)]
    page = page_of(sweep([*rows, row(7, {"nu": 7})], "nu"))
    assert page.row("no memory")[1:] == [
        "failed", "point=1,seed=0point=2,seed=0point=3,seed=0 and 2 more", "python Visual_network.py --seed 0", "5",
    ]  # fmt: skip
    assert page.row("damaged")[-1] == "1"
    assert "None failed, none was stopped early." in page_of(sweep([row(7, {"nu": 7})], "nu")).text


def test_the_front_is_told_from_the_quickest_to_the_most_accurate(page_of):
    told = {1: (3.0, 80.0), 2: (1.0, 60.0), 3: (2.0, 55.0)}
    rows = [row(n, {"nu": n / 10}, accuracy=accuracy, seconds=seconds) for n, (seconds, accuracy) in told.items()]
    page = page_of(sweep(rows, "nu"))
    place = next(k for k, cells in enumerate(page.rows) if cells[:3] == ["point", "nu", "seconds a run"])
    assert page.rows[place + 1 : place + 3] == [["2", "0.2", "1.00", "60.00", "1"], ["1", "0.1", "3.00", "80.00", "1"]]


@pytest.mark.parametrize("name", ["<script>alert(1)<", '"><img src=x onerror=alert(1)>', "two\nlines & '", r"$\frac$" "\u202e"])
def test_texts_are_words_and_never_tags(page_of, name):
    values = {"start_from": name, name: name}
    texts = {"run": name, "command": name, "readout": name}
    rows = [row(1, values, **texts), row(2, {"start_from": "b", name: "c"}), row(3, values, accuracy=None, reason=name, **texts)]
    page = page_of(sweep(rows, *values, **dict.fromkeys(("name", "sense", "source", "readout", "command"), name)))
    assert not {"script", "onerror"} & {word for tag, key, _ in page.attributes for word in (tag, key)}
    assert (name if name.isprintable() else ascii(name)) in page.text


def test_the_page_is_whole_in_itself_and_the_same_each_time(page_of, tmp_path):
    table = swept({"nu": [0.05, 0.2], "som": ["off", "on"]}, lambda nu, som, seed: 80 + nu + seed, 2)
    page = page_of(table)
    before = (tmp_path / "report.html").read_bytes()
    assert not {"script", "link", "iframe", "a", "object"} & {tag for tag, _, _ in page.attributes}
    assert all(value.startswith("data:image/svg") for _, name, value in page.attributes if name in ("src", "href", "srcset"))
    page_of(table)
    assert (tmp_path / "report.html").read_bytes() == before


def test_only_a_page_of_this_program_is_replaced(tmp_path):
    (tmp_path / "report.html").write_text("<html>mine</html>")
    with pytest.raises(OptionError, match="no page of this program"):
        write_sweep_page(sweep([], "nu"), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == "<html>mine</html>"

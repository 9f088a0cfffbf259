"""The programs of docs/programs learn what they should, by margins below what was measured of other seeds."""

from __future__ import annotations

import subprocess
import sys
from statistics import mean

from pages import ROOT, rows_of

PROGRAMS = ROOT / "docs" / "programs"
SEEDS = (7, 8)


def test_rewards_that_come_later_teach_which_action_is_right(program):
    main = program("reward").main
    learned, control = (mean(main(seed, n_trials=60, informed=informed) for seed in SEEDS) for informed in (True, False))
    assert learned > 75
    assert learned > control + 20


def test_maps_of_a_convolution_learn_orientations(program):
    found = [program("convolution").main(seed, n_test=120) for seed in SEEDS]
    selectivity, right = ({when: mean(figures[when][k] for figures in found) for when in ("before", "after")} for k in (0, 1))
    assert right["after"] > 80
    assert right["after"] > right["before"] + 12
    assert selectivity["after"] > selectivity["before"] + 0.05


def test_a_reservoir_keeps_order_and_interval_that_neither_inputs_nor_neurons_alone_keep(program):
    for figures in map(program("reservoir").main, SEEDS):
        error, order = figures["reservoir"]
        controls = figures["inputs alone"], figures["without recurrence"]
        assert error < 15 < 20 < min(each[0] for each in controls)
        assert order > 90 > 75 > max(each[1] for each in controls)


def test_what_is_learned_by_eye_and_ear_together_is_known_by_either_alone(program):
    main = program("modalities").main
    learned, mixed_up = ([main(seed, n_train=40, paired=paired) for seed in SEEDS] for paired in (True, False))
    by_ear = mean(figures["ear"] for figures in learned)
    assert mean(figures["eye"] for figures in learned) > 85
    assert by_ear > 65
    assert by_ear > mean(figures["ear"] for figures in mixed_up) + 25


def test_clamped_labels_are_told_without_clamps(program):
    main = program("clamping").main
    learned, control = ([main(seed, n_train=40, learning=learning) for seed in SEEDS] for learning in (True, False))
    assert min(learned) > 70
    assert min(learned) > max(control) + 30


def test_a_program_finds_the_library_from_anywhere_and_all_are_on_the_page(tmp_path):
    command = [sys.executable, str(PROGRAMS / "reservoir.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "seed 0, reservoir: interval wrong by" in done.stdout
    commands = {cell for row in rows_of("programs.md") for cell in row if cell.startswith("`python ")}
    assert commands == {f"`python docs/programs/{path.name}`" for path in PROGRAMS.glob("[!_]*.py")}

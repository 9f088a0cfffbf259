"""Points of a sweep, their runs and names, and what is refused before anything runs."""

from __future__ import annotations

import pytest

from experiment.command_line.parse import parse_options
from experiment.errors import OptionError
from experiment.sweep.options import parse_sweep
from experiment.sweep.plan import plan_of
from experiment.sweep.points import typed
from Visual_network import VISUAL


def planned(*argv: str):
    return plan_of(parse_sweep(VISUAL, argv))


def complaints(*argv: str) -> list[str]:
    with pytest.raises(OptionError) as caught:
        planned(*argv)
    return list(caught.value.complaints)


def test_a_grid_has_all_combinations_each_with_all_seeds_and_parts():
    plan = planned("--n_neurons", "9,16", "--theta_plus", "0.1:0.4:log:3", "--seed", "0:2", "--validation", "3", "--som", "on")
    titles = [f"theta_plus={theta_plus},n_neurons={n}" for theta_plus in ("0.1", "0.2", "0.4") for n in (9, 16)]
    assert [point.title for point in plan.points] == titles
    assert (plan.n_points, plan.n_runs, plan.readout) == (6, 36, "proportion_weighting")
    names = [run.name for run in plan.space.runs(plan.points[0])]
    assert names == [f"theta_plus=0.1,n_neurons=9,seed={seed},part={part}" for seed in (0, 1) for part in (1, 2, 3)]
    options = plan.space.options(plan.runs[-1])
    assert options == {"som": True, "n_neurons": 16, "theta_plus": 0.4, "seed": 1, "validation": "3/3"}


def test_the_command_of_a_run_is_read_back_as_its_options():
    plan = planned("--nu", "0.01,0.02", "--som", "off,on", "--readout", "logreg", "votes", "--source", "emulated")
    for run in plan.runs:
        words = typed(plan.space.asked, plan.space.options(run), run.name)
        assert words[0] == "Visual_network.py"
        read = parse_options(VISUAL, words[1:])
        wanted = plan.space.options(run) | {"filename": run.name}
        assert {name: getattr(read, name) for name in wanted} == wanted


def test_draws_are_different_points_and_the_same_for_a_seed():
    how = ("--theta_plus", "0.05:1:log", "--n_neurons", "10:1000", "--som", "off,on", "--random", "20")
    first, again, other = planned(*how), planned(*how), planned(*how, "--draw_seed", "1")
    titles = [point.title for point in first.points]
    assert len(set(titles)) == 20
    assert titles == [point.title for point in again.points]
    assert titles != [point.title for point in other.points]


def test_final_runs_have_fresh_seeds_and_hold_nothing_out():
    plan = planned("--nu", "0.1,0.2", "--seed", "3,7", "--final_seeds", "2")
    runs = plan.space.final_runs(plan.points[1], 2)
    assert [run.name for run in runs] == ["nu=0.2,final,seed=8", "nu=0.2,final,seed=9"]
    assert "validation" not in plan.space.options(runs[0])


def test_long_names_give_way_to_the_number_of_the_point():
    words = [word for name in ("tc_decay", "tc_trace", "theta_plus", "x_tar", "exc") for word in (f"--{name}", "0.123456789,0.9")]
    assert planned(*words).runs[0].name == "point=1,seed=0"


def test_every_wrong_point_is_told_before_anything_runs():
    found = complaints("--n_neurons", "9,0,16", "--nu", "5", "--filname", "x")
    assert [line.partition(":")[0] for line in found] == ["--n_neurons 9,0,16", "--nu 5", "--filname x"]
    assert "'0' is not" in found[0]
    found = complaints("--dt", "1,7,900", "--pattern_time", "50,800")
    told = "--dt 900: must be at most --pattern_time, {0} ms (at 1 of 6 points, first pattern_time={0},dt=900)"
    assert found == [told.format(50), told.format(800)]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--nu", "0.1:0.2"), "--nu: say how many values"),
        (("--nu", "0.1", "--random", "3"), "--random 3: no option has several values"),
        (("--som", "off,on", "--random", "3"), "there are only 2 different points"),
        (("--nu", "0.1:0.2", "--random", "3", "--optimise", "3"), "must not come with --optimise"),
        (("--seed", "1:9:log"), "--seed: has a range without a number of seeds"),
        (("--select", "votes", "--nu", "0.1,0.2"), "--select votes: must come with --readout votes"),
        (("--retry",), "--retry: must come with --resume"),
        (("--storage", "x"), "--storage x: must come with --ray"),
        (("--validation", "6/5"), "--validation 6/5: must be I/K"),
        (("--optimise", "9", "--n_neurons", "20:24"), "--optimise 9: there are only 4 different points"),
        (("--optimise", "3", "--model", "diehl_cook,prototypes", "--nu", "0.1:0.2"), "must come with --model diehl_cook"),
        (("--seed", "0:1000000000"), "--seed: these are 1,000,000,000 values"),
        (("--seed", "4294967295", "--final_seeds", "2"), "the last fresh seed would be 4294967297"),
        (("--csv_stream", "-"), "--csv_stream -: must be a file or a pipe"),
        (("--plot",), "--plot: is an option of the script, not of this command"),
        (("--nu", "0:1:1000", "--x_tar", "0:1:1000"), "these are 1,000,000 points"),
    ],
)
def test_what_cannot_be_planned_is_told(argv, told):
    assert any(told in line for line in complaints(*argv))


def test_a_plan_is_read_from_a_file_and_typed_options_count_more(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text('n_neurons = [9, 16]\nnu = "0.1:0.4:3"\nsom = true\nreadout = ["ngram"]\nvalidation = "2/5"\n')
    plan = planned("--plan", str(file), "--nu", "0.3,0.5")
    assert plan.space.asked.constant == {"som": True, "readout": ("ngram",)}
    assert sorted(point.title for point in plan.points)[:2] == ["nu=0.3,n_neurons=16", "nu=0.3,n_neurons=9"]
    assert plan.runs[0].validation == "2/5"
    file.write_text("\ufeffsom = [false, true]")
    assert len(planned("--plan", str(file)).points) == 2
    file.write_text(f"plan = '{file}'")
    assert "a plan names no other" in complaints("--plan", str(file))[0]
    file.write_text("nu = 7\nx")
    assert "is no TOML" in complaints("--plan", str(file))[0]
    file.write_text("[network]\nnu = 7")
    assert "a plan has no tables" in complaints("--plan", str(file))[0]
    file.write_text("nu = 7")
    assert complaints("--plan", str(file))[0].startswith(f"{file}: --nu 7: must be a number from 0 to 1")

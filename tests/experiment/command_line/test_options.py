"""The table of options, its two stages of checks, and what a person at the prompt sees of them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Auditory_network import AUDITORY
from common import VERSION, machine
from common.machine import available_cores
from common.options import DATA, Option
from common.time_steps import n_time_steps
from common.values import Choice, ExistingPath, FileName, Flag, Folder, Part, Real, Stream, Whole, WordOrPath
from experiment.__main__ import main as experiment_main
from experiment.command_line import options
from experiment.command_line.checks import check_against_data
from experiment.command_line.options import (
    Options,
    changed,
    option_table,
)
from experiment.command_line.page import options_page
from experiment.command_line.parse import HELP_WIDTH, help_text, parse_options
from experiment.errors import OptionError
from experiment.main import main
from experiment.modality import Modality
from experiment.senses import declared, senses
from Tactile_network import TACTILE
from Visual_network import VISUAL

ROOT = Path(__file__).resolve().parents[3]
SENSE = Modality(
    name="Visual",
    title="A sense made up for these tests.",
    dataset="NMNIST",
    n_neurons=37,
    pattern_time=210.0,
    polarities="both",
)
TABLE = option_table(SENSE)


def wrong_texts(value) -> list[str]:
    """Texts that a kind of value must refuse; a kind without an entry fails the test."""
    match value:
        case Real(low, high, above):
            just_outside = [repr(math.nextafter(high, math.inf)), repr(low if above else low - 1)]
            return ["abc", "", "nan", "inf", "-inf", "1e999", "1,5", "0x10", "1 ms", *just_outside]
        case Whole(low, high):
            return ["abc", "", "nan", "3.5", "4.0", "1e2", "9" * 5000, str(high + 1), str(low - 1)]
        case Part(most):
            return ["", "5", "1/", "/5", "a/b", "1/5/5", "0/5", "-1/5", "6/5", "1/1", f"1/{most + 1}", "0.5/2", "1/" + "9" * 5000]
        case Choice():
            return ["", "ON", "onn", "none", "0"]
        case Flag():
            return ["1", "yes", ""]
        case FileName():
            bad = ["", ".", "..", ".x", "-x", " x", "x ", "x.", "a/b", "../x", "/x", "a\\b", "C:x"]
            bad += ["a\nb", "a\tb", "a\0b", "\x1b[1m", "a*b", 'a"b', "a|b", "\udc80"]
            return [*bad, "CON", "nul.txt", "Com1", "lpt9.tar.gz", "x" * 101, "é" * 51]
        case WordOrPath():
            return ["", "ON", "Recorded", "no/such/file", "x" * 5000, "a\0b"]
        case ExistingPath():
            return ["", "no/such/file", "x" * 5000, "a\0b"]
        case Stream():
            return ["", ".", "no/such/file", "x" * 5000, "a\0b", str(ROOT / "LICENSE" / "all.csv")]
        case Folder():
            return ["", "a\0b", str(ROOT / "LICENSE"), str(ROOT / "LICENSE" / "data")]
    raise AssertionError(f"give wrong texts for {value}")


WRONG = [
    pytest.param(flag, text, id=ascii(f"{flag}={text}"[:60])) for flag, row in TABLE.items() for text in wrong_texts(row.value)
]


def complaints_about(*argv: str) -> tuple[str, ...]:
    with pytest.raises(OptionError) as caught:
        parse_options(SENSE, argv)
    return caught.value.complaints


def script(*argv: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "Visual_network.py"), *argv]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("flag", "text"), WRONG)
def test_wrong_value_gives_one_line_that_names_option_value_and_what_is_allowed(flag, text, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(SENSE, [f"{flag}={text}"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"{flag} ")
    shown = printed.err.removeprefix(f"{flag} ").partition(": must be ")[0]
    assert shown in (text, ascii(text)) or shown.endswith(("...", "...'"))
    assert TABLE[flag].value.allowed in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("flag", [f for f, row in TABLE.items() if not isinstance(row.value, Flag)])
@pytest.mark.parametrize("after", [[], ["--plot"]])
def test_option_without_its_value_is_named(flag, after):
    (complaint,) = complaints_about(flag, *after)
    assert complaint.startswith(f"{flag}: has no value; must be ")


def test_all_mistakes_are_told_at_once_in_the_order_typed():
    complaints = complaints_about("--nu", "7", "--n_neuron", "4", "--thresh", "-inf", "--dt=0", "--som=1", "stray", "--seed")
    starts = ["--nu 7:", "--n_neuron 4:", "--thresh -inf:", "--dt 0:", "--som 1:", "stray:"]
    assert [c.startswith(s) for c, s in zip(complaints, [*starts, "--seed:"], strict=True)] == ([True] * 7)
    assert str(OptionError(complaints)).splitlines() == list(complaints)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("--n-neurons", "--n_neurons"), ("--tresh", "--thresh"), ("-som", "--som"), ("--GPU", None)],
)
def test_unknown_option_gets_the_nearest_as_a_suggestion(typed, meant):
    (complaint,) = complaints_about(typed)
    assert complaint.startswith(f"{typed}: there is no such option; ")
    assert (f"did you mean {meant}?" if meant else "--help") in complaint


def test_abbreviations_are_no_options():
    (complaint,) = complaints_about("--n_epoch", "3")
    assert "did you mean --n_epochs?" in complaint


def test_what_is_changed_is_what_shapes_the_result_and_is_not_the_default(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    typed = ["--source", "emulated", "--stimuli", str(folder), "--nu", "0.1", "--som", "--n_neurons", "37", "--plot", "--dt", "1"]
    told = changed(parse_options(SENSE, [*typed, "--readout", "ngram", "logreg"]), SENSE)
    assert told == {"nu": "0.1", "som": "on", "source": "emulated", "stimuli": "images", "readout": "ngram logreg"}


def test_defaults_are_those_that_users_know():
    parsed = parse_options(SENSE, []).as_dict()
    known = dict(thresh=-52.0, tc_decay=215.0, x_tar=0.4, exc=22.5, inh=17.5, theta_plus=0.2)
    known |= dict(som=False, n_test=None, n_train=None, filename="test", dt=1.0, n_epochs=1)
    known |= dict(n_workers=-1, seed=0, progress_interval=10, plot=False, plot_interval=1.0, plot_hold=None, gpu=False)
    known |= dict(tc_trace=20.0, nu=0.05, source="recorded", stimuli=None, strict=False)
    known |= dict(label_fraction=1.0, validation=None, readout=None)
    known |= dict(engine="auto", overwrite=False, resume=False, start_from=None, predict=None, root="data", taxel_limit=None)
    known |= dict(csv_stream=None, tensorboard=False)
    known |= dict(n_neurons=37, pattern_time=210.0, polarities="both")  # the modality's
    known |= dict(preset="faithful", model="diehl_cook", readout_layer="neurons", freeze=False)
    known |= dict(depression=0.5, own_rate=0.5, conscience=0.003, forgetting=0.03, closing=100, ramp=0.02, margin=4)
    known |= dict(n_maps=64, field=5, field_stride=2, field_thresh=4.0, field_rate=0.003, tc_field=20.0)
    known |= dict(region=None, region_stride=None, surround=16, tc_cell=50.0)
    known |= dict(n_phases=None, phase=None, phase_span=None, onset=None)
    known |= dict(train_layers="in_turn", feature_epochs=1, feature_share=1.0)
    assert parsed == known
    assert set(parsed) == {f.name for f in fields(Options)}
    assert json.loads(json.dumps(parsed)) == parsed


def test_default_of_every_option_is_a_value_that_it_allows():
    for row in TABLE.values():
        if row.default is not None and not isinstance(row.value, Flag):
            assert row.value.parse(str(row.default)) == row.default


def test_values_are_read_with_their_types_and_the_last_one_counts():
    typed = "--thresh -50 --nu=1e-3 --n_train 7 --som --polarities off --root elsewhere/data"
    parsed = parse_options(SENSE, [*typed.split(), "--seed", "4294967295", "--seed", "3"])
    assert (parsed.thresh, parsed.nu, parsed.n_train, parsed.som) == (-50.0, 0.001, 7, True)
    assert isinstance(parsed.thresh, float)
    assert (parsed.polarities, parsed.root, parsed.seed) == ("off", Path("elsewhere/data"), 3)


@pytest.mark.parametrize(
    "typed", [["--thresh", "-52"], ["--thresh=-52"], ["--thresh", "-5.2e1"], ["--plot", "--thresh", "-52.", "--som"]]
)
def test_values_may_begin_with_a_minus(typed):
    assert parse_options(SENSE, typed).thresh == -52.0


def test_read_outs_are_one_or_several_and_those_beyond_the_usual_are_known():
    parsed = parse_options(SENSE, ["--readout", "logreg", "all_activity", "ngram", "--som"])
    assert parsed.as_dict()["readout"] == ["logreg", "all_activity", "ngram"]
    assert parsed.further_readouts == ("ngram", "logreg")
    parsed = parse_options(SENSE, ["--readout", "ngram", "--som", "--readout", "logreg", "ngram"])
    assert parsed.further_readouts == ("ngram", "logreg")
    assert parse_options(SENSE, ["--readout", "all_activity"]).further_readouts == ()
    assert parse_options(SENSE, []).further_readouts == ()
    complaint = "--readout svm: must be one or several of all_activity, proportion_weighting, ngram, logreg, votes"
    assert complaints_about("--readout", "svm", "ngram") == (complaint,)


def test_flag_with_a_value_is_told():
    assert complaints_about("--som", "true") == ("--som true: must be given without a value",)


def test_bounds_themselves_are_allowed():
    for flag, row in TABLE.items():
        if isinstance(row.value, Real | Whole):
            parsed = row.value.parse(str(row.value.high))
            assert parsed == row.value.high
            if not getattr(row.value, "above", False):
                assert row.value.parse(str(row.value.low)) == row.value.low, flag


def test_threshold_must_lie_above_the_reset_voltage():
    assert complaints_about("--thresh", "-60")
    assert parse_options(SENSE, ["--thresh", "-59.9"]).thresh == -59.9


def test_no_workers_are_refused_and_all_cores_are_at_least_one_thread(monkeypatch):
    (complaint,) = complaints_about("--n_workers", "0")
    assert complaint == "--n_workers 0: must be a whole number from 1 to 1024, or -1"
    assert parse_options(SENSE, ["--n_workers", "3"]).n_threads == 3
    monkeypatch.setattr(machine, "available_cores", lambda: 1)
    assert parse_options(SENSE, ["--n_workers", "-1"]).n_threads == 1


@pytest.mark.parametrize("cores", [None, 6])
def test_cores_are_counted_where_the_system_knows_no_affinity(monkeypatch, cores):
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert available_cores() == (cores or 1)


@pytest.mark.parametrize(
    ("pattern_time", "dt", "n_steps"),
    [(105, 1, 105), (105, 0.5, 210), (105, 5, 21), (1, 0.1, 10), (0.3, 0.1, 3), (105, 2, 52)],
)
def test_steps_are_the_whole_ones_that_fit_into_the_pattern(pattern_time, dt, n_steps):
    assert n_time_steps(pattern_time, dt) == n_steps
    argv = ["--pattern_time", str(pattern_time), "--dt", str(dt)]
    assert parse_options(SENSE, argv).n_steps == n_steps


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--dt", "211"], ["--dt 211", "--pattern_time", "210 ms"]),
        (["--pattern_time", "0.5"], ["--dt 1", "--pattern_time", "0.5 ms"]),
        (["--dt", "0.001"], ["--dt 0.001", "--pattern_time", "at most 100000", "not 210000"]),
        (["--stimuli", str(ROOT)], ["--stimuli", "--source emulated", "not recorded"]),
    ],
)
def test_values_that_contradict_each_other_give_one_line_naming_both(argv, named):
    (complaint,) = complaints_about(*argv)
    assert all(part in complaint for part in named)


def test_stimuli_are_taken_with_an_emulated_source():
    parsed = parse_options(SENSE, ["--source", "emulated", "--stimuli", str(ROOT / "LICENSE")])
    assert parsed.stimuli == ROOT / "LICENSE"


def test_a_source_is_one_of_the_words_or_where_recordings_are_and_no_path_reads_like_a_word(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "emulated").mkdir()
    assert parse_options(SENSE, ["--source", "emulated"]).source == "emulated"
    parsed = parse_options(SENSE, ["--source", "./emulated"])
    assert parsed.source == tmp_path / "emulated"
    assert parsed.as_dict()["source"] == str(tmp_path / "emulated")


def test_a_limit_of_a_taxel_goes_with_no_recordings_of_ones_own(tmp_path):
    with pytest.raises(OptionError, match="--taxel_limit 40: must come with --source recorded or emulated"):
        parse_options(TACTILE, ["--taxel_limit", "40", "--source", str(tmp_path)])


def test_wrong_value_is_not_complained_about_twice():
    assert len(complaints_about("--dt", "-1", "--pattern_time", "0.5")) == 1
    assert len(complaints_about("--source", "real", "--stimuli", str(ROOT))) == 1


@pytest.mark.parametrize("name", ["test", "run-1", "a.b", "été", "with blank", "x" * 100, "console"])
def test_plain_names_are_taken(name):
    assert parse_options(SENSE, ["--filename", name]).filename == name


@given(st.lists(st.one_of(st.sampled_from([*TABLE, "-h", "=", "--"]), st.text(max_size=5))))
def test_any_command_line_ends_in_options_in_help_or_in_one_line_a_complaint(argv):
    outcome: object = None
    try:
        outcome = parse_options(SENSE, argv)
    except (OptionError, SystemExit) as end:
        outcome = end
    if isinstance(outcome, OptionError):
        assert outcome.complaints
        assert all(line.isprintable() for line in outcome.complaints)
    elif isinstance(outcome, SystemExit):
        assert outcome.code == 0
    else:
        assert isinstance(outcome, Options)


def test_more_samples_than_there_are_gives_a_line_each():
    parsed = parse_options(SENSE, ["--n_train", "751", "--n_test", "151"])
    train, test = check_against_data(parsed, 750, 150)
    assert train.startswith("--n_train 751: must be at most 750")
    assert test.startswith("--n_test 151: must be at most 150")
    assert check_against_data(parsed, 751, 151) == []
    assert check_against_data(parsed, None, None) == []
    assert check_against_data(parse_options(SENSE, []), 1, 1) == []


def test_help_gives_unit_and_default_of_every_option_in_100_columns_of_ascii():
    text = help_text(SENSE)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= HELP_WIDTH
    for flag, row in TABLE.items():
        (entry,) = [e for e in text.split("\n  --") if f"--{e}".split()[0] == flag]
        note = entry.partition("[")[2].partition("]")[0]
        assert " ".join(note.split()) == (f"{row.unit}; " if row.unit else "") + f"default: {row.default_text}"


def test_help_groups_the_options_in_the_order_that_users_know():
    lines = help_text(SENSE).splitlines()
    groups = [line[:-1] for line in lines if line.endswith(":") and not line.startswith(" ")]
    of_models = ["prototypes (--model prototypes or features)", "features (--model features)"]
    assert groups == ["neuron", "learning rule", "network", *of_models, "data", "simulation", "further"]
    for unit, flags in {"ms": ["--tc_decay", "--dt"], "mV": ["--thresh", "--exc"]}.items():
        assert {TABLE[flag].unit for flag in flags} == {unit}


@pytest.mark.parametrize("asked", [["--help"], ["--nu", "7", "-h"]])
def test_help_is_printed_and_ends_well_whatever_else_is_typed(asked, capsys):
    with pytest.raises(SystemExit) as end:
        parse_options(SENSE, asked)
    assert end.value.code == 0
    assert capsys.readouterr().out == help_text(SENSE)


def test_the_page_of_options_has_a_row_of_five_cells_for_each():
    lines = [line for line in options_page([SENSE]).splitlines() if line.startswith("|")]
    assert {line.replace(r"\|", "").count("|") for line in lines} == {6}
    assert sorted(line.split("`")[1] for line in lines if line.startswith("| `")) == sorted(TABLE)


def test_the_page_of_options_is_as_the_scripts_have_them(capsys):
    page = options_page([AUDITORY, TACTILE, VISUAL])
    assert (ROOT / "docs" / "options.md").read_text(encoding="utf-8") == page
    for told in ("| Auditory: 100; Tactile: 100; Visual: 400 |", "| `--taxel_limit` (Tactile) |", "## Neuron"):
        assert told in page
    assert experiment_main(["options"]) == 0
    assert capsys.readouterr().out == options_page([declared(sense) for sense in senses()])


def test_both_polarities_are_separate_inputs():
    n_inputs = {name: SENSE.recorded(polarities=name, prepare=False).n_inputs for name in ("on", "off", "both")}
    assert n_inputs["on"] == n_inputs["off"] == 1156
    assert n_inputs["both"] == 2312


def test_a_sensor_without_polarities_offers_no_choice_of_them_but_for_recordings_of_ones_own(tmp_path):
    assert parse_options(AUDITORY, ["--polarities", "on"]).polarities == "on"
    for asked in ("off", "both"):
        with pytest.raises(OptionError) as caught:
            parse_options(AUDITORY, ["--polarities", asked])
        assert caught.value.complaints == (f"--polarities {asked}: must be on with --source recorded",)
        assert parse_options(AUDITORY, ["--polarities", asked, "--source", str(tmp_path)]).polarities == asked
    with pytest.raises(OptionError, match="--polarities both: must be on with --source emulated"):
        parse_options(AUDITORY, ["--polarities", "both", "--source", "emulated"])


def test_each_sense_has_the_defaults_that_its_users_know():
    options = parse_options(AUDITORY, [])
    assert (options.n_neurons, options.pattern_time, options.n_steps) == (100, 1000.0, 1000)
    assert "spoken by a synthesiser" in help_text(AUDITORY)
    assert "written by a pen model" in help_text(VISUAL)


def test_only_a_sensor_of_taxels_has_a_limit_for_them_and_only_one_that_perceives_stimuli_takes_any():
    options = parse_options(TACTILE, ["--taxel_limit", "40"])
    assert (options.n_neurons, options.pattern_time, options.taxel_limit) == (100, 2000.0, 40)
    assert parse_options(TACTILE, []).taxel_limit is None
    for sense, option in ((TACTILE, "--stimuli"), (VISUAL, "--taxel_limit")):
        with pytest.raises(OptionError, match=f"{option} 40: there is no such option"):
            parse_options(sense, [option, "40"])
        assert option not in help_text(sense)


def test_an_option_of_a_data_set_that_all_scripts_have_is_refused_by_name(monkeypatch):
    class Declared:
        nu: float = 0.05
        strict: bool = False

    monkeypatch.setattr(VISUAL.recorded, "options", (Option("nu", DATA, Real(0, 1), "something else", 0.5),))
    with pytest.raises(TypeError, match="a data set declares nu, which all scripts have"):
        options._with_own_options(Declared)


def test_script_answers_wrong_values_with_status_2_and_makes_nothing(tmp_path):
    answer = script("--nu", "7", "--n_workers", "0", cwd=tmp_path)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert [line.split(":")[0] for line in answer.stderr.splitlines()] == [
        "--nu 7",
        "--n_workers 0",
    ]
    assert list(tmp_path.iterdir()) == []


def test_script_helps_with_the_defaults_of_its_own_sense():
    answer = script("--help")
    assert answer.returncode == 0
    assert answer.stderr == ""
    assert answer.stdout.startswith("usage: python Visual_network.py")
    assert "[default: 400]" in answer.stdout
    assert "[ms; default: 105.0]" in answer.stdout


@pytest.mark.parametrize(
    ("flag", "text", "becomes"),
    [
        ("--tc_trace", "1e-300", "0"),
        ("--tc_decay", "1e-46", "0"),
        ("--nu", "1e-50", "0"),
        ("--theta_plus", "1e-320", "0"),
        ("--thresh", "-59.9999999", "-60"),
        ("--label_fraction", "1e-60", "0"),
    ],
)
def test_a_number_that_becomes_another_kind_of_number_when_rounded_is_refused(flag, text, becomes):
    (complaint,) = complaints_about(flag, text)
    assert complaint.startswith(f"{flag} {text}: must be {TABLE[flag].allowed}; ")
    assert complaint.endswith(f"it is {becomes}")


def test_the_smallest_time_constants_that_are_allowed_can_be_run_with(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ["--source", "emulated", "--n_train", "6", "--n_test", "3", "--n_neurons", "3", "--pattern_time", "10"]
    assert main(VISUAL, [*few, "--tc_trace", "1e-45", "--tc_decay", "1e-45"]) == 0


def test_the_version_is_told_and_is_the_one_to_be_cited():
    command = [sys.executable, str(ROOT / "Visual_network.py"), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.startswith(f"stdp-nmnist {VERSION}, Python 3.")
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text()
    for module in ("datasets", "experiment"):
        again = subprocess.run([sys.executable, "-m", module, "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
        assert again.stdout == answer.stdout

"""Which split a file belongs to, where the data set leaves that to its folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets import DatasetError, EventDataset, MissingDataError
from eventvision.sensors import Sensor


class Smells(EventDataset):
    name = title = "Smells"
    sensor = Sensor(16, polarities=("on",))
    class_names = ("Coffee", "tea", "tea.green")
    default_pattern_time = 5.0
    endings = (".csv", ".txt")
    no_recordings = ("About.csv",)


@pytest.fixture
def listed(tmp_path, put):
    """The names below `raw` of the recordings of both splits, given files by their paths, and the notes of the first."""

    def listed(*paths: str) -> tuple[list[str], list[str], tuple[str, ...]]:
        raw = tmp_path / "Smells" / "raw"
        put(raw, {path: path.encode() for path in paths})
        listings = [Smells(tmp_path, train, prepare=False).list_recordings() for train in (True, False)]
        names = [[Path(one.name).relative_to(raw).as_posix() for one in listing.recordings] for listing in listings]
        return *names, listings[0].notes

    return listed


def test_folders_that_say_the_split_are_followed_and_what_lies_beside_them_is_counted(listed):
    train, test, notes = listed("Train/tea/10.csv", "Train/tea/9.csv", "train/coffee/1.txt", "TEST/tea.green/1.csv", "tea/1.csv")
    assert train == ["train/coffee/1.txt", "Train/tea/9.csv", "Train/tea/10.csv"]
    assert test == ["TEST/tea.green/1.csv"]
    assert notes == ("1 recordings beside Train/ and Test/ passed over",)


def test_without_such_folders_a_fifth_of_each_class_is_for_testing(listed):
    train, test, notes = listed(*(f"{name}/{number}.csv" for name in ("coffee", "tea", "tea.green") for number in range(10)))
    assert [sum(path.startswith(name) for path in test) for name in ("coffee/", "tea/", "tea.green/")] == [2, 2, 2]
    assert len({*train, *test}) == 30
    assert notes == ()


def test_other_endings_other_folders_and_files_that_are_no_recordings_are_left_alone(listed):
    train, test, _ = listed("tea/1.csv", "tea/about.csv", "tea/2.doc", "milk/3.csv", "tea/4.csv")
    assert sorted(train + test) == ["tea/1.csv", "tea/4.csv"]


def test_no_recordings_of_a_split_are_told(tmp_path, put, listed):
    with pytest.raises(MissingDataError, match="Smells: found no test recordings in "):
        listed("Train/tea/1.csv")


def test_an_option_that_the_data_set_has_not_is_refused(tmp_path):
    with pytest.raises(TypeError, match="Smells: there is no option taxel_limit"):
        Smells(tmp_path, taxel_limit=3, prepare=False)
    with pytest.raises(DatasetError, match='Smells: polarities must be "on"'):
        Smells(tmp_path, polarities="both", prepare=False)

from datasets.preparation.report import PreparationReport, told_once


def test_a_sound_split_needs_three_lines():
    report = PreparationReport(n_recordings=2, n_samples=2, n_events=1500, n_past_window=300, n_spikes=1100, sources=["a"])
    assert report.lines() == [
        "read from a",
        "2 samples, 1,100 spikes",
        "1,500 events: 300 past the pattern time left out, 100 in a time step in which their unit had one already",
    ]


def test_whatever_was_left_out_is_told_and_the_first_recordings_are_named():
    left_out = [(f"file {number}", "too short") for number in range(7)]
    report = PreparationReport(n_recordings=1000, n_samples=993, n_silent=4, n_damaged_events=2, left_out=left_out)
    text = "\n".join(report.lines())
    assert "993 samples, 4 of them silent" in text
    assert "2 partial or corrupted events left out" in text
    assert "7 of 1,000 recordings are damaged" in text
    assert "file 4: too short\n  … and 2 more" in text
    assert "file 5" not in text


def test_what_holds_for_both_splits_is_told_once():
    train = ["read from a", "2 pipes passed over", "5 samples", "7 are damaged:", "  b: cut"]
    test = ["read from c", "2 pipes passed over", "4 samples", "6 are damaged:", "  b: cut"]
    assert told_once({"train": train, "test": test}) == [
        "train: read from a",
        "train and test: 2 pipes passed over",
        "train: 5 samples",
        "train: 7 are damaged:",
        "train:   b: cut",
        "test: read from c",
        "test: 4 samples",
        "test: 6 are damaged:",
        "test:   b: cut",
    ]

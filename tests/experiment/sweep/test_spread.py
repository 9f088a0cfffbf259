"""What may be typed for an option of a sweep."""

from __future__ import annotations

from random import Random

import pytest

from common.values import Choice, ExplainedError, Real, Whole
from experiment.sweep.spread import Range, Spreading, SpreadingFlag, SpreadingNumber, whole_numbers

REAL, WHOLE = SpreadingNumber(Real(0, 10)), SpreadingNumber(Whole(0, 1000, besides=-1))


@pytest.mark.parametrize(
    ("kind", "text", "texts", "values"),
    [
        (REAL, "0.50", ("0.5",), (0.5,)),
        (REAL, "3,1,2,1.0", ("3", "1", "2"), (3, 1, 2)),
        (REAL, "0:1:5", ("0", "0.25", "0.5", "0.75", "1"), (0, 0.25, 0.5, 0.75, 1)),
        (REAL, "0.01:1:log:3", ("0.01", "0.1", "1"), (0.01, 0.1, 1)),
        (WHOLE, "100:900:3", ("100", "500", "900"), (100, 500, 900)),
        (WHOLE, "1:100:log:3", ("1", "10", "100"), (1, 10, 100)),
        (WHOLE, "1:3:5", ("1", "2", "3"), (1, 2, 3)),
        (WHOLE, "-1,4", ("-1", "4"), (-1, 4)),
        (Spreading(Choice(("a", "b"))), "b,a", ("b", "a"), ("b", "a")),
        (SpreadingFlag(), "off,on", ("off", "on"), (False, True)),
    ],
)
def test_lists_and_ranges_become_values(kind, text, texts, values):
    spread = kind.parse(text)
    assert (spread.texts, spread.values) == (texts, values)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(REAL, ""), (REAL, "x"), (REAL, "1:2:log:3:4"), (REAL, "1:2:three"), (WHOLE, "1.5"), (SpreadingFlag(), "maybe")],
)
def test_what_cannot_be_read_is_refused(kind, text):
    with pytest.raises(ValueError, match=r"^$|could not convert|invalid literal"):
        kind.parse(text)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (REAL, "1,x", "'x' is not"),
        (REAL, "1,11", "'11' is not"),
        (REAL, "2:1:3", "2 must be below 1"),
        (REAL, "0:1:log:3", "above 0"),
        (REAL, "0:1:1", "2 to 10,000 values"),
        (REAL, "0:1:99999999999", "2 to 10,000 values"),
        (REAL, "0:11", "'11' is not"),
    ],
)
def test_a_complaint_says_which_part_is_wrong(kind, text, why):
    with pytest.raises(ExplainedError, match=why):
        kind.parse(text)


def test_whole_numbers_without_a_count_are_counted_as_python_does():
    assert whole_numbers(WHOLE.parse("0:5")).values == (0, 1, 2, 3, 4)
    assert isinstance(whole_numbers(WHOLE.parse("1:5:log")), Range)
    assert isinstance(whole_numbers(REAL.parse("0:5")), Range)


@pytest.mark.parametrize(("kind", "text"), [(REAL, "0.0012345:0.98765:log"), (REAL, "0.3333333:0.33334"), (WHOLE, "3:50:log")])
def test_what_is_drawn_lies_in_the_range_and_reads_back(kind, text):
    spread, random = kind.parse(text), Random("1")
    for _ in range(200):
        word, value = spread.draw(random)
        assert spread.low <= value <= spread.high
        assert kind.parse(word).values == (value,)

"""The course of a running accuracy: one average, and numbers of samples beside all."""

from __future__ import annotations

import numpy as np
import pytest

from experiment.protocol.course import Course, running_mean


def course_of(span: int, intervals: list[tuple[float | None, int]]) -> Course:
    """The course after intervals of (accuracy, samples)."""
    course, n_seen = Course(span), 0
    for accuracy, n in intervals:
        n_seen += n
        course.add(accuracy, n, n_seen)
    return course


def test_average_is_of_samples_and_not_of_intervals():
    course = course_of(25, [(None, 10), (50.0, 10), (80.0, 5)])
    assert (course.average, course.n) == (pytest.approx(60.0), 15)


def test_best_is_of_intervals_as_large_as_most_and_last_says_its_own_size():
    course = course_of(50, [(None, 20), (60.0, 20), (100.0, 10)])
    assert str(course) == "100.0 % (last, n = 10), 73.3 % (average, n = 30), 60.0 % (best, n = 20)"
    course.add(75.0, 20, 70)
    assert (course.last, course.best) == (75.0, 75.0)


def test_nothing_is_known_after_the_first_interval():
    assert str(course_of(20, [(None, 10)])) == "none yet"


def test_average_is_where_the_line_of_means_ends_at_each_interval_of_several_epochs():
    rng = np.random.default_rng(0)
    sizes = [33] * 6 + [2]
    course, seen, percent = Course(200), [], []
    for size in sizes * 3:
        n_right = int(rng.integers(size + 1))
        seen.append(size + (seen[-1] if seen else 0))
        percent.append(100 * n_right / size if len(seen) > 1 else np.nan)
        course.add(percent[-1] if len(seen) > 1 else None, size, seen[-1])
        if len(seen) > 1:
            assert course.average == pytest.approx(running_mean(seen, np.array(percent), 200)[-1])
    assert course.n == 200

"""What may be typed for an option of a sweep: one value, a list, or a range.

    100,400,1600      these
    0.05:1:5          five from 0.05 to 1, evenly spaced
    0.05:1:log:5      five, evenly spaced in their logarithm
    0:5               whole numbers as Python counts them: 0, 1, 2, 3, 4
    0.05:1:log        any between, for `--random` and `--optimise`

Standard library only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

from common.values import ExplainedError, Flag, Value, Whole

LOG = "log"
MOST_VALUES = 10_000  # of one option; more are a slip of the finger
FIGURES = 4  # significant ones of a number that is drawn or computed, so that it can be typed and read


@dataclass(frozen=True)
class Values:
    """Some values, as they are typed and as they are read."""

    texts: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def n_values(self) -> float:
        """How many there are."""
        return len(self.values)

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.values) == 1


@dataclass(frozen=True)
class Range:
    """All values between two, both included, to draw from."""

    low: float
    high: float
    is_log: bool
    option: Value

    @property
    def is_whole(self) -> bool:
        """Whether they are whole numbers."""
        return isinstance(self.option, Whole)

    @property
    def n_values(self) -> float:
        """How many values there are."""
        return self.high - self.low + 1 if self.is_whole else math.inf

    def nearest(self, number: float) -> tuple[str, Any]:
        """The value nearest to a number that can be typed, as it is typed and as it is read."""
        number = min(max(number, self.low), self.high)
        text = str(round(number)) if self.is_whole else f"{number:.{FIGURES}g}"
        if not self.low <= float(text) <= self.high:  # rounded beyond an end
            text = repr(number)
        return text, self.option.parse(text)

    def at(self, share: float) -> float:
        """The number at a share of the way from the lower end to the higher one."""
        if self.is_log:
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def draw(self, random: Random) -> tuple[str, Any]:
        """One of them."""
        if self.is_whole and not self.is_log:
            return self.nearest(random.randint(self.low, self.high))
        return self.nearest(self.at(random.random()))


Spread = Values | Range


@dataclass(frozen=True)
class Spreading:
    """The values of an option, which `option` reads one by one: a kind of value itself."""

    option: Value

    @property
    def metavar(self) -> str:
        return f"{self.option.metavar},…"

    @property
    def allowed(self) -> str:
        return f"{self.option.allowed}; several as a list (A,B,C)"

    def parse(self, text: str) -> Spread:
        parts = text.split(",")
        values = tuple(self._one(part, is_one=len(parts) == 1) for part in parts)
        texts = [_shortest(value) if isinstance(value, int | float) else part for part, value in zip(parts, values, strict=True)]
        return Values(*_each_once(texts, values))

    def _one(self, text: str, is_one: bool) -> Any:
        try:
            return self.option.parse(text)
        except ExplainedError:
            raise
        except ValueError:
            if is_one:
                raise
            raise ExplainedError(f"{text!r} is not") from None


@dataclass(frozen=True)
class SpreadingNumber(Spreading):
    """Numbers, which may also be a range."""

    @property
    def metavar(self) -> str:
        return f"{self.option.metavar},…|A:B:N"

    @property
    def allowed(self) -> str:
        return f"{super().allowed} or a range (LOW:HIGH[:log]:N; LOW:HIGH[:log] to draw from; FIRST:END counts)"

    def parse(self, text: str) -> Spread:
        if ":" not in text:
            return super().parse(text)
        low_text, high_text, *how = text.split(":")
        is_log = LOG in how[:1]
        counts = how[is_log:]
        low, high = self._one(low_text, False), self._one(high_text, False)
        if len(counts) > 1 or not all(count.isdecimal() for count in counts):
            raise ValueError
        if not low < high:
            raise ExplainedError(f"{low_text} must be below {high_text}")
        if is_log and low <= 0:
            raise ExplainedError("what is spaced in its logarithm must be above 0")
        if counts:
            n = int(counts[0])
            return self._spaced(Range(low, high, is_log, self.option), {0: low_text, n - 1: high_text}, n)
        if isinstance(self.option, Whole) and not is_log:
            high -= 1
        return Range(low, high, is_log, self.option)

    def _spaced(self, span: Range, ends: dict[int, str], n: int) -> Values:
        if not 2 <= n <= MOST_VALUES:
            raise ExplainedError(f"a range has 2 to {MOST_VALUES:,} values")
        texts = [ends.get(place) or span.nearest(span.at(place / (n - 1)))[0] for place in range(n)]
        return Values(*_each_once(texts, [self.option.parse(text) for text in texts]))


@dataclass(frozen=True)
class SpreadingFlag(Flag):
    """A flag, given or not, or both: ``off,on``."""

    metavar: str = "[off,on]"
    allowed: str = "given without a value, or off,on for both"

    def parse(self, text: str) -> Values:
        words = {"on": True, "off": False}
        parts = text.split(",")
        if not set(parts) <= words.keys():
            raise ValueError
        return Values(*_each_once(parts, [words[part] for part in parts]))


def whole_numbers(spread: Spread) -> Spread:
    """Of a range of whole numbers each.

    Raises:
        ExplainedError: there are too many.
    """
    if isinstance(spread, Values) or not spread.is_whole or spread.is_log:
        return spread
    if spread.n_values > MOST_VALUES:
        raise ExplainedError(f"these are {spread.n_values:,} values, more than {MOST_VALUES:,}")
    numbers = tuple(range(int(spread.low), int(spread.high) + 1))
    return Values(tuple(map(str, numbers)), numbers)


def _shortest(number: float) -> str:
    """A number as it can be typed, however it was."""
    return repr(number).removesuffix(".0")


def _each_once(texts: Any, values: Any) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """Texts and values without those that come again."""
    once = dict(zip(values, texts, strict=True))
    return tuple(once.values()), tuple(once)

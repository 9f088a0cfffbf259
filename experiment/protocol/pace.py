"""How many samples are presented at a time."""

from __future__ import annotations

from dataclasses import dataclass

PIECE_SECONDS = 0.5  # that samples presented in one call take, so that a run stops within about a second
SHORTEST = 1e-6  # s; a clock may not have moved


@dataclass
class Pace:
    """How many samples are presented at a time: so many that a run can stop soon, whatever a sample takes."""

    n: int = 1

    def adapt(self, n: int, seconds: float) -> None:
        """Go by what the last `n` samples took."""
        self.n = max(1, min(2 * self.n, int(n * PIECE_SECONDS / max(seconds, SHORTEST))))

"""Splits recordings that come without an official split."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Iterable

SPLIT_SEED = 0
TEST_SHARE = 5  # one in so many is for testing


def test_part(recordings: Iterable[tuple[int, Hashable]], seed: int) -> set[tuple[int, Hashable]]:
    """The recordings (label, name) that are for testing: one in five of each class, at least one.

    Which ones, the hash of seed, label and name says: so it depends on no generator's version, and
    a recording that is added or missing moves hardly any other to the other part.
    """
    of_class = defaultdict(list)
    for label, name in recordings:
        of_class[label].append((hashlib.sha256(f"{seed} {label} {name}".encode(errors="surrogatepass")).digest(), name))
    return {
        (label, name)
        for label, ranked in of_class.items()
        for _, name in sorted(ranked)[: max(1, round(len(ranked) / TEST_SHARE))]
    }

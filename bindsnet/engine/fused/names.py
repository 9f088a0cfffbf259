"""Names of layers and connections as a program may use them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import TypeVar

Key = TypeVar("Key")


@cache
def names_in(layers: tuple[str, ...], connections: tuple[tuple[str, str], ...]) -> dict[str | tuple[str, str], str]:
    """The name of each layer and of each connection, (source, target), in the program."""
    names = _identifiers({name: name for name in layers})
    pairs = {(source, target): f"{names[source]}_to_{names[target]}" for source, target in connections}
    return names | _identifiers(pairs, taken=set(names.values()))


def _identifiers(names: dict[Key, str], taken: Iterable[str] = ()) -> dict[Key, str]:
    """Names as a program may use them, each once: they stand after two underscores, which none of them holds."""
    found: dict[Key, str] = {}
    for key, name in names.items():
        word = re.sub(r"[\W_]+", "_", name, flags=re.ASCII).strip("_") or "unnamed"
        words = (word if k == 1 else f"{word}_{k}" for k in count(1))
        found[key] = next(word for word in words if word not in taken and word not in found.values())
    return found

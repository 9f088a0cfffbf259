"""When too little of a split is left to be used: too many of its recordings damaged, or a class without any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from datasets.errors import DatasetError
from datasets.facts import EMULATED
from datasets.preparation.report import NAMED, PreparationReport
from datasets.raw.others import WAY_OF_OTHERS
from datasets.recordings import Listing, Split

MAX_DAMAGED_SHARE = 0.01
DAMAGED_ANYWAY = 1  # recordings of a split that may be damaged, however few there are: of eight, one is more than 1 %


def is_too_much_damage(n_damaged: int, n_recordings: int) -> bool:
    """Whether so many damaged recordings of a split stop the preparation instead of being left out."""
    return n_damaged > max(DAMAGED_ANYWAY, MAX_DAMAGED_SHARE * n_recordings)


def refuse_damage(dataset: Split, report: PreparationReport, strict: bool) -> None:
    """Refuses a split of which too many recordings are damaged.

    Raises:
        DatasetError: names some, and says what to do.
    """
    n_left_out = len(report.left_out)
    is_too_much = is_too_much_damage(n_left_out, report.n_recordings)
    if n_left_out and (strict or is_too_much):
        allowed = "none may be" if strict else f"more than {MAX_DAMAGED_SHARE:.0%}"
        unless = "" if is_too_much else ", or run without --strict"
        raise DatasetError(
            f"{dataset.title}: {n_left_out:,} of {report.n_recordings:,} {dataset.split} recordings are damaged, {allowed}: "
            f"{_named(report.left_out)}; mend them or move them away{unless}"
            + (f"; {WAY_OF_OTHERS}" if dataset.reads_files else "")
        )


def refuse_empty_classes(
    dataset: Split, labels: Iterable[int], listing: Listing, left_out: Sequence[tuple[str, str]] = ()
) -> None:
    """Refuses a split without a usable recording of each class; of emulated samples one may be all that is asked for.

    Raises:
        DatasetError: names the classes.
    """
    if dataset.source == EMULATED:
        return
    counts = Counter(labels)
    empty = [name for label, name in enumerate(dataset.class_names) if not counts[label]]
    if empty:
        raise DatasetError(
            f"{dataset.title}: no usable {dataset.split} recording of class {', '.join(empty)} in "
            f"{', '.join(listing.origins)}; each class needs one at least{dataset.empty_class_hint}"
            + (f"; damaged and left out: {_named(left_out)}" if left_out else "")
        )


def _named(left_out: Sequence[tuple[str, str]]) -> str:
    """The first recordings left out, each with its reason."""
    return "; ".join(f"{name}: {reason}" for name, reason in left_out[:NAMED])

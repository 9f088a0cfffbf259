"""The recordings of a data set whose files lie in a folder for each class, perhaps below Train/ and Test/."""

from __future__ import annotations

from datasets.raw.copies import without_copies
from datasets.raw.finding import RawFile, find_raw_files, fingerprint
from datasets.raw.split import SPLIT_SEED, test_part
from datasets.recordings import Listing, Recording, Split


def list_files(dataset: Split) -> Listing:
    """Finds the split's files below the raw folder.

    Which is whose, the folders say; else a fifth of each class is for testing. Their order: by class, then by name (shorter names
    first, so that numbers rise).

    Raises:
        MissingDataError: there are none.
        DatasetError: they cannot be listed, or two of one name differ.
    """
    classes = [name.lower() for name in dataset.class_names]

    def place_of(file: RawFile) -> tuple[int, str]:
        return classes.index(file.match["label"].lower()), file.match["id"]

    there, passed_over = find_raw_files(dataset.raw_path, dataset.places(), dataset.processed_folder)
    is_split = dataset.official_split or any(_split_of(file) for file in there)
    if is_split:
        beside = sum(not _split_of(file) for file in there)
        passed_over += (f"{beside:,} recordings beside Train/ and Test/ passed over",) if beside else ()
        there = [file for file in there if _split_of(file) == dataset.split]
    found, copies = without_copies(there, place_of)
    if not found:
        raise dataset.missing(f"no {dataset.split} recordings" if is_split else "no recordings", passed_over)
    for_testing = set() if is_split else test_part(found, SPLIT_SEED)
    chosen = [place for place in found if is_split or (place in for_testing) != dataset.train]
    chosen.sort(key=lambda place: (place[0], len(place[1]), place[1]))
    files = [found[place] for place in chosen]
    recordings = [Recording(found[place].name, place[0], found[place].part) for place in chosen]
    return Listing(recordings, fingerprint(files), sorted({file.origin for file in files}), passed_over + copies)


def _split_of(file: RawFile) -> str:
    """The split that a file's folders say, in small letters; empty if they say none."""
    return (file.match.groupdict().get("split") or "").lower()

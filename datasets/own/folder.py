"""Your own recordings: a folder of event files, with a sub-folder for each class.

    cat/1.bin  cat/2.bin  dog/1.bin …                        split by seed 0: a fifth of each class is for testing
    Train/cat/1.bin  Train/dog/1.bin  Test/cat/2.bin …       split as the folders say; Val/ in place of Test/ will do

The ending of the files says their format, that of a data set; all have the same. An archive that holds such folders will do as
well. Class folders may lie deeper, but none in another: whether what lies there is of the outer or of the inner class, only you
know.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from datasets.own.dataset import OwnDataset
from datasets.raw.archives import is_ignored
from datasets.raw.finding import DEEPEST_LEVEL, RawFile, find_raw_files, fingerprint
from datasets.raw.others import others_there
from datasets.raw.split import SPLIT_SEED, test_part
from datasets.recordings import Listing, Recording
from datasets.registry import formats

TRAIN, TEST, VALIDATION = "train", "test", "val"
# What folders that say the split may be called.
SPLITS = {"training": TRAIN, "testing": TEST, "valid": VALIDATION, "validation": VALIDATION}
SPLITS |= {split: split for split in (TRAIN, TEST, VALIDATION)}
# Without a label the file lies beside the class folders.
PLACE = re.compile(rf"(?:(?:(?<![^/])(?P<split>{'|'.join(SPLITS)})/)?(?P<label>[^/]+)/)?(?P<id>[^/]+)$", re.IGNORECASE)


class OwnRecordings(OwnDataset):
    """Recordings in a folder, or an archive, with a sub-folder for each class.

    Their order: by class, then by name (shorter names first, so that numbers rise). Classes are numbered in the order of their
    names, those that are numbers by value.

    Args:
        path: the folder or archive.
        root, train, transform, target_transform, download, dt and further: as `OwnDataset`.
        like: name of the data set whose format they have where several have the same ending.
    """

    def __init__(self, path: str | Path, *args: Any, like: str | None = None, **kwargs: Any) -> None:
        self.formats = formats(like)
        super().__init__(path, *args, **kwargs)

    def list_recordings(self) -> Listing:
        """Finds the files below the path and takes the split's."""
        files, passed_over = find_raw_files(self.path, PLACE, self.processed_folder)
        ending, found = self._of_one_format(files, passed_over)
        known = self.formats[ending]
        self.reader, self.reader_version, self.sensor = known.reader_of(), known.reader_version, known.sensor
        self.class_names = _in_order(self.checked_names(sorted({file.match["label"] for file in found})))
        self._refuse_nested_folders(found)
        splits = _splits(found)
        self._refuse_namesakes(found, splits)

        chosen = sorted(
            self._of_split(found, splits), key=lambda file: (self._label(file), len(file.match["id"]), file.match["id"])
        )
        recordings = [Recording(file.name, self._label(file), file.part) for file in chosen]
        notes = passed_over + self._notes(files, found, ending)
        if set(splits) == {TRAIN, VALIDATION}:
            notes += ("what is there for validation is for testing, since there is no test/",)
        return Listing(recordings, fingerprint(chosen), [str(self.path)], notes)

    def _notes(self, files: list[RawFile], found: list[RawFile], ending: str) -> tuple[str, ...]:
        n_beside = sum(file.match["label"] is None and self._is_recording(file.match["id"], ending) for file in files)
        n_too_deep = self._n_too_deep(ending)
        n_others = len(files) - len(found) - n_beside
        notes = [f"{n_others:,} files that are no {ending} passed over"] if n_others else []
        notes += [f"{n_beside:,} {ending} files beside the class folders passed over"] if n_beside else []
        notes += [f"{n_too_deep:,} {ending} files more than {DEEPEST_LEVEL - 1} folders deep passed over"] if n_too_deep else []
        if empty := _folders_without(found):
            notes.append(
                f"folders beside the class folders that give no recordings passed over: {len(empty):,}, such as {empty[0]}"
            )
        return tuple(notes)

    def _n_too_deep(self, ending: str) -> int:
        """How many recordings lie deeper than `find_raw_files` looks."""
        n = 0
        for folder, _, names in os.walk(self.path):
            folders = Path(folder).relative_to(self.path).parts
            if len(folders) >= DEEPEST_LEVEL and not any(map(is_ignored, folders)):
                n += sum(self._is_recording(name, ending) and not is_ignored(name) for name in names)
        return n

    def _is_recording(self, name: str, ending: str) -> bool:
        others = map(str.lower, self.formats[ending].no_recordings)
        return Path(name).suffix.lower() == ending and name.lower() not in others

    def _label(self, file: RawFile) -> int:
        return self.class_names.index(file.match["label"])

    def _of_one_format(self, files: list[RawFile], passed_over: tuple[str, ...]) -> tuple[str, list[RawFile]]:
        """The ending that the recordings have, and the recordings among some files."""
        of_ending: dict[str, list[RawFile]] = {ending: [] for ending in self.formats}
        for file in files:
            for ending, found in of_ending.items():
                if file.match["label"] is not None and self._is_recording(file.match["id"], ending):
                    found.append(file)
        there = [ending for ending, found in of_ending.items() if found]
        if not there:
            known = " or ".join(f"*{ending} ({known.title}'s, {known.sensor})" for ending, known in self.formats.items())
            expected = f"found no recordings; expected a sub-folder for each class that holds {known}, or an .npz file"
            raise self.refuse("; ".join((expected, *passed_over)) + others_there(files))
        if len(there) > 1:
            raise self.refuse(f"holds {' and '.join(there)} files; keep one kind, so that all recordings are of one sensor")
        return there[0], of_ending[there[0]]

    def _of_split(self, found: list[RawFile], splits: list[str]) -> list[RawFile]:
        there = set(splits)
        testing = VALIDATION if there == {TRAIN, VALIDATION} else TEST
        if there == {TRAIN, testing}:
            return [file for file, split in zip(found, splits, strict=True) if (split == TRAIN) == self.train]
        if there == {TRAIN, TEST, VALIDATION}:
            raise self.refuse("of train, val and test two are taken: move what is in val into train, or val away")
        if there != {""}:
            lacking = ({TRAIN, TEST} - there) or {TRAIN, TEST}
            raise self.refuse(f"{' and '.join(sorted(lacking))} must lie above all class folders, or neither Train/ nor Test/")
        for_testing = test_part(map(_place, found), SPLIT_SEED)
        return [file for file in found if (_place(file) in for_testing) != self.train]

    def _refuse_nested_folders(self, found: list[RawFile]) -> None:
        folders = {PurePosixPath(file.match.string).parent for file in found}
        for folder in sorted(folders):
            if outer := folders.intersection(folder.parents):
                raise self.refuse(
                    f"{min(outer)} holds recordings, and so does {folder} in it: is that a class of its own? "
                    "Put the recordings of a class side by side, or move one of the two away"
                )

    def _refuse_namesakes(self, found: list[RawFile], splits: list[str]) -> None:
        places = [(split, *_place(file)) for file, split in zip(found, splits, strict=True)]
        place, n = Counter(places).most_common(1)[0]
        if n > 1:
            first, second = [file.name for file, its in zip(found, places, strict=True) if its == place][:2]
            raise self.refuse(f"two recordings would be the same sample: {first} and {second}; rename one or move it away")


def _splits(found: list[RawFile]) -> list[str]:
    """The split that the folders of each file say, "" for none; without train/ or test/, val/ is a folder like any other."""
    splits = [SPLITS.get((file.match["split"] or "").lower(), "") for file in found]
    return splits if {TRAIN, TEST} & set(splits) else [""] * len(found)


def _folders_without(found: list[RawFile]) -> list[Path]:
    """Folders beside those that hold the recordings, but for hidden ones and what lies in archives."""
    holding = {Path(file.part.path).parent for file in found if file.is_loose}
    above = {parent for folder in holding for parent in (folder, *folder.parents)}
    beside = {folder for parent in {folder.parent for folder in holding} for folder in parent.iterdir()}
    return sorted(folder for folder in beside - above if folder.is_dir() and not is_ignored(folder.name))


def _place(file: RawFile) -> tuple[str, str]:
    return file.match["label"], file.match["id"]


def _in_order(names: Sequence[str]) -> tuple[str, ...]:
    are_numbers = all(name.isdecimal() for name in names)
    return tuple(sorted(names, key=lambda name: (int(name), name) if are_numbers else name))

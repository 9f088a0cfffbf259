"""Prepared data for nodes that do not see the driver's: each file goes into Ray's object store once, and is written once a node.

Prepared files bear the key of what they were made of, so one that lies there is the right one, whichever sweep brought it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from common.compiled import cache_folder
from common.durable import write_file
from datasets.errors import DatasetError
from experiment.command_line.keywords import keyword_options
from experiment.errors import OptionError
from experiment.samples import prepared_paths
from experiment.senses import declared
from experiment.sweep.jobs import Job
from experiment.sweep.ray_calls import answered

DATA = "data"


def root_of(job: Job) -> Path:
    """Where a run finds its data, as the driver sees it."""
    return Path(job.options.get("root", DATA)).expanduser().absolute()


class SentData:
    """What the driver has put into Ray's object store.

    Args:
        ray: the module.
    """

    def __init__(self, ray: Any) -> None:
        self.ray = ray
        self.sent: dict[Path, Any] = {}

    def of(self, job: Job) -> dict[str, Any]:
        """References to the files that a run needs, by their paths below the root."""
        root, modality = root_of(job), declared(job.sense)
        try:
            paths = prepared_paths(modality, keyword_options(modality, job.options, job.name))
        except (OptionError, DatasetError):  # which the run itself will tell
            return {}
        for path in paths:
            if path not in self.sent:
                self.sent[path] = self.ray.put(np.fromfile(path, np.uint8))
        return {path.relative_to(root).as_posix(): self.sent[path] for path in paths}


def root_at_node(root: Path, files: Mapping[str, Any]) -> Path:
    """The root itself where its files are; else one of this node's, among what the project keeps in the user's cache folder.

    Args:
        root: the driver's.
        files: references to what a run needs of it, by path below it.
    """
    if root.is_dir() and all((root / name).exists() for name in files):
        return root
    own = cache_folder() / DATA
    for name, reference in files.items():
        path = own / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                write_file(path, answered(reference).tofile)
    own.mkdir(parents=True, exist_ok=True)
    return own

"""What all recordings of one's own share: they lie at a path, which says what their classes and their sensor are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datasets.dataset import EventDataset
from datasets.errors import DatasetError
from datasets.facts import OWN
from eventvision.sensors import Sensor

LONGEST_NAME, NAMED = 255, 20  # characters that the name of a class may have, and those of a longer one in a complaint


class OwnDataset(EventDataset):
    """What all data of one's own share: they lie at a path, which says what the classes and the sensor are.

    `list_recordings` sets `class_names`, `sensor`, `reader` and `reader_version`.

    Args:
        path: where they are.
        root, train, transform, target_transform, download, dt and further: as `EventDataset`; nothing is ever downloaded, and
            `root` is where the prepared files go.
    """

    name = "Own"
    source = OWN
    default_pattern_time = 1000.0
    sensor = Sensor(1)  # until they are listed

    def __init__(self, path: str | Path, *args: Any, **kwargs: Any) -> None:
        self.path = Path(path).expanduser().absolute()
        self.title = self.path.name
        super().__init__(*args, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        own = {"path": str(self.path), "class_names": [*self.class_names]}
        return super().parameters() | own | {"width": self.sensor.width, "height": self.sensor.height}

    def refuse(self, complaint: str) -> DatasetError:
        """The error that names the path and says what is wrong with it."""
        return DatasetError(f"{self.path}: {complaint}")

    def checked_names(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names of classes as they were given.

        Raises:
            DatasetError: they are fewer than two, or one cannot be shown in figures or is longer than that of any folder.
        """
        names = tuple(names)
        if len(names) < 2:
            raise self.refuse(f"holds only the class {', '.join(names)}; there is nothing to tell apart below two")
        for name in names:
            if len(name) > LONGEST_NAME:
                raise self.refuse(f"{name[:NAMED]!a}… cannot be the name of a class: use at most {LONGEST_NAME} characters")
            if not name.isprintable() or not name.strip() or "$" in name:
                raise self.refuse(f"{name!a} cannot be the name of a class: use printable characters, and no $")
        return names

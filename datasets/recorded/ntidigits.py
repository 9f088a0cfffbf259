"""N-TIDIGITS18 (Anumula et al. 2018): spoken digits heard by a silicon cochlea."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from common.download import RemoteFile
from datasets.dataset import EventDataset
from datasets.facts import Twin
from eventvision.sensors import COCHLEA

if TYPE_CHECKING:
    from datasets.recordings import Listing, Reader, Recording

FILE = RemoteFile(
    "n-tidigits.hdf5",
    "360a2d11e5429555c9197381cf6b58e0",
    (
        "https://www.dropbox.com/s/vfwwrhlyzkax4a2/n-tidigits.hdf5?dl=1",
        "https://www.dropbox.com/scl/fi/1x4lxt9yyw25sc3tez8oi/n-tidigits.hdf5?rlkey=w8gi5udvib2zqzosusa5tr3wq&dl=1",
        "https://www.neuromorphic-vision.com/public/downloads/n-tidigits.hdf5",
    ),
)


class NTIDIGITS(EventDataset):
    """Recordings of single digits, about 2,250 for training and 2,260 for testing; channel k is input unit k.

    Their order: by digit, then by key. "Zero" is digit 0. The file holds connected digits too, which are passed over.

    Args:
        root, train, transform, target_transform, download, dt and further: as for any data set; polarities can only be "on",
            for a cochlea's events have none.
        oh_class: whether "oh", the other word for 0, is an eleventh class, "o"; otherwise it is left out.
    """

    name = "NTIDIGITS"
    title = "N-TIDIGITS18"
    sensor = COCHLEA
    class_names = tuple("0123456789")
    default_pattern_time = 1000.0
    pattern_time_note = "a digit takes some 500"
    polarities_note = "both: as separate inputs; a cochlea's are all ON, so another choice is for your own recordings"
    official_split = True
    twin = Twin(
        "datasets.emulation.ntidigits:EmulatedNTIDIGITS",
        "a folder or archive of WAV files <digit>_<speaker>_<index>.wav",
        "spoken by a synthesiser",
    )
    remote_files: ClassVar[dict[str, RemoteFile]] = {"train": FILE, "test": FILE}
    how_to_get = (
        f"Put the file {FILE.name} there (about 420 MB, both splits; MD5 {FILE.md5}): ask for it where Anumula et al. 2018, "
        "doi 10.3389/fnins.2018.00023, say it is kept, as its public addresses may be dead. "
        "No data at hand? `--source emulated` needs none."
    )

    def __init__(self, *args: Any, oh_class: bool = False, **kwargs: Any) -> None:
        self.oh_class = oh_class
        if oh_class:
            self.class_names = (*NTIDIGITS.class_names, "o")
        super().__init__(*args, **kwargs)

    def parameters(self) -> dict[str, Any]:
        """What shapes the samples."""
        return super().parameters() | {"oh_class": self.oh_class}

    def list_recordings(self) -> Listing:
        """Finds the file below the raw folder, and the split's single digits in it."""
        from datasets.raw.spoken import list_single_digits

        self.reader, listing = list_single_digits(self, FILE.name, self.oh_class)
        return listing

    @classmethod
    def recordings_in(cls, path: str) -> Iterator[tuple[Reader, list[Recording]]]:
        """All recordings of a file, connected digits too."""
        from datasets.raw.spoken import recordings_in

        return recordings_in(path)

"""N-MNIST (Orchard et al. 2015): MNIST digits seen by a camera in three saccades."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from common.download import RemoteFile
from datasets.dataset import EventDataset
from datasets.facts import Twin
from eventvision.sensors import ATIS

if TYPE_CHECKING:
    from eventvision import Events

FILES = "https://data.mendeley.com/public-files/datasets/468j46mzdv/files"


class NMNIST(EventDataset):
    """Recordings of an ATIS camera, 60,000 for training and 10,000 for testing.

    Their order: by digit, then by id (shorter ids first, so that numbers rise). A recording that
    lies there twice, in an archive and unpacked beside it, is taken once, from the archive; two that
    differ under one name are an error.
    """

    name = "NMNIST"
    title = "N-MNIST"
    sensor = ATIS
    class_names = tuple("0123456789")
    default_pattern_time = 105.0
    pattern_time_note = "105 is the first saccade, 315 all three"
    endings = (".bin",)
    official_split = True
    twin = Twin("datasets.emulation.nmnist:EmulatedNMNIST", "an IDX file of images")
    remote_files: ClassVar[dict[str, RemoteFile]] = {
        "train": RemoteFile(
            "Train.zip", "20959b8e626244a1b502305a9e6e2031", (f"{FILES}/39c25547-014b-4137-a934-9d29fa53c7a0/file_downloaded",)
        ),
        "test": RemoteFile(
            "Test.zip", "69ca8762b2fe404d9b9bad1103e97832", (f"{FILES}/05a4d654-7e03-4c15-bdfa-9bb2bcbea494/file_downloaded",)
        ),
    }
    how_to_get = (
        "Put Train.zip and Test.zip there, from https://data.mendeley.com/datasets/468j46mzdv "
        "(or the folders Train/<digit>/*.bin and Test/<digit>/*.bin, or any zip or tar that holds "
        "them). No data at hand? `--source emulated` needs none."
    )

    @staticmethod
    def decode(content: bytes) -> tuple[Events, int]:
        """The events of a file; a partial one at its end is damaged."""
        from eventvision import decode_nmnist

        events, n_trailing_bytes = decode_nmnist(content)
        return events, int(n_trailing_bytes > 0)

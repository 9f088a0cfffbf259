"""ST-MNIST (See et al. 2020): digits written by hand on a pad of pressure sensors, the taxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.options import DATA, Option
from common.values import Whole
from datasets.dataset import EventDataset
from datasets.facts import Twin
from eventvision.sensors import PAD

if TYPE_CHECKING:
    from eventvision import Events

MAX_EVENTS = 100_000_000  # stops slips of the finger only


class STMNIST(EventDataset):
    """Recordings of a pad of taxels, 6,953 in all; a taxel more pressed is ON, less is OFF.

    Taxel row k of a file is input unit 10·(k mod 10) + k div 10, so that digits stand upright. There
    is no official split: a fifth of each digit's recordings is for testing. Their order: by digit,
    then by name (shorter names first, so that numbers rise).

    Args:
        root, train, transform, target_transform, download, dt and further: as `EventDataset`;
            nothing can be downloaded, as the publisher asks for a form.
        taxel_limit: leave out, and count, the events of taxels with more than so many ON events in
            a recording, as damaged ones; None keeps all. (40 removes the pressed taxels themselves.)
    """

    name = "STMNIST"
    title = "ST-MNIST"
    sensor = PAD
    class_names = tuple("0123456789")
    default_pattern_time = 2000.0
    pattern_time_note = "a digit takes some 1,000"
    endings = (".mat",)
    no_recordings = ("LUT.mat",)  # the pad's wiring
    official_split = False
    reader_version = 2
    options = (
        Option(
            "taxel_limit",
            DATA,
            Whole(1, MAX_EVENTS),
            "most ON events of a taxel in a recording: one with more is taken as faulty and left out",
            unit="events",
            shown="no limit",
        ),
    )
    twin = Twin("datasets.emulation.stmnist:EmulatedSTMNIST")
    how_to_get = (
        "Its publisher asks for a form, so it cannot be downloaded from here: open "
        "https://scholarbank.nus.edu.sg/handle/10635/168106, choose the data set's zip file, fill in the "
        "form and follow the link that you are given; then put the zip there and leave it packed. (A "
        "folder data_submission/<digit>/*.mat, or any zip or tar that holds it, does as well.) No data at "
        "hand? `--source emulated` needs none."
    )

    @staticmethod
    def decode(content: bytes, taxel_limit: int | None = None) -> tuple[Events, int]:
        """The events of a file; columns that do not hold one event each are damaged, and all of taxels beyond the limit."""
        from eventvision import decode_stmnist

        events, n_corrupted_columns = decode_stmnist(content)
        events, n_of_busy_taxels = without_busy_taxels(events, taxel_limit)
        return events, n_of_busy_taxels + n_corrupted_columns


def without_busy_taxels(events: Events, limit: int | None) -> tuple[Events, int]:
    """Leaves out and counts all events of taxels that sent more than `limit` ON events, unless that is None."""
    import numpy as np

    if limit is None:
        return events, 0
    taxel = events.x.astype(np.intp) * events.height + events.y
    n_on = np.bincount(taxel[events.p], minlength=events.width * events.height)
    kept = events[n_on[taxel] <= limit]
    return kept, len(events) - len(kept)

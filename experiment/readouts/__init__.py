"""What a trained network is read out by. A further read-out is a file here and its name below. Standard library only."""

ALL_ACTIVITY, PROPORTION_WEIGHTING = READOUTS = ("all_activity", "proportion_weighting")  # always reported
FURTHER_READOUTS = ("ngram", "logreg", "votes")  # if asked for; each a module of this name with one class


def readable(readout: str) -> str:
    """A read-out's name as it is read."""
    return readout.replace("_", " ")

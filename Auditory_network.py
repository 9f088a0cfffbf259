"""Learn to tell digits heard by a silicon cochlea (N-TIDIGITS18), without labels.

python Auditory_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

AUDITORY = Modality(
    name="Auditory",
    title="Learn, without labels, to tell digits heard by a silicon cochlea (N-TIDIGITS18).",
    dataset="NTIDIGITS",
    n_neurons=100,
    features="channels",
)

if __name__ == "__main__":
    raise SystemExit(main(AUDITORY))

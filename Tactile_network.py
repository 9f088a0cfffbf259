"""Learn to tell digits felt by a pad of pressure sensors (ST-MNIST), without labels.

python Tactile_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

TACTILE = Modality(
    name="Tactile",
    title="Learn, without labels, to tell digits felt by a pad of pressure sensors (ST-MNIST).",
    dataset="STMNIST",
    input_shape=(10, 10),
    class_names=tuple("0123456789"),
    n_neurons=100,
    pattern_time=2000.0,
    pattern_time_note="a digit takes some 1,000",
    polarities="on",
    stimuli="",
    has_taxels=True,
)

if __name__ == "__main__":
    raise SystemExit(main(TACTILE))

"""Learn to tell digits seen by an event camera (N-MNIST), without labels.

python Visual_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

VISUAL = Modality(
    name="Visual",
    title="Learn, without labels, to tell digits seen by an event camera (N-MNIST).",
    dataset="NMNIST",
    input_shape=(34, 34),
    class_names=tuple("0123456789"),
    n_neurons=400,
    pattern_time=105.0,
    pattern_time_note="105 is the first saccade, 315 all three",
    polarities="on",
    stimuli="an IDX file of images",
)

if __name__ == "__main__":
    raise SystemExit(main(VISUAL))

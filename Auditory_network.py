"""Learn to tell digits heard by a silicon cochlea (N-TIDIGITS18), without labels.

python Auditory_network.py --help
"""

from experiment.main import main
from experiment.modality import Modality

AUDITORY = Modality(
    name="Auditory",
    title="Learn, without labels, to tell digits heard by a silicon cochlea (N-TIDIGITS18).",
    dataset="NTIDIGITS",
    input_shape=(1, 64),
    class_names=tuple("0123456789"),
    n_neurons=100,
    pattern_time=1000.0,
    pattern_time_note="a digit takes some 500",
    polarities="on",
    stimuli="a folder or archive of WAV files <digit>_<speaker>_<index>.wav",
    own_stimuli="spoken by a synthesiser",
    polarity_choices=("on",),
    polarities_note="both: as separate inputs; a cochlea's are all ON, so another choice is for your own recordings",
)

if __name__ == "__main__":
    raise SystemExit(main(AUDITORY))

import subprocess
import sys
from pathlib import Path

import eventvision
from eventvision.sensors import ATIS, COCHLEA, PAD, POLARITIES

ROOT = Path(__file__).resolve().parents[2]


def test_sensors_are_told_in_words_with_columns_first():
    assert list(map(str, (ATIS, COCHLEA, PAD))) == ["34 × 34 pixels", "64 channels", "10 × 10 taxels"]
    assert COCHLEA.shape == (1, 64)
    assert (COCHLEA.polarities, PAD.polarities) == (("on",), POLARITIES)


def test_every_exported_name_is_there():
    assert all(hasattr(eventvision, name) for name in eventvision.__all__)


def test_what_a_sensor_is_can_be_asked_without_anything_slow():
    program = "from eventvision.sensors import ATIS\nfrom eventvision import Sensor\nimport sys; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "numpy" not in answer.stdout.split()

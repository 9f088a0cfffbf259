import sys

import pytest

from experiment.errors import OptionError
from experiment.sweep.on_ray import RayExecutor


def test_without_ray_a_line_says_how_to_have_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(OptionError) as told:
        RayExecutor()
    assert told.value.complaints == ("--ray: needs ray: pip install -r requirements-sweep.txt",)

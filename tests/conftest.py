"""What all tests share: no display, no global settings of the person who runs them."""

import os

from hypothesis import settings

# Before anything imports Matplotlib: figures are drawn without a screen.
os.environ["MPLBACKEND"] = "Agg"

# The first example of a property may compile code, so its time says nothing.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

"""Plots of what monitors recorded and of what a network learned.

Each function draws a new figure with pyplot, or draws anew into what a former call returned, which
is how a plot follows a running network. The images, lines and axes returned know their figure
(``image.figure``). With ``save`` the plot is written at once, and its folder made where there is
none; a new figure that is saved belongs to no window, so that nothing is left open. Pyplot is left
as it is: a window opens with ``plt.pause`` or ``plt.show`` (BindsNET turns on interactive mode as it
is imported).
"""

from types import ModuleType

from bindsnet.analysis.plotting.assignments import plot_assignments
from bindsnet.analysis.plotting.inputs import plot_input
from bindsnet.analysis.plotting.local_weights import plot_local_connection_2d_weights, plot_locally_connected_weights
from bindsnet.analysis.plotting.performance import plot_performance
from bindsnet.analysis.plotting.spikes import plot_spikes
from bindsnet.analysis.plotting.voltages import plot_voltages
from bindsnet.analysis.plotting.weights import plot_conv2d_weights, plot_weights

__all__ = [
    "plot_input",
    "plot_spikes",
    "plot_weights",
    "plot_conv2d_weights",
    "plot_locally_connected_weights",
    "plot_local_connection_2d_weights",
    "plot_assignments",
    "plot_performance",
    "plot_voltages",
]


def __getattr__(name: str) -> ModuleType:
    """Pyplot as ``plt``, which programs take from here."""
    if name != "plt":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from matplotlib import pyplot

    return pyplot

"""Looking at networks: plots of spikes, voltages, weights, labels and accuracies. Matplotlib is imported by the first plot."""

from bindsnet.analysis import pipeline_analysis, plotting, visualization

__all__ = ["plotting", "visualization", "pipeline_analysis"]

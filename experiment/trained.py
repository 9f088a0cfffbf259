"""The former address of a trained network, which earlier versions documented."""

from experiment.results.trained import TrainedNetwork

__all__ = ["TrainedNetwork"]

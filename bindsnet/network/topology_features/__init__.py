"""Features of a ``MulticompartmentConnection``: what signals meet on their way, a kind a file."""

from bindsnet.network.topology_features.adaptation import AdaptationBaseOtherSynaps, AdaptationBaseSynapsHistory
from bindsnet.network.topology_features.bias import Bias
from bindsnet.network.topology_features.degradation import Degradation
from bindsnet.network.topology_features.feature import AbstractFeature
from bindsnet.network.topology_features.intensity import Intensity
from bindsnet.network.topology_features.mask import Mask
from bindsnet.network.topology_features.mean_field import MeanField
from bindsnet.network.topology_features.probability import Probability
from bindsnet.network.topology_features.sub_features import AbstractSubFeature, Normalization, Updating
from bindsnet.network.topology_features.weight import Weight

__all__ = [
    "AbstractFeature",
    "AbstractSubFeature",
    "AdaptationBaseOtherSynaps",
    "AdaptationBaseSynapsHistory",
    "Bias",
    "Degradation",
    "Intensity",
    "Mask",
    "MeanField",
    "Normalization",
    "Probability",
    "Updating",
    "Weight",
]

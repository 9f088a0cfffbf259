"""What makes of a reward the signal that plasticity follows: ``Network(reward_fn=...)`` computes it for every run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch

from bindsnet.errors import NetworkError


class AbstractReward(ABC):
    """Computes the reward of a run, and learns from it between episodes what to expect."""

    @abstractmethod
    def compute(self, **kwargs) -> float | torch.Tensor:
        """The reward that rules are given, from the keywords of ``Network.run``, such as ``reward``."""

    @abstractmethod
    def update(self, **kwargs) -> None:
        """After an episode: change what is expected."""


class MovingAvgRPE(AbstractReward):
    """Reward prediction error: a reward less what the exponential moving average of those before has led to expect.

    After an episode of n steps with the reward R in all, of which the average remembers some W episodes:
    r̄ := (1 − 1/W) r̄ + R / (W n) for a step, and R̄ := (1 − 1/W) R̄ + R / W for an episode.

    Args:
        kwargs: none are known.

    Attributes:
        reward_predict: r̄, 0 at first.
        reward_predict_episode: R̄, 0 at first.
        rewards_predict_episode: R̄ after each episode.

    Raises:
        NetworkError: a keyword is unknown.
    """

    def __init__(self, **kwargs) -> None:
        if kwargs:
            raise NetworkError(f"MovingAvgRPE takes no argument {', '.join(map(repr, kwargs))}")
        self.reward_predict = torch.tensor(0.0)
        self.reward_predict_episode = torch.tensor(0.0)
        self.rewards_predict_episode: list[float] = []

    def compute(self, **kwargs) -> torch.Tensor:
        """The reward prediction error.

        Args:
            reward: the reward; other keywords of a run are let pass.

        Raises:
            NetworkError: there is none.
        """
        return _needed("compute", "reward", kwargs) - self.reward_predict

    def update(self, **kwargs) -> None:
        """Follow an episode.

        Args:
            accumulated_reward: all reward of the episode.
            steps: how many steps it had.
            ema_window: W (10 by default); other keywords, which a pipeline hands on, are let pass.

        Raises:
            NetworkError: one of the first two is missing.
        """
        reward, steps = (_needed("update", name, kwargs) for name in ("accumulated_reward", "steps"))
        share = 1.0 / kwargs.get("ema_window", 10.0)
        self.reward_predict = (1.0 - share) * self.reward_predict + share * reward / steps
        self.reward_predict_episode = (1.0 - share) * self.reward_predict_episode + share * reward
        self.rewards_predict_episode.append(float(self.reward_predict_episode))


def _needed(where: str, name: str, given: dict[str, Any]) -> Any:
    if given.get(name) is None:
        raise NetworkError(f"MovingAvgRPE: {where} takes {name}, which was not given")
    return given[name]

"""Weights and labels on a lattice."""

from __future__ import annotations

import pytest
import torch

from bindsnet.utils import get_square_assignments, get_square_weights, reshape_conv2d_weights


def test_fields_stand_side_by_side_row_by_row_and_missing_neurons_are_nan():
    weights = torch.arange(12.0).view(4, 3)  # three neurons of 2 × 2 inputs
    picture = get_square_weights(weights, 2, 2)
    assert picture[:2, :2].tolist() == [[0, 3], [6, 9]]
    assert picture[:2, 2:].tolist() == [[1, 4], [7, 10]]
    assert picture[2:, 2:].isnan().all()


def test_labels_fill_the_lattice_row_by_row():
    assert get_square_assignments(torch.tensor([5, 6, 7]), 2).tolist() == [[5, 6], [7, -1]]


def test_lattice_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="lattice"):
        get_square_weights(torch.zeros(4, 5), 2, 2)
    with pytest.raises(ValueError, match="lattice"):
        get_square_assignments(torch.zeros(5), 2)


def test_filters_of_each_input_channel_are_a_lattice_of_output_channels():
    weights = torch.arange(6.0).view(3, 2, 1, 1)  # three output, two input channels
    picture = reshape_conv2d_weights(weights)
    assert picture.shape == (4, 4)
    assert picture[:2].nan_to_num(-1).tolist() == [[0, 2, 1, 3], [4, -1, 5, -1]]
    assert picture[2:].isnan().all()
    assert reshape_conv2d_weights(torch.rand(4, 1, 2, 3)).shape == (4, 6)

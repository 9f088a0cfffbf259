"""Weights and labels on lattices, and patches of images; the numbers are BindsNET 0.3.4's, measured on the same input."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bindsnet.utils import (
    col2im_indices,
    get_square_assignments,
    get_square_weights,
    im2col_indices,
    lattice_side,
    on_lattice,
    reshape_conv2d_weights,
    reshape_local_connection_2d_weights,
    reshape_locally_connected_weights,
)


def test_fields_stand_side_by_side_row_by_row_and_missing_neurons_are_0():
    weights = torch.arange(1.0, 13).view(4, 3)  # three neurons of 2 × 2 inputs
    expected = [[1, 4, 2, 5], [7, 10, 8, 11], [3, 6, 0, 0], [9, 12, 0, 0]]
    for given in (weights, weights.double(), torch.nn.Parameter(weights)):
        picture = get_square_weights(given, 2, 2)
        assert picture.tolist() == expected
        assert (picture.dtype, picture.requires_grad) == (torch.float32, False)
    assert get_square_weights(torch.ones(6, 1), 1, (2, 3)).shape == (2, 3)


def test_labels_fill_the_lattice_row_by_row_as_floats():
    lattice = get_square_assignments(torch.tensor([5, 6, 7]), 2)
    assert lattice.tolist() == [[5, 6], [7, -1]]
    assert lattice.dtype == torch.float32


def test_of_more_neurons_than_there_are_places_the_first_are_shown():
    assert get_square_weights(torch.arange(5.0)[None], 2, 1).tolist() == [[0, 1], [2, 3]]
    assert get_square_assignments(torch.arange(5), 2).tolist() == [[0, 1], [2, 3]]


def test_filters_of_each_input_channel_are_a_lattice_of_output_channels():
    weights = torch.arange(1.0, 7).view(3, 2, 1, 1)  # three output, two input channels
    assert reshape_conv2d_weights(weights).tolist() == [[1, 3, 2, 4], [5, 0, 6, 0], [0] * 4, [0] * 4]
    assert reshape_conv2d_weights(torch.rand(4, 1, 2, 3)).shape == (4, 6)


def test_filters_of_a_local_connection_stand_on_a_lattice_at_each_position():
    w = torch.arange(1.0, 25).view(3, 1, 2, 2, 2)
    left, right = [[1, 2, 9, 10], [3, 4, 11, 12], [17, 18, 0, 0], [19, 20, 0, 0]], [[5, 6, 13, 14], [7, 8, 15, 16]]
    right += [[21, 22, 0, 0], [23, 24, 0, 0]]
    expected = [a + b for a, b in zip(left, right, strict=True)]
    assert reshape_local_connection_2d_weights(w, 3, (2, 2), (1, 2), (2, 3)).tolist() == expected


def test_filters_of_a_local_matrix_stand_on_a_lattice_at_each_position():
    numbers = torch.tensor([[0, 1], [1, 2], [3, 4], [4, 5]])  # of the inputs that each of two positions sees
    mask = torch.zeros(6, 2, dtype=torch.bool).scatter_(0, numbers, True)
    expected = [
        [0, 6, 2, 8, 7, 13, 9, 15],
        [18, 24, 20, 26, 25, 31, 27, 33],
        [4, 10, 0, 0, 11, 17, 0, 0],
        [22, 28, 0, 0, 29, 35, 0, 0],
    ]
    for locations in (numbers, mask):
        picture = reshape_locally_connected_weights(torch.arange(36.0).view(6, 6), 3, 2, (1, 2), locations, (2, 3))
        assert picture.tolist() == expected


def test_one_position_may_see_a_field_that_is_no_square():
    # BindsNET 0.3.4 fails here.
    w = torch.arange(24.0).view(2, 1, 1, 3, 4)
    assert reshape_local_connection_2d_weights(w, 2, (3, 4), (1, 1), (3, 4))[:3, 4:].tolist() == w[1, 0, 0].tolist()


def test_patches_are_columns_and_add_up_to_images():
    x = torch.rand(2, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    cols = im2col_indices(x, 3, 2, padding=(1, 0), stride=(1, 2))
    assert cols.shape == (2, 3 * 3 * 2, 5 * 3)
    assert cols[1, :, 4].tolist() == x[1, :, 0:3, 2:4].reshape(-1).tolist()  # the patch in row 1, column 1 of 3
    seen = im2col_indices(torch.ones_like(x), 3, 2, (1, 0), (1, 2))
    for shape in (x.shape, (5, 6)):
        again = col2im_indices(cols, shape, 3, 2, (1, 0), (1, 2)) / col2im_indices(seen, shape, 3, 2, (1, 0), (1, 2))
        assert torch.allclose(again, x)


def test_gaps_are_between_tiles_only_and_filled():
    tiles = np.arange(3.0).reshape(3, 1, 1)
    assert on_lattice(tiles, 2, 2, fill=9, gap=1).tolist() == [[0, 9, 1], [9, 9, 9], [2, 9, 9]]
    assert [lattice_side(n) for n in (1, 4, 5, 1600, 1601)] == [1, 2, 3, 40, 41]


@pytest.mark.parametrize(
    ("reshape", "shapes"),
    [
        (lambda: get_square_weights(torch.zeros(5, 4), 2, 2), r"\[4, n\], got \[5, 4\]"),
        (lambda: reshape_conv2d_weights(torch.zeros(4, 4)), r"n_in, rows, columns\] are expected, got the shape \[4, 4\]"),
        (
            lambda: reshape_locally_connected_weights(torch.zeros(6, 5), 3, 2, (1, 2), torch.zeros(4, 2).int(), (2, 3)),
            r"\[6, 3 · 2\] is expected, got the shape \[6, 5\]",
        ),
        (
            lambda: reshape_locally_connected_weights(torch.zeros(6, 6), 3, 2, (1, 2), torch.zeros(3, 2).int(), (2, 3)),
            r"4 inputs for 2 positions are expected, got \[3, 2\]",
        ),
        (
            lambda: reshape_local_connection_2d_weights(torch.zeros(3, 1, 2, 2, 3), 3, (2, 2), (1, 2), (2, 3)),
            r"\[3, 1, 2, 2, 2\] is expected, got the shape \[3, 1, 2, 2, 3\]",
        ),
    ],
    ids=range(5),
)
def test_weights_that_do_not_fit_are_refused(reshape, shapes):
    with pytest.raises(ValueError, match=shapes):
        reshape()

import numpy as np
import pytest
import torch

from common.spike_trains import ChosenTrains
from datasets import SpikeTrains


@pytest.fixture(params=["all", "chosen", "chosen twice"])
def trains(request):
    """Three samples: all that there are, or chosen from more of them."""
    pointers = torch.tensor([0, 2, 2, 5])
    steps = torch.tensor([0, 3, 1, 1, 2], dtype=torch.int16)
    units = torch.tensor([4, 0, 0, 2, 1], dtype=torch.int16)
    trains = SpikeTrains(pointers, steps, units, n_steps=4, n_units=5)
    if request.param == "all":
        return trains
    chosen = ChosenTrains(trains.select([1, 2, 0, 0, 1]), [2, 4, 1])
    return chosen if request.param == "chosen" else ChosenTrains(ChosenTrains(trains.select([2, 1, 0, 2]), [3, 2, 1]), [1, 2, 0])


def test_a_dense_sample_has_a_one_for_each_spike(trains):
    dense = trains.dense(2)
    assert dense.dtype == torch.uint8
    assert dense.shape == (4, 5)
    assert dense.nonzero().tolist() == [[1, 0], [1, 2], [2, 1]]
    assert trains.dense(1).sum() == 0
    assert torch.equal(trains.dense(-1), dense)
    assert torch.equal(trains.dense(-3), trains.dense(0))


def test_a_single_sample_is_a_packed_set_of_one(trains):
    sample = trains.sample(2)
    assert sample.pointers.tolist() == [0, 3]
    assert sample.n_samples == 1
    assert torch.equal(sample.dense(0), trains.dense(2))


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
@pytest.mark.parametrize("indices", [[2, 0], [1], [1, 1, 2, 2, 0], [0, 1, 2]])
def test_selected_samples_come_in_the_order_asked_for(trains, indices, kind):
    selected = trains.select(kind(indices))
    assert selected.n_samples == len(indices)
    assert selected.steps.dtype == torch.int16
    for place, index in enumerate(indices):
        assert torch.equal(selected.dense(place), trains.dense(index))


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
def test_samples_are_selected_by_whole_numbers_of_any_type(trains, dtype):
    assert torch.equal(trains.select(np.array([2, 0], dtype)).steps, trains.select([2, 0]).steps)
    with pytest.raises(IndexError, match="outside 0 … 2"):
        trains.select(np.array([1, np.iinfo(dtype).max], dtype))


def test_no_sample_may_be_selected(trains):
    assert trains.select([]).n_samples == 0
    assert trains.select([]).pointers.tolist() == [0]


@pytest.mark.parametrize("indices", [[0.5], [True, False, True], [[0]]], ids=lambda indices: str(indices))
def test_a_selection_that_is_no_list_of_samples_is_refused(trains, indices):
    with pytest.raises(IndexError, match="takes a list of sample numbers"):
        trains.select(indices)


@pytest.mark.parametrize("number", [3, -1])
def test_a_selection_of_a_sample_that_is_not_there_is_refused(trains, number):
    with pytest.raises(IndexError, match="a sample number is outside 0 … 2"):
        trains.select([0, number])


@pytest.mark.parametrize("index", [3, -4])
def test_a_sample_that_is_not_there_is_refused(trains, index):
    with pytest.raises(IndexError, match="no sample"):
        trains.dense(index)
    with pytest.raises(IndexError, match="no sample"):
        trains.sample(index)


def test_chosen_samples_are_what_a_copy_of_them_is_and_none_is_made_of_those_that_are_not_selected(trains):
    for name in ("pointers", "steps", "units", "n_steps", "n_units"):
        expected = {"pointers": [0, 2, 2, 5], "steps": [0, 3, 1, 1, 2], "units": [4, 0, 0, 2, 1], "n_steps": 4, "n_units": 5}[
            name
        ]
        found = getattr(trains, name)
        assert found == expected if isinstance(expected, int) else found.tolist() == expected
    assert isinstance(SpikeTrains.of(trains), SpikeTrains)
    assert torch.equal(trains.to_dense(), torch.stack([trains.dense(index) for index in range(3)]).bool())
    assert torch.equal(trains.counts(), trains.to_dense().sum(1).int())
    assert isinstance(trains.select([0]), SpikeTrains)


def test_samples_that_are_not_there_cannot_be_chosen(trains):
    with pytest.raises(IndexError, match="outside 0 … 2"):
        ChosenTrains(trains, [3])

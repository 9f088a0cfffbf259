import torch

from datasets import SparseToDense


def test_sparse_samples_become_dense_and_dense_ones_stay():
    dense = torch.eye(3, dtype=torch.uint8)
    assert torch.equal(SparseToDense()(dense.to_sparse()), dense)
    assert SparseToDense()(dense) is dense

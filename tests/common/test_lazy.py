import pytest

from common.lazy import loader


def test_a_name_is_loaded_from_the_module_that_defines_it():
    load = loader("common", {"Real": "common.values"})
    assert load("Real").__module__ == "common.values"
    with pytest.raises(AttributeError, match="module 'common' has no attribute 'Whole'"):
        load("Whole")

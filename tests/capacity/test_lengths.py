"""The lengths of the traffic's texts."""

import pytest

from load.capacity.inputs.lengths import length_mix
from load.node import NodeMissingError, find_node
from tests.support.missing import missing


def test_lengths_are_a_distribution_like_that_of_sst_2() -> None:
    try:
        find_node()
    except NodeMissingError as error:
        missing(str(error))
    mix = length_mix()
    assert sum(mix.values()) == pytest.approx(1)
    assert all(tokens % 4 == 0 for tokens in mix)
    assert sum(tokens * share for tokens, share in mix.items()) == pytest.approx(25, abs=3)
    assert mix == length_mix()

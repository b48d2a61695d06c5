import pytest

from load.bench.limits.ideal import Costs, ideal_rate
from load.bench.rows.resources.growth import slope


def test_the_ideal_of_a_run() -> None:
    costs = Costs(cores=2, generator=0.25, request=138e-6, miss_share=0.05, engine=4.2e-3, task=1.6e-3)
    assert ideal_rate(costs) == pytest.approx(1.75 / (138e-6 + 0.05 * 5.8e-3))


def test_growth_counts_only_what_came_after_settling() -> None:
    minutes = [0, 1, 2, 3, 4, 5]
    assert slope(minutes, [0, 80, 100, 100.5, 101, 101.5], settled=2) == pytest.approx(0.5)

import pytest

from api.stats.counts import BUCKETS, COUNT, SUM_COUNT, SUMS, UNKNOWN
from api.stats.points import COLUMNS, point, quantile, total
from shared.process.metrics import SECONDS


def buckets(**counts: int) -> list[int]:
    return [counts.get(f"b{index}", 0) for index in range(BUCKETS)]


def test_nothing_has_no_quantile() -> None:
    assert quantile(buckets(), 0.5) is None


def test_a_quantile_is_taken_evenly_from_its_bucket() -> None:
    within = buckets(b4=100)  # from 5 to 10 ms
    assert quantile(within, 0.5) == pytest.approx(7.5)
    assert quantile(within, 0.99) == pytest.approx(9.95)
    assert quantile(buckets(b0=10), 0.5) == pytest.approx(0.25)


def test_quantiles_of_different_buckets() -> None:
    mixed = buckets(b0=98, b9=2)
    assert quantile(mixed, 0.5) == pytest.approx(0.255)
    assert quantile(mixed, 0.99) == pytest.approx((SECONDS[8] + SECONDS[9]) / 2 * 1000)


def test_what_is_beyond_the_last_bound_took_at_least_that_long() -> None:
    assert quantile([0] * (BUCKETS - 1) + [1], 0.99) == SECONDS[-1] * 1000


def test_a_point_has_the_numbers_of_its_columns() -> None:
    counts = list(range(COUNT))
    found = dict(zip(COLUMNS, point(7, counts), strict=True))
    assert (found["slot"], found["requests"], found["computed"]) == (7, 1, len(SUMS) - 1)
    assert found["interactive"] == SUM_COUNT
    assert found["workers"] == COUNT - 1


def test_what_was_unknown_is_null() -> None:
    assert point(7, [0] * SUM_COUNT + [UNKNOWN, 3, UNKNOWN, 4, 5])[-5:] == [None, 3, None, 4, 5]


def test_slots_are_added_up_and_of_levels_the_largest_counts() -> None:
    one, other = [1] * COUNT, [3] * COUNT
    assert total([one, other]) == [4] * SUM_COUNT + [3] * (COUNT - SUM_COUNT)
    assert total([]) == [0] * COUNT

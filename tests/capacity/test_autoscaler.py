"""The autoscaler's decisions, worked by hand."""

import pytest

from load.capacity.inputs.scaling import Policy, Rules, Scaling, Select, Unit
from load.capacity.simulate.autoscaler import Autoscaler

AT_ONCE = Rules(stabilisation=0, policies=(Policy(unit=Unit.PERCENT, value=100),))


def hpa(fewest: int = 1, **fields: object) -> Autoscaler:
    """Return an autoscaler with Kubernetes' defaults and a target of 100 a replica."""
    return Autoscaler(Scaling.model_validate({"target": 100, "vcpus": 1} | fields), fewest)


def test_the_documented_formula() -> None:
    # https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/: 200m of 100m doubles, 50m halves.
    assert hpa().decide(0, current=3, metric=3 * 200) == 6
    assert hpa(down=AT_ONCE).decide(0, current=4, metric=4 * 50) == 2


@pytest.mark.parametrize(("metric", "replicas"), [(1090, 10), (1100, 10), (1110, 12), (910, 10), (900, 10), (890, 9)])
def test_nothing_changes_within_a_tenth(metric: float, replicas: int) -> None:
    assert hpa(down=AT_ONCE).decide(0, current=10, metric=metric) == replicas


@pytest.mark.parametrize(("current", "replicas"), [(1, 5), (3, 7), (4, 8), (10, 20)])
def test_up_by_four_or_double_whichever_is_more(current: int, replicas: int) -> None:
    assert hpa().decide(0, current=current, metric=1e6) == replicas


def test_a_policys_period_counts_what_was_added_within_it() -> None:
    rules = Rules(stabilisation=0, policies=(Policy(unit=Unit.PODS, value=4, period=60),))
    scaler = hpa(up=rules)
    assert scaler.decide(0, current=2, metric=1e6) == 6
    assert scaler.decide(15, current=6, metric=1e6) == 6
    assert scaler.decide(60, current=6, metric=1e6) == 10


def test_the_documented_way_down_by_ten_per_cent_or_four() -> None:
    # Same page: from 80, ten per cent of what is left, rounded up, a minute; from 40 on, four pods are more.
    policies = (Policy(unit=Unit.PODS, value=4, period=60), Policy(unit=Unit.PERCENT, value=10, period=60))
    scaler = hpa(down=Rules(stabilisation=0, policies=policies))
    replicas, steps = 80, []
    for minute in range(9):
        replicas = scaler.decide(minute * 60, current=replicas, metric=1)
        steps.append(replicas)
    assert steps == [72, 64, 57, 51, 45, 40, 36, 32, 28]


@pytest.mark.parametrize(("select", "replicas"), [("Max", 20), ("Min", 11), ("Disabled", 10)])
def test_which_policy_rules(select: Select, replicas: int) -> None:
    policies = (Policy(unit=Unit.PERCENT, value=100), Policy(unit=Unit.PODS, value=1))
    rules = Rules(stabilisation=0, policies=policies, select=select)
    assert hpa(up=rules).decide(0, current=10, metric=1e6) == replicas


def test_down_only_to_the_highest_of_the_window() -> None:
    scaler = hpa()
    assert scaler.decide(0, current=10, metric=800) == 10  # a new HPA remembers what it finds
    assert scaler.decide(299, current=10, metric=300) == 10
    # What it found and the 8 of that moment have left the window of 300 s, so 3 is the highest.
    assert scaler.decide(301, current=10, metric=300) == 3


def test_down_to_the_highest_recommendation_not_to_the_current_number() -> None:
    scaler = hpa(down=Rules(stabilisation=60, policies=(Policy(unit=Unit.PERCENT, value=100),)))
    scaler.decide(0, current=20, metric=2000)
    assert scaler.decide(30, current=20, metric=800) == 20
    assert scaler.decide(75, current=20, metric=300) == 8


def test_up_only_to_the_lowest_of_a_window_that_looks_up() -> None:
    scaler = hpa(up=Rules(stabilisation=30, policies=(Policy(unit=Unit.PERCENT, value=900),)))
    assert scaler.decide(0, current=10, metric=1000) == 10
    assert scaler.decide(15, current=10, metric=5000) == 10
    assert scaler.decide(31, current=10, metric=4000) == 40


def test_never_beyond_the_bounds() -> None:
    assert hpa(max_replicas=12).decide(0, current=10, metric=1e6) == 12
    assert hpa(fewest=3, down=AT_ONCE).decide(0, current=10, metric=0) == 3
    fixed = hpa(fewest=5, max_replicas=1)
    assert [fixed.decide(at, current=5, metric=metric) for at, metric in ((0, 1e6), (15, 0), (900, 0))] == [5, 5, 5]

"""What the planner says of a flood of jobs, held against what can be worked out by hand."""

import pytest

from load.capacity.simulate.flood import Flood, predict

ONE = Flood(
    jobs=1,
    texts=1_000,
    texts_per_second=100,
    most_per_second=1_000,
    chunk_texts=10,
    max_replicas=1,
    poll_seconds=4,
    pod_start_seconds=3,
    cold_start_seconds=2,
)


def test_one_pod_is_asked_for_at_the_poll_and_works_when_it_has_started() -> None:
    course = predict(ONE)
    assert course.asked == pytest.approx(2)
    assert course.first_result == pytest.approx(7.1, abs=0.1)
    assert course.done == pytest.approx(17, abs=0.2)
    assert course.replicas == 1
    assert course.gone - course.done == pytest.approx(60 + 2 + 2, abs=4)


def test_more_replicas_come_as_the_hpa_decides() -> None:
    course = predict(ONE.model_copy(update={"jobs": 10, "max_replicas": 8}))
    assert course.replicas == 8
    # One pod works from 7 s on; the HPA asks for five at 15 s and for all at 30 s: 1,300 + 7,500 texts, then 1,200.
    assert course.done == pytest.approx(36.5, abs=0.2)


def test_a_node_gives_no_more_than_it_has() -> None:
    flood = ONE.model_copy(update={"jobs": 10, "max_replicas": 8, "most_per_second": 100})
    assert predict(flood).done == pytest.approx(7 + 100, abs=1)


def test_a_line_that_one_replica_can_carry_gets_one() -> None:
    assert predict(ONE.model_copy(update={"texts": 120, "max_replicas": 8})).replicas == 1

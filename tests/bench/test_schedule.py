import json
from itertools import pairwise

import pytest

from load.generate.scenarios import SCENARIOS, Order
from tests.bench.test_records import run_js

pytestmark = pytest.mark.usefixtures("node")

Phases = list[dict[str, float]]


def due(phases: Phases, seed: int | None = None) -> list[float]:
    arguments = f"{json.dumps(phases)}, {'undefined' if seed is None else seed}"
    script = f'import {{ schedule }} from "./schedule.js"; console.log(JSON.stringify(schedule({arguments})))'
    times: list[float] = json.loads(run_js(script))
    return times


def test_a_steady_rate_is_even() -> None:
    assert due([{"seconds": 2, "from": 4, "to": 4}]) == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]


def test_a_ramp_grows_with_the_square_of_time() -> None:
    times = due([{"seconds": 4, "from": 0, "to": 8}])
    assert len(times) == 16
    assert times == pytest.approx([count**0.5 for count in range(1, 17)])


def test_phases_follow_each_other() -> None:
    times = due(
        [{"seconds": 1, "from": 2, "to": 2}, {"seconds": 1, "from": 4, "to": 4}, {"seconds": 2, "from": 4, "to": 0}]
    )
    assert times[:6] == pytest.approx([0.5, 1, 1.25, 1.5, 1.75, 2])
    assert len(times) == 10
    assert times == sorted(times)


def test_random_gaps_have_the_same_mean_and_come_again_with_their_seed() -> None:
    phases: Phases = [{"seconds": 100, "from": 50, "to": 50}]
    times = due(phases, seed=3)
    assert times == due(phases, seed=3) != due(phases, seed=4)
    assert 4_600 < len(times) < 5_400
    gaps = [after - before for before, after in pairwise(times)]
    short = sum(gap < 0.02 for gap in gaps) / len(gaps)
    assert short == pytest.approx(1 - 1 / 2.71828, abs=0.03), "exponential gaps"


def test_a_burst_reaches_twenty_times_the_rate_in_a_second() -> None:
    phases = SCENARIOS["burst"].phases
    assert phases is not None
    first, hold, *_ = phases(Order(seconds=30, rate=10))
    assert (first.seconds, first.begin, first.end) == (1, 0, 200)
    assert (hold.begin, hold.end) == (200, 200)

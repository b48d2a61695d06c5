"""The answers to one plan at several rates, from 100 to 100,000 requests per second."""

from collections.abc import Callable, Sequence
from typing import Final

from load.capacity.answers.report import PLACEHOLDERS, head, milliseconds, share
from load.capacity.answers.sizing import Answer, answer
from load.capacity.inputs.model import Plan
from load.capacity.simulate.records import Summary

RATES: Final = (100.0, 1_000.0, 10_000.0, 100_000.0)
_COLUMNS: Final = (
    *("requests/s", "brokers", "API needed, base / spike", "workers needed, base / spike", "steady p50 ms"),
    *("steady p99 ms", "spike p99 ms", "503 in the spike", "504 in the spike", "cost of a million requests"),
)


def tabulate(plan: Plan, rates: Sequence[float], say: Callable[[str], None] = lambda _: None) -> list[Answer]:
    """Return the answer to a plan at each of several rates.

    Raises:
        NotEnoughError: the goal cannot be reached at any size.
    """
    answers = []
    for rate in rates:
        say(f"{rate:g} requests/s")
        answers.append(answer(plan.model_copy(update={"traffic": plan.traffic.model_copy(update={"rate": rate})})))
    return answers


def as_markdown(plan: Plan, answers: Sequence[Answer], *, measured: bool) -> str:
    """Return a Markdown table with a row for each rate: replicas, the steady state, the spike, and the price.

    Replicas are those of all cells together; latencies and shares are the same in each cell.
    """
    traffic = plan.traffic
    lines = [
        f"{traffic.hit_rate:.0%} hits; {traffic.spike_factor:g} times the rate for {traffic.spike_minutes} minutes.\n",
        head(*_COLUMNS),
        *(_row(one) for one in answers),
    ]
    return ("" if measured else PLACEHOLDERS) + "\n".join(lines) + "\n"


def _row(one: Answer) -> str:
    traffic, cells = one.run.plan.traffic, one.cells
    begin, end = traffic.spike_start * 60, (traffic.spike_start + traffic.spike_minutes) * 60
    spike = one.run.between(begin, end) if traffic.spike_minutes else one.run.total
    steady: Summary = one.base.run.total
    needs = f"{one.base.api * cells} / {one.peak.api * cells} | {one.base.workers * cells} / {one.peak.workers * cells}"
    failures = f"{share(spike.refused, spike.requests)} | {share(spike.late, spike.requests)}"
    latencies = f"{milliseconds(steady.p50)} | {milliseconds(steady.p99)} | {milliseconds(spike.p99)}"
    price = f"{one.run.cost_per_million:.3g}"
    return f"| {traffic.rate * cells:,.0f} | {cells} | {needs} | {latencies} | {failures} | {price} |"

"""The answer to a plan, as Markdown and as JSON."""

from dataclasses import asdict
from math import isnan
from typing import Any, Final

from load.capacity.answers.sizing import Answer, Size
from load.capacity.inputs.model import Plan
from load.capacity.simulate.records import Summary

_NEEDS: Final = ("requests/s", "API replicas", "workers", "p50 ms", "p99 ms", "API busy", "workers busy")
_MINUTE: Final = (
    *("minute", "requests/s", "API replicas", "workers (asked)", "p50 ms", "p99 ms", "miss p50 ms", "miss p99 ms"),
    *("503", "504", "API busy", "workers busy", "most texts unanswered"),
)
PLACEHOLDERS: Final = "**The service times are placeholders, not measured: these figures describe no machine.**\n\n"


def as_json(plan: Plan, answer: Answer, *, measured: bool) -> dict[str, Any]:
    """Return inputs, sizes, each minute and the whole run for JSON. Counts are those of one cell."""
    return {
        "measured": measured,
        "plan": plan.model_dump(mode="json"),
        "cells": answer.cells,
        "needed_at_base_rate": _size(answer.base),
        "needed_in_the_spike": _size(answer.peak),
        "cost_per_million": answer.run.cost_per_million,
        "total": _numbers(answer.run.total),
        "minutes": [_numbers(minute) for minute in answer.run.minutes],
    }


def as_markdown(plan: Plan, answer: Answer, *, measured: bool) -> str:
    """Return the answer as Markdown: the needed replicas, the run with autoscalers, and each minute."""
    traffic, run = plan.traffic, answer.run
    spike = f"{traffic.peak:g} in {traffic.spike_minutes} minutes from minute {traffic.spike_start}"
    lines = [
        f"# {traffic.rate:g} requests/s, {traffic.hit_rate:.0%} hits, {spike}\n",
        _cells(answer.cells),
        head("a cell needs", *_NEEDS),
        _needs("at the base rate", answer.base),
        _needs("in the spike", answer.peak),
        f"\nWith its autoscalers: {_total(run.total)}, {run.cost_per_million:.3g} for a million predictions.\n",
        head(*_MINUTE),
        *(_minute(number, minute) for number, minute in enumerate(run.minutes)),
    ]
    return ("" if measured else PLACEHOLDERS) + "\n".join(lines) + "\n"


def head(*names: str) -> str:
    """Return the head of a Markdown table; all columns but the first are aligned right."""
    return f"| {' | '.join(names)} |\n|---|{'---:|' * (len(names) - 1)}"


def share(part: int, whole: int) -> str:
    """Return a share in per cent; a small share that is not 0 is written as ``<0.01%``."""
    return "<0.01%" if 0 < part < whole / 1e4 else f"{part / max(1, whole):.2%}"


def milliseconds(seconds: float) -> str:
    """Return a latency in milliseconds as text."""
    return f"{seconds * 1000:,.1f}"


def _size(size: Size) -> dict[str, Any]:
    return _numbers(size.run.total) | {"rate": size.run.plan.traffic.rate}


def _numbers(summary: Summary) -> dict[str, Any]:
    """Return the fields of a summary for JSON; without answers the latencies are left out."""
    return {
        name: None if isinstance(value, float) and isnan(value) else value for name, value in asdict(summary).items()
    }


def _cells(cells: int) -> str:
    if cells == 1:
        return "One broker is enough.\n"
    return (
        f"One broker is not enough: {cells} cells, each a copy of the service with its own; figures are one cell's.\n"
    )


def _needs(when: str, size: Size) -> str:
    total = size.run.total
    rate = size.run.plan.traffic.rate
    busy = f"{total.api_busy:.0%} | {total.worker_busy:.0%} |"
    return f"| {when} | {rate:g} | {size.api} | {size.workers} | {_latencies(total)} | {busy}"


def _latencies(summary: Summary) -> str:
    return f"{milliseconds(summary.p50)} | {milliseconds(summary.p99)}"


def _total(total: Summary) -> str:
    failures = f"503 {share(total.refused, total.requests)}, 504 {share(total.late, total.requests)}"
    return f"p50 {milliseconds(total.p50)} ms, p99 {milliseconds(total.p99)} ms, {failures}"


def _minute(number: int, minute: Summary) -> str:
    workers = f"{minute.worker_replicas} ({minute.workers_asked})"
    misses = f"{milliseconds(minute.miss_p50)} | {milliseconds(minute.miss_p99)}"
    failures = f"{share(minute.refused, minute.requests)} | {share(minute.late, minute.requests)}"
    busy = f"{minute.api_busy:.0%} | {minute.worker_busy:.0%}"
    rate = f"{minute.requests / 60:.0f} | {minute.api_replicas} | {workers}"
    return f"| {number} | {rate} | {_latencies(minute)} | {misses} | {failures} | {busy} | {minute.texts} |"

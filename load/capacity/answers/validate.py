"""Comparison of measured runs with their simulation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from load.capacity.inputs.model import Plan
from load.capacity.inputs.results import LoadRun, ResultError
from load.capacity.simulate.machine import Machine, Measured, Setup

_CLOSED: Final = ("headline", "hot", "cold")
_OPEN: Final = ("open",)
_LOOKING_ON: Final = ("flower", "launcher")
_LONGEST: Final = 30.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The measured and the simulated values of one run."""

    scenario: str
    setup: Setup
    used: float
    """Cores that all parts used; in a closed loop, a small value means that other programs used the machine."""
    measured: Measured
    simulated: Measured

    @property
    def quantities(self) -> list[str]:
        """Names of the compared values; the throughput of an open loop is an input and not compared."""
        mixed = bool(self.measured.miss_p50) and self.measured.miss_p50 != self.measured.p50
        return [
            *(["throughput"] if self.setup.connections else []),
            *("p50", "p99"),
            *(["miss_p50", "miss_p99"] if mixed else []),
        ]

    def error(self, quantity: str) -> float:
        """Return the relative error of a simulated value."""
        return float(getattr(self.simulated, quantity)) / float(getattr(self.measured, quantity)) - 1


def compare(plan: Plan, run: LoadRun) -> Comparison:
    """Simulate a measured run with the costs of a plan and the traffic, cores and generator of the run.

    Raises:
        ResultError: the run is of a kind that is not simulated, or its result has no cores.
    """
    hits, misses = (run.seen.get(name, 0) for name in ("hits", "misses"))
    if run.scenario not in (*_CLOSED, *_OPEN) or not hits + misses or not run.parts:
        raise ResultError(
            f"{run.scenario}: only runs on our own stack of {', '.join((*_CLOSED, *_OPEN))} are simulated"
        )
    traffic = plan.traffic.model_copy(update={"hit_rate": hits / (hits + misses)})
    setup = _setup(run)
    simulated = Machine(plan.model_copy(update={"traffic": traffic}), setup).run()
    used = sum(part.cores for part in run.parts.values())
    return Comparison(run.scenario, setup, used, _measured(run), simulated)


def _setup(run: LoadRun) -> Setup:
    """Return the setup of a simulation with the cores, the generator and the loop of a measured run.

    The CPU use of parts that only observe is subtracted from the cores, and so is that of an open loop's generator,
    which works between requests. The generator of a closed loop is simulated as a part of each request.
    """
    closed = run.scenario in _CLOSED
    aside = _LOOKING_ON if closed else (*_LOOKING_ON, "generator")
    return Setup(
        cores=run.hardware.usable_cores - sum(run.parts[name].cores for name in aside if name in run.parts),
        processes=sum(name.startswith("model-") for name in run.parts),
        seconds=run.settings.warm_up + min(run.seconds, _LONGEST),
        warm_up=run.settings.warm_up,
        generator_cpu=run.parts["generator"].cpu_seconds / run.requests if closed else 0.0,
        connections=run.settings.connections if closed else 0,
        rate=run.settings.rate,
        poisson=run.settings.poisson,
    )


def _measured(run: LoadRun) -> Measured:
    everything, misses = (run.latency.get(name, {}) for name in ("all", "misses"))
    seconds = [part.get(key, 0.0) / 1000 for part in (everything, misses) for key in ("p50", "p99")]
    return Measured(run.requests_per_second, *seconds)


def table(comparisons: Sequence[Comparison]) -> str:
    """Return the comparisons as a Markdown table; latencies are in ms."""
    lines = ["| run | cores used | quantity | measured | simulated | error |", "|---|---:|---|---:|---:|---:|"]
    for comparison in comparisons:
        for quantity in comparison.quantities:
            name, scale = ("requests/s", 1) if quantity == "throughput" else (f"{quantity.replace('_', ' ')} ms", 1000)
            seen, simulated = (getattr(side, quantity) * scale for side in (comparison.measured, comparison.simulated))
            row = f"{name} | {seen:.4g} | {simulated:.4g} | {comparison.error(quantity):+.1%} |"
            lines.append(f"| {comparison.scenario} | {comparison.used:.2f} | {row}")
    return "\n".join(lines) + "\n"

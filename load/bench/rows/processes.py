"""(f) One model process, compared with two."""

from dataclasses import asdict

from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, middle, miss_p50, on_stack

_SECONDS = 5.0
_PROFILES = ("cold", "headline")
_COUNTS = (1, 2)


async def run(bench: Bench) -> Outcome:
    """Measure both profiles with each number of processes."""
    outcome = Outcome("One against two model processes, 66 M-parameter shape")
    rates: dict[tuple[str, int], float] = {}
    for count in _COUNTS:
        samples = await _measure(bench, count)
        for profile, own in samples.items():
            rates[profile, count] = middle(own)
            outcome.add(f"{profile}, {count}: throughput", middle(own), "requests/s")
            outcome.add(f"{profile}, {count}: misses, p50", miss_p50(own), "ms")
            outcome.data[f"{profile}, {count}"] = [asdict(sample) for sample in own]
    for profile in _PROFILES:
        outcome.add(f"{profile}: two / one", rates[profile, 2] / rates[profile, 1], "x")
    return outcome


async def _measure(bench: Bench, count: int) -> dict[str, list[Sample]]:
    async def work(stack: Stack) -> dict[str, list[Sample]]:
        samples: dict[str, list[Sample]] = {profile: [] for profile in _PROFILES}
        for number in range(bench.runs):
            for profile, own in samples.items():
                bench.say(f"{count} processes, {profile}, run {number + 1} of {bench.runs}")
                own.append(await closed(bench, stack.base, profile, _SECONDS, processes=stack.processes))
        return samples

    return await on_stack(bench, work, bench.model_dir, worker_processes=str(count))

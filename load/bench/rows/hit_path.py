"""(a) The hit path, compared with an endpoint that does nothing."""

from dataclasses import asdict

from load.bench.parts.servers import NO_OWN_CACHE, Server, another_api, noop
from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, Sample, closed, middle, on_stack

_SECONDS = 4.0


async def run(bench: Bench) -> Outcome:
    """Measure alternately the empty endpoint, hits in the process's own cache, and hits in Redis."""

    async def work(stack: Stack) -> Outcome:
        async with noop() as nothing, another_api(stack, variables=NO_OWN_CACHE) as redis:
            systems = {"no-op": nothing, "own cache": Server(stack.base, stack.processes["api"]), "Redis": redis}
            samples: dict[str, list[Sample]] = {name: [] for name in systems}
            for number in range(bench.runs):
                for name, system in systems.items():
                    bench.say(f"{name}, run {number + 1} of {bench.runs}")
                    processes = {"server": system.process}
                    samples[name].append(await closed(bench, system.base, "hot", _SECONDS, processes=processes))
        return _outcome(samples)

    return await on_stack(bench, work, bench.model_dir)


def _outcome(samples: dict[str, list[Sample]]) -> Outcome:
    outcome = Outcome("Hit path against a FastAPI endpoint with the same validation that does nothing")
    rates = {name: middle(own) for name, own in samples.items()}
    for name, rate in rates.items():
        outcome.add(name, rate, "requests/s")
    outcome.at_least("own cache / no-op", rates["own cache"] / rates["no-op"], "x", 1.3)
    outcome.at_least("Redis / no-op", rates["Redis"] / rates["no-op"], "x", 0.6)
    outcome.data = {name: [asdict(sample) for sample in own] for name, own in samples.items()}
    outcome.notes.append("Redis: a process whose own cache holds one text, so one request in 20 still finds it there")
    return outcome

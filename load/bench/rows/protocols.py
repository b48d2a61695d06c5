"""(j) CPU of a hit and of a miss in the API, by the route of each protocol against the own route."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Final, NamedTuple

from load.bench.parts.stack import Stack
from load.bench.row import Bench, Outcome, cold_texts, on_stack
from load.errors import BenchError
from load.generate.asking import ask
from load.generate.usage import cpu_seconds
from shared.process.choices import ClientProtocolName

_ROUNDS: Final = 4
_HITS: Final = 3_000
_MISSES: Final = 300
_QUICK: Final = 10
"""Factor by which a quick run has fewer requests."""
_MOST_HIT_US: Final = 25
_MOST_MISS_US: Final = 200
_HELD: Final = "The same sentence again, which the process holds."
_OWN: Final = "own"


class _Route(NamedTuple):
    """A route below the prefix, and its body for one text."""

    path: str
    body: Callable[[str], dict[str, Any]]


def _tensor(text: str) -> dict[str, Any]:
    return {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [text]}]}


_ROUTES: Final = {
    _OWN: _Route("/predict", lambda text: {"text": text}),
    "Hugging Face": _Route("/hf", lambda text: {"inputs": text, "parameters": {}}),
    "TEI": _Route("/tei/predict", lambda text: {"inputs": text}),
    "Open Inference Protocol": _Route("/v2/models/sentiment/infer", _tensor),
    "KServe V1": _Route("/v1/models/sentiment:predict", lambda text: {"instances": [text]}),
    "invocations": _Route("/invocations", lambda text: {"instances": [text]}),
    "vLLM": _Route("/vllm/classify", lambda text: {"model": "sentiment", "input": text}),
    "Infinity": _Route("/infinity/classify", lambda text: {"model": "sentiment", "input": [text]}),
}


async def run(bench: Bench) -> Outcome:
    """Measure the routes in turn, forwards and backwards, with requests one after the other."""
    hits, misses = (count // _QUICK if bench.quick else count for count in (_HITS, _MISSES))
    rounds = _ROUNDS * bench.runs
    fresh = iter(await cold_texts(bench, secrets.token_hex(2), rounds * len(_ROUTES) * misses))

    async def work(stack: Stack) -> Outcome:
        outcome = Outcome("CPU of a hit and of a miss in the API by each protocol's route, compact")
        held: dict[str, list[float]] = {name: [] for name in _ROUTES}
        computed: dict[str, list[float]] = {name: [] for name in _ROUTES}
        await asyncio.to_thread(_cost, stack, _OWN, [_HELD])
        for number in range(rounds):
            bench.say(f"round {number + 1} of {rounds}")
            for name in list(_ROUTES)[:: -1 if number % 2 else 1]:
                held[name].append(await asyncio.to_thread(_cost, stack, name, [_HELD] * hits))
                texts = [next(fresh) for _ in range(misses)]
                computed[name].append(await asyncio.to_thread(_cost, stack, name, texts))
        _judge(outcome, "hit", held, _MOST_HIT_US)
        _judge(outcome, "miss", computed, _MOST_MISS_US)
        return outcome

    return await on_stack(bench, work, bench.compact_dir, protocols=",".join(ClientProtocolName))


def _cost(stack: Stack, name: str, texts: Sequence[str]) -> float:
    """Return the API's CPU for a request, in microseconds; the average of requests one after the other."""
    route = _ROUTES[name]
    bodies = [route.body(text) for text in texts]
    before = cpu_seconds(stack.processes["api"])
    answers = ask(stack.base, route.path, bodies)
    used = cpu_seconds(stack.processes["api"]) - before
    wrong = [answer for answer in answers if not answer.ok]
    if wrong:
        raise BenchError(f"{route.path} answers {wrong[0].status}: {wrong[0].body.decode(errors='replace')[:200]}")
    return used / len(texts) * 1e6


def _judge(outcome: Outcome, what: str, costs: dict[str, list[float]], most: float) -> None:
    """Add the cost of the own route, and what each other route costs above it in the same round."""
    outcome.add(f"{what}: {_OWN}", median(costs[_OWN]), "µs of CPU")
    for name in [name for name in costs if name != _OWN]:
        above = [other - own for other, own in zip(costs[name], costs[_OWN], strict=True)]
        outcome.at_most(f"{what}: {name} above {_OWN}", median(above), "µs of CPU", most)
    outcome.data[what] = costs

"""The ideal rate of a run on its machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """The costs that the run has measured. Costs are in CPU seconds.

    Args:
        cores: number of usable cores.
        generator: number of cores that the generator used.
        request: cost of a request to an endpoint that does nothing.
        miss_share: share of requests that miss.
        engine: of the yardstick on one text.
        task: of a Celery task that does nothing.
    """

    cores: float
    generator: float
    request: float
    miss_share: float
    engine: float
    task: float


def ideal_rate(costs: Costs) -> float:
    """Return the rate in requests per second at which the cores would be fully used by unavoidable work.

    (cores - generator) / (request + miss share * (engine + task)). The product can exceed it only if its own request
    costs less than that of the plain endpoint.
    """
    return (costs.cores - costs.generator) / (costs.request + costs.miss_share * (costs.engine + costs.task))

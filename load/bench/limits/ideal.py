"""The ideal rate of a run on its machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """Costs measured in the run, in CPU seconds; `cores` and `generator` are cores.

    Args:
        cores: that may be used.
        generator: cores that the generator took.
        request: of a request to an endpoint that does nothing.
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
    """Return the requests a second at which the cores would do nothing but what cannot be left out.

    (cores - generator) / (request + miss share * (engine + task)); more is possible only where our own request costs
    less than the plain endpoint's.
    """
    return (costs.cores - costs.generator) / (costs.request + costs.miss_share * (costs.engine + costs.task))

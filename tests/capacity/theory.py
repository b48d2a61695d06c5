"""Textbook results that a simulation must meet (Gross, Shortle, Thompson, Harris: Fundamentals of Queueing Theory)."""

import math


def erlang_c(servers: int, load: float) -> float:
    """Return the probability of waiting in an M/M/c queue.

    Args:
        servers: c.
        load: arrival rate over service rate, in erlangs; below c.
    """
    term = load**servers / math.factorial(servers) * servers / (servers - load)
    return term / (sum(load**k / math.factorial(k) for k in range(servers)) + term)


def mmc_wait(servers: int, load: float, service: float) -> float:
    """Return the mean wait in an M/M/c queue."""
    return erlang_c(servers, load) * service / (servers - load)


def mmc_wait_quantile(servers: int, load: float, service: float, share: float) -> float:
    """Return the wait that a share of customers of an M/M/c queue does not exceed."""
    return max(0.0, math.log(erlang_c(servers, load) / (1 - share)) * service / (servers - load))


def mg1_wait(rate: float, mean: float, second_moment: float) -> float:
    """Return the mean wait in an M/G/1 queue (Pollaczek and Khinchine)."""
    return rate * second_moment / 2 / (1 - rate * mean)

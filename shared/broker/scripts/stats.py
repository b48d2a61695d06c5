"""The script of the counts behind `/stats`."""

from collections.abc import Mapping, Sequence

from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Argument, Call, Script

_STATS = Script("stats")


def add(keys: Keyspace, *, slots: int, step: int, sums: int, counted: Mapping[int, Sequence[int]]) -> Call[int]:
    """Add counts of one API process to slots of the ring; the reply is the server's clock (ms).

    Args:
        keys: where the ring is.
        slots: the ring's length.
        step: milliseconds that a slot lasts.
        sums: how many of a slot's counts are added up; of the others the highest is kept.
        counted: counts by the slot's number since 1970.
    """
    args: list[Argument] = [slots, step, sums]
    for slot, numbers in counted.items():
        args += (slot, " ".join(map(str, numbers)))
    return Call(_STATS, [keys.stats], args, int)

"""The script of the counts behind `/stats`."""

from collections.abc import Mapping, Sequence

from shared.broker.keys import Keyspace
from shared.broker.scripts.call import Argument, Call, Script

_STATS = Script("stats")


def add(keys: Keyspace, *, slots: int, step: int, sums: int, counted: Mapping[int, Sequence[int]]) -> Call[int]:
    """Add counts of one API process to slots of the ring; the reply is the server's clock in ms.

    Args:
        keys: the service's key names.
        slots: number of slots in the ring.
        step: length of a slot in milliseconds.
        sums: the first `sums` counts of a slot are added up; of each other count the maximum is kept.
        counted: counts by the number of their slot, counted from 1970.
    """
    args: list[Argument] = [slots, step, sums]
    for slot, numbers in counted.items():
        args += (slot, " ".join(map(str, numbers)))
    return Call(_STATS, [keys.stats], args, int)

"""The number of CPUs that this process may use, which in a container can be less than the machine has."""

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def available_cpus(cgroup: Path = _CGROUP) -> int:
    """Return the number of whole CPUs that this process may use, at least one.

    It is the number of CPUs in the scheduler's affinity, or the quota of the cgroup if that is smaller.

    Args:
        cgroup: folder of the cgroup file system, version 2 or 1.
    """
    count = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    return max(1, min(count, math.floor(quota))) if quota else count


def _quota(cgroup: Path) -> float | None:
    """Return the CPU quota of the cgroup, or None if there is none; it may be a fraction of a CPU."""
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            limit = (cgroup / "cpu/cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if limit in ("max", "-1"):
        return None
    return int(limit) / int(period)

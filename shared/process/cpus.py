"""How many CPUs this process may really use: a container's limit is not the machine's count."""

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def available_cpus(cgroup: Path = _CGROUP) -> int:
    """Count whole CPUs: the scheduler's affinity, lowered to the cgroup's quota (version 2 or 1), at least one."""
    count = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    return max(1, min(count, math.floor(quota))) if quota else count


def _quota(cgroup: Path) -> float | None:
    """Return the quota in CPUs, or None without one. A quota below one CPU still runs one process."""
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

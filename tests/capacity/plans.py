"""Plans for tests: round service times, no network, one length of text unless a test says otherwise."""

from typing import Any

from load.capacity.inputs.model import Plan

COSTS: dict[str, Any] = {
    "hit_cpu": 0.0001,
    "miss_cpu": 0.0004,
    "broker_cpu": 0.0002,
    "cache_cpu": 0.0001,
    "parent_cpu": 0.0005,
    "message_cpu": 0.0005,
    "path_seconds": 0.001,
    "idle_seconds": 0.0,
    "cold_start_seconds": 1.0,
    "seconds_by_tokens": {8: 0.004, 32: 0.010, 512: 0.200},
}
STEADY = {"spike_minutes": 0, "minutes": 4}


def plan(**groups: dict[str, Any]) -> Plan:
    """Make a plan; each argument is a group of fields."""
    fields: dict[str, Any] = {
        "costs": COSTS,
        "traffic": {"length_mix": {32: 1.0}},
        "network": {"client_round_trip": 0, "redis_round_trip": 0},
    }
    for name, group in groups.items():
        fields[name] = fields.get(name, {}) | group
    return Plan.model_validate(fields)

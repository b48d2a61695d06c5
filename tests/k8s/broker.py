"""The broker of three pods, of which Sentinels choose the primary."""

from typing import Final

from shared.contract.errors import SentimentError
from tests.k8s import cluster, watch
from tests.k8s.cluster import MOST_BROKER_PODS, RELEASE
from tests.k8s.run import MINUTES, until

SENTINEL: Final = {"broker.mode": "sentinel"}
"""Values of a release whose broker fails over."""
NAME: Final = f"{RELEASE}-broker"
PODS: Final = tuple(f"{NAME}-{i}" for i in range(MOST_BROKER_PODS))
_OTHERS: Final = MOST_BROKER_PODS - 1


def primary() -> str:
    """Return the pod that most Sentinels name; empty while fewer than two agree."""
    named = [host.partition(".")[0] for pod in PODS if (host := _state(pod).get("ip", ""))]
    most = max(named, key=named.count, default="")
    return most if named.count(most) > 1 else ""


def moved(before: str) -> str:
    """Return the primary as soon as it is another pod."""
    return until(lambda: now if (now := primary()) != before else "", "another primary", 2 * MINUTES)


def settle() -> None:
    """Wait until all pods are ready, the Sentinels agree and act, and the primary takes writes and is copied twice."""
    watch.settle("broker", MOST_BROKER_PODS)
    until(_agreed, "the Sentinels to agree", 5 * MINUTES)
    # A Sentinel that a slow look-up of a name has held up for two seconds does nothing for half a minute.
    until(lambda: all(map(_acts, PODS)), "every Sentinel to have left its tilt mode", 3 * MINUTES)


def _agreed() -> bool:
    states = [_state(pod) for pod in PODS]
    known = {(s.get("ip"), s.get("flags"), s.get("num-slaves"), s.get("num-other-sentinels")) for s in states}
    leader = primary()
    if not leader or len(known) > 1 or known.pop()[1:] != ("master", str(_OTHERS), str(_OTHERS)):
        return False
    return f"min_slaves_good_slaves:{_OTHERS}" in _ask(leader, "redis", "INFO", "replication").split()


def _acts(pod: str) -> bool:
    return "sentinel_tilt:0" in _ask(pod, "sentinel", "-p", "26379", "INFO", "sentinel").split()


def _state(pod: str) -> dict[str, str]:
    """Return the group's state by a pod's Sentinel; empty while it does not answer."""
    lines = _ask(pod, "sentinel", "-p", "26379", "SENTINEL", "MASTER", "sentiment").splitlines()
    return dict(zip(lines[::2], lines[1::2], strict=False))


def _ask(pod: str, container: str, *command: str) -> str:
    try:
        return cluster.kubectl("exec", pod, "--container", container, "--", "timeout", "2", "redis-cli", *command)
    except SentimentError:
        return ""

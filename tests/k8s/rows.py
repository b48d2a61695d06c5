"""What is shown on the cluster, a row each."""

import asyncio
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

import httpx

from shared.errors import SentimentError
from shared.stack.demo import Demo
from shared.stack.layout import Layout
from tests.k8s import cluster
from tests.k8s.cluster import NAMESPACE, PORTS, RELEASE, Say
from tests.support.waiting import wait_for

API: Final = f"http://127.0.0.1:{PORTS['project']}"
LAB: Final = f"http://127.0.0.1:{PORTS['lab']}"
_BULK: Final = f"{RELEASE}-project-bulk"
_FLOOD: Final = 12
_TEXTS: Final = 1_000
_MINUTES: Final = 10 * 60.0


@dataclass
class Row:
    """What a row has shown."""

    title: str
    facts: list[str] = field(default_factory=list)


def install(say: Say) -> Row:
    """Install with dev values, to the first answer; the article's cases, a job, the lab, helm test, an upgrade."""
    row = Row("install, cases, job, lab, helm test, upgrade")
    cluster.clear()
    cluster.make_room(say)
    began = time.monotonic()
    cluster.helm("install", *cluster.values())
    wait_for(lambda: _answers(API, "/project"), "the first answer", _MINUTES)
    row.facts.append(f"first answer after {time.monotonic() - began:.0f} s")
    output = io.StringIO()
    demo = Demo(output)
    asyncio.run(demo.show(Layout((), API, "", "", "")))
    _require(not demo.exit_code, f"the demo's cases: {demo.wrong}")
    row.facts.append("every case of the demo right")
    wait_for(lambda: _answers(LAB, "/lab"), "the lab's answer", _MINUTES)
    row.facts.append("the lab answers")
    job = _submit(200, "one job")
    _require_complete(job, 200)
    row.facts.append("a job done, its lane at 0 before")
    cluster.helm("test", RELEASE)
    row.facts.append("helm test passed")
    cluster.helm("upgrade", *cluster.values(**{"serviceDefaults.api.settings.cache_ttl": "86400"}))
    cluster.kubectl("rollout", "status", f"deployment/{RELEASE}-project-api", "--timeout=300s")
    row.facts.append("upgraded after the autoscalers had moved")
    return row


def flood(say: Say) -> Row:
    """Jobs: bulk from 0 to n and back, while synchronous requests are answered."""
    row = Row("a flood of jobs: bulk 0 → n → 0")
    wait_for(lambda: _replicas() == 0, "bulk to be at 0", _MINUTES)
    with _asking() as seen:
        began = time.monotonic()
        jobs = [_submit(_TEXTS, f"flood {number}") for number in range(_FLOOD)]
        wait_for(lambda: _done(jobs) > 0, "the first result", _MINUTES)
        row.facts.append(f"first result after {time.monotonic() - began:.0f} s, from 0 pods")
        pods: list[int] = []

        def finished() -> bool:
            pods.append(_replicas())
            return _done(jobs) == _FLOOD * _TEXTS

        wait_for(finished, "the jobs to end", _MINUTES)
        ended = time.monotonic()
        row.facts.append(f"{_FLOOD * _TEXTS:,} texts done after {ended - began:.0f} s with up to {max(pods)} pods")
        for job in jobs:
            _require_complete(job, _TEXTS)
        wait_for(lambda: _replicas() == 0, "bulk to be at 0 again", _MINUTES)
        row.facts.append(f"back at 0 after {time.monotonic() - ended:.0f} s")
    slow = sorted(seen.seconds)[int(len(seen.seconds) * 0.99)]
    row.facts.append(
        f"meanwhile {len(seen.seconds)} synchronous misses, {len(seen.failed)} failed, p99 {slow * 1000:.0f} ms"
    )
    say(f"failed: {seen.failed[:5]}" if seen.failed else "none failed")
    return row


def uninstall(say: Say) -> Row:
    """Uninstall; what is left is what is said to be kept."""
    row = Row("uninstall")
    cluster.helm("uninstall", RELEASE, "--wait")
    kinds = "deployment,statefulset,service,secret,scaledobject,triggerauthentication,hpa,pdb,pod"
    left = cluster.read(kinds, "--selector", f"app.kubernetes.io/instance={RELEASE}")["items"]
    _require(not left, f"left behind: {[entry['metadata']['name'] for entry in left]}")
    claims = [claim["metadata"]["name"] for claim in cluster.read("persistentvolumeclaim")["items"]]
    row.facts.append(f"nothing left in {NAMESPACE} but the broker's claim {', '.join(claims)}")
    say("removing the namespace")
    cluster.clear()
    return row


ROWS: Final[dict[str, Callable[[Say], Row]]] = {"1": install, "2": flood, "9": uninstall}


@dataclass
class _Seen:
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def _asking() -> Iterator[_Seen]:
    """Ask for a text that nobody knows, ten times a second, for as long as the context lasts."""
    seen, stop = _Seen(), Event()

    def ask() -> None:
        with httpx.Client(base_url=API, timeout=10) as client:
            number = 0
            while not stop.wait(0.1):
                number += 1
                began = time.monotonic()
                try:
                    answer = client.post("/project/predict", json={"text": f"Beside the flood, {number}: {began}."})
                    if not answer.is_success:
                        seen.failed.append(f"{answer.status_code} {answer.text[:100]}")
                except httpx.HTTPError as error:
                    seen.failed.append(type(error).__name__)
                seen.seconds.append(time.monotonic() - began)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _answers(base: str, prefix: str) -> bool:
    try:
        return httpx.post(f"{base}{prefix}/predict", json={"text": "Are you there?"}, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _submit(texts: int, name: str) -> Any:
    body = {"text": [f"{name}, sentence {number}: a fine film." for number in range(texts)]}
    answer = httpx.post(f"{API}/project/jobs", json=body, timeout=30)
    _require(answer.status_code == httpx.codes.ACCEPTED, f"a job was answered with {answer.status_code}")
    return answer.json()


def _state(job: Any) -> Any:
    return httpx.get(API + job["urls"]["self"], timeout=30).json()


def _done(jobs: list[Any]) -> int:
    return sum(_state(job)["progress"]["done"] for job in jobs)


def _require_complete(job: Any, texts: int) -> None:
    state = wait_for(lambda: s if (s := _state(job))["status"] == "succeeded" else None, "the job to end", _MINUTES)
    _require(state["progress"]["done"] == texts, f"{state['progress']} of {texts}")
    lines = httpx.get(API + job["urls"]["results"], headers={"Accept": "application/x-ndjson"}, timeout=60).text
    _require(len(lines.splitlines()) == texts, "results are missing")


def _replicas() -> int:
    return int(cluster.read("deployment", _BULK)["status"].get("replicas", 0))


def _require(right: object, complaint: str) -> None:
    if not right:
        raise SentimentError(complaint)

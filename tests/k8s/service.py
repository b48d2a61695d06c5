"""The service on the cluster, as a client sees it: by node ports of this machine."""

import re
from typing import Any, Final

import httpx

from tests.k8s.cluster import PORTS
from tests.k8s.run import MINUTES, require, until

API: Final = f"http://127.0.0.1:{PORTS['project']}"
LAB: Final = f"http://127.0.0.1:{PORTS['lab']}"
_PATIENCE: Final = 10 * MINUTES


def _http(method: str, path: str, *, base: str = API, timeout: float = 30, **more: Any) -> httpx.Response:
    """Send one request with a client of its own: pods come and go, so no connection is kept.

    Making a client for TLS would take 30 ms.
    """
    with httpx.Client(base_url=base, timeout=timeout, verify=False) as client:  # noqa: S501 - plain HTTP to this machine
        return client.request(method, path, **more)


def answers(base: str, prefix: str, text: str = "Are you there?") -> bool:
    """Tell whether a service gives predictions."""
    try:
        return _http("POST", f"{prefix}/predict", base=base, json={"text": text}, timeout=5).is_success
    except httpx.HTTPError:
        return False


def sentences(name: str, count: int) -> list[str]:
    """Make texts that nobody has asked for, half of them kind."""
    return [f"{name}, sentence {n}: a {'fine' if n % 2 else 'dreadful'} film." for n in range(count)]


def kind(text: str) -> bool:
    """Tell whether one of these texts is kind."""
    return text.endswith("a fine film.")


def submit(name: str, texts: int) -> Any:
    """Submit a job of that many texts, again and again under one key until it is accepted."""

    def accepted() -> Any:
        try:
            answer = _http(
                "POST",
                "/project/jobs",
                json={"text": sentences(name, texts)},
                headers={"Idempotency-Key": re.sub(r"\W+", "-", name)},
            )
        except httpx.HTTPError:
            return None
        require(not answer.is_client_error, f"the job {name} was refused: {answer.text}")
        return answer.json() if answer.status_code == httpx.codes.ACCEPTED else None

    return until(accepted, f"the job {name} to be accepted", _PATIENCE) | {"name": name, "texts": texts}


def state(job: Any) -> Any:
    """Return a job's document."""
    return _http("GET", job["urls"]["self"]).raise_for_status().json()


def done(jobs: list[Any]) -> int:
    """Count the texts of jobs that are done."""
    return sum(state(job)["progress"]["done"] for job in jobs)


def results(job: Any) -> list[str | None]:
    """Wait for a job to end well, and return each text's label in the order of the texts."""

    def ended() -> Any:
        try:
            found = state(job)
        except httpx.HTTPError:
            return None
        return found if found["status"] in {"succeeded", "failed", "canceled"} else None

    final = until(ended, f"the job {job['name']} to end", _PATIENCE)
    require(final["status"] == "succeeded", f"{job['name']} ended {final['status']}")
    page = _http("GET", job["urls"]["results"]).raise_for_status().json()
    labels = [entry and entry[0]["label"] for entry in page["predictions"]]
    while page.get("next"):
        page = _http("GET", page["next"]).raise_for_status().json()
        labels += [entry and entry[0]["label"] for entry in page["predictions"]]
    require(len(labels) == job["texts"], f"{job['name']}: {len(labels)} results for {job['texts']} texts")
    return labels

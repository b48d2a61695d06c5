"""The requests of a run, made before it begins."""

import asyncio
import json
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from load.errors import BenchError
from load.generate.tools import GENERATORS, node

_ENTRY: Final = struct.Struct("<4I")
_TIMES: Final = 2
"""Times that a repeated text is sent before: once to compute it, once to see that it is cached."""


@dataclass(frozen=True)
class Plan:
    """Requests in files.

    Args:
        folder: where they are; its records will be there as well.
        base: where the service's predictions are mounted.
        profile: of `load/traffic`.
        seed: of all choices.
        clients: connections of a closed loop; an open loop uses the first one's requests.
        count: requests of each client.
        salt: makes every text new to the caches.
    """

    folder: Path
    base: str
    profile: str
    seed: int
    clients: int
    count: int
    salt: str

    @property
    def records(self) -> list[Path]:
        """The files that a generator has written."""
        return list(self.folder.glob("*.records"))

    def bodies(self, client: int = 0) -> list[str]:
        """Return the JSON bodies of a client's requests, in turn."""
        requests = (self.folder / f"{client}.requests").read_bytes()
        entries = _ENTRY.iter_unpack((self.folder / f"{client}.plan").read_bytes())
        return [_body(requests[offset : offset + length]) for offset, length, _, _ in entries]


def texts(plan: Plan) -> list[str]:
    """Return the texts of a plan of single texts."""
    return [json.loads(body)["text"] for body in plan.bodies()]


async def make_plan(
    folder: Path, base: str, profile: str, *, seed: int, clients: int, count: int, salt: str | None = None
) -> Plan:
    """Write the requests of a run.

    Raises:
        BenchError: Node is missing, or the traffic modules refuse.
    """
    plan = Plan(folder, base, profile, seed, clients, count, salt or secrets.token_hex(2))
    options = {name: getattr(plan, name) for name in ("profile", "seed", "salt", "clients", "count", "base")}
    await run_node("requests.js", options | {"output": folder})
    return plan


async def run_node(script: str, options: dict[str, Any]) -> None:
    """Run a script of `programs/` to its end.

    Raises:
        BenchError: it failed.
    """
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    child = await asyncio.create_subprocess_exec(
        node(), str(GENERATORS / script), *words, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await child.communicate()
    if child.returncode:
        raise BenchError(f"{script} failed: {_last_error(complaint.decode())}")


async def warm_up(plan: Plan) -> None:
    """Send the profile's repeated texts until the caches hold them.

    Raises:
        BenchError: the service does not answer one of them.
    """
    calls = json.loads((plan.folder / "warmup.json").read_text())
    async with httpx.AsyncClient(timeout=30) as client:
        for call in calls * _TIMES:
            answer = await client.post(
                plan.base + call["path"], content=call["body"], headers={"Content-Type": "application/json"}
            )
            if answer.status_code != httpx.codes.OK:
                raise BenchError(f"the service answers {answer.status_code} to a request of the warm-up")


def write_requests(folder: Path, base: str, bodies: Sequence[Sequence[str]], expected: int) -> None:
    """Write requests of our own, single texts, in the form of ``requests.js``; one sequence for each client."""
    folder.mkdir(parents=True, exist_ok=True)
    url = httpx.URL(base)
    for client, own in enumerate(bodies):
        requests, entries, end = [], [], 0
        for body in own:
            data = _wire(url, body)
            requests.append(data)
            entries.append(_ENTRY.pack(end, len(data), expected, 1))
            end += len(data)
        (folder / f"{client}.requests").write_bytes(b"".join(requests))
        (folder / f"{client}.plan").write_bytes(b"".join(entries))


def _wire(url: httpx.URL, body: str) -> bytes:
    data = body.encode()
    head = f"POST {url.path}/predict HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def _body(request: bytes) -> str:
    return request.partition(b"\r\n\r\n")[2].decode()


def _last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if "Error" in line]
    return lines[-1] if lines else text.strip()[-200:]

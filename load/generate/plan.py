"""The requests of a run, made before it begins."""

import asyncio
import json
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from load.errors import BenchError
from load.generate.records import Cache
from load.generate.tools import GENERATORS, node

_ENTRY: Final = struct.Struct("<4I")
_TIMES: Final = 2
"""Number of times that the warm-up sends a repeated text: once to compute it, once to check that it is cached."""


@dataclass(frozen=True)
class Plan:
    """The prepared requests of a run, which are in files.

    Args:
        folder: folder of the files, into which the generator writes its records.
        base: base URL of the service's predictions.
        profile: name of a profile of `load/traffic`.
        seed: seed of all random choices.
        clients: number of connections of a closed loop; an open loop uses the requests of the first client.
        count: number of requests of each client.
        salt: part of every text, so that no text is cached before.
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
        """Paths of the files that the generator has written."""
        return list(self.folder.glob("*.records"))

    def bodies(self, client: int = 0) -> list[str]:
        """Return the JSON bodies of a client's requests, in order."""
        requests = (self.folder / f"{client}.requests").read_bytes()
        entries = _ENTRY.iter_unpack((self.folder / f"{client}.plan").read_bytes())
        return [_body(requests[offset : offset + length]) for offset, length, _, _ in entries]


def texts(plan: Plan, client: int = 0) -> list[str]:
    """Return the texts of a client, in a plan whose requests have single texts."""
    return [json.loads(body)["text"] for body in plan.bodies(client)]


def rewrite(plan: Plan, path: str, wrap: Callable[[str], object]) -> None:
    """Send the texts of a plan to another path, each in the JSON body that this path expects; all as misses."""
    bodies = [[json.dumps(wrap(text)) for text in texts(plan, client)] for client in range(plan.clients)]
    write_requests(plan.folder, plan.base, bodies, Cache.MISS, path)


async def make_plan(
    folder: Path, base: str, profile: str, *, seed: int, clients: int, count: int, salt: str | None = None
) -> Plan:
    """Write the requests of a run to files, and return their plan.

    Raises:
        BenchError: Node is missing, or the traffic modules fail.
    """
    plan = Plan(folder, base, profile, seed, clients, count, salt or secrets.token_hex(2))
    options = {name: getattr(plan, name) for name in ("profile", "seed", "salt", "clients", "count", "base")}
    await run_node("requests.js", options | {"output": folder})
    return plan


async def run_node(script: str, options: dict[str, Any]) -> None:
    """Run a script of `programs/` with Node.

    Raises:
        BenchError: Node is missing, or the script failed.
    """
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    child = await asyncio.create_subprocess_exec(
        node(), str(GENERATORS / script), *words, stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await child.communicate()
    if child.returncode:
        raise BenchError(f"{script} failed: {_last_error(complaint.decode())}")


async def warm_up(plan: Plan) -> None:
    """Send the repeated texts of the profile, so that they are cached.

    Raises:
        BenchError: the service does not answer one of them with 200.
    """
    calls = json.loads((plan.folder / "warmup.json").read_text())
    async with httpx.AsyncClient(timeout=30) as client:
        for call in calls * _TIMES:
            answer = await client.post(
                plan.base + call["path"], content=call["body"], headers={"Content-Type": "application/json"}
            )
            if answer.status_code != httpx.codes.OK:
                raise BenchError(f"the service answers {answer.status_code} to a request of the warm-up")


def write_requests(
    folder: Path, base: str, bodies: Sequence[Sequence[str]], expected: int, path: str = "/predict"
) -> None:
    """Write requests for given bodies in the format of ``requests.js``; one sequence of bodies for each client."""
    folder.mkdir(parents=True, exist_ok=True)
    url = httpx.URL(base)
    for client, own in enumerate(bodies):
        requests, entries, end = [], [], 0
        for body in own:
            data = _wire(url, path, body)
            requests.append(data)
            entries.append(_ENTRY.pack(end, len(data), expected, 1))
            end += len(data)
        (folder / f"{client}.requests").write_bytes(b"".join(requests))
        (folder / f"{client}.plan").write_bytes(b"".join(entries))


def _wire(url: httpx.URL, path: str, body: str) -> bytes:
    data = body.encode()
    head = f"POST {url.path}{path} HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def _body(request: bytes) -> str:
    return request.partition(b"\r\n\r\n")[2].decode()


def _last_error(text: str) -> str:
    lines = [line for line in text.splitlines() if "Error" in line]
    return lines[-1] if lines else text.strip()[-200:]

"""Expected answers, and sending many requests at once."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx

from shared.broker.fleet import DEFAULT_LABELS
from shared.contract.predictions import encode_prediction
from tests.support.engines import expected_scores
from tests.support.plain import NO_CERTIFICATES

CONNECTIONS = 100


def expected(text: str, salt: str = "model-one", labels: Sequence[str] = DEFAULT_LABELS, *, multi: bool = False) -> Any:
    """Return the prediction that the steered engine makes."""
    return json.loads(encode_prediction(expected_scores(text, salt, len(labels), multi=multi), labels))


async def ask_all(
    urls: Sequence[str], batches: Sequence[Sequence[str]], connections: int = CONNECTIONS
) -> list[httpx.Response]:
    """POST every batch, spread over the API processes, at most `connections` at once; return the answers."""
    responses: list[httpx.Response | None] = [None] * len(batches)
    remaining = iter(enumerate(batches))

    async def ask() -> None:
        # A client for each connection: the time that httpx takes for a request grows with the connections of a client.
        async with httpx.AsyncClient(timeout=60, verify=NO_CERTIFICATES) as client:
            for index, batch in remaining:
                url = f"{urls[index % len(urls)]}/project/bulk-predict"
                responses[index] = await client.post(url, json={"text": list(batch)})

    await asyncio.gather(*(ask() for _ in range(connections)))
    return [response for response in responses if response is not None]

"""Both clients under one interface, and the answers that they should give."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from client import AsyncSentimentClient, Prediction, SentimentClient
from tests.support.asking import expected


def predicted(text: str) -> Prediction:
    """Return the prediction that the steered engine makes of a text."""
    scores = {entry["label"]: entry["score"] for entry in expected(text)}
    label = max(scores, key=lambda name: scores[name])
    return Prediction(label, scores[label], scores)


class Both:
    """The asynchronous client, called as the synchronous one."""

    def __init__(self, url: str, **options: Any) -> None:
        self._client = AsyncSentimentClient(url, **options)
        self._runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(*args: Any, **options: Any) -> Any:
            found = method(*args, **options)
            return self._all(found) if hasattr(found, "__anext__") else self._runner.run(found)

        return call

    def _all(self, found: AsyncIterator[Any]) -> list[Any]:
        async def collect() -> list[Any]:
            return [value async for value in found]

        return self._runner.run(collect())

    def __enter__(self) -> "Both":
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


CLIENTS: dict[str, Callable[..., Any]] = {"sync": SentimentClient, "async": Both}

"""The client for asyncio."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from client.bulk import Bulk, Listener
from client.card import ModelCard
from client.connection import DEFAULT_TIMEOUT, Connection
from client.core import Core
from client.jobs import Jobs
from client.models import Batch, Health, Job, Outcome, Prediction, Service
from client.predictions import Predictions
from client.texts import require_pairs, require_texts
from client.wanted import Wanted
from client.wire import AsyncWire

K = TypeVar("K")


class AsyncSentimentClient:
    """The client for asyncio: an async context manager with the methods of `client.SentimentClient` as coroutines.

    Methods that yield several values are asynchronous generators: close one (`contextlib.aclosing`) if you leave it
        early.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        service: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        check_version: bool = True,
    ) -> None:
        connection = Connection.choose(url, api_key, service)
        self.url = connection.url
        self.service_name = connection.service
        self._wire = AsyncWire(connection)
        self._core = Core(self._wire, connection.service, timeout, check_version=check_version)
        self._predictions = Predictions(self._core)
        self._jobs = Jobs(self._core)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: connections belong to one process."""
        raise TypeError("a client cannot be pickled: make one in each process")

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def predict(
        self, text: str, *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> Prediction:
        """Classify one text."""
        return await self._predictions.predict(text, timeout, Wanted(top_k, details))

    async def predict_batch(
        self, texts: Sequence[str], *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> Batch:
        """Classify texts with one request."""
        return await self._predictions.predict_batch(texts, timeout, Wanted(top_k, details))

    def predict_many(
        self, texts: Iterable[str], *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> AsyncGenerator[Outcome]:
        """Classify any number of texts in batches, and yield their outcomes in order."""
        require_texts(texts)
        return self._predictions.predict_many(texts, timeout, Wanted(top_k, details))

    def predict_items(
        self,
        items: Iterable[tuple[K, str]] | Mapping[K, str],
        *,
        by_jobs: bool = False,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
    ) -> AsyncGenerator[tuple[K, Outcome]]:
        """Classify any number of texts with ids, and yield each id with its outcome, in order."""
        require_pairs(items)
        wanted = Wanted(top_k, details)
        if by_jobs:
            return Bulk(self._core, timeout=timeout, wanted=wanted).predict_items(items, None)
        return self._predictions.predict_items(items, timeout, wanted)

    def predict_in_jobs(
        self,
        texts: Iterable[str],
        *,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
        job_texts: int | None = None,
        listener: Listener = lambda _: None,
    ) -> AsyncGenerator[Outcome]:
        """Classify any number of texts in jobs, and yield their outcomes in order; see `client.SentimentClient`."""
        require_texts(texts)
        bulk = Bulk(self._core, timeout=timeout, listener=listener, wanted=Wanted(top_k, details))
        return bulk.predict_texts(texts, job_texts)

    async def submit(
        self, texts: Sequence[str], *, idempotency_key: str | None = None, timeout: float | None = None
    ) -> Job:
        """Submit a job, and return its state."""
        return await self._jobs.submit(texts, idempotency_key, timeout)

    async def job(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Return the state of a job."""
        return await self._jobs.look(job_id, timeout)

    def watch(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> AsyncGenerator[Job]:
        """Yield the state of a job: now, after each change, and at its end."""
        return self._jobs.watch(job_id, timeout, within)

    async def wait(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> Job:
        """Wait until a job has ended, and return its state."""
        return await self._jobs.wait(job_id, within, timeout)

    async def cancel(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Cancel a job, and return its state."""
        return await self._jobs.cancel(job_id, timeout)

    def results(
        self,
        job_id: str,
        *,
        offset: int = 0,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
    ) -> AsyncGenerator[Outcome | None]:
        """Yield the results of a job in order, as they arrive; None for a text without a result."""
        return self._jobs.results(job_id, offset, timeout, Wanted(top_k, details))

    async def health(self, *, timeout: float | None = None) -> Health:
        """Return the health of the service; the request is not repeated."""
        return await self._core.health(timeout)

    async def service(self, *, timeout: float | None = None) -> Service:
        """Return the service's version and limits, which are read once."""
        return await self._core.service(self._core.patience(timeout))

    async def model(self, *, timeout: float | None = None) -> ModelCard:
        """Return the card of the active model: its labels, its bounds, and its measured quality."""
        return await self._core.model(timeout)

    async def stats(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Return the service's state and its figures of the last minute, over all its API processes.

        The service's HTTP reference explains the members under `GET /project/stats`; the points of the curves are left
        out.
        """
        return await self._core.stats(timeout)

    async def metrics(self, *, timeout: float | None = None) -> str:
        """Return the service's ``/metrics`` in Prometheus's text format; an ingress may not pass it."""
        return await self._core.metrics(timeout)

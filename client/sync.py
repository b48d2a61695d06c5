"""The blocking client."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from client.bulk import Bulk, Listener
from client.card import ModelCard
from client.connection import DEFAULT_TIMEOUT, Connection
from client.core import Core
from client.drive import iterate, run
from client.groups import Group, cut
from client.jobs import Jobs
from client.models import Batch, Health, Job, Outcome, Prediction, Service, TextFailure
from client.predictions import Predictions
from client.texts import require_pairs, require_texts
from client.wanted import PLAIN, Wanted
from client.wire import SyncWire

K = TypeVar("K")
T = TypeVar("T")


class SentimentClient:
    """The blocking client of one service, which keeps its connections open; a context manager.

    Threads may share it, and a forked process opens its own connections. A request is repeated if that can help (no
    connection, 429, 502, 503, 504), after the time in ``Retry-After``, until `timeout` is over. All errors of the
    service and of the connection are subclasses of `client.errors.SentimentError`. An argument that is not a text or a
    list of texts raises a TypeError at once. In methods for any number of texts, an item that is not a text gets a
    `TextFailure` as its outcome.

    Args:
        url: base URL; if None, ``SENTIMENT_URL`` or http://127.0.0.1:8000.
        api_key: API key; if None, ``SENTIMENT_API_KEY``; if empty, no key is sent.
        service: first part of the service's paths; if None, ``SENTIMENT_SERVICE`` or ``project``.
        timeout: default for the seconds of one answer, all attempts and waits included.
        check_version: whether to give a `VersionWarning` if the service has another contract.

    Raises:
        ValueError: `url` is not an HTTP URL, or needs a proxy or certificates of the environment that cannot be used.
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
        self._wire = SyncWire(connection)
        self._core = Core(self._wire, connection.service, timeout, check_version=check_version)
        self._predictions = Predictions(self._core)
        self._jobs = Jobs(self._core)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: connections belong to one process."""
        raise TypeError("a client cannot be pickled: make one in each process")

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def predict(
        self, text: str, *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> Prediction:
        """Classify one text; `top_k` and `details` as in `predict_many`."""
        return run(self._predictions.predict(text, timeout, Wanted(top_k, details)))

    def predict_batch(
        self, texts: Sequence[str], *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> Batch:
        """Classify texts with one request; if the service refuses one of them, the whole request fails."""
        return run(self._predictions.predict_batch(texts, timeout, Wanted(top_k, details)))

    def predict_many(
        self, texts: Iterable[str], *, top_k: int | None = None, details: bool = False, timeout: float | None = None
    ) -> Iterator[Outcome]:
        """Classify any number of texts in batches, and yield their outcomes in order.

        A text that fails does not affect the others; its outcome is a `TextFailure`.

        Args:
            texts: the texts; they are read when they are needed.
            top_k: most labels of an answer, those with the highest scores; None for all.
            details: whether to ask for the `Details` of each answer.
            timeout: seconds for each batch.
        """
        require_texts(texts)
        return iterate(self._predictions.predict_many(texts, timeout, Wanted(top_k, details)))

    def predict_items(
        self,
        items: Iterable[tuple[K, str]] | Mapping[K, str],
        *,
        by_jobs: bool = False,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
    ) -> Iterator[tuple[K, Outcome]]:
        """Classify any number of texts with ids, and yield each id with its outcome, in order.

        Args:
            items: pairs of an id of any type and a text, which are read when they are needed; or a mapping of ids to
                texts.
            by_jobs: whether to send the texts in jobs, as `predict_in_jobs` does, instead of batches.
            top_k: see `predict_many`.
            details: see `predict_many`.
            timeout: seconds for each batch, or for one answer about a job.
        """
        require_pairs(items)
        wanted = Wanted(top_k, details)
        if by_jobs:
            return iterate(Bulk(self._core, timeout=timeout, wanted=wanted).predict_items(items, None))
        return iterate(self._predictions.predict_items(items, timeout, wanted))

    def predict_in_jobs(
        self,
        texts: Iterable[str],
        *,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
        job_texts: int | None = None,
        listener: Listener = lambda _: None,
    ) -> Iterator[Outcome]:
        """Classify any number of texts in jobs, and yield their outcomes in order.

        The same texts in the same order find the jobs of an earlier run (see `client.bulk`).

        Args:
            texts: the texts; they are read when they are needed, one job ahead.
            top_k: see `predict_many`.
            details: see `predict_many`.
            timeout: seconds for which the service may be unavailable.
            job_texts: most texts of a job; None for the service's limit.
            listener: called with the state of each job, after its submission and after each change.
        """
        require_texts(texts)
        bulk = Bulk(self._core, timeout=timeout, listener=listener, wanted=Wanted(top_k, details))
        return iterate(bulk.predict_texts(texts, job_texts))

    def run_groups(
        self,
        items: Iterable[T],
        text_of: Callable[[T], str | TextFailure],
        *,
        weigh: Callable[[T], int] = lambda _: 0,
        wanted: Wanted = PLAIN,
        timeout: float | None = None,
        job_texts: int | None = None,
        salt: str = "",
        listener: Listener = lambda _: None,
    ) -> Iterator[tuple[Group[T], list[Outcome]]]:
        """Classify items that have a text in jobs, and yield each job's items with their outcomes, in order.

        Args:
            items: the items; they are read when they are needed, one job ahead.
            text_of: returns the text of an item, or the reason why it has none.
            weigh: returns the approximate bytes of an item in memory; those of a job together stay below 4 MiB.
            wanted: the parts of each answer.
            timeout: see `predict_in_jobs`.
            job_texts: see `predict_in_jobs`.
            salt: part of the idempotency keys; with a new one, no jobs of earlier runs are found.
            listener: see `predict_in_jobs`.
        """
        bulk = Bulk(self._core, salt=salt, timeout=timeout, listener=listener, wanted=wanted)
        limits = run(bulk.limits(job_texts))
        return iterate(bulk.run(cut(items, limits, text_of, weigh)))

    def submit(self, texts: Sequence[str], *, idempotency_key: str | None = None, timeout: float | None = None) -> Job:
        """Submit a job, and return its state; the same key returns the same job, without a key each job is new."""
        return run(self._jobs.submit(texts, idempotency_key, timeout))

    def job(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Return the state of a job."""
        return run(self._jobs.look(job_id, timeout))

    def watch(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> Iterator[Job]:
        """Yield the state of a job: now, after each change, and at its end.

        Raises:
            WaitTimeoutError: the job has not ended after `within` seconds.
        """
        return iterate(self._jobs.watch(job_id, timeout, within))

    def wait(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> Job:
        """Wait until a job has ended, and return its state; raises as `watch`."""
        return run(self._jobs.wait(job_id, within, timeout))

    def cancel(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Cancel a job, and return its state."""
        return run(self._jobs.cancel(job_id, timeout))

    def results(
        self,
        job_id: str,
        *,
        offset: int = 0,
        top_k: int | None = None,
        details: bool = False,
        timeout: float | None = None,
    ) -> Iterator[Outcome | None]:
        """Yield the results of a job in order, as they arrive; None for a text without a result."""
        return iterate(self._jobs.results(job_id, offset, timeout, Wanted(top_k, details)))

    def health(self, *, timeout: float | None = None) -> Health:
        """Return the health of the service; the request is not repeated."""
        return run(self._core.health(timeout))

    def service(self, *, timeout: float | None = None) -> Service:
        """Return the service's version and limits, which are read once."""
        return run(self._core.service(self._core.patience(timeout)))

    def model(self, *, timeout: float | None = None) -> ModelCard:
        """Return the card of the active model: its labels, its bounds, and its measured quality."""
        return run(self._core.model(timeout))

    def stats(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Return the service's state and its figures of the last minute, over all its API processes.

        The service's HTTP reference explains the members under `GET /project/stats`; the points of the curves are left
        out.
        """
        return run(self._core.stats(timeout))

    def metrics(self, *, timeout: float | None = None) -> str:
        """Return the service's ``/metrics`` in Prometheus's text format; an ingress may not pass it."""
        return run(self._core.metrics(timeout))

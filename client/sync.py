"""The client for ordinary code."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from client.bulk import Bulk, Listener
from client.connection import DEFAULT_TIMEOUT, Connection
from client.core import Core
from client.drive import iterate, run
from client.groups import Group, cut
from client.jobs import Jobs
from client.models import Batch, Health, Job, Outcome, Prediction, Service, TextFailure
from client.predictions import Predictions
from client.texts import require_pairs, require_texts
from client.wire import SyncWire

K = TypeVar("K")
T = TypeVar("T")


class SentimentClient:
    """Asks one service over connections that are kept; a context manager.

    Threads may share it, and a process that is forked opens connections of its own. Requests are sent again where that
    can help (no connection, 429, 502, 503, 504), after its ``Retry-After``, until `timeout` is over. Each error
    that the service or the way to it causes is a `client.errors.SentimentError`. An argument that is not a text or a
    list of texts is a TypeError at once; where any number of texts is read, an item that is not a text is a
    `TextFailure` in its place.

    Args:
        url: base URL; ``SENTIMENT_URL`` or http://127.0.0.1:8000 if None.
        api_key: ``SENTIMENT_API_KEY`` if None; none is sent if empty.
        service: first part of the service's paths; ``SENTIMENT_SERVICE`` or ``project`` if None.
        timeout: seconds for one answer, all tries and waits included; each call may say otherwise.
        check_version: whether to give a `VersionWarning` when the service is of another version.

    Raises:
        ValueError: `url` is no URL of HTTP, or needs a proxy or certificates of the environment that cannot be used.
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

    def predict(self, text: str, *, timeout: float | None = None) -> Prediction:
        """Classify one text."""
        return run(self._predictions.predict(text, timeout))

    def predict_batch(self, texts: Sequence[str], *, timeout: float | None = None) -> Batch:
        """Classify texts with one request; what the service does not take is refused as a whole."""
        return run(self._predictions.predict_batch(texts, timeout))

    def predict_many(self, texts: Iterable[str], *, timeout: float | None = None) -> Iterator[Outcome]:
        """Classify any number of texts, a batch at a time, in order; a text that fails fails alone.

        Args:
            texts: read as they are needed.
            timeout: seconds for each batch.
        """
        require_texts(texts)
        return iterate(self._predictions.predict_many(texts, timeout))

    def predict_items(
        self, items: Iterable[tuple[K, str]] | Mapping[K, str], *, by_jobs: bool = False, timeout: float | None = None
    ) -> Iterator[tuple[K, Outcome]]:
        """Classify any number of texts that have ids, and give each id with its outcome, in order.

        Args:
            items: pairs of an id and a text, read as they are needed, or a mapping of ids to texts; an id is anything.
            by_jobs: whether to send jobs, as `predict_in_jobs` does, in place of batches; for many texts.
            timeout: seconds for each batch, or for one answer about a job.
        """
        require_pairs(items)
        if by_jobs:
            bulk = Bulk(self._core, salt="", timeout=timeout, listener=lambda _: None)
            return iterate(bulk.predict_items(items, None))
        return iterate(self._predictions.predict_items(items, timeout))

    def predict_in_jobs(
        self,
        texts: Iterable[str],
        *,
        timeout: float | None = None,
        job_texts: int | None = None,
        listener: Listener = lambda _: None,
    ) -> Iterator[Outcome]:
        """Classify any number of texts by jobs, in order; the same texts again find the same jobs (see `client.bulk`).

        Args:
            texts: read as they are needed, a job ahead.
            timeout: how long the service may be away, in seconds.
            job_texts: most texts of a job, if it should be fewer than the service takes.
            listener: told of each job when it is submitted and whenever it moves.
        """
        require_texts(texts)
        bulk = Bulk(self._core, salt="", timeout=timeout, listener=listener)
        return iterate(bulk.predict_texts(texts, job_texts))

    def run_groups(
        self,
        items: Iterable[T],
        text_of: Callable[[T], str | TextFailure],
        *,
        weigh: Callable[[T], int] = lambda _: 0,
        timeout: float | None = None,
        job_texts: int | None = None,
        salt: str = "",
        listener: Listener = lambda _: None,
    ) -> Iterator[tuple[Group[T], list[Outcome]]]:
        """Do as `predict_in_jobs` for things that have a text, and give each job's things with their outcomes.

        Args:
            items: read as they are needed, a job ahead.
            text_of: the text, or why there is none.
            weigh: bytes that a thing takes in memory, roughly; a job's together stay below 4 MiB.
            timeout: see there, like the others.
            job_texts: see there.
            salt: makes keys of its own, which find no earlier jobs.
            listener: see there.
        """
        bulk = Bulk(self._core, salt=salt, timeout=timeout, listener=listener)
        limits = run(bulk.limits(job_texts))
        return iterate(bulk.run(cut(items, limits, text_of, weigh)))

    def submit(self, texts: Sequence[str], *, idempotency_key: str | None = None, timeout: float | None = None) -> Job:
        """Submit a job; the same key again gives the same job, and without one each call makes a new job."""
        return run(self._jobs.submit(texts, idempotency_key, timeout))

    def job(self, job_id: str, *, timeout: float | None = None) -> Job:
        """See how far a job is."""
        return run(self._jobs.look(job_id, timeout))

    def watch(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> Iterator[Job]:
        """Give a job's state, again whenever it moves, and at last its end.

        Raises:
            WaitTimeoutError: it has not ended `within` seconds.
        """
        return iterate(self._jobs.watch(job_id, timeout, within))

    def wait(self, job_id: str, *, within: float | None = None, timeout: float | None = None) -> Job:
        """Wait for a job's end; raises as `watch`."""
        return run(self._jobs.wait(job_id, within, timeout))

    def cancel(self, job_id: str, *, timeout: float | None = None) -> Job:
        """Cancel a job."""
        return run(self._jobs.cancel(job_id, timeout))

    def results(self, job_id: str, *, offset: int = 0, timeout: float | None = None) -> Iterator[Outcome | None]:
        """Give a job's results in order, as they arrive; None for a text that has none (yet)."""
        return iterate(self._jobs.results(job_id, offset, timeout))

    def health(self, *, timeout: float | None = None) -> Health:
        """Ask once whether the whole path works."""
        return run(self._core.health(timeout))

    def service(self, *, timeout: float | None = None) -> Service:
        """Return the service's name, version and limits; they are read once."""
        return run(self._core.service(self._core.patience(timeout)))

    def stats(self, *, timeout: float | None = None) -> dict[str, Any]:
        """Return the service's state and its figures of the last minute, over all its API processes.

        `GET /project/stats` in the service's reference of HTTP has the names; the points of the curves are left out.
        """
        return run(self._core.stats(timeout))

    def metrics(self, *, timeout: float | None = None) -> str:
        """Return the service's ``/metrics`` in Prometheus's text format; an ingress may not pass it."""
        return run(self._core.metrics(timeout))

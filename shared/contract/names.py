"""Names on which the API and the worker agree: lanes, the task, and what a message carries."""

from enum import StrEnum
from typing import NamedTuple

TASK_NAME = "sentiment.classify"
"""The Celery task that classifies the texts of one message."""

JOB_TASK_NAME = "sentiment.run_chunk"
"""The Celery task that runs one chunk of a job; it names the chunk, the ledger holds the texts."""

MAX_TOKENS = 512
"""Longer texts are truncated to this many tokens, [CLS] and [SEP] included."""

PREPROCESSING = "wordpiece-512"
"""Names how text becomes tokens; part of every cache key, so that a change never meets old answers."""


class Lane(StrEnum):
    """A queue: synchronous requests first, jobs behind them."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


LANES = tuple(Lane)


class JobStatus(StrEnum):
    """The state of a job; `EXPIRED` is that of a job whose record is gone."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        """Whether it changes no more."""
        return self not in {JobStatus.QUEUED, JobStatus.PROCESSING}


class Item(NamedTuple):
    """One text of a message, as it travels: a JSON array in this order."""

    key: str
    """The claim's key: the text's digest under the model version that the API asked for."""
    text: str
    tokens: int
    """Estimated work, see `shared.contract.tokens`."""
    deadline: int
    """When nobody waits any longer, in ms of the broker's clock; no other machine's clock is asked."""
    request_id: str
    """The request that asked first; for the worker's log."""
    trace: str = ""
    """W3C trace context of that request, where requests are traced."""

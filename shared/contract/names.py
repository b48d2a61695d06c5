"""Names that API and worker share: lanes, tasks, states of jobs, and the fields of a text in a message."""

from enum import StrEnum
from typing import NamedTuple

TASK_NAME = "sentiment.classify"
"""The Celery task that classifies the texts of one message."""

JOB_TASK_NAME = "sentiment.run_chunk"
"""The Celery task that runs one chunk of a job. Its message names the chunk; the texts are in the ledger."""

MAX_TOKENS = 512
"""Longer texts are truncated to this many tokens, [CLS] and [SEP] included."""

PREPROCESSING = "wordpiece-512"
"""Name of the tokenization; it is part of every cache key, so that no old answer is used after a change."""


class Lane(StrEnum):
    """A queue: `INTERACTIVE` for synchronous requests, which go first, and `BULK` for jobs."""

    INTERACTIVE = "interactive"
    BULK = "bulk"


LANES = tuple(Lane)


class JobStatus(StrEnum):
    """The state of a job; `EXPIRED` is the state of a job whose record has been deleted after its time to live."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        """Whether a job in this state has ended."""
        return self not in {JobStatus.QUEUED, JobStatus.PROCESSING}


class Item(NamedTuple):
    """One text of a message; in the message it is a JSON array with the fields in this order."""

    key: str
    """The claim's key: the text's digest under the model version that the API asked for."""
    text: str
    tokens: int
    """Estimated work, see `shared.contract.tokens`."""
    deadline: int
    """The time in ms of the broker's clock after which no request waits for the text."""
    request_id: str
    """Id of the first request that needs the text; for the worker's log."""
    trace: str = ""
    """W3C trace context of that request; empty if it is not traced."""

"""Where everything lives in Redis, and how a text becomes a key."""

from hashlib import blake2b

from shared.contract.names import PREPROCESSING, Lane

_SALT = PREPROCESSING.encode()


def text_key(version: str, text: str) -> str:
    """Name a text's answer: 128 bits of BLAKE2b over the exact text, under a model version and a preprocessing.

    Raises:
        UnicodeEncodeError: the text holds a lone surrogate; validation refuses those before.
    """
    return f"{version}:{blake2b(text.encode(), digest_size=16, key=_SALT).hexdigest()}"


class Keyspace:
    """Redis keys and channels of one environment; all begin with its namespace."""

    def __init__(self, namespace: str) -> None:
        self.prefix = f"{namespace}:"
        self.workers = f"{namespace}:workers"
        """Hash on the broker: worker id → JSON of `shared.broker.fleet.Worker`."""
        self.active = f"{namespace}:active"
        """Hash on the broker: the active model version, its build time and the operator's ceiling."""
        self.models = f"{namespace}:models"
        """Hash on the broker: every version that was ever ready → build time."""
        self.events = f"{namespace}:events"
        """Channel on the broker: the fleet or the active version has changed."""
        self.job_events = f"{namespace}:jobs:events"
        """Channel on the broker: the id of a job that has moved."""
        self.job_secret = f"{namespace}:jobs:secret"
        """String on the broker: what signs job ids where no setting does."""
        self.job_bytes = f"{namespace}:jobs:bytes"
        """Counter on the broker: weight of all texts of unfinished jobs, see `shared.contract.jobs`."""
        self.jobs_open = f"{namespace}:jobs:open"
        """Sorted set on the broker: unfinished jobs by creation (ms)."""
        self.job_chunks_waiting = f"{namespace}:jobs:waiting"
        """Sorted set on the broker: chunks in the line by the time of their ticket (µs)."""
        self.job_chunks_running = f"{namespace}:jobs:running"
        """Hash on the broker: chunks that a process holds under a lease."""
        self.jobs_resent = f"{namespace}:jobs:resent"
        """Hash on the broker: chunks sent again, because their process died or because their ticket was lost."""
        self.stats = f"{namespace}:stats:1"
        """Hash in the cache: what all API processes counted in the last minutes; the number is that of its layout."""

    def answer(self, key: str) -> str:
        """String in the cache: the stored bytes of one text's answer."""
        return f"{self.prefix}answer:{key}"

    def claim(self, key: str) -> str:
        """Hash on the broker: who computes a text until when, who waits, and for a while its result."""
        return f"{self.prefix}claim:{key}"

    def backlog(self, lane: Lane) -> str:
        """Sorted set on the broker: claimed and unfinished texts, ``tokens:key`` by deadline (ms)."""
        return f"{self.prefix}backlog:{lane}"

    def backlog_tokens(self, lane: Lane) -> str:
        """Counter on the broker: sum of the tokens in the backlog."""
        return f"{self.prefix}backlog:{lane}:tokens"

    def queue(self, lane: Lane) -> str:
        """List on the broker: Celery's queue of a lane."""
        return f"{self.prefix}{lane}"

    def job(self, job_id: str) -> str:
        """Hash on the broker: a job's record; its texts and results stand beside it."""
        return f"{self.prefix}job:{job_id}"

    def job_texts(self, job_id: str) -> str:
        """Hash on the broker: chunk number → the chunk's texts (`jobs.Chunk`), deleted once answered."""
        return f"{self.prefix}job:{job_id}:texts"

    def job_results(self, job_id: str) -> str:
        """Hash on the broker: index of a text → its prediction or error as JSON."""
        return f"{self.prefix}job:{job_id}:results"

    def idempotency(self, digest: str) -> str:
        """String on the broker: the payload's digest and the job that an idempotency key has made."""
        return f"{self.prefix}jobs:idempotency:{digest}"

    def tries(self, key: str) -> str:
        """Counter on the broker: how often a text has run alone without an end, by its key."""
        return f"{self.prefix}tries:{key}"

    def quota(self, client: str) -> str:
        """Hash in the cache: the bucket of a client whose requests are counted."""
        return f"{self.prefix}quota:{client}"

    def replies(self, process_id: str) -> str:
        """Channel on the broker: results for one API process."""
        return f"{self.prefix}replies:{process_id}"

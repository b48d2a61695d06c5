from collections import Counter
from time import monotonic

from api.jobs.job import Job
from api.jobs.setbacks import Setbacks
from shared.contract.names import JobStatus


def job(name: str, done: int, status: JobStatus = JobStatus.PROCESSING) -> Job:
    return Job(name, "", status, 10, done, 0, 0, None, None, None)


def test_what_steps_back_is_counted_once() -> None:
    counts: Counter[str] = Counter()
    setbacks = Setbacks(counts)
    for done in (1, 5, 5, 3, 4):
        setbacks.read(job("a", done), monotonic())
    setbacks.read(job("b", 3, JobStatus.CANCELED), monotonic())
    for _ in range(2):
        setbacks.read(job("b", 2), monotonic())
    setbacks.missed("c")
    assert counts == {"progress": 1, "cancellation": 1, "job": 1}


def test_a_reply_that_was_overtaken_is_no_step_back() -> None:
    counts: Counter[str] = Counter()
    setbacks = Setbacks(counts)
    early = monotonic()
    setbacks.read(job("a", 5), monotonic())
    setbacks.read(job("a", 3), early)
    setbacks.read(job("a", 6), monotonic())
    assert not counts


def test_the_jobs_that_were_read_last_are_kept() -> None:
    counts: Counter[str] = Counter()
    setbacks = Setbacks(counts)
    for name in ("first", *map(str, range(999)), "first", "one more"):
        setbacks.read(job(name, 5), monotonic())
    setbacks.read(job("first", 1), monotonic())
    setbacks.read(job("0", 1), monotonic())
    assert counts == {"progress": 1}

"""Row 22: a user's file, while API and worker are killed."""

import csv
import threading
from itertools import cycle
from pathlib import Path

from tests.faults.run import Run
from tests.support.asking import expected
from tests.support.command import Command, interrupt
from tests.support.process import Process
from tests.support.rows import row
from tests.support.service import Api, Service
from tests.support.waiting import wait_for

_SECONDS = 200
_LINE_BYTES = 24
_LINE = ("file", "in.csv", "-o", "out.csv")


@row(
    22,
    "kill -9 of API and worker, again and again, and Ctrl-C once, under `sentiment file`",
    "the same line again ends it, each row is there once, in order, with its own answer; run twice it computes once",
)
def test_file_under_kills(run: Run) -> None:
    rows = run.size(50_000, 2_000)
    options = ("--job-rows", "500") if run.short else ()
    service = run.service
    service.environment["TEST_ENGINE_SECONDS"] = "0.0005"
    user = Command("", run.folder)
    _write(run.folder / "in.csv", rows)
    with _Reaper(service, run.size(8_000, 500)) as reaper:
        user.environment["SENTIMENT_URL"] = reaper.api.url
        first = user.start(*_LINE, *options)
        wait_for(lambda: _journal(run.folder) > 2 or first.poll() is not None, "a job to be written", _SECONDS)
        assert first.poll() is None, first.communicate()
        interrupt(first)
        second = user.start(*_LINE, *options)
        _, said = second.communicate(timeout=_SECONDS)
        assert second.returncode == 0, said.decode()
        kills = reaper.kills
    said_lines = said.decode().splitlines()  # the first may be that the API is away
    assert any(line.startswith("Going on after ") for line in said_lines), said_lines
    assert kills > 1
    _require_right(run.folder / "out.csv", rows)
    computed = len(service.calls())
    assert user(*_LINE, *options).returncode == 0
    _require_right(run.folder / "out.csv", rows)
    assert len(service.calls()) == computed, "the second run computed something"
    run.note(
        f"{rows} rows right, once and in order after {kills} kills and one Ctrl-C; {computed} inferences (what a "
        "killed worker had not handed in is computed again); the second run computed nothing"
    )


class _Reaper:
    """Kills API and worker in turn and starts them again.

    Args:
        service: whose they are.
        between: inferences between two kills, at least.
    """

    def __init__(self, service: Service, between: int) -> None:
        self._service = service
        self._between = between
        self._worker: Process = service.start_worker()
        self.api: Api = service.start_api()
        self.kills = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._reap)

    def __enter__(self) -> "_Reaper":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _reap(self) -> None:
        for kill in cycle((self._kill_api, self._kill_worker)):
            self._wait_for_work()
            if self._stop.is_set():
                return
            kill()
            self.kills += 1

    def _wait_for_work(self) -> None:
        seen = self._computed()
        wait_for(lambda: self._stop.is_set() or self._computed() > seen + self._between, "work to be done", _SECONDS)

    def _computed(self) -> int:
        """Return how many inferences there were, by the size of the file that has a line for each."""
        path = self._service.engine_dir / "calls"
        return path.stat().st_size // _LINE_BYTES if path.exists() else 0

    def _kill_api(self) -> None:
        self.api.process.kill()
        self.api = self._service.start_api(port=self.api.port)

    def _kill_worker(self) -> None:
        self._worker.kill()
        self._worker = self._service.start_worker_early()


def _text(number: int) -> str:
    return f'review {number}, "as it is"'


def _write(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *((i, _text(i)) for i in range(rows))])


def _journal(folder: Path) -> int:
    path = folder / "out.csv.journal"
    return len(path.read_text().splitlines()) if path.exists() else 0


def _require_right(path: Path, rows: int) -> None:
    with path.open(newline="") as file:
        reader = csv.reader(file)
        assert next(reader) == ["id", "text", "label", "score"]
        for number in range(rows):
            best = expected(_text(number))[0]
            assert next(reader) == [str(number), _text(number), best["label"], repr(best["score"])]
        assert next(reader, None) is None

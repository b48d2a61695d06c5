"""A stream of requests for texts that no cache has."""

import threading
import time
from itertools import count

import httpx

from tests.support.asking import expected
from tests.support.service import Api
from tests.support.waiting import wait_for


class Misses:
    """Asks for one text after the other in a thread, as a context; every answer with 200 must be right.

    Args:
        api: the API process that is asked.
        pause: seconds between two requests.
    """

    def __init__(self, api: Api, pause: float = 0.02) -> None:
        self._api = api
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="misses")
        self.answered: list[float] = []
        """Times at which the requests began that were answered with 200."""
        self.refused = 0
        self.wrong: list[str] = []

    def __enter__(self) -> "Misses":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def again(self, since: float, seconds: float = 60) -> float:
        """Wait for a request that began after a time and was answered, and return the seconds between."""
        return wait_for(lambda: next((at for at in self.answered if at > since), None), "a miss", seconds) - since

    def _run(self) -> None:
        for number in count():
            if self._stop.wait(self._pause):
                return
            text, began = f"miss {id(self)} {number}", time.monotonic()
            try:
                response = self._api.predict(text)
            except httpx.TransportError:
                self.refused += 1
                continue
            if response.status_code == httpx.codes.OK:
                self.answered.append(began)
                if response.json()["predictions"] != [expected(text)]:
                    self.wrong.append(text)
            else:
                self.refused += 1

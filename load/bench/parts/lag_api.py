"""``python -m load.bench.parts.lag_api``: the API with a sampler of its event loop's lag.

A timer that is due every 5 ms records its delay, which includes the event loop's resolution of a millisecond. At its
end it writes the file that BENCH_LAG_FILE names; each line has a time of the monotonic clock in s and the lag in ms.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from api.main import create_app
from api.server import serve
from shared.process.logs import configure_logging
from shared.process.settings import get_settings

_EVERY_SECONDS: Final = 0.005


class LagSampler:
    """Records the delays of a timer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.lags: list[tuple[float, float]] = []
        self._schedule()

    def _schedule(self) -> None:
        self._due = time.monotonic() + _EVERY_SECONDS
        self._loop.call_later(_EVERY_SECONDS, self._note)

    def _note(self) -> None:
        now = time.monotonic()
        self.lags.append((now, max(0.0, now - self._due) * 1000))
        self._schedule()

    def write(self, file: Path) -> None:
        """Write the samples to a file."""
        file.write_text("".join(f"{moment} {lag}\n" for moment, lag in self.lags))


def main() -> int:
    """Serve until a signal."""
    settings = get_settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app(settings)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with inner(app):
            sampler = LagSampler()
            yield
        sampler.write(Path(os.environ["BENCH_LAG_FILE"]))

    app.router.lifespan_context = lifespan
    serve(app, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())

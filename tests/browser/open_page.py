"""``python -m tests.browser.open_page``: leave the page open for ten minutes, and measure the cost.

The service first runs alone, then with the view of the system open, which asks every other second. Of the API process
the CPU time is read, of the page the memory that is in use after a garbage collection. Exits with 1 if the page costs
more than 1 % of a core, or if its memory grows.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil

from tests.browser.visitor import Visitor, chromium
from tests.support.service import Api, Service

MOST_OF_A_CORE: Final = 0.01
MOST_GROWTH: Final = 0.05
"""Share by which the last third of the readings may lie above the second third, since readings vary."""
READ_SECONDS: Final = 20


class Reading(NamedTuple):
    """The page at one moment."""

    heap: float
    """Bytes in use by JavaScript."""
    nodes: float
    listeners: float


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.open_page", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        try:
            service.start_worker(worker_processes="1")
            api = service.start_api()
            time.sleep(10)
            alone = cpu_share(api, 60 * options.minutes / 5)
            with chromium() as browser:
                visitor = Visitor(browser, api.url)
                visitor.page.goto(f"{api.url}/#system")
                visitor.page.get_by_role("region", name="Redis").locator("tbody tr").first.wait_for()
                began, cpu = time.monotonic(), cpu_seconds(api)
                readings = list(read(visitor, 60 * options.minutes))
                opened = (cpu_seconds(api) - cpu) / (time.monotonic() - began)
                complaints = visitor.leave()
        finally:
            service.stop()
    return judge(alone, opened, readings, complaints)


def judge(alone: float, opened: float, readings: list[Reading], complaints: list[str]) -> int:
    """Print the measurements and return the exit code."""
    third = len(readings) // 3
    earlier, later = (
        statistics.median(r.heap for r in part) for part in (readings[third : 2 * third], readings[-third:])
    )
    print(
        f"API process: {alone:.2%} of a core alone, {opened:.2%} with the page open: {opened - alone:.2%} for the page"
    )
    print(
        f"page: heap {readings[0].heap / 1e6:.2f} MB at first, {earlier / 1e6:.2f} then, {later / 1e6:.2f} at last; ",
        end="",
    )
    print(f"nodes {readings[third].nodes:.0f} → {readings[-1].nodes:.0f}, ", end="")
    print(f"listeners {readings[third].listeners:.0f} → {readings[-1].listeners:.0f}")
    grows = later > earlier * (1 + MOST_GROWTH) or readings[-1].listeners > readings[third].listeners
    for complaint in complaints:
        print(complaint)
    return int(opened - alone > MOST_OF_A_CORE or grows or bool(complaints))


def read(visitor: Visitor, seconds: float) -> Any:
    """Read the page's memory again and again."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Performance.enable")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        visitor.page.wait_for_timeout(READ_SECONDS * 1000)
        session.send("HeapProfiler.collectGarbage")
        values = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
        yield Reading(values["JSHeapUsedSize"], values["Nodes"], values["JSEventListeners"])


def cpu_share(api: Api, seconds: float) -> float:
    """Return the share of a core that the process takes over a while."""
    before = cpu_seconds(api)
    time.sleep(seconds)
    return (cpu_seconds(api) - before) / seconds


def cpu_seconds(api: Api) -> float:
    times = psutil.Process(api.process.pid).cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    sys.exit(main())

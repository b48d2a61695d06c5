import os

import psutil

from load.bench.results.machine import commit, hardware, versions
from load.generate.usage import Meter, memory


def test_a_meter_sees_what_a_process_uses() -> None:
    meter = Meter({"me": psutil.Process()})
    meter.start()
    before = psutil.Process().cpu_times()
    while sum(psutil.Process().cpu_times()[:2]) - sum(before[:2]) < 0.05:
        pass
    used = meter.stop()["me"]
    assert used.cpu_seconds >= 0.05
    assert used.cores > 0
    assert used.peak_rss_mb > 1


def test_memory_is_resident_in_megabytes() -> None:
    held = memory(psutil.Process())
    assert held.rss <= held.peak_rss
    assert 0 < held.pss <= held.rss * 1.01
    assert abs(held.rss - psutil.Process().memory_info().rss / 1e6) < 5


def test_a_result_says_where_and_with_what() -> None:
    assert hardware()["cores"] == os.cpu_count()
    assert hardware()["memory_gb"] > 0
    found = versions()
    assert found["fastapi"]
    assert found["onnxruntime"]
    assert found["redis-server"][0].isdigit()
    assert commit().id == "" or len(commit().id) == 40

import os
from pathlib import Path

import pytest

from shared.process.cpus import available_cpus


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)))


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("quota", "cpus"), [("max 100000", 8), ("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 1), ("?", 8)]
)
def test_the_containers_limit_counts(tmp_path: Path, quota: str, cpus: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert available_cpus(tmp_path) == cpus


@pytest.mark.usefixtures("machine")
def test_the_older_cgroup_counts_too(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_quota_us").write_text("300000\n")
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")
    assert available_cpus(tmp_path) == 3


@pytest.mark.usefixtures("machine")
def test_without_a_limit_all_of_them(tmp_path: Path) -> None:
    assert available_cpus(tmp_path) == 8

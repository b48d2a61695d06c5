from pathlib import Path

import pytest

from worker.engines import processor as module
from worker.engines.processor import processor, saturates


@pytest.mark.parametrize(
    ("flags", "machine", "expected"),
    [
        ("fpu avx2 avx512f avx512_vnni", "x86_64", False),
        ("fpu avx2 avx_vnni", "x86_64", False),
        ("fpu avx2 avx512f", "x86_64", True),
        ("fpu avx2 avx512_vnni_of_another_name", "AMD64", True),
        ("", "x86_64", True),
        ("", "aarch64", False),
    ],
)
def test_products_saturate_on_x86_without_vnni(
    flags: str, machine: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = (
        f"model name\t: A CPU @ 3 GHz\nflags\t\t: {flags}\nbugs\t\t: none\n\n" if flags else "Features : asimd\n"
    )
    (tmp_path / "cpuinfo").write_text(described * 2)
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert saturates() is expected
    assert processor() == ("A CPU @ 3 GHz" if flags else machine)


def test_a_system_that_describes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CPUINFO", tmp_path / "nothing")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert (processor(), saturates()) == ("arm64", False)

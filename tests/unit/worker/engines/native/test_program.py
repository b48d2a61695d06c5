"""The native code under sanitisers, with damaged files, and on other processors as far as QEMU emulates them."""

import random
import shutil
from pathlib import Path

import pytest

from tests.support.missing import missing
from tests.support.native import compile_driver, drive, offered
from tests.unit.worker.engines.native.conftest import VARIANTS
from worker.engines.native.library import REFERENCE_VARIANT

TEXTS = [[1, 2, 3], [4], [*range(40)], [7] * 17]
REFUSED = 3


@pytest.fixture(scope="module")
def sanitised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    flags = ("-g", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    return compile_driver(tmp_path_factory.mktemp("sanitised") / "driver", *flags)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_driver(tmp_path_factory.mktemp("plain") / "driver", "-static")


def test_sanitisers_find_nothing(sanitised: Path, weights_file: Path, variant: str) -> None:
    reference = drive([str(sanitised)], weights_file, REFERENCE_VARIANT, TEXTS)
    run = drive([str(sanitised)], weights_file, variant, TEXTS)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(run.stdout.split()) == len(TEXTS) * 3
    assert run.stdout == reference.stdout


def test_damaged_files_do_no_harm(sanitised: Path, weights_file: Path, tmp_path: Path) -> None:
    """Every content of a file is refused or gives some answer, without access beyond it or undefined behaviour."""
    content, rng = weights_file.read_bytes(), random.Random(7)
    path = tmp_path / "weights.bin"
    refused = 0
    for n in range(40):
        damaged = bytearray(content)
        region = range(64) if n % 2 else range(len(content))
        for at in rng.sample(region, 1 + n % 5):
            damaged[at] = rng.choice([0, 1, 127, 128, 255, rng.randrange(256)])
        del damaged[len(content) - (rng.randrange(200) if n % 3 == 0 else 0) :]
        path.write_bytes(damaged)
        run = drive([str(sanitised)], path, VARIANTS[n % len(VARIANTS)], TEXTS)
        assert run.stderr == ""
        refused += run.returncode == REFUSED
        assert run.returncode in {0, REFUSED, 4}
    assert 10 < refused < 40


@pytest.mark.parametrize("processor", ["Nehalem", "Haswell", "max"])
def test_another_processor_runs_what_it_has(plain: Path, weights_file: Path, processor: str) -> None:
    """QEMU has neither VNNI nor AVX-512: only the reference may be offered there, and it gives the same bits."""
    emulator = shutil.which("qemu-x86_64") or missing("qemu-x86_64 is missing: apt-get install qemu-user")
    emulated = [emulator, "-cpu", processor, str(plain)]
    assert offered(emulated) == [REFERENCE_VARIANT]
    here = drive([str(plain)], weights_file, REFERENCE_VARIANT, TEXTS)
    there = drive(emulated, weights_file, REFERENCE_VARIANT, TEXTS)
    assert (there.returncode, there.stdout) == (0, here.stdout)
    assert here.stdout

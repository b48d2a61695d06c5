"""The modules that a process really loads, beside those that import-linter reads in the source."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNUSED = {"cffi", "greenlet", "opentelemetry", "yaml"}
ML = {"numpy", "onnx", "onnxruntime", "tokenizers", "torch", "transformers"}


def loaded_by(module: str) -> set[str]:
    """Return the top-level packages that importing a module loads."""
    script = f"import sys, {module}; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("module", ["api.main", "api.__main__", "shared.stack.run"])
def test_no_ml_package_is_loaded(module: str) -> None:
    assert not loaded_by(module) & ML


@pytest.mark.parametrize(
    ("module", "other"), [("api.main", "worker"), ("shared.stack.run", "api"), ("worker.queue.app", "api")]
)
def test_neither_side_loads_the_other(module: str, other: str) -> None:
    assert other not in loaded_by(module)


@pytest.mark.parametrize(
    "module", ["worker.queue.app", "worker.run", "worker.queue.tasks", "worker.queue.lifecycle", "worker.process"]
)
def test_a_workers_parent_loads_no_ml_runtime_before_it_forks(module: str) -> None:
    assert not loaded_by(module) & (ML - {"numpy"})


def test_a_starting_worker_imports_no_package_without_need(tmp_path: Path) -> None:
    """The worker ends before its first fork, because its state folder is a file."""
    state = tmp_path / "file"
    state.touch()
    script = "import sys; from worker.__main__ import main; print(main(['run']), *sys.modules)"
    environment = os.environ | {"SENTIMENT_STATE_DIR": str(state)}
    result = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    code, *modules = result.stdout.split()
    assert code == "2", result.stderr
    packages = {module.partition(".")[0] for module in modules}
    assert {"celery", "kombu", "redis"} <= packages
    assert not packages & (UNUSED | ML)


@pytest.mark.parametrize("module", ["client", "client.cli"])
def test_the_client_loads_nothing_of_the_service(module: str) -> None:
    assert not loaded_by(module) & (ML | {"api", "worker", "shared", "celery", "fastapi", "pydantic", "redis"})


@pytest.mark.parametrize("module", ["api.main", "worker.queue.app", "shared.stack.run", "shared.stack.__main__"])
def test_the_service_does_not_load_the_client(module: str) -> None:
    assert not loaded_by(module) & {"client", "httpx"}

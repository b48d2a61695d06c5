"""Real engines in real workers: which one serves, and which does not."""

import json
from pathlib import Path

import pytest

from shared.contract.errors import ModelError
from tests.support.scheme import write_manifest, write_old_model, write_scheme_model
from tests.support.service import Service
from worker.engines.manifest import SCHEME
from worker.engines.native.engine import load
from worker.engines.proof import read_reference, write_reference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_scheme_model(tmp_path / "scheme")


def native_serves(folder: Path) -> bool:
    try:
        return load(folder, 1).name == "native"
    except ModelError:
        return False


def test_a_model_of_schema_1_is_served_with_one_warning(service: Service, tmp_path: Path) -> None:
    old = write_old_model(tmp_path / "old")
    worker = service.start_worker(engine="auto", model_dir=str(old), worker_processes="2")
    lines = [json.loads(line) for line in worker.output.splitlines() if "python -m worker bake" in line]
    (warning,) = [line for line in lines if line["level"] == "WARNING"]
    assert "schema_version 1" in warning["message"]
    assert service.start_api().predict("served as before").status_code == 200


def test_a_model_of_the_scheme_is_served_without_a_warning(service: Service, folder: Path) -> None:
    worker = service.start_worker(engine="auto", model_dir=str(folder))
    api = service.start_api()
    assert api.predict("served").status_code == 200
    assert "WARNING" not in worker.output
    (ready, _) = [json.loads(line) for line in worker.output.splitlines() if "model ready" in line]
    (told,) = api.client.get("/health").json()["engines"]
    assert (told["engine"], told["variant"], told["workers"]) == (ready["engine"], ready["variant"], 2)
    assert told["engine"] == ("native" if native_serves(folder) else "onnx")


@pytest.mark.parametrize("engine", ["auto", "onnx"])
def test_an_engine_that_computes_otherwise_than_the_bake_does_not_serve(
    engine: str, service: Service, folder: Path
) -> None:
    write_reference(folder, [entry._replace(scheme=(0.9, 0.1)) for entry in read_reference(folder)])
    write_manifest(folder, scheme=SCHEME)
    worker = service.start_worker_early(engine=engine, model_dir=str(folder), worker_processes="1")
    assert worker.wait() == 2
    assert "must not serve on this processor" in worker.output
    assert service.announced() == set()


def test_the_native_engine_is_refused_more_than_one_thread(service: Service, folder: Path) -> None:
    worker = service.start_worker_early(
        engine="native", engine_threads="2", model_dir=str(folder), worker_processes="1"
    )
    assert worker.wait() == 2
    assert "the native engine computes with one thread, and SENTIMENT_ENGINE_THREADS is 2" in worker.output

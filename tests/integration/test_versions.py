"""Model versions side by side: the active one, and whose answers may be cached as whose."""

import json
import os
import subprocess
import sys

from shared.broker.access import Part
from shared.contract.predictions import encode_prediction
from tests.support.asking import expected
from tests.support.engines import expected_scores
from tests.support.models import write_model
from tests.support.scrape import total
from tests.support.service import Service
from tests.support.waiting import wait_for
from worker.engines.manifest import load_manifest


def activate(service: Service, version: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker", "activate", version],
        env=os.environ | service.environment_of(Part.WORKER),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_new_version_never_serves_the_old_ones_answers(any_service: Service) -> None:
    service = any_service
    old = service.start_worker()
    api = service.start_api()
    assert api.predict("same text").json()["predictions"] == [expected("same text", "model-one")]
    newer = write_model(service.folder / "model-two", built_at=2)
    service.start_worker(model_dir=str(newer))
    assert service.active_version() == load_manifest(newer).version
    assert old.terminate() == 0
    wait_for(lambda: api.predict("same text").json()["predictions"] == [expected("same text", "model-two")], "the new")
    assert api.predict("same text").headers["cache-status"] == "sentiment; hit"


def test_what_another_versions_worker_answered_is_kept_for_nobody(service: Service) -> None:
    old = service.start_worker()
    api = service.start_api()
    newer = write_model(service.folder / "model-two", built_at=2)
    service.start_worker(model_dir=str(newer), worker_lanes="bulk")
    version = load_manifest(newer).version
    wait_for(lambda: total(api.url, "sentiment_model_active_info", version=version), "the API to know")
    assert api.predict("same text").json()["predictions"] == [expected("same text", "model-one")]
    service.start_worker(model_dir=str(newer))
    assert old.terminate() == 0
    assert api.predict("same text").json()["predictions"] == [expected("same text", "model-two")]


def test_labels_are_those_of_the_manifest(service: Service) -> None:
    renamed = write_model(service.folder / "renamed", 2, ('so "so"', "tr\u00e8s bien"))
    service.start_worker(model_dir=str(renamed))
    api = service.start_api()
    scores = expected_scores("a text", "renamed")
    assert api.client.post("/project/predict", json={"text": "a text"}).content == (
        b'{"prediction":' + encode_prediction(scores, ('so "so"', "tr\u00e8s bien")) + b"}"
    )
    with service.broker.client() as broker:
        entries = [json.loads(entry) for entry in broker.hvals(service.keys.workers)]
    assert [entry["labels"] for entry in entries] == [['so "so"', "tr\u00e8s bien"]] * 2


def test_the_pointer_moves_forward_back_and_survives(service: Service) -> None:
    one = load_manifest(service.model_dir).version
    newer = write_model(service.folder / "model-two", built_at=2)
    two = load_manifest(newer).version
    first = service.start_worker()
    assert service.active_version() == one
    second = service.start_worker(model_dir=str(newer))
    assert service.active_version() == two, "forward with a later build"
    assert activate(service, one).returncode == 0
    assert service.active_version() == one
    assert second.terminate() == 0
    second = service.start_worker(model_dir=str(newer))
    assert service.active_version() == one, "an operator's word stands against builds that were known"
    assert first.terminate() == 0
    wait_for(lambda: service.active_version() == two, "the pointer to leave a version that nobody serves")
    first = service.start_worker()
    assert service.active_version() == two, "an earlier build does not take over"
    assert second.terminate() == 0
    wait_for(lambda: service.active_version() == one, "the pointer to go back")
    assert first.terminate() == 0
    assert service.active_version() == one, "it survives having no worker at all"


def test_activating_what_nobody_serves(service: Service) -> None:
    service.start_worker()
    result = activate(service, "0" * 16)
    assert result.returncode == 1
    assert load_manifest(service.model_dir).version in result.stderr


def test_a_worker_refuses_files_that_are_not_the_manifests(service: Service) -> None:
    (service.model_dir / "weights.bin").write_text("tampered")
    result = subprocess.run(
        [sys.executable, "-m", "worker", "run"],
        env=os.environ | service.environment_of(Part.WORKER),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("error: ")
    assert "weights.bin" in result.stderr
    assert len(result.stderr.splitlines()) == 1

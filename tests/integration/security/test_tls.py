"""The whole path with both Redis behind TLS and a password."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.asking import expected
from tests.support.certificates import write_certificates
from tests.support.flower import PASSWORD, Flower
from tests.support.jobs import finished, submit
from tests.support.process import Process
from tests.support.redis import available_servers
from tests.support.service import Service
from tests.support.waiting import wait_for


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder of certificates."""
    return write_certificates(tmp_path)


@pytest.fixture
def encrypted(tmp_path: Path, certificates: Path) -> Iterator[Service]:
    servers = available_servers()
    assert "system" in servers, "the bundled Redis has no TLS: install redis-server"
    service = Service(tmp_path / "service", servers["system"], password="hush", tls=certificates)
    service.environment["SENTIMENT_REDIS_CA_FILE"] = str(certificates / "ca.pem")
    yield service
    service.stop()


def test_everything_works_over_tls_and_no_secret_is_logged(encrypted: Service) -> None:
    assert encrypted.broker.url.startswith("rediss://:hush@")
    worker = encrypted.start_worker()
    api = encrypted.start_api()
    wait_for(api.healthy, "the path")
    assert api.predict("private").json()["predictions"] == [expected("private")]
    assert api.predict("private").headers["cache-status"] == "sentiment; hit"
    job = submit(api, ["a", "b", "c"]).json()
    assert finished(api, job)["status"] == "succeeded"
    assert "hush" not in worker.output + api.process.output


def test_flower_sees_the_workers_over_tls_and_shows_them_to_nobody_else(encrypted: Service, tmp_path: Path) -> None:
    encrypted.start_worker()
    with Flower(encrypted, tmp_path) as flower:
        assert flower.status("/workers") == httpx.codes.UNAUTHORIZED
        wait_for(lambda: any(name.startswith("sentiment-") for name in flower.workers()), "the worker to be seen")
        assert flower.client.post("/api/worker/shutdown/any").status_code in {401, 403}
        assert "hush" not in flower.process.output
        assert PASSWORD not in flower.process.output


def test_another_authority_is_not_believed(encrypted: Service, certificates: Path) -> None:
    encrypted.start_worker()
    api = encrypted.start_api(redis_ca_file=str(certificates / "other.pem"))
    assert api.client.get("/health").json()["parts"] == {
        "broker": "does not answer",
        "cache": "does not answer",
        "worker": "unknown while the broker is away",
    }


@pytest.mark.parametrize(("module", "arguments"), [("api", []), ("worker", ["run"]), ("worker", ["flower"])])
def test_production_refuses_what_is_fit_for_a_desk_only(tmp_path: Path, module: str, arguments: list[str]) -> None:
    environment = {"SENTIMENT_ENV": "production", "SENTIMENT_BROKER_URL": "redis://:hush@far/0"}
    process = Process(module, arguments, environment, tmp_path / "log")
    assert process.wait() == 2
    assert "SENTIMENT_API_KEYS" in process.output
    assert "SENTIMENT_BROKER_URL" in process.output
    assert "hush" not in process.output
    assert "Traceback" not in process.output


def test_flower_does_not_run_without_a_password(tmp_path: Path) -> None:
    process = Process("worker", ["flower"], {}, tmp_path / "log")
    assert process.wait() == 2
    assert "SENTIMENT_FLOWER_PASSWORD" in process.output

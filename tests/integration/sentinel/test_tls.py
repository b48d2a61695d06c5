"""The whole path with TLS to the Sentinels and the servers of the broker, also between these."""

from pathlib import Path

import pytest

from tests.support.asking import expected
from tests.support.certificates import write_certificates
from tests.support.jobs import finished, submit
from tests.support.sentinel import FailoverBroker
from tests.support.service import Service
from tests.support.waiting import wait_for


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder of certificates."""
    return write_certificates(tmp_path)


def test_every_part_follows_the_new_primary_over_tls(
    broker: FailoverBroker, service: Service, certificates: Path
) -> None:
    assert broker.url.startswith("rediss+sentinel://")
    service.environment["SENTIMENT_REDIS_CA_FILE"] = str(certificates / "ca.pem")
    worker, api = service.start_worker(), service.start_api()
    assert api.predict("before").json()["predictions"] == [expected("before")]
    before = finished(api, submit(api, ["a job before"]).json())
    service.hold("a job across")
    across = submit(api, ["a job across"])
    assert across.status_code == 202
    old = broker.primary
    old.kill()
    broker.moved(old)
    service.release("a job across")
    wait_for(lambda: api.predict("after").status_code == 200, "a miss to be answered")
    assert finished(api, across.json())["status"] == "succeeded"
    old.start()
    broker.settle()
    assert finished(api, submit(api, ["a job after"]).json())["status"] == "succeeded"
    kept = api.client.get(before["urls"]["results"]).json()["predictions"]
    assert kept == [expected("a job before")]
    wait_for(api.healthy, "every part to be well")
    assert worker.alive
    assert "hush" not in worker.output + api.process.output


def test_sentinels_of_another_authority_are_not_believed(
    broker: FailoverBroker, service: Service, certificates: Path
) -> None:
    assert broker.sentinels[0].state()
    api = service.start_api(redis_ca_file=str(certificates / "other.pem"))
    assert api.client.get("/health").json()["parts"]["broker"] == "does not answer"

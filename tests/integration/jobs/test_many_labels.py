"""Jobs of a model with many labels: the space of their results is counted before they are accepted."""

from pathlib import Path
from typing import Any

from tests.support.asking import expected
from tests.support.jobs import finished, submit
from tests.support.models import write_model
from tests.support.service import Service
from tests.support.waiting import wait_for

LABELS = tuple(f"a feeling with the number {number}" for number in range(28))
MEMORY = 12_000_000
TEXTS = 100


def test_a_flood_of_jobs_never_fills_the_broker(tmp_path: Path) -> None:
    """Each result takes eight times as much as one of two labels; what was accepted is finished, and requests work."""
    service = Service(tmp_path, broker=f"maxmemory {MEMORY}\n")
    try:
        folder = write_model(tmp_path / "feelings", 2, LABELS)
        service.start_worker(model_dir=str(folder))
        api = service.start_api()
        wait_for(api.healthy, "the path to be healthy")
        accepted: list[tuple[dict[str, Any], list[str]]] = []
        refused = 0
        while refused < 3:
            texts = [f"text {number} of {len(accepted)}" for number in range(TEXTS)]
            response = submit(api, texts)
            if response.status_code == 202:
                accepted.append((response.json(), texts))
            else:
                assert (response.status_code, response.json()["type"].rpartition(":")[2]) == (503, "jobs-full")
                refused += 1
        assert len(accepted) >= 3
        for job, texts in accepted:
            assert finished(api, job)["status"] == "succeeded"
            results = api.client.get(job["urls"]["results"]).json()["predictions"]
            assert results == [expected(text, "feelings", LABELS) for text in texts]
        with service.broker.client() as broker:
            assert broker.info("memory")["used_memory_peak"] < MEMORY
        assert api.predict("one more").status_code == 200
    finally:
        service.stop()

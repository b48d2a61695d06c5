import json

from shared.broker.fleet import LIVE_MS, PROVEN_MS, Fleet


def entry(beat: int, inferred: int, rate: float = 100.0) -> bytes:
    return json.dumps({"version": "v", "built": 1, "beat": beat, "inferred": inferred, "rate": rate}).encode()


def test_silent_workers_are_not_counted_on() -> None:
    now = 1_000_000
    fleet = Fleet.parse([now, b"v", [b"a", entry(now, now), b"b", entry(now - LIVE_MS - 1, now)]])
    assert [worker.id for worker in fleet.workers] == ["a"]
    assert fleet.rate() == 100.0


def test_a_fleet_is_proven_by_a_recent_inference_of_a_live_worker() -> None:
    now = 1_000_000
    assert Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS)]]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now, now - PROVEN_MS - 1)]]).proven
    assert not Fleet.parse([now, b"v", [b"a", entry(now - LIVE_MS - 1, now)]]).proven


def test_a_later_builds_worker_is_understood() -> None:
    told = json.loads(entry(5, 5)) | {"busy": {"bulk": 0.5}, "mood": "good"}
    (worker,) = Fleet.parse([5, b"v", [b"a", json.dumps(told).encode()]]).workers
    assert worker.busy == {"bulk": 0.5}


def test_nobody_there() -> None:
    fleet = Fleet.parse([5, b"", []])
    assert (fleet.active, fleet.workers, fleet.rate(), fleet.proven) == ("", (), 0, False)
